"""How many workers run at one time: one governor for all workers of a run.

On a rate limit it halves the concurrency and holds back new starts until the time the failure names, or backs off;
each answer lets it grow again. The run waits, it does not burn its workers one after the other.
"""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

FIRST_WAIT, LONGEST_WAIT = (
    5.0,
    600.0,
)  # seconds to back off where no time is named; doubled each time, up to ten minutes


class Governor:
    """Gives out places; the first who asked gets the first place."""

    def __init__(
        self,
        at_once: int,
        *,
        stagger: float = 0.0,
        longest_wait: float = LONGEST_WAIT,
        said: Callable[[str | None], None],
    ) -> None:
        self.longest_wait = longest_wait
        """Seconds for which a run waits where a limit names the time it will be over."""
        self.most = at_once
        """What the user allows."""
        self.allowed = at_once
        """What the last answers allow."""
        self._stagger = stagger
        self._said = said
        self._running = 0
        self._waiting: list[tuple[int, asyncio.Future[bool]]] = []
        self._turn = itertools.count()
        self._not_before = 0.0
        self._held = False
        self.stopped = False
        """Nobody starts any more, also not who was let in a moment before."""
        self._wait = FIRST_WAIT
        self._answers = 0
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[bool]:
        """Wait for a place and hold it; false: the run stops, and nobody starts any more."""
        ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (next(self._turn), ready))
        self._let_in()
        try:
            admitted = await ready
        except asyncio.CancelledError:
            if ready.done() and not ready.cancelled() and ready.result():
                self._leave()
            raise
        try:
            yield admitted
        finally:
            if admitted:
                self._leave()

    def stop(self) -> None:
        """Nobody starts any more; whoever waits is told so."""
        self.stopped = True
        self._let_in()

    def waits(self, retry_after: float | None) -> bool:
        """Whether a run waits that long; where no time is named it always does, a few times and for minutes."""
        return retry_after is None or retry_after <= self.longest_wait

    def limited(self, retry_after: float | None, why: str) -> None:
        """A worker met a limit: fewer at once, and no new start before the time it named."""
        seconds = retry_after if retry_after is not None else self._wait
        if retry_after is None:
            self._wait = min(self._wait * 2, LONGEST_WAIT)
        until = asyncio.get_running_loop().time() + seconds
        if until > self._not_before:
            self._not_before = until
            self.allowed = max(1, self.allowed // 2)
            self._held = True
            self._said(f"{why} No new worker {_until(seconds)}, then {self.allowed} at once.")
        self._answers = 0

    def answered(self) -> None:
        """A worker answered: after as many answers as run at once, one more may."""
        self._answers += 1
        self._wait = FIRST_WAIT
        if self.allowed < self.most and self._answers >= self.allowed:
            self._answers = 0
            self.allowed += 1
            self._let_in()

    def _leave(self) -> None:
        self._running -= 1
        # Exits of this turn of the loop come first: a start takes longer than noticing the next exit.
        asyncio.get_running_loop().call_soon(self._let_in)

    def _let_in(self) -> None:
        loop = asyncio.get_running_loop()
        while self.stopped and self._waiting:
            _, ready = self._waiting.pop()
            if not ready.done():
                ready.set_result(False)
        while self._waiting and self._running < self.allowed:
            if (delay := self._not_before - loop.time()) > 0:
                if self._timer is None:
                    self._timer = loop.call_later(delay, self._again)
                return
            _, ready = heapq.heappop(self._waiting)
            if ready.done():  # cancelled while it waited
                continue
            if self._held:
                self._held = False
                self._said(None)
            self._not_before = loop.time() + self._stagger
            self._running += 1
            ready.set_result(True)

    def _again(self) -> None:
        self._timer = None
        self._let_in()


def _until(seconds: float) -> str:
    """For how long, and where that is more than a person waits at the screen, until when."""
    if seconds < 60:
        return f"for {seconds:.0f} s"
    now = datetime.now().astimezone()
    end = now + timedelta(seconds=seconds)
    return f"until {end:%H:%M}" if end.date() == now.date() else f"until {end:%A %H:%M}"
