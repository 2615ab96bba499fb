"""Small real children for the tests, and independent eyes for what is left of them."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from selectors import BaseSelector
from typing import Any

from orchestra.workers.pool import Command

DEVNULL = Path("/dev/null")

_numbers = count(1)


@dataclass(frozen=True)
class Seconds:
    """Deadlines as plain floats; generous unless a test is about one of them."""

    start: float = 60
    idle: float = 60
    wall: float = 120
    linger: float = 60


class Ear:
    """A listener that keeps what it hears: started with the first line, finished with the line DONE."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    def heard(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    @property
    def text(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def started(self) -> bool:
        return b"\n" in self.text

    @property
    def finished(self) -> bool:
        return b"DONE\n" in self.text


def run(*argv: str, environment: Mapping[str, str] | None = None, **streams: Any) -> Command:
    """A command with an attempt's mark of its own, as a worker has."""
    streams.setdefault("stdin", DEVNULL)
    marked = {"PATH": os.environ["PATH"], "ORCHESTRA_WORKER": f"test/{os.getpid()}/{next(_numbers)}"}
    return Command(argv=argv, environment=marked | dict(environment or {}), **streams)


def sh(script: str, *args: str, **how: Any) -> Command:
    """A shell's script as a command."""
    return run("/bin/sh", "-c", script, "sh", *args, **how)


def mark(command: Command) -> str:
    return command.environment["ORCHESTRA_WORKER"]


def alive(pid: int) -> bool:
    """Whether this process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except OSError:
        return False
    return not state.startswith(("Z", "X"))


def marked(text: str) -> list[int]:
    """Every living process with this text anywhere in its environment, found without the code under test."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in environment and alive(int(entry.name)):
            found.append(int(entry.name))
    return found


async def until(condition: Callable[[], Any], *, seconds: float = 20) -> None:
    """Wait for something that must come; fails when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        await asyncio.sleep(0.005)


async def falls_quiet(selector: BaseSelector) -> bool:
    """Nothing is ready any more on the loop that waits with it; what stays ready for ever makes a loop spin."""
    for _ in range(1000):
        if not selector.select(0):
            return True
        await asyncio.sleep(0)
    return False


def until_blocking(condition: Callable[[], Any], *, seconds: float = 20) -> None:
    """The same without giving the loop a turn."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)
