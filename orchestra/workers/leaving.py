"""Between the exit of a child and its ending: what it left behind is looked for and ended."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from orchestra.workers.alarm import Alarm
from orchestra.workers.job import Job
from orchestra.workers.sweep import EXEC_TAKES, Leftover, Lookout

AGAIN = 0.001
"""Seconds until what was ended is looked for again; a killed process is gone within one thousandth."""

PATIENCE = 2.0
"""Seconds after which what cannot be ended (another user's, stuck in the kernel) is noted and left."""


class Leaving:
    """Those that have exited and are not sealed yet. One look at /proc serves all that wait for one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, running: Collection[Job], seal: Callable[[Job], None]) -> None:
        self._running, self._seal = running, seal
        self._jobs: list[Job] = []
        self._lookout = Lookout()
        self._again = Alarm(loop, self.settle)

    def close(self) -> None:
        self._again.cancel()
        self._lookout.close()

    def started(self, pid: int) -> None:
        """A worker was started as `pid`."""
        self._lookout.started(pid)

    def add(self, job: Job) -> None:
        """It has exited; `settle` says what becomes of it."""
        self._jobs.append(job)

    def settle(self) -> None:
        """Seal those that left nothing behind; end what the others left, and look again."""
        quiet = self._lookout.quiet
        marked = {} if quiet else self._look()
        leaving, self._jobs = self._jobs, []
        for job in leaving:
            if (quiet and not job.descent) or not self._keeps(job, marked.get(job.mark, ())):
                self._seal(job)
            else:
                self._jobs.append(job)
        if self._jobs:
            self._again.no_later_than(time.monotonic() + AGAIN)

    def _keeps(self, job: Job, marked: Sequence[Leftover]) -> bool:
        """Whether it has to wait: something it left still lives, or may turn out to be its own."""
        left = {*marked, *[one for one in job.descent if one.alive]}
        since = time.monotonic() - (job.ended_at or 0.0)
        if (left and since < PATIENCE) or (self._lookout.unsure and job.mark and since < EXEC_TAKES):
            job.sweep(left)
            return True
        job.notes += tuple(f"{one} could not be ended" for one in left)
        return False

    def _look(self) -> dict[str, list[Leftover]]:
        """What the leaving ones left; a mark that somebody still runs under is none of theirs to sweep."""
        running = {job.mark for job in self._running}
        workers = {job.pid or 0 for job in (*self._running, *self._jobs)}
        return self._lookout.look(workers, {job.mark for job in self._jobs if job.mark} - running)
