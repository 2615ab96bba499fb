"""What a worker leaves behind: processes that outlive it are found by their environment or their descent, and ended.

codex gives every tool a session of its own, and with `danger-full-access` nothing takes the tool down with it. Such a
process has lost its parent and its group, but it still carries its worker's mark in its environment.
"""

import contextlib
import os
import re
import select
import signal
import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field

MARK = "ORCHESTRA_WORKER"
"""The variable in a worker's environment; its value is another one for each attempt."""

_IN_ENVIRONMENT = re.compile(rb"(?:\A|\0)" + MARK.encode() + rb"=([^\0]*)")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST_COMMAND = 120
_KERNEL_THREAD = 0x00200000

EXEC_TAKES = 0.05
"""Seconds for which a new process without an environment may be between two programs; usually 0.0002."""

TOO_MANY = 2000
"""New numbers from which on it is quicker to look at every process there is; also when numbering began anew."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """One process, told apart from a later one of the same number by the moment it was started."""

    pid: int
    started: int
    """Clock ticks since the machine's start, from /proc."""
    mark: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"pid {self.pid} {command_of(self.pid)}".rstrip()

    @property
    def alive(self) -> bool:
        """A defunct entry that nobody has reaped counts as dead."""
        return _started(self.pid) == self.started

    def end(self) -> bool:
        """SIGKILL, to this process and no other; whether it was sent."""
        try:
            pidfd = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            # From here on the pidfd stands for whatever has the number now: looked at first, signalled after.
            if not self.alive or (self.mark and mark_of(self.pid) != self.mark):
                return False
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        except OSError:
            return False
        finally:
            os.close(pidfd)
        return True


def mark_of(pid: int) -> str | None:
    """The mark in a process's environment: "" where there is none, None where there is no environment (any more)."""
    try:
        environment = _tell(pid, "environ")
    except PermissionError:
        return ""
    except OSError:
        return None
    if not environment:
        return None
    found = _IN_ENVIRONMENT.search(environment)
    return found.group(1).decode(errors="surrogateescape") if found else ""


def command_of(pid: int) -> str:
    """Its command line, fit for one line of a report."""
    try:
        words = _tell(pid, "cmdline").decode(errors="replace").rstrip("\0")
    except OSError:
        return ""
    line = _UNPRINTABLE.sub(" ", words)
    return line if len(line) <= _LONGEST_COMMAND else line[:_LONGEST_COMMAND] + "…"


def _tell(pid: int, what: str) -> bytes:
    """A file of /proc/PID, whole."""
    file = os.open(f"/proc/{pid}/{what}", os.O_RDONLY)
    try:
        parts = [os.read(file, 65536)]
        while len(parts[-1]) > 4000:  # it comes in pages, and the last one is seldom full
            parts.append(os.read(file, 65536))
        return b"".join(parts)
    finally:
        os.close(file)


def _stat(pid: int) -> list[bytes] | None:
    """The fields of /proc/PID/stat from the state on; None for what is gone or defunct."""
    try:
        fields = _tell(pid, "stat").rpartition(b") ")[2].split()
    except OSError:
        return None
    return fields if len(fields) > 19 and fields[0] not in (b"Z", b"X") else None


