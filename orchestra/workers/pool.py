"""Many children on one event loop."""

from dataclasses import dataclass
from typing import Protocol

from orchestra.outcome import Deadline


class Listener(Protocol):
    """Hears one child; called on the loop, so it must be quick."""

    def heard(self, chunk: bytes) -> None:
        """Every chunk the child wrote, in order, of any size, cut anywhere."""

    @property
    def started(self) -> bool:
        """The first event was seen: the `start` clock stops."""

    @property
    def finished(self) -> bool:
        """The answer is complete, only the exit is missing: the `linger` clock starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a child ended, as the kernel and the clocks tell it."""

    seconds: float
    exit_status: int | None = None
    signal: int | None = None
    deadline: Deadline | None = None
    """The clock that ran out, and for which it was ended."""
    stopped: bool = False
    """Somebody asked for it."""
    launch_error: str | None = None
    """It could not be started at all, and why."""
    tail: bytes = b""
    """The last 64 KiB it wrote."""
    swept: tuple[str, ...] = ()
    """Processes it left behind that were ended: `pid 812 sleep 300`."""
