"""How a worker can end, and what it used."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestra.usage import Usage as Usage


class Outcome(StrEnum):
    """The ways a worker's life ends. Only `answered` counts as an answer; silence is never agreement."""

    ANSWERED = "answered"
    EMPTY = "empty"
    MALFORMED = "malformed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    UNAUTHORISED = "unauthorised"
    STOPPED = "stopped"
    LOST = "lost"


class Deadline(StrEnum):
    """The four clocks a worker runs against, each its own name in the result."""

    START = "start"
    """No first event."""
    IDLE = "idle"
    """Neither bytes nor events."""
    WALL = "wall"
    """All in all."""
    LINGER = "linger"
    """The answer is complete and the process will not leave: it is killed, the answer is kept."""


def __getattr__(name: str) -> Any:
    # `Usage` on first use: it needs pydantic (18 MB, 0.1 s), and the pool, which needs the names above, does not.
    if name == "Usage":
        from orchestra.usage import Usage

        return Usage
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
