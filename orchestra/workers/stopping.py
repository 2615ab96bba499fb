"""How a child is ended: asked as a person would, told, and made to."""

import asyncio
import signal
from collections.abc import Callable, Collection, Iterable

from orchestra.workers.job import Job
from orchestra.workers.sweep import descendants

DIES_WITHIN = 5.0
"""Seconds after SIGKILL until a process that does not die is given up: it is stuck in the kernel, on a dead file server
perhaps, and nobody can end it."""


def end(jobs: Iterable[Job], grace: float, loop: asyncio.AbstractEventLoop, give_up: Callable[[Job], None]) -> None:
    """^C now, SIGTERM after a third of the grace, SIGKILL at its end, to all of them at the same moments.

    Without grace SIGKILL at once. Returns at once; their exits tell the rest.
    """
    jobs = _still_running(jobs)
    if not jobs:
        return
    if grace > 0:
        _list_descent(jobs)
        for job in jobs:
            job.child.interrupt()
        loop.call_later(grace / 3, _signal, jobs, signal.SIGTERM)
        loop.call_later(grace, _signal, jobs, signal.SIGKILL)
    else:
        _signal(jobs, signal.SIGKILL)
    loop.call_later(grace + DIES_WITHIN, _give_up, jobs, give_up)


def _give_up(jobs: Iterable[Job], give_up: Callable[[Job], None]) -> None:
    for job in _still_running(jobs):
        job.notes += (f"pid {job.pid} was killed and does not die",)
        give_up(job)


def _signal(jobs: Iterable[Job], number: signal.Signals) -> None:
    jobs = _still_running(jobs)
    if not jobs:
        return
    _list_descent(jobs)
    for job in jobs:
        job.child.signal_group(number)
        job.child.signal_group(signal.SIGCONT)  # a stopped process takes no TERM


def _still_running(jobs: Iterable[Job]) -> list[Job]:
    return [job for job in jobs if job.ended_at is None and job.terminal is not None]


def _list_descent(jobs: Collection[Job]) -> None:
    """Write down who descends from each, before a signal takes away the parent by which they are found."""
    below = descendants([job.pid for job in jobs if job.pid is not None])
    for job in jobs:
        job.descent += tuple(one for one in below.get(job.pid or 0, ()) if one not in job.descent)
