"""The tree of one worker: a worktree under the run folder, made, looked through, and taken away again."""

import contextlib
import os
import re
import shutil
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from orchestra.brief.ask import Scope
from orchestra.brief.git import GitFailed
from orchestra.brief.listing import plain
from orchestra.brief.target_file import LeftOut
from orchestra.crew.changes import Changes, Ground
from orchestra.crew.checkout import Checkout
from orchestra.crew.difference import changed_files
from orchestra.crew.exclusive import exclusive
from orchestra.crew.run_folder import write_whole
from orchestra.crew.snapshot import index_like, take
from orchestra.errors import StateUnusable, UsageError
from orchestra.reports.report_parts import ChangedFile
from orchestra.value import Value
from orchestra.workers.task import AttemptFolder

_PART_OF_A_BRANCH = re.compile(r"[a-z0-9](?:[a-z0-9+-]*[a-z0-9+])?")
BRANCHES = "refs/heads/"


class TreeRecord(Value):
    """`tree.json`: what a worker's tree was made from. Written before the tree is there."""

    scope: Scope
    top: str
    """The folder it is a copy of: relative to the project, where it lies in it."""
    private: bool
    within: str = "."
    """Where in the tree the worker stands."""
    ground: Ground
    branch: str | None = None
    unfiltered: bool = False
    settled: Changes | None = None
    """What was made of it before it was taken away: also known when the orchestrator died just then."""


class Found(Value):
    """What lies in a worker's tree, against what it was made from."""

    tree: str
    files: tuple[ChangedFile, ...]
    ignored: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def branch_name(run: str, label: str) -> str:
    """`orchestra/<run>/<worker>`; names from outside are looked at before they become a ref."""
    for name in (run, label):
        if not _PART_OF_A_BRANCH.fullmatch(name):
            raise UsageError(f"{name!r} can be no part of a branch's name.")
    return f"orchestra/{run}/{label}"


@dataclass(frozen=True, slots=True)
class Tree:
    """One worker's tree. What its worker may write, and what it left there, is never asked about itself.

    Its files are compared by the git of the user's checkout with a list of ours: the `.git`, the index and the
    settings a worker may have put into its tree are not read.
    """

    attempt: AttemptFolder
    record: TreeRecord
    user: Checkout
    """Where it was taken from."""

    def __repr__(self) -> str:
        return f"<Tree of {self.label}: {self.record.scope}, from {self.record.top}>"

    @property
    def label(self) -> str:
        return self.attempt.path.parent.name

    @property
    def cwd(self) -> Path:
        """Where the worker stands."""
        return self.attempt.tree / self.record.within

    @property
    def there(self) -> bool:
        """It was made and not removed."""
        return self.attempt.tree.is_dir() and self.attempt.tree_index.exists()

    @property
    def checkout(self) -> Checkout:
        """Its files, with what the user's git knows."""
        at = replace(self.user, tree=self.attempt.tree)
        return at.without_filters() if self.record.unfiltered else at

    def found(self) -> Found:
        """Look through it; nothing in it is changed."""
        at = self.checkout
        with index_like(self.attempt.tree_index, self.attempt.path) as index:
            taken = take(at, index)
            ignored = at.names("ls-files", "-z", "-oi", "--exclude-standard", "--directory", index=index)
        return Found(
            tree=taken.tree,
            files=changed_files(at, self.record.ground.commit, taken.tree),
            ignored=tuple(sorted(plain(os.fsdecode(name)) for name in ignored)),
            left_out=taken.left_out,
        )

    def commit(self, tree: str, message: str) -> str:
        """Commit what was found, on the worker's branch; in its tree everything is committed then."""
        at = self.checkout
        assert self.record.branch is not None
        commit = at.commit(tree, [self.record.ground.commit], message)
        at.git("update-ref", f"{BRANCHES}{self.record.branch}", commit)
        with contextlib.suppress(GitFailed, OSError):  # only for who goes on in the tree by hand
            self._show(at)
        return commit

    def _show(self, at: Checkout) -> None:
        """Let git, called in the tree itself, see that everything is committed."""
        entry = self._entry
        if entry is None:
            return
        with index_like(self.attempt.tree_index, self.attempt.path) as index:
            take(at, index)
            (entry / "index.lock").unlink(missing_ok=True)
            shutil.copy2(index, entry / "index")
        (entry / "HEAD").write_text(f"ref: {BRANCHES}{self.record.branch}\n", encoding="utf-8")

    def commit_what_is_left(self, message: str) -> None:
        """Somebody went on in the tree by hand after it was committed: that is work too, and goes on its branch."""
        entry, place = self._entry, f"{BRANCHES}orchestra/"
        ref = (entry / "HEAD").read_text(encoding="utf-8").partition("ref: ")[2].strip() if entry else ""
        tip = self.user.commit_of(ref) if ref.startswith(place) else None
        if tip is None or (left := self.found().tree) == self.user.tree_of(tip):
            return
        self.user.git("update-ref", ref, self.user.commit(left, [tip], message), tip)

    def remove(self) -> None:
        """Take it away with what git knows of it. A branch with commits of its own stays."""
        _remove(self.attempt.tree)
        if entry := self._entry:
            _remove(entry)
            with contextlib.suppress(OSError):
                entry.parent.rmdir()  # as git does after the last one
        if self.record.branch:
            with contextlib.suppress(GitFailed):
                self.user.git("update-ref", "-d", f"{BRANCHES}{self.record.branch}", self.record.ground.commit)
        self.attempt.tree_index.unlink(missing_ok=True)

    @property
    def _entry(self) -> Path | None:
        """What git keeps of this worktree, found by where it lies: its name is given again once it is free.

        `git worktree prune` would also forget worktrees of the user's whose disk is not there at the moment.
        """
        place = "/".join((*self.attempt.tree.parts[-5:], ".git"))  # the same wherever the project has been moved to
        for file in (self.user.common / "worktrees").glob("*/gitdir"):
            if file.read_text(encoding="utf-8", errors="replace").strip().endswith(f"/{place}"):
                return file.parent
        return None


