"""Answers that are there already, in this run or an earlier one; and how a new one comes to be one of them."""

from collections.abc import Callable
from typing import Any

from orchestra.answer import Unreadable
from orchestra.brief.ask import Ask
from orchestra.crew import events
from orchestra.crew.attempt import Attempted, read, recover
from orchestra.crew.basis import Basis, Present
from orchestra.crew.budget import Budget
from orchestra.crew.earlier import Earlier
from orchestra.crew.events import Kind
from orchestra.crew.journal import Journal
from orchestra.crew.keys import Begun
from orchestra.crew.lineage import Origin
from orchestra.crew.past import Past
from orchestra.crew.run_folder import RunFolder, Seal, write_whole
from orchestra.crew.workspace import Place, Workspaces, aside
from orchestra.reports.team import age_in_words
from orchestra.workers.engines.attempt_files import write_private
from orchestra.workers.engines.base import Engine
from orchestra.workers.task import WorkerTask

TaskOf = Callable[[Begun[Any], int, Place], WorkerTask]


class Answers:
    """The answers of one run. What it has sealed, or finished when its orchestrator died, is its own and comes first;
    then what earlier runs answered, which it takes as a copy, so that each run stands by itself.
    """

    def __init__(
        self,
        *,
        folder: RunFolder,
        journal: Journal,
        past: Past,
        earlier: Earlier,
        present: Present,
        workspaces: Workspaces,
        budget: Budget,
        engine: Engine,
        task_of: TaskOf,
    ) -> None:
        self._folder, self._journal, self._past = folder, journal, past
        self._earlier, self._present = earlier, present
        self._workspaces, self._budget = workspaces, budget
        self._engine, self._task_of = engine, task_of

    def __repr__(self) -> str:
        return f"<Answers of {self._folder.id}: {len(self._past.seals):,} were there>"

    async def known(self, begun: Begun[Any]) -> Attempted | None:
        """The answer to this ask that is there; nothing is started for it."""
        return self._sealed(begun) or await self._recovered(begun) or self._taken_again(begun)

    async def with_basis(self, begun: Begun[Any], number: int, place: Place, done: Attempted) -> Attempted:
        """What an answer rests on besides its key, looked at as soon as it is given."""
        if not done.result.answered:
            return done
        return done.model_copy(update={"basis": await aside(self._basis, begun, number, place, done)})

    def seal(self, begun: Begun[Any], number: int, done: Attempted, *, exit_seen: bool = True) -> None:
        """Write down how an attempt ended; from here on its answer cannot be lost."""
        result, changes = done.result, done.changes
        seal = Seal(
            key=begun.key,
            first_key=begun.first_key if begun.asked_again else None,
            attempt=number,
            sealed=events.now(),
            exit_seen=exit_seen,
            result=result,
            changes=changes,
            basis=done.basis,
        )
        if changes and changes.kept:
            text = f"{changes.in_words}: {changes.where}"
            self._journal.write(Kind.NOTE, worker=result.label, attempt=number, text=text)
        file = self._folder.attempt(result.label, number).result
        # In the loop, though fsync takes some milliseconds: no thread can be started while the interpreter leaves.
        write_whole(file, seal.model_dump_json(indent=1), sync=result.answered)
        self._journal.write(
            Kind.ENDED,
            worker=result.label,
            attempt=number,
            outcome=result.outcome,
            usage=result.usage,
            text=result.reason if exit_seen else "finished before, exit not seen",
        )

    def _basis(self, begun: Begun[Any], number: int, place: Place, done: Attempted) -> Basis:
        try:
            since = self._folder.attempt(begun.label, number).prompt.stat().st_mtime_ns
        except OSError:
            since = 0  # nobody knows when it began: whatever it read may have changed
        return self._present.basis(begun.ask, done.result, cwd=place.cwd, since=since)

    # ── this run's own ───────────────────────────────────────────────────────────────────────────────────────────

    def _sealed(self, begun: Begun[Any]) -> Attempted | None:
        seal = self._past.seals.get(begun.key)
        known = _read(seal, begun.ask) if seal else None
        if seal is None or known is None:
            return None
        if seal.origin:
            self._say_whose(begun.label, known, seal.origin)
        else:
            self._journal.write(
                Kind.REUSED,
                worker=begun.label,
                outcome=known.result.outcome,
                usage=known.result.usage,
                text="answered before",
            )
        return known

    async def _recovered(self, begun: Begun[Any]) -> Attempted | None:
        """An attempt without a seal whose event log shows a complete answer; the trees of all others are cleared."""
        for number in reversed(self._folder.attempts(begun.label)):
            if self._folder.seal(begun.label, number):
                continue
            place = self._workspaces.left(begun.ask, begun.label, number)
            task = self._task_of(begun, number, place)
            done = recover(task, begun.ask, self._engine) if place.finished and _was_asked(task) else None
            if done:
                done = await self.with_basis(begun, number, place, await place.close(done))
                self.seal(begun, number, done, exit_seen=False)
                self._budget.count_in(begun.ask.role, done.result.usage)
                return done
            await aside(self._workspaces.discard, begun.label, number)
        return None

    # ── an earlier run's ─────────────────────────────────────────────────────────────────────────────────────────

    def _taken_again(self, begun: Begun[Any]) -> Attempted | None:
        for seal, origin in self._earlier.answers(begun):
            if known := _read(seal, begun.ask):
                return self._copied(begun, seal, origin, known)
        return None

    def _copied(self, begun: Begun[Any], seal: Seal, origin: Origin, known: Attempted) -> Attempted:
        number = (self._folder.attempts(begun.label) or [0])[-1] + 1
        files = self._folder.attempt(begun.label, number)
        files.make()
        write_private(files.prompt, begun.prompt)
        write_private(files.last_message, seal.result.message or "")
        # The copy a worker stood in went with the run that paid; what was changed there stands in the notes.
        result = seal.result.model_copy(update={"label": begun.label})
        copy = Seal(
            key=begun.key,
            attempt=number,
            sealed=events.now(),
            exit_seen=seal.exit_seen,
            result=result,
            basis=seal.basis,
            origin=origin,
        )
        # Not synced: what a crash of the machine takes, the next life copies again.
        write_whole(files.result, copy.model_dump_json(indent=1))
        mine = known.model_copy(
            update={"result": known.result.model_copy(update={"label": begun.label}), "changes": None, "origin": origin}
        )
        self._say_whose(begun.label, mine, origin)
        return mine

    def _say_whose(self, label: str, known: Attempted, origin: Origin) -> None:
        age = age_in_words((events.now() - origin.answered).total_seconds())
        text = f"answer of {origin.run}, {age}"
        self._journal.write(Kind.REUSED, worker=label, outcome=known.result.outcome, text=text)


def _read(seal: Seal, ask: Ask[Any]) -> Attempted | None:
    """The sealed message as this ask's answer, if it still is one."""
    known = read(seal.result, ask)
    if isinstance(known, Unreadable):
        return None
    result = known.result.model_copy(update={"notes": seal.result.notes})
    return known.model_copy(update={"result": result, "changes": seal.changes, "origin": seal.origin})


def _was_asked(task: WorkerTask) -> bool:
    """The attempt was given this very prompt."""
    try:
        return task.files.prompt.read_text(encoding="utf-8", errors="surrogatepass") == task.prompt
    except (OSError, ValueError):
        return False
