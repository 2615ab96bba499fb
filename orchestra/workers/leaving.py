"""Between the exit of a child and its ending: what it left behind is looked for and ended."""

import asyncio
import time
from collections.abc import Callable, Collection

from orchestra.workers.alarm import Alarm
from orchestra.workers.job import Job
from orchestra.workers.sweep import EXEC_TAKES, Leftover, Watch, descendants

AGAIN = 0.003
"""Seconds until what was ended is looked for again; a killed process is gone within one thousandth."""

PATIENCE = 2.0
"""Seconds after which what cannot be ended (another user's, stuck in the kernel) is noted and left."""

SHARE = 10
"""Looking at /proc may take a tenth of the loop's time, on machines with thousands of processes too."""


class Leaving:
    """Those that have exited and are not sealed yet. One look at /proc serves all that wait for one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, running: Collection[Job], seal: Callable[[Job], None]) -> None:
        self._running, self._seal = running, seal
        self._jobs: list[Job] = []
        self._watch = Watch()
        self._again = Alarm(loop, self.settle)
        self._not_before = 0.0

    def close(self) -> None:
        self._again.cancel()
        self._watch.close()

    def started(self, pid: int) -> None:
        """A worker was started as `pid`."""
        self._watch.started(pid)

    def add(self, job: Job) -> None:
        """It has exited; `settle` says what becomes of it."""
        self._jobs.append(job)

    def settle(self) -> None:
        """Seal those that left nothing behind; end what the others left, and look again."""
        now = time.monotonic()
        marked: dict[str, list[Leftover]] = {}
        unsure = False
        if any(job.mark for job in self._jobs) and not self._watch.quiet:
            if now < self._not_before:
                self._again.no_later_than(self._not_before)
                return
            marked = self._look()
            unsure = self._watch.unsure
            self._not_before = now + (time.monotonic() - now) * SHARE
        staying = []
        for job in self._jobs:
            left = [*marked.get(job.mark, ()), *[one for one in job.descent if one.alive]]
            since = now - (job.ended_at or now)
            if (left and since < PATIENCE) or (unsure and job.mark and since < EXEC_TAKES):
                job.sweep(left)
                staying.append(job)
            else:
                job.notes += [f"{one} could not be ended" for one in left]
                self._seal(job)
        self._jobs = staying
        if staying:
            self._again.no_later_than(now + AGAIN)

    def _look(self) -> dict[str, list[Leftover]]:
        """What the leaving ones left; a mark that somebody still runs under is none of theirs to sweep."""
        running = {job.pid or 0: job.mark for job in self._running}
        leaving = {job.pid or 0: job.mark for job in self._jobs}
        return self._watch.look(running | leaving, set(leaving.values()) - set(running.values()))


def list_descent(jobs: Collection[Job]) -> None:
    """Write down who descends from each, before a signal takes away the parent by which they are found."""
    below = descendants([job.pid for job in jobs if job.pid is not None])
    for job in jobs:
        known = set(job.descent)
        job.descent += [leftover for leftover in below.get(job.pid or 0, ()) if leftover not in known]
