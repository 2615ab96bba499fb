"""What a pattern is given to ask with. Asking is durable: run again, a sealed answer is returned at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from orchestra.brief.ask import Ask
from orchestra.brief.context_pack import ContextPack
from orchestra.brief.target import Target
from orchestra.crew import events, parts
from orchestra.crew.asking import Asking
from orchestra.crew.deciding import Deciding
from orchestra.crew.events import Event, Kind
from orchestra.crew.journal import Journal
from orchestra.crew.lineage import Lineage
from orchestra.crew.merging import Together
from orchestra.crew.planning import Planning, Unwritten
from orchestra.crew.proof import unproven
from orchestra.crew.remembering import set_apart_now
from orchestra.crew.reply import Replies, Reply
from orchestra.errors import BudgetReached, Interrupted, NoAnswer, UsageError
from orchestra.findings.curate import Curated, curate
from orchestra.outcome import Outcome
from orchestra.reports.advice import advice
from orchestra.reports.excerpts import excerpts
from orchestra.reports.report import Report, ReportState
from orchestra.reports.report_parts import Action, Brief, Decision, Matrix, NotTaken, Share
from orchestra.usage import Usage

T = TypeVar("T")


class Crew:
    """What a pattern is given to ask with: it starts workers and makes the report.

    Asking is durable: a run that is taken up again runs the pattern again, and gets sealed answers at once. So a
    pattern is deterministic between asks; the clock and chance it needs come from here, and are kept.

    Example:
        >>> @orchestra.pattern("debate", steps=("Hear both sides",))
        ... async def debate(crew: orchestra.Crew, question: str) -> orchestra.Report:
        ...     async with crew.step("Hear both sides"):
        ...         sides = await crew.ask_all(orchestra.Ask(role=who, prompt=question) for who in ("for", "against"))
        ...     return crew.report(answer=f"{len(sides.answers)} of {len(sides)} answered")
        >>> orchestra.start(debate, question="Tabs?").wait().answer
        '2 of 2 answered'
    """

    def __init__(
        self,
        *,
        run: str,
        pattern: str,
        asked: str,
        steps: tuple[str, ...],
        asking: Asking | Planning,
        journal: Journal | Unwritten,
        deciding: Deciding,
        root: Path,
        context: ContextPack = ContextPack(),  # noqa: B008  # a frozen value, the same for everybody
        lineage: Lineage = Lineage(),  # noqa: B008  # likewise
        target: Target | None = None,
        rules: Path | None = None,
        rehearsed: bool = False,
        drawn: Iterable[Event] = (),
        started: datetime | None = None,
        paused: float = 0.0,
    ) -> None:
        self._run, self._pattern, self._asked, self._steps = run, pattern, asked, steps
        self._asking, self._journal, self._target, self._rehearsed = asking, journal, target, rehearsed
        self._deciding, self._lineage, self._rules = deciding, lineage, rules
        self._drawn = [event.value for event in drawn if event.kind is Kind.DREW]
        self._draws = 0
        self._started, self._paused = started or events.now(), paused
        self._step = ""
        self._replies: dict[str, Reply[Any]] = {}
        self._elsewhere: set[str] = set()
        self._notes: list[str] = []
        self._conflicts: dict[str, tuple[str, ...]] = {}
        self.root = root
        """The folder workers stand in, where an ask names no other."""
        self.context = context
        """What the user said that workers cannot infer; every prompt holds it anyway."""
        self.stopping = False
        """Somebody asked the run to stop: what is asked from now on is not started."""

    def __repr__(self) -> str:
        asked = f"{len(self._replies)} asked, {sum(reply.answered for reply in self._replies.values())} answered"
        return f"<Crew of {self._run or self._pattern}: {self._step or 'between steps'}, {asked}>"

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        """One line of the plan is in progress; exactly one at a time."""
        if name not in self._steps:
            raise UsageError(
                f"The pattern {self._pattern!r} has no step {name!r}. It has: {', '.join(self._steps)}.",
                next_step="Begin one of these, or add it to @pattern(..., steps=(...)).",
            )
        if self._step:
            raise UsageError(
                f"The step {name!r} begins while {self._step!r} is still in progress.",
                next_step="Let one end before the next begins.",
            )
        self._step = name
        self._journal.write(Kind.STEP_STARTED, step=name)
        try:
            yield
            self._journal.write(Kind.STEP_ENDED, step=name)
        finally:
            self._step = ""

    async def ask(self, ask: Ask[T]) -> T:
        """The answer of a worker the pattern cannot do without; raises when it does not answer."""
        reply = await self.reply_to(ask)
        if reply.answered:
            return cast(T, reply.value)
        if reply.over_budget:
            raise BudgetReached(f"{reply.label} was left out: {reply.reason}")
        if reply.outcome is Outcome.STOPPED and self.stopping:
            raise Interrupted(f"{reply.label} was stopped.")
        raise NoAnswer(f"{reply.label} did not answer ({reply.outcome}): {reply.reason}")

    async def reply_to(self, ask: Ask[T], *, on: Reply[Any] | Together | None = None) -> Reply[T]:
        """What comes back from one worker, whether it answered or not. It stands `on` what writers left."""
        base = on.label if isinstance(on, Reply) else on.base if on else None
        return (await self.ask_all([replace(ask, base=base) if base else ask]))[0]

    async def ask_all(self, asks: Iterable[Ask[T]]) -> Replies[T]:
        """Ask all at once, as many at a time as the limit allows; every outcome comes back, in order of asking."""
        begun = [self._asking.begin(ask, self._step) for ask in asks]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._asking.reply(each), name=each.label) for each in begun]
        except BaseExceptionGroup as broken:
            # No worker's end is an exception; this is the run's own state that cannot be kept, and one cause of it.
            raise broken.exceptions[0] from None
        replies = Replies([task.result() for task in tasks])
        self._replies |= {reply.label: reply for reply in replies if not reply.elsewhere}
        self._elsewhere |= {reply.label for reply in replies if reply.elsewhere}
        return replies

    def now(self) -> datetime:
        """The time, the same when the run is resumed."""
        return datetime.fromisoformat(self._draw(lambda: events.now().isoformat()))

    def random(self) -> float:
        """A random number from 0 to 1, the same when the run is resumed."""
        return float(self._draw(random.random))

    async def question(self, question: str, *, otherwise: str, why: str = "") -> Decision:
        """Put one short question to the person at the terminal; where nobody answers, `otherwise` is assumed.

        Either stands in the report, and a resumed run does not ask again.
        """
        return await self._deciding.settle(question, otherwise, why)

    def diff(self) -> str:
        """What all writers of the run changed so far, as a unified diff; in words where that is too long to be read."""
        return self._asking.diff([reply.label for reply in self._replies.values() if _wrote(reply)])

    async def put_together(self, works: Iterable[Reply[Any]]) -> Together | None:
        """Put the changes of several writers together, one after the other; others can stand `on` the result.

        Stops at the first that does not fit with those before it; the report names it and the files. None: nobody
        changed anything.
        """
        writers = [reply.label for reply in works if _wrote(reply)]
        if not writers:
            return None
        together = await self._asking.put_together(writers)
        if together.conflict:
            self._conflicts[together.conflict] = together.files
            self.note(together.in_words)
        return together

    def set_apart(self, found: Curated) -> Curated:
        """The findings under what people decided: nobody is paid to mend or to refute what they live with."""
        return set_apart_now(found, self._rules, self._target) if self._rules and self._target else found

    def note(self, *sentences: str) -> None:
        """What the reader of the report should know."""
        self._notes += sentences

    def report(
        self,
        findings: Curated | None = None,
        *,
        answer: str | None = None,
        brief: Brief | None = None,
        matrix: Matrix | None = None,
        actions: Iterable[Action] = (),
        not_taken: Iterable[NotTaken] = (),
        recommend: str | None = None,
    ) -> Report:
        """The curated result of everything asked so far.

        Who did not answer, what writers changed, what verifiers said, what became of each section, and what was
        decided on the way is in it without being told.
        """
        kept = findings or Curated(findings=())
        replies = tuple(self._replies.values())
        lines = tuple(reply.line() for reply in replies)
        loud = (*parts.strayed(replies), *(note for reply in replies for note in reply.changed_while_reading))
        target = self._target
        made = Report(
            run=self._run,
            pattern=self._pattern,
            asked=self._asked,
            state=self._state(),
            started=self._started,
            seconds=round((events.now() - self._started).total_seconds() - self._paused, 1),
            next_step="",
            rehearsed=self._rehearsed,
            share=self._share(),
            answer=answer,
            findings=kept.findings,
            not_taken=tuple(not_taken),
            changes=parts.changes(replies, self._run, self._conflicts),
            verdicts=parts.verdicts(replies),
            sections=parts.sections(replies),
            brief=brief,
            matrix=matrix,
            actions=tuple(actions),
            decisions=tuple(self._deciding.decisions),
            workers=lines,
            excerpts=excerpts(kept.findings, target.texts) if target else (),
            target_digests={file.path: file.digest for file in target.files} if target else {},
            looked_at=len(target.files) if target else 0,
            not_looked_at=target.left_out if target else (),
            looks=parts.looks(replies),
            changed_meanwhile=target.changed() if target else (),
            notes=(*kept.notes, *self._notes, *unproven(self.context.success_check, replies), *loud),
            usage=sum((line.usage for line in lines if line.usage), Usage()),
        )
        return made.model_copy(update={"next_step": recommend or self._ask_the_rest(made) or advice(made)})

    def report_of_what_there_is(self) -> Report:
        """For a pattern that could not go on: what the others said is not lost."""
        messages = Replies(tuple(self._replies.values())).messages
        target = self._target
        return self.report(curate(messages, target.texts, target.leads_out) if target else curate(messages))

    def _share(self) -> Share | None:
        shard = self._lineage.shard
        return Share(number=shard.number, of=shard.of, left=len(self._elsewhere)) if shard else None

    def _ask_the_rest(self, report: Report) -> str | None:
        """Resuming a run that only puts others together would start nobody either."""
        if not self._lineage.only_reuse or report.open or not report.unanswered:
            return None
        return f"Ask what no run answered: `orchestra merge-runs {' '.join(self._lineage.parts)} --ask`."

    def _state(self) -> ReportState:
        silent = [reply for reply in self._replies.values() if not reply.answered]
        if self._deciding.left_open or (self.stopping and silent):
            return ReportState.STOPPED
        if any(not reply.over_budget for reply in silent):
            return ReportState.INCOMPLETE
        return ReportState.BUDGET if silent else ReportState.COMPLETE

    def _draw(self, fresh: Any) -> Any:
        self._draws += 1
        if self._draws <= len(self._drawn):
            return self._drawn[self._draws - 1]
        return self._journal.write(Kind.DREW, value=fresh()).value


def _wrote(reply: Reply[Any]) -> bool:
    return reply.changes is not None and reply.changes.commit is not None
