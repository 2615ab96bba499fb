"""Many children on one event loop."""

import asyncio
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable
from math import inf
from types import TracebackType
from typing import Self

from orchestra.workers.deadlines import Clocks, Limits
from orchestra.workers.job import Ending, Job, JobView, Listener
from orchestra.workers.sweep import EXEC_TAKES, Watch, descendants
from orchestra.workers.terminal import Command, NotStarted, Terminal

__all__ = ["Command", "Ending", "Job", "JobView", "Listener", "Pool"]

GRACE = 3.0
"""Seconds from ^C to SIGKILL. codex leaves within 0.1 s of the ^C."""

STARTS_A_TURN = 0.001
"""Seconds of starting before the loop sees to its other duties: a start blocks for 0.2 ms, exits come between."""

DRAIN = 64
"""Reads after the exit: the kernel holds less than 20 of 4 KiB, more comes from somebody else who has the PTY open."""

SWEEP_AGAIN = 0.003
"""Seconds until what was ended is looked for again; a killed process is gone within one."""

SWEEP_PATIENCE = 2.0
"""Seconds after which what cannot be ended (another user's, stuck in the kernel) is noted and left."""

SWEEP_SHARE = 10
"""Looking at /proc may take a tenth of the loop's time, on machines with thousands of processes too."""


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
        self._queue: deque[Job] = deque()
        self._running: dict[int, Job] = {}
        """By pidfd."""
        self._hearing: dict[int, Job] = {}
        """By the descriptor of the PTY; a child may close its PTY and live on."""
        self._leaving: list[Job] = []
        """Exited; not yet looked at for what they left behind."""
        self._launching = False
        self._settling: asyncio.TimerHandle | None = None
        self._look_again_at = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = inf

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

        `began` is told its pid once it runs.
        """
        job = Job(command, deadlines, listener, label, began)
        self._queue.append(job)
        self._launch_soon()
        return job

    def poll(self) -> tuple[JobView, ...]:
        """Everyone that runs or waits, as they are now: the running first. Returns at once, from any thread."""
        return tuple(job.view() for job in [*self._running.copy().values(), *self._leaving.copy(), *self._queue.copy()])

    async def wait(self, job: Job) -> Ending:
        """How it ended, once it has. Giving up the wait does not end the job."""
        while job.ending is None:
            future = asyncio.get_running_loop().create_future()
            job.waiting.append(future)
            await future
        return job.ending

    async def stop(self, job: Job | None = None, *, grace: float | None = None) -> None:
        """End one, or all: ^C, SIGTERM, SIGKILL to the group, within one `grace` for all. Waits for the end."""
        jobs = [*self._running.values(), *self._leaving, *self._queue] if job is None else [job]
        for queued in [one for one in jobs if one in self._queue]:
            self._queue.remove(queued)
            queued.stopped = True
            queued.seal(Ending(seconds=0.0, stopped=True))
        running = [one for one in jobs if one.ended_at is None and one.ending is None]
        for one in running:
            one.stopped = one.stopped or one.deadline is None
        self._end(running, self.grace if grace is None else grace)
        for one in jobs:
            await self.wait(one)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._watch = Watch()
        self._epoll = select.epoll()
        self._loop.add_reader(self._epoll.fileno(), self._turn)
        self._launch_soon()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._at_once = 0
        try:
            await self.stop()
        except asyncio.CancelledError:
            await self.stop(grace=0.0)
            raise
        finally:
            if self._alarm is not None:
                self._alarm.cancel()
            self._loop.remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._watch.close()

    def __repr__(self) -> str:
        limit = "no limit" if self._at_once is None else f"{self._at_once} at once"
        return f"<Pool of {limit}: {len(self._running)} running, {len(self._queue)} queued>"

    # ── a turn of the loop ───────────────────────────────────────────────────────────────────────────────────────────

    def _turn(self) -> None:
        """Exits first, then what was written, then starts: a start in front of an exit would delay its notice."""
        ready = self._epoll.poll(0)
        now = time.monotonic()
        exits = False
        for descriptor, _ in ready:
            job = self._running.get(descriptor)
            if job is not None:
                exits = True
                self._exit(job, now)
        for descriptor, _ in ready:
            job = self._hearing.get(descriptor)
            if job is not None:
                self._hear(job, now)
        if exits:
            self._launch()
            self._settle()

    def _hear(self, job: Job, now: float) -> None:
        terminal = job.terminal
        assert terminal is not None
        chunk = terminal.take()
        if chunk and job.hear(chunk, now):
            self._arm(job)
        if terminal.flag_eof:
            self._epoll.unregister(terminal.child_fd)
            del self._hearing[terminal.child_fd]

    def _exit(self, job: Job, now: float) -> None:
        terminal = job.terminal
        assert terminal is not None
        if not terminal.reap():
            return
        if terminal.child_fd in self._hearing:
            while not terminal.flag_eof and (chunk := terminal.take(DRAIN)):
                job.hear(chunk, now)
            # By hand and not by closing: a fork elsewhere in the program would keep a closed one ready for ever.
            self._epoll.unregister(terminal.child_fd)
            del self._hearing[terminal.child_fd]
        self._epoll.unregister(terminal.pidfd)
        del self._running[terminal.pidfd]
        terminal.close()
        job.recording.close()
        job.ended_at = now
        self._leaving.append(job)

    # ── starting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _launch_soon(self) -> None:
        if not self._launching and hasattr(self, "_loop"):
            self._launching = True
            self._loop.call_soon(self._launch_next)

    def _launch_next(self) -> None:
        self._launching = False
        self._launch()

    def _launch(self) -> None:
        until = time.monotonic() + STARTS_A_TURN
        while self._queue and (self._at_once is None or len(self._running) < self._at_once):
            job = self._queue.popleft()
            try:
                terminal = Terminal(job.command, job.label)
            except NotStarted as error:
                if error.want_of_room and self._running:
                    self._queue.appendleft(job)  # the next exit makes room
                    return
                job.seal(Ending(seconds=0.0, launch_error=str(error)))
                continue
            self._begin(job, terminal)
            if self._queue and time.monotonic() > until:
                self._launch_soon()
                return

    def _begin(self, job: Job, terminal: Terminal) -> None:
        job.terminal = terminal
        job.clocks = Clocks(job.limits, terminal.began)
        self._running[terminal.pidfd] = self._hearing[terminal.child_fd] = job
        self._epoll.register(terminal.pidfd, select.EPOLLIN)
        self._epoll.register(terminal.child_fd, select.EPOLLIN)
        self._watch.started(terminal.ptyproc.pid)
        self._arm(job)
        self.peak = max(self.peak, len(self._running))
        if job.began is not None:
            job.began(terminal.ptyproc.pid)

    # ── deadlines and stopping ───────────────────────────────────────────────────────────────────────────────────────

    def _arm(self, job: Job) -> None:
        """See to it that the alarm rings no later than the first moment at which one of the job's clocks can run out.

        One alarm for all: a byte only moves its own clock, and who has been heard meanwhile is found out at the ring.
        """
        assert job.clocks is not None
        following = job.clocks.next()
        if following is not None and following[0] < self._alarm_at and not job.ending_it:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm_at = following[0]
            self._alarm = self._loop.call_at(self._alarm_at, self._ring)

    def _ring(self) -> None:
        """End those whose clock has run out. What waits unread in the kernel counts as heard."""
        self._alarm, self._alarm_at = None, inf
        now = time.monotonic()
        late = []
        for job in list(self._running.values()):
            clocks, terminal = job.clocks, job.terminal
            assert clocks is not None
            assert terminal is not None
            if job.ending_it:
                continue
            if clocks.expired(now) and terminal.child_fd in self._hearing:
                self._hear(job, now)
            job.deadline = clocks.expired(now)
            if job.deadline is not None:
                late.append(job)
            self._arm(job)
        self._end(late, self.grace)

    def _end(self, jobs: Iterable[Job], grace: float) -> None:
        """^C now, SIGTERM after a third of the grace, SIGKILL at its end, to all of them at the same moments."""
        jobs = [job for job in jobs if job.ended_at is None and job.terminal is not None]
        if not jobs:
            return
        self._list_descent(jobs)
        for job in jobs:
            assert job.terminal is not None
            job.terminal.interrupt()
        if grace > 0:
            self._loop.call_later(grace / 3, self._signal, jobs, signal.SIGTERM)
            self._loop.call_later(grace, self._signal, jobs, signal.SIGKILL)
        else:
            self._signal(jobs, signal.SIGKILL)

    def _signal(self, jobs: list[Job], number: signal.Signals) -> None:
        jobs = [job for job in jobs if job.ended_at is None]
        if not jobs:
            return
        self._list_descent(jobs)
        for job in jobs:
            assert job.terminal is not None
            job.terminal.signal_group(number)
            job.terminal.signal_group(signal.SIGCONT)  # a stopped process takes no TERM

    def _list_descent(self, jobs: list[Job]) -> None:
        below = descendants(job.pid for job in jobs if job.pid is not None)
        for job in jobs:
            known = set(job.descent)
            job.descent += [leftover for leftover in below.get(job.pid or 0, ()) if leftover not in known]

    # ── after the exit ───────────────────────────────────────────────────────────────────────────────────────────────

    def _settle(self) -> None:
        """Hand over the endings of those that left nothing behind; end what the others left, and look again."""
        now = time.monotonic()
        look = any(job.mark for job in self._leaving) and not self._watch.quiet
        if look and now < self._look_again_at:
            self._settle_at(self._look_again_at)
            return
        marked = {}
        unsure = False
        if look:
            everyone = [*self._running.values(), *self._leaving]
            marked = self._watch.look({job.mark: job.pid or 0 for job in everyone if job.mark})
            took = time.monotonic() - now
            self._look_again_at = now + took * SWEEP_SHARE
            unsure = self._watch.unsure
        staying = []
        for job in self._leaving:
            left = [*marked.get(job.mark, ()), *(one for one in job.descent if one.alive)]
            since = now - (job.ended_at or now)
            if (left and since < SWEEP_PATIENCE) or (unsure and job.mark and since < EXEC_TAKES):
                for one in left:
                    words = str(one)
                    if one.end():
                        job.swept.setdefault(one, words)
                staying.append(job)
                continue
            job.notes += [f"{one} could not be ended" for one in left]
            self._seal(job)
        self._leaving = staying
        if staying:
            self._settle_at(now + SWEEP_AGAIN)

    def _settle_at(self, moment: float) -> None:
        if self._settling is None:
            self._settling = self._loop.call_at(moment, self._settle_again)

    def _settle_again(self) -> None:
        self._settling = None
        self._settle()

    def _seal(self, job: Job) -> None:
        terminal = job.terminal
        assert terminal is not None
        assert job.ended_at is not None
        if terminal.status is None:
            job.notes.append("its exit status was taken by another part of the program")
        if job.recording.trouble is not None:
            job.notes.append(job.recording.trouble)
        job.seal(
            Ending(
                seconds=job.ended_at - terminal.began,
                exit_status=terminal.exitstatus,
                signal=terminal.signalstatus,
                deadline=job.deadline,
                stopped=job.stopped,
                tail=job.recording.tail(),
                swept=tuple(job.swept.values()),
                notes=tuple(job.notes),
                written=terminal.taken,
            )
        )
