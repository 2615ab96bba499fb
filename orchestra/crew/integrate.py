"""Take over what the writers of a run changed: into the user's branch, or, outside git, into the user's folder.

A writer began with a snapshot of what the user had, uncommitted work included. That snapshot must never become part
of the user's history as somebody's commit. So where it held uncommitted work, only what the writer did SINCE is taken:
the range from the snapshot to its last commit, done to HEAD in a three-way merge (what a cherry-pick of the range
does), as one commit of its own, which is then merged. Where everything was committed, the writer's branch itself is
merged. Either way one `--no-ff` merge for each writer, made in git's object store; the user's branch and files follow
in one step at the end, or not at all: on a conflict nothing was touched, so there is nothing to abort.

The user's tree must be clean: its uncommitted work is theirs to commit (then the three-way merge finds the same lines
on both sides) or to put aside.
"""

from collections.abc import Mapping
from enum import StrEnum

from orchestra.brief.git import GitFailed
from orchestra.crew.changes import Changes
from orchestra.crew.checkout import Checkout
from orchestra.crew.destination import Branch, Destination, Folder
from orchestra.crew.difference import changed_files
from orchestra.crew.exclusive import exclusive
from orchestra.crew.grounds import Grounds
from orchestra.crew.merging import merge, replay, within
from orchestra.crew.run_folder import RunFolder
from orchestra.errors import StateUnusable, UnknownName, UsageError
from orchestra.reports.report_parts import ChangedFile
from orchestra.value import Value

TRAILER = "Orchestra-Commit"
"""In the message of what was taken over: which commit of a worker it was, also after a rebase."""


class State(StrEnum):
    """What became of one writer's changes."""

    MERGED = "merged"
    THERE = "already there"
    CONFLICT = "conflict"
    WAITING = "not tried"
    """A conflict came before it."""
    WITHIN = "comes with another"
    """Another writer built on it."""
    NOTHING = "changed nothing"


class TakenOver(Value):
    """One writer's changes, and what became of them."""

    worker: str
    state: State
    files: tuple[ChangedFile, ...] = ()
    merge: str | None = None
    """The commit that merged them; outside git there is none."""
    within: str | None = None
    """The writer that built on it."""
    conflicts: tuple[str, ...] = ()
    by_hand: str = ""
    """After a conflict: the command that leaves it to the user."""


class Integration(Value):
    """What was taken over, and into what."""

    run: str
    into: str
    """`main`, or the folder outside git."""
    writers: tuple[TakenOver, ...]

    @property
    def conflict(self) -> TakenOver | None:
        """The writer whose changes did not fit."""
        return next((writer for writer in self.writers if writer.state is State.CONFLICT), None)


def writers_of(folder: RunFolder) -> dict[str, Changes]:
    """Every worker that kept changes: the newest answer of each, in the order they were asked."""
    seals = [seal for seal in folder.seals() if seal.result.answered and seal.changes and seal.changes.kept]
    return {seal.result.label: seal.changes for seal in seals if seal.changes}


def integrate(folder: RunFolder, worker: str | None = None, *, dry_run: bool = False) -> tuple[Integration, ...]:
    """Take over one writer's changes, or those of all; one answer for each folder they were made to.

    A writer others built on comes with them. Stops at the first conflict; what fitted before it is taken over.
    """
    if folder.owned():
        raise UsageError(f"{folder.id} is still running.", next_step=f"`orchestra wait {folder.id}`, then again.")
    writers = writers_of(folder)
    if not writers:
        raise UsageError(
            f"No worker of {folder.id} kept changes.",
            next_step=f"`orchestra show {folder.id}` tells what its workers did.",
        )
    if worker is not None and worker not in writers:
        raise UnknownName("worker", worker, writers, within=f"with changes in {folder.id}")
    busy = UsageError("Another `orchestra integrate` is at work here.", next_step="Wait until it is done.")
    grounds = Grounds(folder, folder.project)
    done = []
    with exclusive(folder.path.parent / ".integrate.lock", busy):
        for top, private in sorted({(one.top, one.private) for one in writers.values()}):
            here = {label: one for label, one in writers.items() if (one.top, one.private) == (top, private)}
            if worker is not None and worker not in here:
                continue
            try:
                at = grounds.checkout_again(top, private)
                done.append(_into_one(folder, at, here, worker, dry_run))
            except GitFailed as error:
                raise StateUnusable(
                    f"Nothing was taken over: git says {error.said}",
                    where=grounds.folder_of(top),
                    next_step=f"Mend that, then `orchestra integrate {folder.id}` again.",
                ) from error
    return tuple(done)


