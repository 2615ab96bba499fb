"""How long N stub workers take at so many at once, and what they cost the orchestrator's own CPU."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from statistics import median

import pexpect

from orchestra.workers.pool import Command, Pool

from .rows import Row, interleaved, ratio, skipped
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
    "asyncio subprocess, no PTY": asyncio_subprocess,
    "stock pexpect, polled": polling_pexpect,
    "the pool": pool,
}


def _timed(contender: Callable[[Shape], None], shape: Shape, cpu: list[float]) -> float:
    before, began = time.process_time(), time.perf_counter()
    contender(shape)
    took = time.perf_counter() - began
    cpu.append(time.process_time() - before)
    return took


def _twenty_times(twentieth: Shape) -> float:
    return 20 * _timed(polling_pexpect, twentieth, [])


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    rows = []
    for shape in SHAPES:
        group = f"makespan, {shape}"
        cpu: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        contenders: dict[str, Callable[[], float]] = {
            name: partial(_timed, one, shape, cpu[name]) for name, one in CONTENDERS.items()
        }
        if not shutil.which("parallel"):
            del contenders["GNU parallel"]
            rows.append(skipped(group, "GNU parallel", "not installed"))
        if shape.seconds == 0:  # 52 times as long, and the others would only wait for it
            slow = Shape(shape.workers // 20, shape.seconds, shape.at_once, shape.target)
            contenders["stock pexpect, polled"] = partial(_twenty_times, slow)
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
                    note="20 times a twentieth" if shape.seconds == 0 and "polled" in name else "",
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
