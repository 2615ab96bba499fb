"""Many children on one event loop."""

import asyncio
import select
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from orchestra.workers.alarm import Alarm
from orchestra.workers.deadlines import Limits
from orchestra.workers.job import Ending, Job, JobView, Listener
from orchestra.workers.leaving import Leaving
from orchestra.workers.ptys import SparePtys
from orchestra.workers.stopping import end
from orchestra.workers.terminal import Command, NotStarted, Terminal

__all__ = ["Command", "Ending", "Job", "JobView", "Listener", "Pool"]

EPOLLIN = select.EPOLLIN

GRACE = 3.0
"""Seconds from ^C to SIGKILL. codex leaves within 0.1 s of the ^C."""

TURN = 0.001
"""Seconds of exits and output, or of starting, before the loop sees to its other duties. A start takes 0.2 ms."""

FEW = 4
"""With fewer than these running an empty place is filled at once; with more, who waits for an ending is told first."""

DRAIN = 64
"""Reads after the exit: the kernel holds less than 20 of 4 KiB, the rest is from who else has the PTY open."""

FLUSHED_WITHIN = 0.05
"""Seconds after which the last bytes of a flood are on disk."""

NEVER_STARTED = Ending(seconds=0.0, stopped=True)


class Pool:
    """Starts children, hears them, ends them; `at_once` of them at one time, the rest queue. Nothing in it blocks.

    One loop, no threads, no polling: every PTY and the pidfd of every child hang on one epoll, which hangs on the
    loop. The pidfd decides that a child has ended; all exits of a turn are seen before anything is started in their
    place. Leaving `async with` stops what still runs.
    """

    def __init__(self, at_once: int | None = None, *, grace: float = GRACE) -> None:
        self._at_once = at_once
        self.grace = grace
        self.peak = 0
        """The most that ever ran at one time."""
        self._jobs: dict[Job, None] = {}
        """Everyone that was asked for and has not ended, in the order of asking."""
        self._queue: deque[Job] = deque()
        self._running: dict[int, Job] = {}
        """By pidfd."""
        self._hearing: dict[int, Job] = {}
        """By the descriptor of the PTY; a child may close its PTY and live on."""
        self._parting: list[Job] = []
        """Reaped, and still tied to the loop."""
        self._launching = True
        """A turn of starting is due, or, as before the pool is entered and after it is left, must not be."""
        self._left = False
        self._spares = SparePtys()
        self._begun: list[Job] = []
        """Started a moment ago, and their clocks not looked at yet."""

    # ── the face ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def at_once(self) -> int | None:
        """How many run at one time; None is no limit. May be set at any time; nobody who runs is ended for it."""
        return self._at_once

    @at_once.setter
    def at_once(self, number: int | None) -> None:
        self._at_once = number
        self._launch_soon()

    def start(
        self,
        command: Command,
        deadlines: Limits,
        listener: Listener,
        label: str = "worker",
        began: Callable[[int], None] | None = None,
    ) -> Job:
        """Ask for a child; it starts in the loop's next turn, or when its turn in the queue comes. Never blocks.

        `began` is told the pid once it runs. In a pool that was left, it ends at once as stopped.
        """
        job = Job(command, deadlines, listener, label, began)
        self._jobs[job] = None
        if self._left:
            self._seal(job, NEVER_STARTED)
        else:
            self._queue.append(job)
            self._launch_soon()
        return job

    def poll(self) -> tuple[JobView, ...]:
        """Everyone that runs or waits, as they are now, in the order of asking. Returns at once, from any thread."""
        return tuple([job.view() for job in self._jobs.copy()])

    async def wait(self, job: Job) -> Ending:
        """How it ended, once it has. Giving up the wait does not end the job."""
        while job.ending is None:
            future = asyncio.get_running_loop().create_future()
            job.waiting += (future,)
            await future
        return job.ending

    async def stop(self, job: Job | None = None, *, grace: float | None = None) -> None:
        """End one, or all: ^C, SIGTERM, SIGKILL to the group, within one `grace` for all. Waits for the end.

        Asked a second time with a shorter grace, the shorter one holds.
        """
        jobs = list(self._jobs) if job is None else [job]
        for one in jobs:
            if one.ending is None and one.terminal is None:
                self._seal(one, NEVER_STARTED)
        running = [one for one in jobs if one.ending is None and one.ended_at is None]
        for one in running:
            one.stopped = one.stopped or one.deadline is None
        end(running, self.grace if grace is None else grace, self._loop, self._give_up)
        for one in jobs:
            await self.wait(one)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._alarm = Alarm(self._loop, self._ring)
        self._flushing = Alarm(self._loop, self._flush)
        self._leaving = Leaving(self._loop, self._running.values(), self._seal)
        self._epoll = select.epoll()
        self._loop.add_reader(self._epoll.fileno(), self._turn)
        self._launching = False
        self._launch_soon()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = self._launching = True
        try:
            await self._stop_all()
        finally:
            self._alarm.cancel()
            self._flushing.cancel()
            self._leaving.close()
            self._spares.close()
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    async def _stop_all(self) -> None:
        """Who cancels it cuts the grace short, as often as he likes; the killing itself is seen to its end."""
        cancelled: asyncio.CancelledError | None = None
        while self._jobs:
            try:
                await self.stop(grace=None if cancelled is None else 0.0)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled

    def __repr__(self) -> str:
        limit = "no limit" if self._at_once is None else f"{self._at_once} at once"
        return f"<Pool, {limit}: {len(self._running)} running, {len(self._queue)} queued>"

    # ── a turn of the loop ───────────────────────────────────────────────────────────────────────────────────────────

    def _turn(self) -> None:
        """Exits first, then what was written, then starts: a start in front of an exit would delay its notice."""
        exits = False
        now = time.monotonic()
        until = now + TURN
        while now < until and (ready := self._epoll.poll(0)):
            gone = [job for one, _ in ready if (job := self._running.get(one)) is not None and job.child.reap()]
            for job in gone:
                self._gone(job, now)
            if self._parting:
                if len(self._running) < FEW:
                    self._launch()
                self._part(now)
            heard = [job for one, _ in ready if (job := self._hearing.get(one)) is not None and self._hear(job, now)]
            if heard and not gone:
                break  # somebody who floods must not keep the loop from its other duties
            exits = exits or bool(gone)
            now = time.monotonic()
        if exits:
            self._leaving.settle()
            if self._begun:
                self._after_starting()
            self._launch_soon()  # behind those whom the endings wake

    def _gone(self, job: Job, now: float) -> None:
        """It has ended, or is given up: its place is free."""
        self._epoll.unregister(job.child.pidfd)
        del self._running[job.child.pidfd]
        job.ended_at = now
        self._parting.append(job)

    def _part(self, now: float) -> None:
        """Let go of everything that ties to the loop who is gone; what the kernel still holds of them is taken."""
        for job in self._parting:
            terminal = job.child
            for _ in range(DRAIN if terminal.terminated else 0):
                if terminal.child_fd not in self._hearing or not self._hear(job, now):
                    break
            if terminal.child_fd in self._hearing:
                self._deafen(job)
            terminal.close()
            job.recording.close()
            self._leaving.add(job)
        self._parting.clear()

    def _give_up(self, job: Job) -> None:
        now = time.monotonic()
        self._gone(job, now)
        self._part(now)
        self._leaving.settle()
        self._launch_soon()

    def _hear(self, job: Job, now: float) -> bytes:
        terminal = job.terminal
        assert terminal is not None
        chunk = terminal.take()
        if chunk:
            if job.hear(chunk, now):
                self._arm(job)
            if job.recording.waiting == len(chunk):  # the first one to wait
                self._flushing.no_later_than(now + FLUSHED_WITHIN)
        elif terminal.flag_eof:
            self._deafen(job)
        return chunk

    def _flush(self) -> None:
        for job in self._hearing.values():
            job.recording.flush()

    def _deafen(self, job: Job) -> None:
        job.recording.flush()
        # By hand and not by closing: a fork elsewhere in the program would keep a closed one ready for ever.
        self._epoll.unregister(job.child.child_fd)
        del self._hearing[job.child.child_fd]

    # ── starting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _launch_soon(self) -> None:
        if not self._launching and self._queue and self._has_room():
            self._launching = True
            self._loop.call_soon(self._launch_next)

    def _has_room(self) -> bool:
        return self._at_once is None or len(self._running) < self._at_once

    def _launch_next(self) -> None:
        """Start whom there is room for. An exit that came meanwhile is told first: a start takes longer than that."""
        if len(self._running) >= FEW and not self._left and self._epoll.poll(0, 1):
            self._turn()
            self._loop.call_soon(self._launch_now)  # behind those whom the endings wake, and without a second look
        else:
            self._launch_now()

    def _launch_now(self) -> None:
        self._launching = self._left
        self._launch()
        if self._begun:
            self._loop.call_soon(self._after_starting)

    def _launch(self) -> None:
        if self._left:
            return
        until = time.monotonic() + TURN
        while self._queue and self._has_room():
            job = self._queue.popleft()
            if job.ending is not None:
                continue  # stopped while it waited
            try:
                terminal = Terminal(job.command, job.label, self._spares.take())
            except NotStarted as error:
                if error.want_of_room and (self._running or self._parting):
                    self._queue.appendleft(job)  # the next exit makes room
                    return
                self._seal(job, Ending(seconds=0.0, launch_error=str(error)))
                continue
            self._begin(job, terminal)
            if self._queue and self._has_room() and (time.monotonic() > until or self._epoll.poll(0, 1)):
                self._launch_soon()  # behind whatever has happened meanwhile: an exit waits for one start at most
                return

    def _begin(self, job: Job, terminal: Terminal) -> None:
        self._running[terminal.pidfd] = self._hearing[terminal.child_fd] = job
        register = self._epoll.register
        register(terminal.pidfd, EPOLLIN)
        register(terminal.child_fd, EPOLLIN)
        self._leaving.started(terminal.ptyproc.pid)
        if len(self._running) > self.peak:
            self.peak = len(self._running)
        job.has_begun(terminal)
        self._begun.append(job)

    def _after_starting(self) -> None:
        """What can wait until the loop has seen to its other duties: the clocks, and PTYs for the next starts."""
        for job in self._begun:
            self._arm(job)
        self._begun.clear()
        if not self._left:
            self._spares.open()

    # ── deadlines ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _arm(self, job: Job) -> None:
        """See to it that the alarm rings no later than the first moment at which one of the job's clocks can run out.

        A byte only moves its own clock: who has been heard meanwhile is found out at the ring.
        """
        assert job.clocks is not None
        following = job.clocks.next()
        if following is not None and not job.ending_it:
            self._alarm.no_later_than(following[0])

    def _ring(self) -> None:
        """End those whose clock has run out. What waits unread in the kernel counts as heard."""
        now = time.monotonic()
        late = []
        for job in [job for job in self._running.values() if not job.ending_it]:
            assert job.clocks is not None
            if job.clocks.expired(now) and job.child.child_fd in self._hearing:
                self._hear(job, now)
            job.deadline = job.clocks.expired(now)
            if job.deadline is not None:
                late.append(job)
            self._arm(job)
        end(late, self.grace, self._loop, self._give_up)

    def _seal(self, job: Job, ending: Ending | None = None) -> None:
        del self._jobs[job]
        job.seal(ending or job.as_it_ended())
