"""Every change of state of a run is an event with a number: a line of its `events.jsonl`."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict

from orchestra.outcome import Outcome
from orchestra.usage import Usage
from orchestra.value import Value


class Kind(StrEnum):
    """What can happen in a run."""

    RUN_STARTED = "run_started"
    RUN_RESUMED = "run_resumed"
    RUN_ENDED = "run_ended"
    STEP_STARTED = "step_started"
    STEP_ENDED = "step_ended"
    ASKED = "asked"
    """A pattern wants to know something: a worker is queued."""
    LEFT = "left"
    """Another shard does what is asked here."""
    REUSED = "reused"
    """The answer was there already, sealed under the same key, in this run or an earlier one."""
    STARTED = "started"
    """A process runs."""
    DOING = "doing"
    """What the worker is at, from its last event."""
    ENDED = "ended"
    HELD = "held"
    """New starts wait: a rate limit, or memory."""
    STOP_ASKED = "stop_asked"
    RETRY = "retry"
    """Somebody wants a worker asked again, with a note perhaps."""
    DREW = "drew"
    """A clock reading or a random number a pattern asked for, kept so that a resumed run sees the same."""
    QUESTION = "question"
    """A pattern waits for the person at the terminal."""
    DECIDED = "decided"
    """What was answered to a question, or assumed; kept so that a resumed run does not ask again."""
    NOTE = "note"


class Event(Value):
    """One thing that happened in a run: a line of its `events.jsonl`.

    What does not apply is left out.

    Example:
        >>> run = orchestra.start("review", target="src/", lenses=["risk"])
        >>> _ = run.wait()
        >>> run.events()[0]
        <Event 1: run_started review>
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: int
    at: datetime
    kind: Kind
    step: str | None = None
    worker: str | None = None
    role: str | None = None
    lens: str | None = None
    section: str | None = None
    key: str | None = None
    attempt: int | None = None
    pid: int | None = None
    outcome: Outcome | None = None
    text: str | None = None
    usage: Usage | None = None
    state: str | None = None
    findings: int | None = None
    steps: tuple[str, ...] | None = None
    value: Any = None

    def __repr__(self) -> str:
        said = (self.kind, self.worker or self.step, self.outcome, self.text)
        return f"<Event {self.n}: {' '.join(str(word) for word in said if word)}>"


def now() -> datetime:
    """The time an event carries."""
    return datetime.now(UTC)
