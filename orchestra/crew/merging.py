"""Changes put together in git's object store: no index, no branch and no file is touched, whatever comes of it."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestra.brief.git import GitFailed
from orchestra.brief.listing import plain
from orchestra.crew.changes import Changes, Ground
from orchestra.crew.checkout import Checkout
from orchestra.errors import EnvironmentLacking, UsageError

NEEDED = (2, 38)
"""The git that merges without a working tree."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of it: a tree, or the files in which both sides changed the same."""

    tree: str
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """The changes of several workers put together, for one that builds on all of them."""

    base: str
    """What an ask takes as its `base`."""
    taken: tuple[str, ...]
    """The workers whose changes are in it."""
    conflict: str | None = None
    """The first worker whose changes did not fit."""
    files: tuple[str, ...] = ()
    """Where they did not."""
    left: tuple[str, ...] = ()
    """Those after it, which were not tried."""

    @property
    def in_words(self) -> str:
        """How far it went."""
        if self.conflict is None:
            return f"The changes of {', '.join(self.taken)} were put together."
        left = f" Not tried after that: {', '.join(self.left)}." if self.left else ""
        return (
            f"What {self.conflict} changed does not fit with what {', '.join(self.taken)} changed: "
            f"both changed {', '.join(self.files)}.{left}"
        )


def merge(at: Checkout, ours: str, theirs: str) -> Merged:
    """Two commits with their history: what git itself would merge."""
    try:
        said = at.git("merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", ours, theirs, accepted=(0, 1))
    except GitFailed as error:
        if (found := version(at)) < NEEDED:
            raise EnvironmentLacking(
                f"git {'.'.join(map(str, found))} is too old to put changes together: {'.'.join(map(str, NEEDED))} or "
                "newer is needed.",
                next_step="Update git, or take each writer's commit over by hand: `git cherry-pick BRANCH`.",
            ) from error
        raise
    tree, *conflicts = [name for name in said.split(b"\0") if name]
    return Merged(tree.decode(), tuple(dict.fromkeys(plain(os.fsdecode(name)) for name in conflicts)))


def replay(at: Checkout, base: str, ours: str, theirs: str) -> Merged:
    """What `theirs` did since `base`, done to `ours`: as a cherry-pick of the whole range, whatever lies before it."""
    root = at.commit(at.tree_of(base), [], "base")
    sides = [at.commit(at.tree_of(side), [root], "side") for side in (ours, theirs)]
    return merge(at, *sides)


def put_together(at: Checkout, writers: Sequence[tuple[str, Changes]]) -> tuple[Together, Ground]:
    """The changes of several writers of a run, one after the other; stops at the first that does not fit.

    The same changes give the same commit, also when a run is resumed.
    """
    (first, changes), *others = writers
    onto, taken = changes.result, [first]
    for number, (label, changes) in enumerate(others, 1):
        if changes.ground.foundation != onto.foundation:
            raise UsageError(
                f"{first} and {label} changed different things; they cannot be put together.",
                next_step="Build on one of them.",
            )
        if changes.commit is not None and not at.is_in(changes.commit, onto.commit):
            merged = merge(at, onto.commit, changes.commit)
            if merged.conflicts:
                left = tuple(later for later, _ in others[number:])
                return Together(onto.commit, tuple(taken), label, merged.conflicts, left), onto
            when = datetime.fromtimestamp(int(at.line("log", "-1", "--format=%ct", changes.commit)), UTC)
            message = f"What {', '.join(taken)} and {label} changed\n"
            commit = at.commit(merged.tree, [onto.commit, changes.commit], message, at=when)
            onto = onto.model_copy(update={"commit": commit, "tree": merged.tree})
        taken.append(label)
    return Together(onto.commit, tuple(taken)), onto


def within(at: Checkout, label: str, writers: Mapping[str, Changes]) -> str | None:
    """The last writer that built on this one's commit."""
    mine = writers[label].commit
    later = [
        other for other, one in writers.items() if other != label and mine and one.commit and at.is_in(mine, one.commit)
    ]
    return later[-1] if later else None


def version(at: Checkout) -> tuple[int, ...]:
    """Which git this is."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", at.line("version"))
    return tuple(int(part) for part in found.groups() if part) if found else ()
