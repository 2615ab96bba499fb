"""How many workers this machine has room for, asked before the first of them is started."""

import contextlib
import os
import resource
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from orchestra.errors import NoRoom

MEMORY_OF_CODEX = 150 * 2**20
"""Measured with codex 0.163 to 0.169: 140 to 150 MiB each; 64 at once took 9 GiB."""

DESCRIPTORS_EACH = 3
"""Its PTY, its pidfd, its log."""

DESCRIPTORS_KEPT = 32
"""For the orchestrator's own files, beside those that are open already."""

_UNLIMITED = 1 << 60
"""What cgroup v1 calls no limit is a number near 2**63."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is free now; None where the machine does not tell."""

    ptys: int | None
    descriptors: int
    """Up to the hard limit: the soft one can be raised."""
    memory: int | None
    """Bytes, of the machine or of the container, whichever is less."""

    def workers(self, memory_each: int = MEMORY_OF_CODEX) -> int | None:
        """How many workers fit; None: nothing speaks against any number."""
        fits = [limit for _, limit in self._limits(memory_each)]
        return min(fits) if fits else None

    def _limits(self, memory_each: int) -> list[tuple[str, int]]:
        """Each thing that can run out, in words, and how many workers it suffices for; never less than none."""
        limits = [
            (
                f"{DESCRIPTORS_EACH} file descriptors each, and {self.descriptors:,} are free (ulimit -Hn)",
                (self.descriptors - DESCRIPTORS_KEPT) // DESCRIPTORS_EACH,
            )
        ]
        if self.ptys is not None:
            limits.append((f"a PTY each, and {self.ptys:,} are free (kernel.pty.max)", self.ptys))
        if self.memory is not None and memory_each:
            each, free = memory_each / 2**20, self.memory / 2**30
            limits.append(
                (f"about {each:,.0f} MiB of memory each, and {free:.1f} GiB are free", self.memory // memory_each)
            )
        return [(words, max(0, fits)) for words, fits in limits]


def ensure(at_once: int, *, memory_each: int = MEMORY_OF_CODEX, room: Room | None = None) -> None:
    """Make room for so many workers at one time, or raise `NoRoom` with what to lower. Raises the descriptor limit."""
    there = room or free_room()
    for words, fits in sorted(there._limits(memory_each), key=lambda limit: limit[1]):
        if fits < at_once:
            workers = "1 worker needs" if at_once == 1 else f"{at_once:,} workers at once need"
            raise NoRoom(
                f"{workers} {words}: there is room for {fits:,}.",
                next_step=f"Lower --at-once to {fits:,}."
                if fits
                else "Raise that limit, close other programs, or use another machine.",
            )
    raise_descriptor_limit()


def raise_descriptor_limit() -> None:
    """The soft limit is often 1024, for the sake of programs that still use select()."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_room() -> Room:
    """What is free on this machine, in this container, for this process."""
    most, used = _number("/proc/sys/kernel/pty/max"), _number("/proc/sys/kernel/pty/nr")
    with os.scandir("/proc/self/fd") as entries:
        held = sum(1 for _ in entries)
    return Room(
        # The last one is never given out: with a maximum of 4096, 4095 can be opened.
        ptys=None if most is None or used is None else max(0, most - used - 1),
        descriptors=max(0, _hard_limit() - held),
        memory=min((free for free in (_free_memory(), *_free_in_cgroups()) if free is not None), default=None),
    )


def _hard_limit() -> int:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 1 << 20 if hard == resource.RLIM_INFINITY else hard


def _free_memory() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def _free_in_cgroups() -> list[int]:
    """What the groups this process is in, and the groups around them, leave free: version 2, then version 1."""
    try:
        groups = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return []
    free = []
    roots: tuple[str, ...]
    for _, controllers, path in groups:
        if not controllers:
            roots, limit, usage = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"), "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            roots, limit, usage = ("/sys/fs/cgroup/memory",), "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        for root in roots:
            for level in (PurePosixPath(path), *PurePosixPath(path).parents):
                folder = Path(root) / str(level).lstrip("/")
                most, used = _number(folder / limit), _number(folder / usage)
                if most is not None and used is not None and most < _UNLIMITED:
                    free.append(max(0, most - used + _cached(folder)))
    return free


def _cached(folder: Path) -> int:
    """Of what a group uses, the files it only has cached: they give way."""
    try:
        words = (folder / "memory.stat").read_text().split()
    except OSError:
        return 0
    numbers = dict(zip(words[::2], words[1::2], strict=False))
    return int(numbers.get("total_inactive_file", numbers.get("inactive_file", 0)))


def _number(path: str | Path) -> int | None:
    """The number in a file of the kernel's; None where there is no file or no number ("max")."""
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):
        return None
