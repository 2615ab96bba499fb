"""One child as the pool knows it: asked for, running, ended."""

import time
from asyncio import Future
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from orchestra.outcome import Deadline
from orchestra.workers.deadlines import Clocks, Limits
from orchestra.workers.recording import Recording
from orchestra.workers.sweep import MARK, Leftover
from orchestra.workers.terminal import Command, Terminal, signal_name, size_in_words


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
    allowed: float = 0.0
    """Seconds that clock gave it; stopping took a little longer."""
    stopped: bool = False
    """Somebody asked for it."""
    launch_error: str | None = None
    """It could not be started at all, and why."""
    tail: bytes = b""
    """The last 64 KiB it wrote."""
    swept: tuple[str, ...] = ()
    """Processes it left behind that were ended: `pid 812 sleep 300`."""
    notes: tuple[str, ...] = ()
    """What went wrong around it: a log cut off by a full disk, a leftover that would not end."""
    written: int = 0
    """Bytes it wrote in all."""

    def __repr__(self) -> str:
        return f"<Ending: {self.in_words}>"

    @property
    def in_words(self) -> str:
        """`exited with 1 after 4.2 s`."""
        if self.launch_error is not None:
            return f"not started: {self.launch_error}"
        if self.exit_status is not None:
            how = f"exited with {self.exit_status}"
        elif self.signal is not None:
            how = f"ended by {signal_name(self.signal)}"
        else:
            how = "ended, its exit status unknown"
        why = f", {self.deadline} deadline" if self.deadline else ", stopped" if self.stopped else ""
        return f"{how} after {self.seconds:.1f} s{why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """One job at one moment."""

    label: str
    state: Literal["queued", "running", "leaving", "ended"]
    """Leaving: it has exited, and is looked at for what it left behind."""
    pid: int | None = None
    seconds: float = 0.0
    """Since its start."""
    silent: float = 0.0
    """Since its last byte."""
    written: int = 0
    """Bytes so far."""
    ending: Ending | None = None


class Job:
    """One child asked of a pool. `ending` is None until it has ended; `await pool.wait(job)` waits for that."""

    __slots__ = (
        "began",
        "clocks",
        "command",
        "deadline",
        "deaf",
        "descent",
        "ended_at",
        "ending",
        "label",
        "limits",
        "listener",
        "mark",
        "notes",
        "recording",
        "stopped",
        "swept",
        "terminal",
        "waiting",
    )

    def __init__(
        self,
        command: Command,
        limits: Limits,
        listener: Listener,
        label: str,
        began: Callable[[int], None] | None = None,
    ) -> None:
        self.command = command
        self.limits = limits
        self.listener = listener
        self.label = label
        self.began = began
        self.deaf = False
        """Its listener has failed and is not asked any more."""
        self.mark = command.environment.get(MARK, "")
        self.recording = Recording(command.output)
        self.terminal: Terminal | None = None
        self.clocks: Clocks | None = None
        self.deadline: Deadline | None = None
        self.stopped = False
        self.descent: tuple[Leftover, ...] = ()
        """Its descendants, listed before it was ended."""
        self.swept: Mapping[Leftover, str] = {}
        self.notes: tuple[str, ...] = ()
        self.ended_at: float | None = None
        self.ending: Ending | None = None
        self.waiting: tuple[Future[None], ...] = ()

    @property
    def pid(self) -> int | None:
        return self.terminal.pid if self.terminal is not None else None

    @property
    def child(self) -> Terminal:
        """Its terminal, which it has from its start on."""
        assert self.terminal is not None
        return self.terminal

    @property
    def ending_it(self) -> bool:
        """It is being ended: its clocks do not matter any more."""
        return self.stopped or self.deadline is not None

    def view(self) -> JobView:
        """What it looks like now; from any thread."""
        terminal, clocks, ending = self.terminal, self.clocks, self.ending
        if ending is not None:
            return JobView(
                label=self.label,
                state="ended",
                pid=self.pid,
                seconds=ending.seconds,
                written=ending.written,
                ending=ending,
            )
        if terminal is None or clocks is None:
            return JobView(label=self.label, state="queued")
        now = self.ended_at or time.monotonic()
        return JobView(
            label=self.label,
            state="running" if self.ended_at is None else "leaving",
            pid=terminal.pid,
            seconds=now - terminal.began,
            silent=max(0.0, now - max(clocks.last_byte, clocks.began)),
            written=terminal.taken,
        )

    def __repr__(self) -> str:
        view = self.view()
        if view.ending is not None:
            return f"<Job {self.label}: {view.ending.in_words}>"
        if view.state == "queued":
            return f"<Job {self.label}: queued>"
        return f"<Job {self.label}: {view.state}, pid {view.pid}, {view.seconds:.0f} s, {size_in_words(view.written)}>"

    def has_begun(self, terminal: Terminal) -> None:
        """It runs now, and its clocks with it."""
        self.clocks = Clocks(self.limits, terminal.began)
        self.terminal = terminal
        if self.began is not None:
            try:
                self.began(terminal.ptyproc.pid)
            except Exception as error:
                self.notes += (f"whoever wanted to know that it began failed: {type(error).__name__}: {error}",)

    def hear(self, chunk: bytes, now: float) -> bool:
        """Take in what it wrote; whether with it the answer is complete."""
        clocks = self.clocks
        assert clocks is not None
        clocks.last_byte = now
        self.recording.keep(chunk)
        if self.deaf:
            return False
        listener = self.listener
        try:
            listener.heard(chunk)
            if not clocks.started:
                clocks.started = listener.started
            if clocks.finished_at is None and listener.finished:
                clocks.finished_at = now
                self.recording.flush()  # from here on the work is done, and must be found so whatever happens
                return True
        except Exception as error:  # one that cannot be followed must not take the others with it
            self.deaf = True
            clocks.started = True
            self.notes += (f"what it wrote could not be followed any more: {type(error).__name__}: {error}",)
        return False

    def sweep(self, left: Iterable[Leftover]) -> None:
        """End what it left behind."""
        for one in left:
            words = str(one)
            if one.end():
                self.swept = {one: words, **self.swept}

    def as_it_ended(self) -> Ending:
        """Everything known about an end that has come."""
        terminal, ended_at = self.child, self.ended_at
        assert ended_at is not None
        notes = self.notes
        if terminal.terminated and terminal.status is None:
            notes += ("its exit status was taken by another part of the program",)
        if self.recording.trouble is not None:
            notes += (self.recording.trouble,)
        return Ending(
            seconds=ended_at - terminal.began,
            exit_status=terminal.exitstatus,
            signal=terminal.signalstatus,
            deadline=self.deadline,
            allowed=getattr(self.limits, self.deadline) if self.deadline else 0.0,
            stopped=self.stopped,
            tail=self.recording.tail(),
            swept=tuple(self.swept.values()),
            notes=notes,
            written=terminal.taken,
        )

    def seal(self, ending: Ending) -> None:
        """It has ended; wakes who waits."""
        self.ending = ending
        for future in self.waiting:
            if not future.done():
                future.set_result(None)
        self.waiting = ()
