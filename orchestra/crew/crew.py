"""What a pattern is given to ask with. Asking is durable: run again, a sealed answer is returned at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar, cast

from orchestra.brief.ask import Ask
from orchestra.brief.target import Target
from orchestra.crew import events
from orchestra.crew.asking import Asking
from orchestra.crew.events import Event, Kind
from orchestra.crew.journal import Journal
from orchestra.crew.reply import Replies, Reply
from orchestra.errors import BudgetReached, Interrupted, NoAnswer, UsageError
from orchestra.findings.curate import Curated, curate
from orchestra.outcome import Outcome, Usage
from orchestra.reports.report import Report, ReportState, next_step

T = TypeVar("T")


class Crew:
    """Asks workers for a pattern, keeps the plan, and makes the report.

    A pattern is deterministic between asks: the clock and chance it needs come from here, and are kept.
    """

    def __init__(
        self,
        *,
        run: str,
        pattern: str,
        asked: str,
        steps: tuple[str, ...],
        asking: Asking,
        journal: Journal,
        target: Target | None = None,
        rehearsed: bool = False,
        drawn: Iterable[Event] = (),
        started: datetime | None = None,
    ) -> None:
        self._run, self._pattern, self._asked, self._steps = run, pattern, asked, steps
        self._asking, self._journal, self._target, self._rehearsed = asking, journal, target, rehearsed
        self._drawn = [event.value for event in drawn if event.kind is Kind.DREW]
        self._draws = 0
        self._started = started or events.now()
        self._step = ""
        self._replies: dict[str, Reply[Any]] = {}
        self.stopping = False
        """Somebody asked the run to stop: what is asked from now on is not started."""

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """One line of the plan is in progress; exactly one at a time."""
        if name not in self._steps:
            raise UsageError(f"The pattern {self._pattern!r} has no step {name!r}. It has: {', '.join(self._steps)}.")
        if self._step:
            raise UsageError(f"The step {name!r} begins while {self._step!r} is still in progress.")
        self._step = name
        self._journal.write(Kind.STEP_STARTED, step=name)
        try:
            yield
            self._journal.write(Kind.STEP_ENDED, step=name)
        finally:
            self._step = ""

    async def ask(self, ask: Ask[T]) -> T:
        """The answer of a worker the pattern cannot do without; raises when it does not answer."""
        reply = (await self.ask_all([ask]))[0]
        if reply.answered:
            return cast(T, reply.value)
        if reply.over_budget:
            raise BudgetReached(f"{reply.label} was left out: {reply.reason}")
        if reply.outcome is Outcome.STOPPED and self.stopping:
            raise Interrupted(f"{reply.label} was stopped.")
        raise NoAnswer(f"{reply.label} did not answer ({reply.outcome}): {reply.reason}")

    async def ask_all(self, asks: Iterable[Ask[T]]) -> Replies[T]:
        """Ask all at once, as many at a time as the limit allows; every outcome comes back, in order of asking."""
        begun = [(ask, *self._asking.begin(ask, self._step)) for ask in asks]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._asking.reply(*each), name=each[3]) for each in begun]
        except BaseExceptionGroup as broken:
            # No worker's end is an exception; this is the run's own state that cannot be kept, and one cause of it.
            raise broken.exceptions[0] from None
        replies = Replies([task.result() for task in tasks])
        self._replies |= {reply.label: reply for reply in replies}
        return replies

    def now(self) -> datetime:
        """The time, the same when the run is resumed."""
        return datetime.fromisoformat(self._draw(lambda: events.now().isoformat()))

    def random(self) -> float:
        """A random number from 0 to 1, the same when the run is resumed."""
        return float(self._draw(random.random))

    def report(
        self, findings: Curated | None = None, *, answer: str | None = None, recommend: str | None = None
    ) -> Report:
        """The curated result of everything asked so far; who did not answer is in it without being told."""
        kept = findings or Curated(findings=())
        lines = tuple(reply.line(rehearsed=self._rehearsed) for reply in self._replies.values())
        target = self._target
        return Report(
            run=self._run,
            pattern=self._pattern,
            asked=self._asked,
            state=self._state(),
            started=self._started,
            seconds=round((events.now() - self._started).total_seconds(), 1),
            next_step=recommend or next_step(kept.findings, lines, self._run),
            rehearsed=self._rehearsed,
            answer=answer,
            findings=kept.findings,
            workers=lines,
            looked_at=len(target.files) if target else 0,
            not_looked_at=target.left_out if target else (),
            changed_meanwhile=target.changed() if target else (),
            notes=kept.notes,
            usage=sum((line.usage for line in lines if line.usage), Usage()),
        )

    def report_of_what_there_is(self) -> Report:
        """For a pattern that could not go on: what the others said is not lost."""
        messages = Replies(tuple(self._replies.values())).messages
        return self.report(curate(messages, self._target.texts if self._target else None))

    def _state(self) -> ReportState:
        silent = [reply for reply in self._replies.values() if not reply.answered]
        if self.stopping and silent:
            return ReportState.STOPPED
        if any(not reply.over_budget for reply in silent):
            return ReportState.INCOMPLETE
        return ReportState.BUDGET if silent else ReportState.COMPLETE

    def _draw(self, fresh: Any) -> Any:
        self._draws += 1
        if self._draws <= len(self._drawn):
            return self._drawn[self._draws - 1]
        return self._journal.write(Kind.DREW, value=fresh()).value
