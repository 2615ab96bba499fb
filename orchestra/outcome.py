"""How a worker can end, and what it used."""

from enum import StrEnum

from orchestra.value import Value


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


class Usage(Value):
    """Tokens, as codex counts them: cumulative over a thread."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_output_tokens: int = 0

    @property
    def total(self) -> int:
        """What a budget counts: everything read and everything written."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})
