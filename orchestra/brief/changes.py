"""What changed: uncommitted, since a branch, or in one commit; the files, their lines, and the diff itself.

Workers read the tree as it stands, so all line numbers are those of the tree as it stands.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from orchestra.brief.git import GitFailed, git, in_calls
from orchestra.brief.patch import FilePatch, carried, read_patch
from orchestra.brief.target_file import Change, Comparison
from orchestra.errors import TargetInvalid, UsageError

LONGEST_DIFF = 30_000
"""Characters of one file's diff that a worker is shown; a longer one is named, with the command that shows it."""
_DIFF = (
    "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--find-renames", "--unified=3",
    "--inter-hunk-context=0", "--diff-algorithm=histogram", "--ignore-submodules=dirty", "--src-prefix=a/",
    "--dst-prefix=b/", "--output-indicator-new=+", "--output-indicator-old=-", "--output-indicator-context= ",
)  # fmt: skip  # whatever the user's configuration says


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes are meant; at most one of the three."""

    uncommitted: bool = False
    base: str | None = None
    commit: str | None = None

    def __post_init__(self) -> None:
        if sum((self.uncommitted, self.base is not None, self.commit is not None)) > 1:
            raise UsageError(
                "Of --uncommitted, --base and --commit only one can be said.", next_step="Leave the others out."
            )

    def __bool__(self) -> bool:
        return self.uncommitted or self.base is not None or self.commit is not None

    def __str__(self) -> str:
        if self.commit is not None:
            return f"--commit {self.commit}"
        return "--uncommitted" if self.base is None else f"--base {self.base}"


def changes(top: Path, paths: Sequence[str], asked: Asked) -> tuple[Comparison, dict[str, Change]]:
    """The files of a repository that changed below some paths (none: everywhere), by path."""
    try:
        git(top, "rev-parse", "--git-dir")  # a repository git refuses: `diff` would take it for none, and not say why
        if asked.commit is not None:
            return _in_commit(top, paths, asked.commit)
        if asked.base is not None:
            return _since(top, paths, _fork(top, asked.base), f"changes since {asked.base}")
        return _since(top, paths, _commit(top, "HEAD") or _empty_tree(top), "uncommitted changes")
    except GitFailed as error:
        raise TargetInvalid(
            f"git cannot say what changed: {error.said}.",
            where=top,
            next_step=error.remedy(top) or "Mend that, or leave the option out to look at everything.",
        ) from error


def _since(top: Path, paths: Sequence[str], base: str, words: str) -> tuple[Comparison, dict[str, Change]]:
    patches = _patches(top, paths, base)
    found = {patch.path: _change(patch) for patch in patches if not patch.deleted}
    for portion in in_calls(paths) if paths else [()]:
        untracked = git(top, "ls-files", "-oz", "--exclude-standard", paths=portion)
        found |= {os.fsdecode(name): Change(kind="added") for name in untracked.split(b"\0") if name}
    command = f"git diff {base}"
    return Comparison(words=words, base=base, command=command, deleted=_deleted(patches, found)), found


def _in_commit(top: Path, paths: Sequence[str], said: str) -> tuple[Comparison, dict[str, Change]]:
    """What a commit did (a merge: against its first parent), in the lines of today's tree."""
    commit = commit_named(top, said)
    base = _commit(top, f"{commit}^1") or _empty_tree(top)
    patches = _patches(top, paths, base, commit)
    there = [patch for patch in patches if not patch.deleted]
    since = {patch.earlier: patch for patch in _patches(top, [patch.path for patch in there], commit)} if there else {}
    found = {}
    for patch in there:
        change = _change(patch)
        if later := since.get(patch.path):
            note = "it changed again since that commit; the lines named are those of today"
            lines = carried(change.lines, later.hunks)
            change = change.model_copy(update={"lines": lines, "note": "; ".join(filter(None, (change.note, note)))})
        found[patch.path] = change
    command = f"git diff {base} {commit}"
    words = f"commit {commit[:10]}"
    return Comparison(words=words, base=base, command=command, deleted=_deleted(patches, found)), found


def _patches(top: Path, paths: Sequence[str], *commits: str) -> list[FilePatch]:
    portions = list(in_calls(paths)) if paths else [()]
    return [patch for portion in portions for patch in read_patch(git(top, *_DIFF, *commits, paths=portion))]


def _change(patch: FilePatch) -> Change:
    if patch.added_file:
        return Change(kind="added", added=patch.added)
    text, note = patch.text, ""
    if len(text) > LONGEST_DIFF:
        text, note = "", f"its diff of {patch.added + patch.removed:,} lines is too long to be shown"
    return Change(
        kind="renamed" if patch.was else "changed",
        was=patch.was,
        lines=patch.lines,
        added=patch.added,
        removed=patch.removed,
        diff=text,
        note=note,
    )


def _deleted(patches: Sequence[FilePatch], found: Mapping[str, Change]) -> tuple[str, ...]:
    """A link that became a file is deleted and added; that one is there."""
    return tuple(patch.path for patch in patches if patch.deleted and patch.path not in found)


# ── commits by the names people give them ────────────────────────────────────────────────────────────────────────────


def commit_named(top: Path, said: str) -> str:
    """The id of the commit a person means; an unknown name is an error that tells the nearest."""
    return _commit(top, said) or _unknown(top, said)


def _commit(top: Path, said: str) -> str | None:
    """The id of a commit; None if there is none of that name."""
    try:
        found = git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{said}^{{commit}}")
    except GitFailed:
        return None
    return found.decode().strip()


def _empty_tree(top: Path) -> str:
    """What a first commit is compared with, in the hash the repository uses."""
    return git(top, "hash-object", "-t", "tree", "/dev/null").decode().strip()


def _fork(top: Path, said: str) -> str:
    """Where HEAD parted from a branch: what the branch got since then is not this side's change."""
    base = commit_named(top, said)
    try:
        return git(top, "merge-base", base, "HEAD").decode().strip()
    except GitFailed as error:
        shallow = git(top, "rev-parse", "--is-shallow-repository").decode().strip() == "true"
        raise TargetInvalid(
            f"HEAD and {said!r} have no commit in common{' in this shallow clone' if shallow else ''}.",
            where=top,
            next_step="Fetch more of the history: `git fetch --unshallow`."
            if shallow
            else "Name a commit that this branch grew out of.",
        ) from error


def _unknown(top: Path, said: str) -> NoReturn:
    names = git(top, "for-each-ref", "--format=%(refname:short)").decode("utf-8", "replace").split()
    near = get_close_matches(said, names, n=1) or [name for name in names if name.endswith(f"/{said}")][:1]
    guess = f" Did you mean {near[0]!r}?" if near else ""
    raise TargetInvalid(
        f"There is no branch, tag or commit {said!r}.{guess}",
        where=top,
        next_step="`git branch -a` lists the branches.",
    )
