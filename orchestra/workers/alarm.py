"""One timer that many can ask to ring early enough for them."""

import asyncio
from collections.abc import Callable
from math import inf


class Alarm:
    """Rings once, at the earliest moment that anybody asked for; who rings for nothing asks again.

    One timer for a thousand workers: asking for a later moment than the one that is set costs a comparison.
    """

    __slots__ = ("_at", "_loop", "_ring", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop, self._ring = loop, ring
        self._timer: asyncio.TimerHandle | None = None
        self._at = inf

    def no_later_than(self, moment: float) -> None:
        """Ring at this moment of the loop's clock, or before it."""
        if moment < self._at:
            if self._timer is not None:
                self._timer.cancel()
            self._at = moment
            self._timer = self._loop.call_at(moment, self._go_off)

    def cancel(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._at = None, inf

    def _go_off(self) -> None:
        self._timer, self._at = None, inf
        self._ring()
