"""Where changes are taken over to: the branch the user is on, or their folder outside git. Moved in one step or not."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from orchestra.brief.git import GitFailed
from orchestra.brief.listing import plain
from orchestra.crew.checkout import AUTHOR, Checkout
from orchestra.crew.difference import patch
from orchestra.crew.snapshot import kept_from_git, snapshot
from orchestra.crew.watched import some
from orchestra.errors import UsageError


class Destination(Protocol):
    """What is there now is a commit; moving makes it another."""

    at: Checkout
    now: str
    """What it holds, as a commit."""
    words: str
    """`main`, or the folder."""

    def commit(self, tree: str, parents: list[str], message: str) -> str:
        """Make a commit in the user's name, where they have one."""

    def move(self, commit: str) -> None:
        """Bring it from `now` to a commit that comes after it."""


class Branch:
    """The user's checkout. It must be clean: what is not committed there is never touched."""

    def __init__(self, at: Checkout) -> None:
        head = at.commit_of("HEAD")
        if head is None:
            raise UsageError(
                "There is no commit yet that changes could be merged into.",
                where=at.tree,
                next_step="Commit your own work first: `git add -A && git commit`.",
            )
        if dirty := _not_committed(at):
            raise UsageError(
                f"Not everything is committed in your tree: {some(dirty)}.",
                where=at.tree,
                next_step="Commit it (`git commit -a`) or put it aside (`git stash`), then integrate again.",
            )
        self.at, self.now = at, head
        self.words = branch_of(at) or "HEAD (no branch)"

    def commit(self, tree: str, parents: list[str], message: str) -> str:
        """Make a commit in the user's name, where git knows one."""
        try:
            return self.at.commit(tree, parents, message, author=None)
        except GitFailed:
            return self.at.commit(tree, parents, message, author=AUTHOR)

    def move(self, commit: str) -> None:
        """Fast-forward the branch and the files; git itself refuses where that would overwrite something."""
        if lost := tuple(_in_the_way(self.at, self.now, commit)):
            raise UsageError(
                f"Files that git does not know lie where changed ones belong: {some(lost)}.",
                where=self.at.tree,
                next_step="Move them away or commit them, then integrate again.",
            )
        if hidden := tuple(_not_looked_at(self.at, self.now, commit)):
            raise UsageError(
                f"Your own changes, which git was told not to look at, lie where changed ones belong: {some(hidden)}.",
                where=self.at.tree,
                next_step="Move them away, or let git see them (`git update-index --no-assume-unchanged "
                "--no-skip-worktree FILE`) and commit them, then integrate again.",
            )
        # Each says what `branch.NAME.mergeOptions` of the user may say otherwise: a squash would move no branch.
        how = ("--ff-only", "--no-squash", "--quiet", "--no-stat", "--no-autostash")
        self.at.git("merge", *how, commit)


class Folder:
    """A folder outside git: what lies in it is taken as it is, and changed by a patch that was tried first."""

    def __init__(self, at: Checkout, work: Path, run: str) -> None:
        self.at, self.now = at, snapshot(at, work, run).commit
        self.words = str(at.tree)

    def commit(self, tree: str, parents: list[str], message: str) -> str:
        """Only in our own store."""
        return self.at.commit(tree, parents, message)

    def move(self, commit: str) -> None:
        """Apply the difference. `git apply` changes nothing unless all of it fits."""
        self.at.tree.mkdir(parents=True, exist_ok=True)
        difference = patch(self.at, self.now, commit)
        for how in (("--check",), ()):
            self.at.git("apply", *how, "--whitespace=nowarn", given=difference)


def branch_of(at: Checkout) -> str | None:
    """The branch the user is on; None where HEAD stands on a commit."""
    try:
        return at.line("symbolic-ref", "--quiet", "HEAD").removeprefix("refs/heads/")
    except GitFailed:
        return None


def _not_committed(at: Checkout) -> tuple[str, ...]:
    said = at.names("status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all")
    return tuple(plain(os.fsdecode(line[3:])) for line in said)


def _not_looked_at(at: Checkout, before: str, after: str) -> Iterator[str]:
    """Files to be changed that the user changed too and `git status` passes over."""
    hidden = set(kept_from_git(at))
    for name in at.names("diff-tree", "-r", "-z", "--no-renames", "--name-only", before, after) if hidden else ():
        if name in hidden:
            yield plain(os.fsdecode(name))


def _in_the_way(at: Checkout, before: str, after: str) -> Iterator[str]:
    """Files where new ones belong. git would overwrite those it ignores without a word."""
    known = ("diff-tree", "-r", "-z", "--no-renames", "--name-only", before, after)
    gone = {os.fsdecode(name) for name in at.names(*known[:-2], "--diff-filter=D", *known[-2:])}
    for name in at.names(*known[:-2], "--diff-filter=A", *known[-2:]):
        path = Path(os.fsdecode(name))
        above = [folder for folder in path.parents if str(folder) not in gone | {"."}]
        blocked = [folder for folder in above if (at.tree / folder).is_file() or (at.tree / folder).is_symlink()]
        if blocked or os.path.lexists(at.tree / path):
            yield plain(str(blocked[0] if blocked else path))
