"""The life of one ask: its key, an answer that is there, or a worker; and then the seal."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from orchestra.brief import prompts
from orchestra.brief.ask import Ask
from orchestra.crew.answers import Answers
from orchestra.crew.attempt import Attempted, attempt
from orchestra.crew.basis import Present
from orchestra.crew.budget import Budget
from orchestra.crew.earlier import Earlier
from orchestra.crew.events import Kind
from orchestra.crew.governor import Governor
from orchestra.crew.journal import Journal
from orchestra.crew.keys import Begun, Keys, asked_again, label_of
from orchestra.crew.lineage import Lineage
from orchestra.crew.merging import Together
from orchestra.crew.past import Past
from orchestra.crew.reply import Reply
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.workspace import NoTree, Place, Workspaces, aside
from orchestra.errors import PromptTooLong
from orchestra.outcome import Outcome
from orchestra.settings import Settings
from orchestra.usage import Usage
from orchestra.workers.engines.base import Engine
from orchestra.workers.pool import Pool
from orchestra.workers.task import Deadlines, WorkerResult, WorkerTask

T = TypeVar("T")

MOST_ATTEMPTS = 5  # of a cause that can pass; a provider that refuses five times in a row will not take the sixth
STOPPED_BEFORE = "The run was asked to stop before it was started{again}."
NOT_AGAIN = "It was at work when its orchestrator died, and was not started again: {}"
NO_RUN_ANSWERED = "No run answered it."
DOING_EVERY = 1.0  # seconds between two events that only say what a worker is at


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
        present: Present,
        lineage: Lineage = Lineage(),  # noqa: B008  # a frozen value, the same for everybody
        context: str = "",
        rehearsed: bool = False,
    ) -> None:
        self._folder, self._journal, self._past = folder, journal, past
        self._engine, self._pool, self._governor, self._budget = engine, pool, governor, budget
        self._settings, self._workspaces, self._rules, self._context = settings, workspaces, rules, context
        self._lineage = lineage
        self._parted: set[str] = set()  # steps of which other shards have answers
        self._answers = Answers(
            folder=folder,
            journal=journal,
            past=past,
            earlier=Earlier(folder.project, lineage, present),
            present=present,
            workspaces=workspaces,
            budget=budget,
            engine=engine,
            task_of=self._task,
        )
        # An understudy's answer is never taken for a model's.
        who = f"{engine.name} rehearsed" if rehearsed else engine.name
        self._keys = Keys(engine=who, model=settings.model, effort=settings.effort)
        self._number = max((int(label[1:].split("-")[0]) for label in past.labels.values()), default=0)
        self._settled = asyncio.Event()

    def begin(self, ask: Ask[T], step: str) -> Begun[T]:
        """Give the ask its prompt, key and label, in the order the pattern asks; nothing is awaited here."""
        prompt = prompts.render(ask.prompt, self._rules, self._context)
        if self._engine.prompt_limit is not None and len(prompt) > self._engine.prompt_limit:
            raise PromptTooLong(ask.title or ask.role, len(prompt), self._engine.prompt_limit)
        base = self._workspaces.grounds.named(ask.base, ask.cwd).tree if ask.base is not None else None
        key = first_key = self._keys.key(ask, prompt, step, base)
        left_to = self._left_to(key, step)
        label = self._past.labels.get(key)
        if label is None:
            self._number += 1
            label = label_of(ask, self._number)
            self._journal.write(
                Kind.LEFT if left_to else Kind.ASKED,
                worker=label,
                role=ask.role,
                lens=ask.lens,
                section=ask.section.name if ask.section else None,
                key=key,
                step=step,
                text=left_to or None,
            )
        if notes := self._past.retries.get(label):
            key = asked_again(key, notes)
            prompt = "\n".join([prompt, *(f"NOTE OF THE ORCHESTRATOR: {note}\n" for note in notes if note)])
        return Begun(ask, prompt, key, label, first_key, left_to)

    async def reply(self, begun: Begun[T]) -> Reply[T]:
        """An answer that is there, or a worker's; or why there is neither."""
        ask, label = begun.ask, begun.label
        if begun.left_to:
            return Reply(label=label, ask=ask, outcome=Outcome.STOPPED, reason=begun.left_to, elsewhere=True)
        if known := await self._answers.known(begun):
            return self._reply(begun, known)
        if self._lineage.only_reuse:
            return self._left_out(begun, NO_RUN_ANSWERED)
        tries = 0
        last: WorkerResult | None = None
        while True:
            tries += 1
            async with self._governor.place() as admitted:
                if not admitted:
                    return self._left_out(begun, STOPPED_BEFORE, last)
                if not await self._affordable(begun):
                    why = f"The budget of {self._settings.max_tokens:,} tokens did not suffice to start it{{again}}."
                    return self._left_out(begun, why, last, over_budget=True)
                number = (self._folder.attempts(label) or [0])[-1] + 1
                done = await self._attempt(begun, number)
                if done is None:
                    return self._left_out(begun, STOPPED_BEFORE, last)
                self._answers.seal(begun, number, done)
            result = last = done.result
            if result.can_pass and tries < MOST_ATTEMPTS and self._governor.waits(result.retry_after):
                self._governor.limited(result.retry_after, result.reason)
                continue
            if not self._governor.waits(result.retry_after):
                text = f"It could be asked again later than a run waits ({self._governor.longest_wait:.0f} s)."
                self._journal.write(Kind.NOTE, worker=label, attempt=number, text=text)
            if result.answered:
                self._governor.answered()
            return self._reply(begun, done)

    async def put_together(self, labels: Sequence[str]) -> Together:
        """The changes of several writers put together."""
        return await aside(self._workspaces.grounds.put_together, labels)

    def diff(self, labels: Sequence[str]) -> str:
        """What these writers changed."""
        return self._workspaces.grounds.diff(labels)

    def _left_to(self, key: str, step: str) -> str:
        """Who does an ask that this run, a shard, does not.

        What is asked after a step of which others have answers would be built on a part of them, and paid for nothing.
        """
        shard = self._lineage.shard
        if shard is None:
            return ""
        if self._parted - {step}:
            return f"Left until the {shard.of} shards are merged."
        holding = shard.holding(key)
        if holding == shard:
            return ""
        self._parted.add(step)
        return f"Left to shard {holding}."

    async def _attempt(self, begun: Begun[Any], number: int) -> Attempted | None:
        """What one worker did; None: the run was stopped while its place was made."""
        ask, label = begun.ask, begun.label
        self._budget.reserve(label, ask.role, begun.prompt)
        usage: Usage | None = None
        try:
            async with self._workspaces.of(ask, label, number) as place:
                if self._governor.stopped:  # whoever was at work is stopped already, and would not be stopped again
                    await place.close(
                        Attempted(result=self._without_worker(label, Outcome.STOPPED, STOPPED_BEFORE.format(again="")))
                    )
                    return None
                task = self._task(begun, number, place)
                following = Following(self._journal, label, number)
                done = await attempt(task, ask, self._engine, self._pool, following)
                usage = done.result.usage
                return await self._answers.with_basis(begun, number, place, await place.close(done))
        except NoTree as error:
            return Attempted(result=self._without_worker(label, Outcome.FAILED, str(error)))
        finally:
            self._budget.settle(label, ask.role, usage)
            self._settled.set()

    def _without_worker(self, label: str, outcome: Outcome, reason: str) -> WorkerResult:
        return WorkerResult(label=label, outcome=outcome, reason=reason, engine=self._engine.name)

    def _task(self, begun: Begun[Any], number: int, place: Place) -> WorkerTask:
        ask = begun.ask
        chosen = self._settings.deadlines.model_dump(exclude_none=True)
        of_role = {name: value for name in ("idle", "wall") if (value := getattr(ask, name)) is not None}
        return WorkerTask(
            label=begun.label,
            run=self._folder.id,
            prompt=begun.prompt,
            folder=self._folder.attempt(begun.label, number).path,
            cwd=place.cwd,
            scope=ask.scope,
            model=self._settings.model,
            effort=self._settings.effort,
            answer_schema=ask.schema,
            web_search=ask.web_search,
            deadlines=Deadlines(**{**of_role, **chosen}),
        )

    async def _affordable(self, begun: Begun[Any]) -> bool:
        while not self._budget.fits(begun.ask.role, begun.prompt):
            if not self._budget.waiting_helps:
                return False
            self._settled.clear()
            await self._settled.wait()
        return True

    def _reply(self, begun: Begun[T], done: Attempted) -> Reply[T]:
        result, changes = done.result, done.changes
        if changes is not None:
            self._workspaces.grounds.remember(begun.label, changes)
        return Reply(
            label=begun.label,
            ask=begun.ask,
            outcome=result.outcome,
            reason=result.reason,
            value=done.value,
            result=result,
            changes=changes,
            patch=self._folder.path / changes.patch if changes and changes.patch else None,
            origin=done.origin,
        )

    def _left_out(
        self, begun: Begun[T], why: str, last: WorkerResult | None = None, *, over_budget: bool = False
    ) -> Reply[T]:
        """Not started; or, after the `last` attempt, not once more: then how that ended is what people want to know."""
        result, why = last, why.format(again=" again" if last else "")
        if last is not None:
            why = f"{last.reason.rstrip('.')}. {why}"
        elif begun.label in self._past.unseen:  # it was started once, and paid, and that must not be hidden
            why = NOT_AGAIN.format(f"{why[0].lower()}{why[1:]}")
            result = self._without_worker(begun.label, Outcome.STOPPED, why)
        self._journal.write(Kind.ENDED, worker=begun.label, outcome=Outcome.STOPPED, text=why)
        return Reply(
            label=begun.label,
            ask=begun.ask,
            outcome=Outcome.STOPPED,
            reason=why,
            result=result,
            over_budget=over_budget,
        )


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
