"""One worker's work, from its task to its result."""

import asyncio
from typing import Protocol

from orchestra.usage import Usage
from orchestra.workers.engines.base import Engine, Reader
from orchestra.workers.pool import Pool
from orchestra.workers.task import WorkerResult, WorkerTask


class Follower(Protocol):
    """Hears what a worker is at, while it is at it; called on the loop, so it must be quick."""

    def began(self, pid: int) -> None:
        """Its process runs."""

    def doing(self, text: str, usage: Usage | None = None) -> None:
        """It is at something else now."""


async def work(task: WorkerTask, engine: Engine, pool: Pool, follower: Follower | None = None) -> WorkerResult:
    """Have one task done by one child of the pool. However it ends, that is a result and no exception.

    What is wrong with the task itself (a prompt the engine would refuse) or with the machine (no such program) is
    raised before anything is started. Who is cancelled here ends the child.
    """
    command = engine.command(task)
    reader = engine.reader(task)
    followed = _Followed(reader, follower) if follower is not None else reader
    # Who counts as started already has no first event, and no clock for it.
    deadlines = task.deadlines.model_copy(update={"start": 0.0}) if reader.started else task.deadlines
    job = pool.start(command, deadlines, followed, task.label, follower.began if follower else None)
    try:
        ending = await pool.wait(job)
    except asyncio.CancelledError:
        await pool.stop(job)
        raise
    return reader.result(ending)


class _Followed:
    """A reader whose changes of mind are passed on."""

    def __init__(self, reader: Reader, follower: Follower) -> None:
        self.reader, self.follower = reader, follower

    def heard(self, chunk: bytes) -> None:
        before = self.reader.doing
        self.reader.heard(chunk)
        if (now := self.reader.doing) != before:
            self.follower.doing(now)

    @property
    def started(self) -> bool:
        return self.reader.started

    @property
    def finished(self) -> bool:
        return self.reader.finished
