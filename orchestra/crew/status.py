"""What a run is doing: a fold over its events."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from orchestra.crew.events import Event, Kind
from orchestra.outcome import Outcome
from orchestra.usage import Usage
from orchestra.value import Value


class RunState(StrEnum):
    """What a run is, seen from outside.

    Example:
        >>> with orchestra.start("review", target="src/", lenses=["risk"]) as run:
        ...     while run.poll().state is orchestra.RunState.RUNNING:
        ...         _ = run.events()
        >>> run.poll().state is orchestra.RunState.COMPLETE
        True
    """

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    """Some worker did not answer; the report says who."""
    BUDGET = "budget reached"
    STOPPED = "stopped"
    """Somebody asked it to stop; what was answered is kept and `resume` goes on."""
    FAILED = "failed"
    """The pattern itself broke."""
    INTERRUPTED = "interrupted"
    """Its process is gone and there is no end: `resume` takes it up."""


class StepState(StrEnum):
    TO_DO = "to do"
    IN_PROGRESS = "in progress"
    DONE = "done"


class Step(Value):
    """One line of the plan the user sees."""

    name: str
    state: StepState = StepState.TO_DO


_OVER = frozenset(str(outcome) for outcome in Outcome)


class WorkerStatus(Value):
    """One worker of a run at one moment.

    `state` is queued, starting, running, or an outcome.

    Example:
        >>> run = orchestra.start("review", target="src/", lenses=["risk"])
        >>> _ = run.wait()
        >>> run.poll().workers[0]
        <w1-risk: answered...>
    """

    label: str
    role: str
    lens: str | None = None
    section: str | None = None
    state: str = "queued"
    attempt: int = 0
    since: datetime
    """When it came into this state."""
    started: datetime | None = None
    pid: int | None = None
    doing: str = ""
    usage: Usage | None = None
    reused: bool = False

    def __repr__(self) -> str:
        return f"<{self.label}: {self.state}{f', {self.doing}' if self.doing else ''}>"

    @property
    def over(self) -> bool:
        """It has ended, one way or another."""
        return self.state in _OVER


class Question(Value):
    """A question that waits, and what is assumed if nobody answers it."""

    text: str
    otherwise: str


class Status(Value):
    """A run at one moment: its plan, its workers, what they used.

    Immutable: poll again for a newer one.

    Example:
        >>> with orchestra.start("review", target="src/", lenses=["risk"]) as run:
        ...     report = run.wait()
        >>> status = run.poll()
        >>> status.over, [step.state.value for step in status.steps], status.count("answered")
        (True, ['done', 'done'], 1)
    """

    run: str
    pattern: str = ""
    state: RunState = RunState.RUNNING
    started: datetime | None = None
    ended: datetime | None = None
    paused: float = 0.0
    """Seconds nobody was at it: from the last sign of each life to the beginning of the next."""
    steps: tuple[Step, ...] = ()
    workers: tuple[WorkerStatus, ...] = ()
    left: int = 0
    """Asks that are left to other shards."""
    findings: int | None = None
    held: str | None = None
    """Why new starts wait, while they do."""
    question: Question | None = None
    """What the person at the terminal is asked, while the run waits for an answer."""
    text: str | None = None
    """How it ended, in words."""
    last_event: int = 0

    def __repr__(self) -> str:
        under_way = next((step.name for step in self.steps if step.state is StepState.IN_PROGRESS), "")
        counted: dict[str, int] = {}
        for worker in self.workers:
            counted[worker.state] = counted.get(worker.state, 0) + 1
        told = [str(self.state), under_way, *(f"{number} {state}" for state, number in counted.items())]
        return f"<Status of {self.run}: {', '.join(word for word in told if word)}>"

    @property
    def usage(self) -> Usage:
        """What all workers used so far."""
        return sum((worker.usage for worker in self.workers if worker.usage), Usage())

    @property
    def over(self) -> bool:
        """It has ended, one way or another."""
        return self.state is not RunState.RUNNING

    def seconds(self, now: datetime) -> float | None:
        """How long somebody was at it, to its end or to `now`; None where nobody saw its end."""
        until = self.ended if self.over else now
        return (until - self.started).total_seconds() - self.paused if self.started and until else None

    def count(self, *states: str) -> int:
        """How many workers are in one of the states."""
        return sum(worker.state in states for worker in self.workers)


class Fold:
    """Takes events one by one; `status()` is the picture they make. Cheap at any moment and from any thread.

    Plain tables until somebody looks: copying frozen values at each event would be most of the work.
    """

    def __init__(self, run: str) -> None:
        self._run: dict[str, Any] = {"run": run}
        self._steps: dict[str, Step] = {}
        self._workers: dict[str, dict[str, Any]] = {}
        self._left: datetime | None = None
        """The last sign of the present life, or of the one before."""

    def take(self, event: Event) -> None:
        """One event further."""
        changes: dict[str, Any] = {"last_event": event.n}
        match event.kind:
            case Kind.RUN_STARTED:
                self._steps = {name: Step(name=name) for name in event.steps or ()}
                changes |= {"started": event.at, "pattern": event.text or ""}
            case Kind.RUN_RESUMED:
                changes |= {"state": RunState.RUNNING, "ended": None, "text": None, "held": None, "question": None}
                self._steps = {name: Step(name=name) for name in self._steps}
                self._requeue(event.at)
                if self._left:
                    changes["paused"] = self._run.get("paused", 0.0) + (event.at - self._left).total_seconds()
            case Kind.RUN_ENDED:
                changes |= {"ended": event.at, "text": event.text, "findings": event.findings}
                changes |= {"held": None, "question": None}
                changes["state"] = RunState(event.state or RunState.FAILED)
            case Kind.QUESTION:
                changes["question"] = Question(text=event.text or "", otherwise=str(event.value or ""))
            case Kind.DECIDED:
                changes["question"] = None
            case Kind.HELD:
                changes["held"] = event.text
            case Kind.STEP_STARTED | Kind.STEP_ENDED if event.step:
                state = StepState.IN_PROGRESS if event.kind is Kind.STEP_STARTED else StepState.DONE
                self._steps[event.step] = Step(name=event.step, state=state)
            case Kind.RETRY:  # written between two lives; whoever wrote it takes the run up next: it is over no more
                changes |= {"state": RunState.RUNNING, "ended": None, "text": None}
            case Kind.LEFT:
                changes["left"] = self._run.get("left", 0) + 1
            case _ if event.worker:
                self._worker(event.worker, event)
        if event.kind is not Kind.RETRY:
            self._left = event.at
        self._run = self._run | changes  # a new table each time: whoever looks meanwhile sees the old or the new one

    def status(self) -> Status:
        """The picture now."""
        return Status(
            **self._run,
            steps=tuple(self._steps.values()),
            workers=tuple(WorkerStatus(**facts) for facts in list(self._workers.values())),
        )

    def _requeue(self, at: datetime) -> None:
        """Whoever was under way when the last owner died is under way no more."""
        for label, facts in self._workers.items():
            if facts["state"] not in _OVER:
                self._workers[label] = facts | {"state": "queued", "since": at, "started": None, "doing": ""}

    def _worker(self, label: str, event: Event) -> None:
        old = self._workers.get(label)
        if old is None:
            old = {"label": label, "role": event.role or "", "lens": event.lens, "section": event.section}
            old |= {"state": "queued", "since": event.at, "usage": None}
        changes: dict[str, Any] = {}
        match event.kind:
            case Kind.ASKED if old["state"] not in _OVER:
                changes = {"state": "queued"}
            case Kind.STARTED:
                changes = {"state": "starting", "attempt": event.attempt or 0, "started": event.at}
                changes |= {"doing": "", "reused": False, "pid": event.pid}
            case Kind.DOING:
                changes = {"state": "running", "doing": event.text or "", "usage": event.usage or old["usage"]}
            case Kind.ENDED | Kind.REUSED:
                changes = {"state": str(event.outcome), "doing": event.text or "", "usage": event.usage, "pid": None}
                changes["reused"] = event.kind is Kind.REUSED
                if event.kind is Kind.REUSED and old["state"] == event.outcome:
                    changes["usage"] = event.usage or old["usage"]
        if changes.get("state", old["state"]) != old["state"]:
            changes["since"] = event.at
        self._workers[label] = old | changes


def fold(run: str, events: Iterable[Event]) -> Status:
    """The status all these events make."""
    folded = Fold(run)
    for event in events:
        folded.take(event)
    return folded.status()