def prepare(attempt: AttemptFolder) -> None:
    """Make the folder of an attempt; a link in its place could lead a worker anywhere."""
    for folder in (attempt.path.parent, attempt.path):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise StateUnusable("Something else lies where a worker's folder belongs.", where=folder)


def make(user: Checkout, attempt: AttemptFolder, record: TreeRecord) -> Tree:
    """Make a worker's tree from its ground, in a folder that was prepared."""
    write_whole(attempt.tree_record, record.model_dump_json(indent=1))
    if record.branch:
        _free(user, record.branch)
    how = ("-b", record.branch) if record.branch else ("--detach",)
    user.git("worktree", "add", "--quiet", "--no-checkout", *how, str(attempt.tree), record.ground.commit)
    tree = Tree(attempt, record, user)
    fill = ("read-tree", "--reset", "-u", record.ground.commit)
    try:
        tree.checkout.git(*fill, index=attempt.tree_index)
    except GitFailed:
        tree = Tree(attempt, record.model_copy(update={"unfiltered": True}), user)
        if tree.checkout == replace(user, tree=attempt.tree):
            raise
        write_whole(attempt.tree_record, tree.record.model_dump_json(indent=1))
        tree.checkout.git(*fill, index=attempt.tree_index)
    if entry := tree._entry:
        shutil.copy2(attempt.tree_index, entry / "index")
    return tree


def opened(attempt: AttemptFolder, checkout: Callable[[str, bool], Checkout]) -> Tree | None:
    """The tree an attempt had, if it had one; whether it is still there is another question."""
    try:
        record = TreeRecord.model_validate_json(attempt.tree_record.read_bytes())
    except (OSError, ValidationError):
        return None
    return Tree(attempt, record, checkout(record.top, record.private))


def held(attempt: AttemptFolder) -> contextlib.AbstractContextManager[None]:
    """The right to be the one writer in an attempt's tree."""
    return exclusive(attempt.tree_lock, StateUnusable("Somebody else writes in this tree.", where=attempt.tree))


def _free(user: Checkout, branch: str) -> None:
    """The branch of an earlier answer, which a retry replaces: its commits stay, under another name."""
    if user.commit_of(f"{BRANCHES}{branch}") is None:
        return
    number = 1
    while user.commit_of(f"{BRANCHES}{branch}-{number}"):
        number += 1
    user.git("branch", "-m", branch, f"{branch}-{number}")


def _remove(folder: Path) -> None:
    """Remove a folder whatever its modes are; some tools write folders that nobody may write to. Follows no link."""
    if folder.is_symlink():
        folder.unlink()
    for patience in (0.1, 0.4, 1.0, None):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError:
            # Not only modes: the git of an orchestrator that was killed may still be filling it.
            if patience is None:
                raise
            _open_up(folder)
            time.sleep(patience)


def _open_up(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.chmod(stat.S_IRWXU)
        for here, folders, _ in os.walk(folder):
            for inside in (Path(here, name) for name in folders):
                if not inside.is_symlink():
                    inside.chmod(stat.S_IRWXU)