def _into_one(
    folder: RunFolder, at: Checkout, writers: Mapping[str, Changes], worker: str | None, dry_run: bool
) -> Integration:
    to: Destination = Folder(at, folder.path, folder.id) if at.private else Branch(at)
    onto = to.now
    told: list[TakenOver] = []
    for label, changes in writers.items():
        if worker not in (None, label):
            continue
        if any(one.state is State.CONFLICT for one in told):
            told.append(TakenOver(worker=label, state=State.WAITING))
        elif worker is None and (last := within(at, label, writers)):
            told.append(TakenOver(worker=label, state=State.WITHIN, within=last))
        else:
            one, onto = _taken(to, folder.id, onto, label, changes)
            told.append(one)
    if onto != to.now and not dry_run:
        to.move(onto)
    return Integration(run=folder.id, into=to.words, writers=tuple(told))


def _taken(to: Destination, run: str, onto: str, label: str, changes: Changes) -> tuple[TakenOver, str]:
    """One writer's changes put on top of what is there, as a merge commit nothing points to yet."""
    at, tip = to.at, changes.commit
    if tip is None:
        return TakenOver(worker=label, state=State.NOTHING), onto
    if at.commit_of(tip) is None:
        raise UsageError(
            f"The commit of {label} ({tip[:10]}) is not in the repository any more.",
            where=at.tree,
            next_step=f"Ask again: `orchestra retry {run} {label}`.",
        )
    if is_there(at, onto, changes):
        return TakenOver(worker=label, state=State.THERE), onto
    since = _since(at, onto, changes) if changes.ground.uncommitted else None
    merged = replay(at, since, onto, tip) if since else merge(at, onto, tip)
    if merged.conflicts:
        how = _by_hand(changes, since)
        return TakenOver(worker=label, state=State.CONFLICT, conflicts=merged.conflicts, by_hand=how), onto
    if merged.tree == at.tree_of(onto):
        return TakenOver(worker=label, state=State.THERE), onto
    side = at.commit(merged.tree, [onto], _message(at, since, tip)) if since else tip
    message = f"Merge what {label} changed\n\nOrchestra-Run: {run}\nOrchestra-Worker: {label}\n{TRAILER}: {tip}\n"
    commit = to.commit(merged.tree, [onto, side], message)
    files = changed_files(at, onto, commit)
    return TakenOver(worker=label, state=State.MERGED, files=files, merge=None if at.private else commit), commit


def is_there(at: Checkout, onto: str, changes: Changes) -> bool:
    """A writer's commit is in a history, itself or as what it did."""
    tip, foundation = changes.commit, changes.ground.foundation
    assert tip is not None
    if at.is_in(tip, onto):
        return True
    said = ("log", "-1", "--format=%H", "--fixed-strings", f"--grep={TRAILER}: {tip}", onto, f"^{foundation}")
    return bool(at.line(*said))


def _since(at: Checkout, onto: str, changes: Changes) -> str:
    """Where the range begins that is to be taken over: after the last commit of it that is there already."""
    foundation = changes.ground.foundation
    for commit in at.line("rev-list", "--first-parent", f"{changes.commit}^", f"^{foundation}").split():
        if is_there(at, onto, changes.model_copy(update={"commit": commit})):
            return commit
    return foundation


def _by_hand(changes: Changes, since: str | None) -> str:
    if changes.private:
        return f"git apply --reject {changes.patch}"
    return f"git cherry-pick {since[:10]}..{changes.branch}" if since else f"git merge --no-ff {changes.branch}"


def _message(at: Checkout, since: str, tip: str) -> str:
    """The worker's own message, and which of its commits are in it."""
    commits = at.line("rev-list", tip, f"^{since}").split()
    return at.line("log", "-1", "--format=%B", tip) + "".join(f"\n{TRAILER}: {commit}" for commit in commits) + "\n"
