"""How a worker can end. Free of pydantic, as the pool that speaks these words is."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a worker ended. Only `answered` counts; silence is never agreement.

    Example:
        >>> workers = orchestra.report("last").workers
        >>> [worker.label for worker in workers if worker.outcome is orchestra.Outcome.ANSWERED]
        ['w1-correctness', 'w2-risk']
    """

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
