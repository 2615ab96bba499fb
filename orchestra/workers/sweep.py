"""What a worker leaves behind: processes that outlive it are found by their environment or their descent, and ended.

codex gives every tool a session of its own, and with `danger-full-access` nothing takes the tool down with it. Such a
process has lost its parent and its group, but it still carries its worker's mark in its environment.
"""

import os
import re
import select
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

MARK = "ORCHESTRA_WORKER"
"""The variable in a worker's environment; its value is another one for each attempt."""

_IN_ENVIRONMENT = re.compile(rb"(?:\A|\0)" + MARK.encode() + rb"=([^\0]*)")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST_COMMAND = 120
_KERNEL_THREAD = 0x00200000

EXEC_TAKES = 0.05
"""Seconds for which a new process without an environment may be between two programs; usually 0.0002."""


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


def mark_of(pid: int | str) -> str | None:
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


def _tell(pid: int | str, what: str) -> bytes:
    """A file of /proc/PID, whole."""
    file = os.open(f"/proc/{pid}/{what}", os.O_RDONLY)
    try:
        parts = [os.read(file, 65536)]
        while len(parts[-1]) > 4000:  # it comes in pages, and the last one is seldom full
            parts.append(os.read(file, 65536))
        return b"".join(parts)
    finally:
        os.close(file)


def _stat(pid: int | str) -> list[bytes] | None:
    """The fields of /proc/PID/stat from the state on; None for what is gone or defunct."""
    try:
        fields = _tell(pid, "stat").rpartition(b") ")[2].split()
    except OSError:
        return None
    return fields if len(fields) > 19 and fields[0] not in (b"Z", b"X") else None


def _started(pid: int | str) -> int | None:
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def descendants(roots: Iterable[int]) -> dict[int, list[Leftover]]:
    """Every living process below each of `roots`, from one look at /proc; listed before a kill, for after it."""
    children: dict[int, list[tuple[int, int]]] = {}
    for name, _ in _processes():
        if fields := _stat(name):
            children.setdefault(int(fields[1]), []).append((int(name), int(fields[19])))
    found: dict[int, list[Leftover]] = {}
    for root in roots:
        below, generation = [], [root]
        while generation:
            of_these = [child for parent in generation for child in children.get(parent, ())]
            below += [Leftover(pid, started) for pid, started in of_these]
            generation = [pid for pid, _ in of_these]
        found[root] = below
    return found


class Watch:
    """Finds what carries the mark of a worker that has ended; looks only at what is new since the last time.

    Processes that were there before the first worker are nobody's leftovers; of each new one the environment is read
    once. And where no process was made at all but the workers themselves, there is nothing to look at: the kernel
    tells the last number it gave out.
    """

    def __init__(self) -> None:
        self._marks = dict.fromkeys(_processes(), "")
        """Name and inode of an entry in /proc, and the mark found there; the inode tells a number used again."""
        self._unsure: dict[tuple[str, int], float] = {}
        """Entries without an environment, and since when: between two programs, or started with none."""
        self._takes_in_orphans = _ancestors()
        self._last = -1
        self._quiet = False
        self._last_pid = _open_last_pid()

    def close(self) -> None:
        if self._last_pid >= 0:
            os.close(self._last_pid)
            self._last_pid = -1

    def started(self, pid: int) -> None:
        """A worker was started as `pid`."""
        if pid != self._last + 1:
            self._quiet = False
        self._last = pid

    @property
    def quiet(self) -> bool:
        """No process was made since the last look but the workers that `started` heard of."""
        return self._quiet and self._newest() == self._last

    @property
    def unsure(self) -> bool:
        """The last look met processes in the middle of their exec, when they show no environment."""
        return bool(self._unsure)

    def _newest(self) -> int:
        """The last process number given out; -1 where the kernel does not tell."""
        if self._last_pid < 0:
            return -1
        return int(os.pread(self._last_pid, 64, 0).split()[-1])

    def look(self, leaders: Mapping[int, str], wanted: Set[str]) -> dict[str, list[Leftover]]:
        """The living processes of each `wanted` mark, those of the workers themselves excepted: pid → mark."""
        self._last = self._newest()
        known, seen, bare = self._marks, {}, {}
        ours = set(leaders.values())
        others = False
        found: dict[str, list[Leftover]] = {}
        for entry in _processes():
            pid = int(entry[0])
            if pid in leaders:
                continue
            mark = known.get(entry)
            if mark is None and (mark := mark_of(pid)) is None:
                bare[entry] = pid
                continue
            seen[entry] = mark
            if mark in ours:
                others = True
                if mark in wanted and (started := _started(pid)) is not None:
                    found.setdefault(mark, []).append(Leftover(pid, started, mark))
        self._marks = seen
        self._settle(bare, {int(name) for (name, _), mark in seen.items() if mark in ours})
        self._quiet = not others and not self._unsure and self._last > 0
        return found

    def _settle(self, bare: Mapping[tuple[str, int], int], ours: Set[int]) -> None:
        """Who shows no environment is nobody's, or is in the middle of its exec and may be one of ours.

        It may be only if it descends from one of ours that lives, or lost its parent: then it was given to this
        process or an ancestor of it, whoever takes in orphans, at last to the first process of all.
        """
        before, self._unsure = self._unsure, {}
        now = time.monotonic()
        for entry, pid in bare.items():
            if (fields := _stat(pid)) is None:
                continue
            since = before.get(entry, now)
            parent = int(fields[1])
            if int(fields[6]) & _KERNEL_THREAD or now - since > EXEC_TAKES:
                self._marks[entry] = ""
            elif parent in ours or parent in self._takes_in_orphans:
                self._unsure[entry] = since


def _ancestors() -> set[int]:
    """This process and everyone it descends from."""
    found, pid = {1, os.getpid()}, os.getpid()
    while pid > 1 and (fields := _stat(pid)):
        pid = int(fields[1])
        found.add(pid)
    return found


def _processes() -> list[tuple[str, int]]:
    with os.scandir("/proc") as entries:
        return [(entry.name, entry.inode()) for entry in entries if entry.name.isdigit()]


def _open_last_pid() -> int:
    """The file in which the kernel tells the number of the newest process of this pid namespace."""
    try:
        return os.open("/proc/sys/kernel/ns_last_pid", os.O_RDONLY)
    except OSError:
        pass
    try:
        return os.open("/proc/loadavg", os.O_RDONLY)
    except OSError:
        return -1


def sweep(belongs: Callable[[str], bool], patience: float = 2.0) -> tuple[str, ...]:
    """End every process whose mark `belongs`, and what it makes meanwhile; says what was ended. Waits for their end.

    For a run whose orchestrator was killed: `sweep(lambda mark: mark.startswith(run_id))`.
    """
    swept: dict[tuple[int, int], str] = {}
    until = time.monotonic() + patience
    while True:
        found = [
            Leftover(int(name), started, mark)
            for name, _ in _processes()
            if (mark := mark_of(name)) and belongs(mark) and int(name) != os.getpid()
            if (started := _started(name)) is not None
        ]
        for leftover in found:
            words = str(leftover)
            if leftover.end():
                swept[leftover.pid, leftover.started] = words
        if not found or time.monotonic() > until:
            return tuple(swept.values())
        select.select([], [], [], 0.005)
