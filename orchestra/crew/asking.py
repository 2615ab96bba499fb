"""The life of one ask: its key, a sealed answer, a finished attempt, or a worker; and then the seal."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from orchestra.answer import Unreadable
from orchestra.brief import prompts
from orchestra.brief.ask import Ask
from orchestra.crew import events
from orchestra.crew.attempt import Attempted, attempt, read, recover
from orchestra.crew.budget import Budget
from orchestra.crew.events import Event, Kind
from orchestra.crew.governor import Governor
from orchestra.crew.journal import Journal
from orchestra.crew.keys import Keys, asked_again, label_of
from orchestra.crew.merging import Together
from orchestra.crew.reply import Reply
from orchestra.crew.run_folder import RunFolder, Seal, write_whole
from orchestra.crew.workspace import NoTree, Workspaces, aside
from orchestra.errors import PromptTooLong
from orchestra.outcome import Outcome
from orchestra.settings import Settings
from orchestra.usage import Usage
from orchestra.workers.engines.base import Engine
from orchestra.workers.pool import Pool
from orchestra.workers.task import Deadlines, WorkerResult, WorkerTask

T = TypeVar("T")

MOST_ATTEMPTS = 5  # of a cause that can pass; a provider that refuses five times in a row will not take the sixth
DOING_EVERY = 1.0  # seconds between two events that only say what a worker is at


@dataclass(kw_only=True)
class Past:
    """What earlier lives of this run left behind."""

    labels: dict[str, str] = field(default_factory=dict)
    """Key of an ask -> label of its worker."""
    seals: dict[str, Seal] = field(default_factory=dict)
    """Key of an ask -> its answered attempt."""
    retries: dict[str, list[str]] = field(default_factory=dict)
    """Label -> the note of each time somebody wanted it asked again."""
    paid: list[tuple[str, Usage]] = field(default_factory=list)
    """Role and tokens of every attempt that said what it used."""

    @classmethod
    def of(cls, folder: RunFolder, log: list[Event]) -> "Past":
        """Read it from the journal and the seals; a seal counts also where the journal lost its line."""
        past = cls(labels={event.key: event.worker for event in log if event.key and event.worker})
        roles = {event.worker: event.role for event in log if event.worker and event.role}
        for event in log:
            if event.kind is Kind.RETRY and event.worker:
                past.retries.setdefault(event.worker, []).append(event.text or "")
        for seal in folder.seals():
            if seal.result.usage:
                past.paid.append((roles.get(seal.result.label, ""), seal.result.usage))
            if seal.result.answered:
                past.seals[seal.key] = seal
            past.labels.setdefault(seal.key, seal.result.label)
        return past


class Asking:
    """Turns asks into replies, each paid at most once."""

    def __init__(
        self,
        *,
        folder: RunFolder,
        journal: Journal,
        past: Past,
        engine: Engine,
        pool: Pool,
        governor: Governor,
        budget: Budget,
        settings: Settings,
        workspaces: Workspaces,
        rules: Path,
        context: str = "",
        rehearsed: bool = False,
    ) -> None:
        self._folder, self._journal, self._past = folder, journal, past
        self._engine, self._pool, self._governor, self._budget = engine, pool, governor, budget
        self._settings, self._workspaces, self._rules, self._context = settings, workspaces, rules, context
        # An understudy's answer is never taken for a model's.
        who = f"{engine.name} rehearsed" if rehearsed else engine.name
        self._keys = Keys(engine=who, model=settings.model, effort=settings.effort)
        self._number = max((int(label[1:].split("-")[0]) for label in past.labels.values()), default=0)
        self._settled = asyncio.Event()

    def begin(self, ask: Ask[Any], step: str) -> tuple[str, str, str]:
        """Give the ask its prompt, key and label, in the order the pattern asks; nothing is awaited here."""
        prompt = prompts.render(ask.prompt, self._rules, self._context)
        if self._engine.prompt_limit is not None and len(prompt) > self._engine.prompt_limit:
            raise PromptTooLong(ask.title or ask.role, len(prompt), self._engine.prompt_limit)
        base = self._workspaces.grounds.named(ask.base, ask.cwd).tree if ask.base is not None else None
        key = self._keys.key(ask, prompt, step, base)
        label = self._past.labels.get(key)
        if label is None:
            self._number += 1
            label = label_of(ask, self._number)
            self._journal.write(
                Kind.ASKED,
                worker=label,
                role=ask.role,
                lens=ask.lens,
                section=ask.section.name if ask.section else None,
                key=key,
                step=step,
            )
        if notes := self._past.retries.get(label):
            key = asked_again(key, notes)
            prompt = "\n".join([prompt, *(f"NOTE OF THE ORCHESTRATOR: {note}\n" for note in notes if note)])
        return prompt, key, label

    async def reply(self, ask: Ask[T], prompt: str, key: str, label: str) -> Reply[T]:
        """The sealed answer, or one that was finished when its orchestrator died, or a worker's."""
        if known := self._sealed(ask, key, label) or await self._recovered(ask, prompt, key, label):
            return known
        tries = 0
        while True:
            tries += 1
            async with self._governor.place() as admitted:
                if not admitted:
                    return self._left_out(ask, label, "The run was asked to stop before it was started.")
                if not await self._affordable(ask, prompt):
                    why = f"The budget of {self._settings.max_tokens:,} tokens did not suffice to start it."
                    return self._left_out(ask, label, why, over_budget=True)
                number = (self._folder.attempts(label) or [0])[-1] + 1
                done = await self._attempt(ask, prompt, label, number)
                self._seal(done, key, number)
            result = done.result
            if result.can_pass and tries < MOST_ATTEMPTS:
                self._governor.limited(result.retry_after, result.reason)
                continue
            if result.answered:
                self._governor.answered()
            return self._reply(ask, label, done)

    async def put_together(self, labels: Sequence[str]) -> Together:
        """The changes of several writers put together."""
        return await aside(self._workspaces.grounds.put_together, labels)

    def diff(self, labels: Sequence[str]) -> str:
        """What these writers changed."""
        return self._workspaces.grounds.diff(labels)

    async def _attempt(self, ask: Ask[Any], prompt: str, label: str, number: int) -> Attempted:
        self._budget.reserve(label, ask.role, prompt)
        usage: Usage | None = None
        try:
            async with self._workspaces.of(ask, label, number) as place:
                task = self._task(ask, prompt, label, number, place.cwd)
                following = Following(self._journal, label, number)
                done = await attempt(task, ask, self._engine, self._pool, following)
                usage = done.result.usage
                return await place.close(done)
        except NoTree as error:
            failed = WorkerResult(label=label, outcome=Outcome.FAILED, reason=str(error), engine=self._engine.name)
            return Attempted(result=failed)
        finally:
            self._budget.settle(label, ask.role, usage)
            self._settled.set()

    def _task(self, ask: Ask[Any], prompt: str, label: str, number: int, cwd: Path) -> WorkerTask:
        chosen = self._settings.deadlines.model_dump(exclude_none=True)
        of_role = {name: value for name in ("idle", "wall") if (value := getattr(ask, name)) is not None}
        return WorkerTask(
            label=label,
            run=self._folder.id,
            prompt=prompt,
            folder=self._folder.attempt(label, number).path,
            cwd=cwd,
            scope=ask.scope,
            model=self._settings.model,
            effort=self._settings.effort,
            answer_schema=ask.schema,
            web_search=ask.web_search,
            deadlines=Deadlines(**{**of_role, **chosen}),
        )

    async def _affordable(self, ask: Ask[Any], prompt: str) -> bool:
        while not self._budget.fits(ask.role, prompt):
            if not self._budget.waiting_helps:
                return False
            self._settled.clear()
            await self._settled.wait()
        return True

    def _sealed(self, ask: Ask[T], key: str, label: str) -> Reply[T] | None:
        seal = self._past.seals.get(key)
        if seal is None:
            return None
        known = read(seal.result, ask)
        if isinstance(known, Unreadable):
            return None
        result = known.result.model_copy(update={"notes": seal.result.notes})
        self._journal.write(
            Kind.REUSED, worker=label, outcome=result.outcome, usage=result.usage, text="answered before"
        )
        return self._reply(ask, label, Attempted(result=result, value=known.value, changes=seal.changes))

    async def _recovered(self, ask: Ask[T], prompt: str, key: str, label: str) -> Reply[T] | None:
        """An attempt without a seal whose event log shows a complete answer; the trees of all others are cleared."""
        for number in reversed(self._folder.attempts(label)):
            if self._folder.seal(label, number):
                continue
            place = self._workspaces.left(ask, label, number)
            task = self._task(ask, prompt, label, number, place.cwd)
            done = recover(task, ask, self._engine) if place.finished and _was_asked(task) else None
            if done:
                done = await place.close(done)
                self._seal(done, key, number, exit_seen=False)
                self._budget.count_in(ask.role, done.result.usage)
                return self._reply(ask, label, done)
            await aside(self._workspaces.discard, label, number)
        return None

    def _seal(self, done: Attempted, key: str, number: int, exit_seen: bool = True) -> None:
        """Write down how an attempt ended; from here on its answer cannot be lost."""
        result, changes = done.result, done.changes
        seal = Seal(key=key, attempt=number, sealed=events.now(), exit_seen=exit_seen, result=result, changes=changes)
        if changes and changes.kept:
            text = f"{changes.in_words}: {changes.where}"
            self._journal.write(Kind.NOTE, worker=result.label, attempt=number, text=text)
        file = self._folder.attempt(result.label, number).result
        # In the loop, though fsync takes some milliseconds: no thread can be started while the interpreter leaves.
        write_whole(file, seal.model_dump_json(indent=1), sync=result.answered)
        self._ended(result, number, result.reason if exit_seen else "finished before, exit not seen")

    def _ended(self, result: WorkerResult, number: int, text: str) -> None:
        self._journal.write(
            Kind.ENDED, worker=result.label, attempt=number, outcome=result.outcome, usage=result.usage, text=text
        )

    def _reply(self, ask: Ask[T], label: str, done: Attempted) -> Reply[T]:
        result, changes = done.result, done.changes
        if changes is not None:
            self._workspaces.grounds.remember(label, changes)
        return Reply(
            label=label,
            ask=ask,
            outcome=result.outcome,
            reason=result.reason,
            value=done.value,
            result=result,
            changes=changes,
            patch=self._folder.path / changes.patch if changes and changes.patch else None,
        )

    def _left_out(self, ask: Ask[T], label: str, why: str, over_budget: bool = False) -> Reply[T]:
        self._journal.write(Kind.ENDED, worker=label, outcome=Outcome.STOPPED, text=why)
        return Reply(label=label, ask=ask, outcome=Outcome.STOPPED, reason=why, over_budget=over_budget)


def _was_asked(task: WorkerTask) -> bool:
    """The attempt was given this very prompt."""
    try:
        return task.files.prompt.read_text(encoding="utf-8", errors="surrogatepass") == task.prompt
    except (OSError, ValueError):
        return False


class Following:
    """Writes into the journal what one worker is at."""

    def __init__(self, journal: Journal, label: str, number: int, clock: Callable[[], float] | None = None) -> None:
        self._journal, self._label, self._number = journal, label, number
        self._clock = clock or asyncio.get_running_loop().time
        self._said: tuple[str, float] = ("", 0.0)

    def began(self, pid: int) -> None:
        """Its process runs."""
        self._journal.write(Kind.STARTED, worker=self._label, attempt=self._number, pid=pid)

    def doing(self, text: str, usage: Usage | None = None) -> None:
        """It is at something else; said at most once a second."""
        last, at = self._said
        if text != last and (not last or self._clock() - at >= DOING_EVERY):
            self._said = (text, self._clock())
            self._journal.write(Kind.DOING, worker=self._label, text=text[:200], usage=usage)
