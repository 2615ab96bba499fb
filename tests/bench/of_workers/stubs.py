"""Stub workers: as little child as possible, so that what starts it is what is measured."""

import asyncio
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

from orchestra.workers.pool import Command

DEVNULL = Path("/dev/null")
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}

_numbers = count(1)


class Quiet:
    """A listener that only notes that it heard."""

    def __init__(self) -> None:
        self.started = False
        self.finished = False

    def heard(self, chunk: bytes) -> None:
        self.started = True


class Plain:
    """Deadlines as a worker has them."""

    start = 60.0
    idle = 900.0
    wall = 3600.0
    linger = 10.0


def command(*argv: str, output: Path | None = None) -> Command:
    """With a mark of its own, as every worker has, so that what it leaves behind is looked for."""
    environment = ENVIRONMENT | {"ORCHESTRA_WORKER": f"bench/{os.getpid()}/{next(_numbers)}"}
    return Command(argv=argv, environment=environment, stdin=DEVNULL, output=output)


async def until(condition: Callable[[], bool]) -> None:
    """Look every millisecond, as somebody does who is not told."""
    while not condition():  # noqa: ASYNC110  # what is waited for happens to several contenders, and few announce it
        await asyncio.sleep(0.001)
