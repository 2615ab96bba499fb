"""How long N stub workers take at so many at once, and what they cost the orchestrator's own CPU.

`python -m tests.bench.of_workers.makespans SHAPE CONTENDER` prints one measurement as JSON, after imports.
"""

import asyncio
import gc
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

import pexpect

from orchestra.workers.launch import launch
from orchestra.workers.pool import Command, Pool

from .rows import Row, interleaved, other_python, ratio, skipped
from .stubs import DEVNULL, ENVIRONMENT, Plain, Quiet, command


@dataclass(frozen=True)
class Shape:
    """N workers of so many seconds, so many at once."""

    workers: int
    seconds: float
    at_once: int
    target: float

    @property
    def argv(self) -> tuple[str, ...]:
        return ("/bin/sleep", f"{self.seconds:g}")

    def __str__(self) -> str:
        return f"{self.workers} of {self.seconds * 1000:.0f} ms, {self.at_once} at once"


NOTHING = DEVNULL.parent / "nothing-is-written"
"""A log that no stub ever begins: what it costs to have one is measured."""

SHAPES = (Shape(200, 0.05, 16, 1.03), Shape(1000, 0.02, 64, 1.03), Shape(1000, 0.0, 2, 1.20))


def xargs(shape: Shape) -> None:
    numbers = "".join(f"{number}\n" for number in range(shape.workers))
    subprocess.run(
        ["xargs", "-P", str(shape.at_once), "-I{}", *shape.argv], input=numbers.encode(), env=ENVIRONMENT, check=True
    )


def gnu_parallel(shape: Shape) -> None:
    numbers = "".join(f"{number}\n" for number in range(shape.workers))
    line = ["parallel", "--will-cite", f"-j{shape.at_once}", "-N0", *shape.argv]
    subprocess.run(line, input=numbers.encode(), check=True, stdout=subprocess.DEVNULL)


def posix_spawn(shape: Shape) -> None:
    """The floor in Python: nobody listens, nobody can be stopped."""
    running = 0
    for _ in range(shape.workers):
        if running == shape.at_once:
            os.wait()
            running -= 1
        os.posix_spawn(shape.argv[0], shape.argv, ENVIRONMENT)
        running += 1
    for _ in range(running):
        os.wait()


def bare_ptys(shape: Shape) -> None:
    """The floor with a PTY and a pidfd for each: nobody listens, and nothing else is on the loop."""
    asked = command(*shape.argv)
    epoll = select.epoll()
    running: dict[int, tuple[int, int]] = {}
    left = shape.workers
    while left or running:
        while left and len(running) < shape.at_once:
            pid, master, pidfd = launch(asked)
            running[pidfd] = pid, master
            epoll.register(pidfd, select.EPOLLIN)
            left -= 1
        for pidfd, _ in epoll.poll():
            pid, master = running.pop(pidfd)
            epoll.unregister(pidfd)
            os.waitpid(pid, 0)
            os.close(master)
            os.close(pidfd)
    epoll.close()


def asyncio_subprocess(shape: Shape) -> None:
    async def one(room: asyncio.Semaphore) -> None:
        async with room:
            child = await asyncio.create_subprocess_exec(
                *shape.argv,
                env=ENVIRONMENT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            await child.wait()

    async def main() -> None:
        room = asyncio.Semaphore(shape.at_once)
        await asyncio.gather(*(one(room) for _ in range(shape.workers)))

    asyncio.run(main())


def close_at_once(child: "pexpect.spawn[str]") -> None:
    child.ptyproc.delayafterclose = 0  # type: ignore[attr-defined]  # the stub does not know the half that sleeps
    child.close()


def polling_pexpect(shape: Shape) -> None:
    """Stock pexpect, looked at every 50 ms, with its own delays tuned down."""
    running: list[pexpect.spawn[str]] = []
    left = shape.workers
    while left or running:
        staying = []
        for child in running:
            with suppress(pexpect.TIMEOUT, pexpect.EOF):
                child.read_nonblocking(65536, timeout=0)
            if child.isalive():
                staying.append(child)
            else:
                close_at_once(child)
        running = staying
        while left and len(running) < shape.at_once:
            started = pexpect.spawn(shape.argv[0], list(shape.argv[1:]), env=ENVIRONMENT, use_poll=True)
            started.delayafterread = None
            running.append(started)
            left -= 1
        if running:
            time.sleep(0.05)


def pool(shape: Shape) -> None:
    commands = [command(*shape.argv, output=NOTHING) for _ in range(shape.workers)]
    asyncio.run(_pool(shape, commands))


async def _pool(shape: Shape, commands: list[Command]) -> None:
    async with Pool(shape.at_once) as pool:
        for job in [pool.start(asked, Plain, Quiet()) for asked in commands]:
            ending = await pool.wait(job)
            assert ending.exit_status == 0, ending


CONTENDERS: dict[str, Callable[[Shape], None]] = {
    "xargs -P": xargs,
    "GNU parallel": gnu_parallel,
    "os.posix_spawn + wait, no PTY": posix_spawn,
    "a bare loop over pidfds, with PTYs": bare_ptys,
    "asyncio subprocess, no PTY": asyncio_subprocess,
    "stock pexpect, polled": polling_pexpect,
    "the pool": pool,
}


def _timed(name: str, shape: Shape, cpu: dict[str, list[float]]) -> float:
    """In a process of its own: what a fork of one contender copied would be paid for by the next."""
    part = 20 if _slow(name, shape) else 1
    measured = json.loads(
        other_python("makespans", json.dumps(vars(replace(shape, workers=shape.workers // part))), name)
    )
    cpu[name].append(measured["cpu"])
    return part * float(measured["took"])


def _slow(name: str, shape: Shape) -> bool:
    """52 times as long as the others, which would only wait for it."""
    return shape.seconds == 0 and "polled" in name


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    rows = []
    for shape in SHAPES:
        group = f"makespan, {shape}"
        cpu: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        contenders: dict[str, Callable[[], float]] = {name: partial(_timed, name, shape, cpu) for name in CONTENDERS}
        if not shutil.which("parallel"):
            del contenders["GNU parallel"]
            rows.append(skipped(group, "GNU parallel", "not installed"))
        figures = interleaved(contenders, 3 if quick else 11, said)
        for name, seconds in figures.items():
            rows.append(
                Row(
                    group,
                    name,
                    median(seconds),
                    "s",
                    ratio(seconds, figures["xargs -P"]),
                    shape.target if name == "the pool" else None,
                    note="20 times a twentieth" if _slow(name, shape) else "",
                )
            )
        rows += cpu_rows(shape, cpu)
    return rows


def cpu_rows(shape: Shape, cpu: dict[str, list[float]]) -> list[Row]:
    group = f"orchestrator's CPU a worker, {shape}"
    yardstick = "asyncio subprocess, no PTY"
    each = {name: [1000 * spent / shape.workers for spent in cpu[name]] for name in (yardstick, "the pool")}
    return [
        Row(group, name, median(spent), "ms", ratio(spent, each[yardstick]), 1.0 if name == "the pool" else None)
        for name, spent in each.items()
    ]


REST = 0.5
"""Seconds between the imports and what is measured: the kernel places the children of who has just been busy otherwise,
and a bare `posix_spawn` then takes half as long again."""

if __name__ == "__main__":
    gc.collect()  # of what the imports left
    time.sleep(REST)
    measured, contender = Shape(**json.loads(sys.argv[1])), CONTENDERS[sys.argv[2]]
    before, began = time.process_time(), time.perf_counter()
    contender(measured)
    print(json.dumps({"took": time.perf_counter() - began, "cpu": time.process_time() - before}))
