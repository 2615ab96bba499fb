"""What the trees of a run's workers are built on: what the user had, or what an earlier worker made of it."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from orchestra.brief.git import GitFailed
from orchestra.crew.changes import Changes, Ground
from orchestra.crew.checkout import Checkout, checkout_of
from orchestra.crew.difference import patch
from orchestra.crew.merging import Together, put_together, within
from orchestra.crew.run_folder import RunFolder, write_whole
from orchestra.crew.snapshot import snapshot
from orchestra.crew.watched import some
from orchestra.errors import UnknownName, UsageError

LONGEST_DIFF = 100_000
"""Characters of a diff that a prompt holds; a longer one is for looking at in the tree."""

_SAVED: TypeAdapter[dict[str, Ground]] = TypeAdapter(dict[str, Ground])


class Grounds:
    """One snapshot for each repository and run, so that all its writers begin with the same files.

    It is taken when the first of them begins and kept for a resumed run: what findings were found in is what is mended.
    """

    def __init__(self, folder: RunFolder, root: Path) -> None:
        self._folder, self._root = folder, root
        self._checkouts: dict[Path, Checkout] = {}
        self._changes: dict[str, Changes] = {}
        self._together: dict[str, Ground] = {}

    def __repr__(self) -> str:
        return f"<Grounds of {self._folder.id}: {len(self._changes)} workers had trees>"

    def remember(self, label: str, changes: Changes) -> None:
        """A worker's changes, on which later asks may build."""
        self._changes[label] = changes

    def checkout(self, cwd: Path | None = None) -> Checkout:
        """How git sees the folder a worker is asked about."""
        folder = (cwd or self._root).resolve()
        if folder not in self._checkouts:
            self._checkouts[folder] = checkout_of(folder, self._folder.store)
        return self._checkouts[folder]

    def checkout_again(self, top: str, private: bool) -> Checkout:
        """The same from what was written down."""
        return checkout_of(self.folder_of(top), self._folder.store, private)

    def folder_of(self, top: str) -> Path:
        """The folder that was written down as `top`."""
        return (self._folder.project / top).resolve()

    def place(self, at: Checkout) -> str:
        """The folder as it is written down: relative to the project, which may be moved."""
        project = self._folder.project.resolve()
        return str(at.tree.relative_to(project)) if at.tree.is_relative_to(project) else str(at.tree)

    def users(self, at: Checkout) -> Ground:
        """What the user has, or had when the run first needed it."""
        saved = self._saved()
        place = self.place(at)
        if place in saved and at.commit_of(saved[place].commit):
            return saved[place]
        taken = snapshot(at, self._folder.path, self._folder.id)
        saved[place] = taken
        write_whole(self._folder.snapshots, _SAVED.dump_json(saved, indent=1).decode(), sync=True)
        return taken

    def named(self, base: str, cwd: Path | None = None) -> Ground:
        """What an ask builds on: the label of an earlier writer, or a commit."""
        changes = self._changes.get(base) or next((one for one in self._changes.values() if one.commit == base), None)
        if changes is not None:
            if not changes.kept:
                raise UsageError(
                    f"Nothing can be built on {base}: what it changed was thrown away.",
                    next_step="Build on an answer of scope `write`.",
                )
            return changes.result
        if base in self._together:
            return self._together[base]
        try:
            at = self.checkout(cwd)
        except GitFailed as error:
            raise UsageError(
                f"Nothing can be built on {base}: git says {error.said}",
                next_step=error.remedy(cwd or self._folder.project) or "Mend that, then run it again.",
            ) from error
        commit = at.commit_of(base)
        if commit is None:
            writers = [label for label, one in self._changes.items() if one.kept]
            raise UnknownName("commit", base, writers, within="and no writer of that name in this run")
        return self._of_commit(at, commit)

    def put_together(self, labels: Sequence[str]) -> Together:
        """The changes of several writers in one, for a worker that builds on all of them."""
        writers = [(label, self._changes[label]) for label in labels]
        at = self.checkout_again(writers[0][1].top, writers[0][1].private)
        together, ground = put_together(at, writers)
        self._together[ground.commit] = ground
        return together

    def diff(self, labels: Sequence[str]) -> str:
        """What these writers changed since the run's snapshot; where one built on another, both in one."""
        writers = {label: self._changes[label] for label in labels}
        parts, tips = [], []
        for label, changes in writers.items():
            at = self.checkout_again(changes.top, changes.private)
            if changes.commit and not within(at, label, writers):
                parts.append(patch(at, changes.ground.foundation, changes.commit).decode("utf-8", "replace"))
                tips.append(
                    at.line("rev-list", "--count", "--first-parent", changes.commit, f"^{changes.ground.foundation}")
                )
        text = "".join(parts)
        if len(text) <= LONGEST_DIFF:
            return text
        files = some(tuple(file.path for changes in writers.values() for file in changes.files))
        shown = f" In a tree that stands on it, `git diff HEAD~{tips[0]}` shows it." if len(tips) == 1 else ""
        return f"The diff has {len(text):,} characters, too many to stand here.{shown} The files it changes: {files}"

    def _of_commit(self, at: Checkout, commit: str) -> Ground:
        users = self._saved().get(self.place(at))
        built_on = users if users is not None and at.is_in(users.foundation, commit) else None
        return Ground(
            commit=commit,
            tree=at.tree_of(commit),
            foundation=built_on.foundation if built_on else commit,
            uncommitted=built_on.uncommitted if built_on else False,
        )

    def _saved(self) -> dict[str, Ground]:
        try:
            return _SAVED.validate_json(self._folder.snapshots.read_bytes())
        except (OSError, ValueError, ValidationError):
            return {}