def _started(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def descendants(roots: Iterable[int]) -> dict[int, list[Leftover]]:
    """Every living process below each of `roots`, from one look at /proc; listed before a kill, for after it."""
    children: dict[int, list[tuple[int, int]]] = {}
    for pid in _processes():
        if fields := _stat(pid):
            children.setdefault(int(fields[1]), []).append((pid, int(fields[19])))
    found: dict[int, list[Leftover]] = {}
    for root in roots:
        below, generation = [], [root]
        while generation:
            of_these = [child for parent in generation for child in children.get(parent, ())]
            below += [Leftover(pid, started) for pid, started in of_these]
            generation = [pid for pid, _ in of_these]
        found[root] = below
    return found


class Lookout:
    """Finds what carries the mark of a worker that has ended, at the price of a look at what is new.

    The kernel numbers processes in turn and tells the newest number, so only the numbers given out since the last
    look are looked at, and where none was but to the workers themselves, there is nothing to look at.
    """

    def __init__(self) -> None:
        self._file = _newest_number()
        self._seen = self._newest()
        """Every process up to this number is known."""
        self._marked: dict[int, Leftover] = {}
        """What has a mark and is no worker itself."""
        self._unsure: dict[int, float] = {}
        """Who shows no environment, and since when: it is between two programs, or was started with none."""
        self._takes_in_orphans = _ancestors()

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _newest(self) -> int:
        """The number of the newest process of this pid namespace; -1 where the kernel does not tell."""
        return int(os.pread(self._file, 64, 0).split()[-1]) if self._file >= 0 else -1

    def started(self, pid: int) -> None:
        """A worker was started as `pid`."""
        if pid == self._seen + 1:
            self._seen = pid

    @property
    def quiet(self) -> bool:
        """Nothing was left behind: no process was made since the last look but the workers."""
        return not self._marked and not self._unsure and 0 < self._seen == self._newest()

    @property
    def unsure(self) -> bool:
        """The last look met processes in the middle of their exec, when they show no environment."""
        return bool(self._unsure)

    def look(self, workers: Container[int], wanted: Container[str]) -> dict[str, list[Leftover]]:
        """The living processes of each `wanted` mark, the `workers` themselves excepted."""
        newest = self._newest()
        new: Iterable[int] = range(self._seen + 1, newest + 1)
        if not 0 <= newest - self._seen <= TOO_MANY:
            new = _processes()
        before, self._unsure = self._unsure, {}
        for pid in [*before, *new]:
            if pid not in workers:
                self._place(pid, before.get(pid))
        self._seen = newest
        self._marked = {pid: one for pid, one in self._marked.items() if pid not in workers and one.alive}
        found: dict[str, list[Leftover]] = {}
        for one in self._marked.values():
            if one.mark in wanted:
                found.setdefault(one.mark, []).append(one)
        return found

    def _place(self, pid: int, unsure_since: float | None) -> None:
        """Whose this one is.

        Who shows no environment can only be one of ours if it descends from one, or has lost its parent: then it was
        given to this process or an ancestor of it, whoever takes in orphans, at last to the first process of all.
        """
        try:
            os.close(os.pidfd_open(pid))  # the quickest way to learn that it is gone, or only a thread of another
        except OSError:
            return
        mark, fields = mark_of(pid), _stat(pid)
        if fields is None:
            return
        if mark:
            self._marked[pid] = Leftover(pid, int(fields[19]), mark)
        elif mark is None and not int(fields[6]) & _KERNEL_THREAD:
            now = time.monotonic()
            since = now if unsure_since is None else unsure_since
            parent = int(fields[1])
            if now - since < EXEC_TAKES and (parent in self._marked or parent in self._takes_in_orphans):
                self._unsure[pid] = since


def _newest_number() -> int:
    """A descriptor of the file that tells the newest number, as its last word."""
    for path in ("/proc/sys/kernel/ns_last_pid", "/proc/loadavg"):
        with contextlib.suppress(OSError):
            return os.open(path, os.O_RDONLY)
    return -1


def _ancestors() -> set[int]:
    """This process and everyone it descends from."""
    found, pid = {1, os.getpid()}, os.getpid()
    while pid > 1 and (fields := _stat(pid)):
        pid = int(fields[1])
        found.add(pid)
    return found


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208  # a Path of each is slow


def sweep(belongs: Callable[[str], bool], patience: float = 2.0) -> tuple[str, ...]:
    """End every process whose mark `belongs`, and what it makes meanwhile; says what was ended. Waits for their end.

    For a run whose orchestrator was killed: `sweep(lambda mark: mark.startswith(run_id))`.
    """
    swept: dict[tuple[int, int], str] = {}
    until = time.monotonic() + patience
    while True:
        found = [
            Leftover(pid, started, mark)
            for pid in _processes()
            if (mark := mark_of(pid)) and belongs(mark) and pid != os.getpid()
            if (started := _started(pid)) is not None
        ]
        for leftover in found:
            words = str(leftover)
            if leftover.end():
                swept[leftover.pid, leftover.started] = words
        if not found or time.monotonic() > until:
            return tuple(swept.values())
        select.select([], [], [], 0.005)
