"""Before a run is removed: its worktrees go, and work nobody has taken over stays."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from orchestra.brief.git import GitFailed
from orchestra.crew import tree as trees
from orchestra.crew.changes import Changes
from orchestra.crew.checkout import Checkout
from orchestra.crew.destination import Folder, branch_of
from orchestra.crew.difference import write_patch
from orchestra.crew.grounds import Grounds
from orchestra.crew.integrate import TRAILER, writers_of
from orchestra.crew.merging import replay, within
from orchestra.crew.run_folder import RunFolder
from orchestra.errors import OrchestraError
from orchestra.project import STATE_FOLDER

KEPT = "kept"
"""The folder in `.orchestra` for patches that outlive their run."""


def forget(folder: RunFolder) -> tuple[str, ...]:
    """Take away the worktrees of a run nobody owns, with what git keeps of them, and the branches that are merged.

    What was kept comes back: branches with commits that are nowhere else, and, of a folder outside git, patches that
    were not taken over, saved in `.orchestra/kept/`. Where a repository is gone or git refuses, nothing of it is.
    """
    grounds, writers = Grounds(folder, folder.project), writers_of(folder)
    for label in folder.labels():
        for number in folder.attempts(label):
            with suppress(GitFailed, OrchestraError):
                _take_away(folder, grounds, label, number)
    kept: list[str] = []
    for top in sorted({one.top for one in writers.values() if not one.private}):
        with suppress(GitFailed, OrchestraError):
            kept += _branches(grounds.checkout_again(top, private=False), folder.id, writers)
    for label, changes in writers.items():
        if changes.private and changes.commit and not within(grounds.checkout_again(changes.top, True), label, writers):
            kept += _patch(folder, grounds, label, changes)
    return tuple(kept)


def unmerged(folder: RunFolder) -> tuple[str, ...]:
    """The branches and writers of a run whose changes nobody has taken over. Nothing is changed by asking.

    Where git cannot say, they count as not taken over.
    """
    writers = writers_of(folder)
    grounds = Grounds(folder, folder.project)
    found: list[str] = []
    for top in sorted({one.top for one in writers.values() if not one.private}):
        try:
            at = grounds.checkout_again(top, private=False)
            tips = _tips(at, folder.id)
            found += [ref.removeprefix(trees.BRANCHES) for ref, tip in tips if not _is_elsewhere(at, ref, tip, writers)]
        except (GitFailed, OrchestraError):
            found += [label for label, one in writers.items() if one.top == top and one.commit]
    for label, changes in writers.items():
        if not changes.private or not changes.commit:
            continue
        try:
            at = grounds.checkout_again(changes.top, private=True)
            there = within(at, label, writers) or _is_taken_over(folder, at, changes)
        except (GitFailed, OrchestraError):
            there = False
        found += [] if there else [label]
    return tuple(found)


def _take_away(folder: RunFolder, grounds: Grounds, label: str, number: int) -> None:
    tree = trees.opened(folder.attempt(label, number), grounds.checkout_again)
    if tree is None:
        return
    seal = folder.seal(label, number)
    if tree.there and seal and seal.changes and seal.changes.commit and not seal.changes.private:
        tree.commit_what_is_left(f"What was left in the tree of {label}\n\nOrchestra-Run: {folder.id}\n")
    tree.remove()


def _branches(at: Checkout, run: str, writers: Mapping[str, Changes]) -> Iterator[str]:
    """The branches of the run that hold something no other holds; the others are deleted, one after the other."""
    for ref, tip in _tips(at, run):
        name = ref.removeprefix(trees.BRANCHES)
        if not _is_elsewhere(at, ref, tip, writers):
            yield name
            continue
        try:
            at.git("branch", "-D", "--quiet", name)
        except GitFailed:  # somebody stands on it
            yield name


def _tips(at: Checkout, run: str) -> list[list[str]]:
    """The branches of the run, and where each ends."""
    said = at.line("for-each-ref", "--format=%(refname) %(objectname)", f"refs/heads/orchestra/{run}/")
    return [line.split() for line in said.splitlines()]


def _is_elsewhere(at: Checkout, ref: str, tip: str, writers: Mapping[str, Changes]) -> bool:
    """What a branch holds is held by another too: its commits, or commits that say they are them, or do the same.

    A HEAD without a branch holds nothing: with the next checkout nobody finds what it held.
    """
    if set(at.line("for-each-ref", "--format=%(refname)", f"--contains={tip}").split()) - {ref}:
        return True
    ground = next((changes.ground for changes in writers.values() if changes.commit == tip), None)
    if ground is None:
        return False
    said = ("log", "-1", "--format=%H", "--fixed-strings", f"--grep={TRAILER}: {tip}", "--branches", "--remotes")
    if at.line(*said, f"^{ground.foundation}"):
        return True
    if branch_of(at) is None or at.commit_of("HEAD") is None:
        return False
    return all(line.startswith("-") for line in at.line("cherry", "HEAD", tip, ground.commit).splitlines())


def _patch(folder: RunFolder, grounds: Grounds, label: str, changes: Changes) -> Iterator[str]:
    """The changes to a folder outside git, whose commits go with the run, unless they were taken over."""
    at = grounds.checkout_again(changes.top, private=True)
    assert changes.commit is not None
    if _is_taken_over(folder, at, changes):
        return
    saved = folder.project / STATE_FOLDER / KEPT
    saved.mkdir(mode=0o700, exist_ok=True)
    file = saved / f"{folder.id}-{label}.patch"
    write_patch(at, changes.ground.foundation, changes.commit, file)
    yield os.path.relpath(file, folder.project)


def _is_taken_over(folder: RunFolder, at: Checkout, changes: Changes) -> bool:
    """What was changed stands in the folder outside git already."""
    with suppress(GitFailed):
        to = Folder(at, folder.path, folder.id)
        merged = replay(at, changes.ground.foundation, to.now, changes.commit or "")
        return not merged.conflicts and merged.tree == at.tree_of(to.now)
    return False
