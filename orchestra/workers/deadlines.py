"""The four clocks a worker runs against: which runs out next, and when. Pure arithmetic, without a clock of its own."""

from dataclasses import dataclass
from math import inf
from typing import Protocol

from orchestra.outcome import Deadline


class Limits(Protocol):
    """Seconds a worker has; 0 switches a clock off."""

    @property
    def start(self) -> float: ...
    @property
    def idle(self) -> float: ...
    @property
    def wall(self) -> float: ...
    @property
    def linger(self) -> float: ...


@dataclass(slots=True)
class Clocks:
    """One worker's clocks. Times are seconds of one monotonic clock, whichever the caller reads."""

    limits: Limits
    began: float
    last_byte: float = -inf
    """When it last wrote; until then its beginning counts."""
    started: bool = False
    """Its first event was seen."""
    finished_at: float | None = None
    """When its answer was complete."""

    def next(self) -> tuple[float, Deadline] | None:
        """The moment at which, if nothing more is heard, the first clock runs out; None: no clock is running.

        A complete answer stops the other clocks: it cannot be late any more, its process only has to leave.
        """
        limits = self.limits
        earliest, which = inf, Deadline.WALL
        if limits.wall:
            earliest = self.began + limits.wall
        if self.finished_at is not None:
            if limits.linger:
                earliest, which = self.finished_at + limits.linger, Deadline.LINGER
        else:
            heard = self.last_byte if self.last_byte > self.began else self.began
            if limits.idle and heard + limits.idle < earliest:
                earliest, which = heard + limits.idle, Deadline.IDLE
            if limits.start and not self.started and self.began + limits.start <= earliest:
                earliest, which = self.began + limits.start, Deadline.START
        return None if earliest == inf else (earliest, which)

    def expired(self, now: float) -> Deadline | None:
        """The clock that has run out, if one has."""
        following = self.next()
        return following[1] if following is not None and now >= following[0] else None
