"""For how long a start keeps the loop from everything else, from a small parent and from a large one.

`python -m tests.bench.of_workers.starts MEGABYTES STARTS CONTENDER` prints the median in microseconds.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import pexpect

from orchestra.workers.pool import Pool

from .makespans import close_at_once
from .rows import Row, other_python, ratio
from .stubs import ENVIRONMENT, Plain, Quiet, command

TRUE = "/bin/true"


async def blocked_by_the_pool(pool: Pool) -> float:
    """From asking to the first other thing the loop gets round to."""
    loop = asyncio.get_running_loop()
    free = loop.create_future()
    asked = command(TRUE)
    began = time.perf_counter()
    job = pool.start(asked, Plain, Quiet())
    loop.call_soon(lambda: free.set_result(time.perf_counter() - began))
    blocked: float = await free
    await pool.wait(job)
    return blocked


def blocked_by_posix_spawn() -> float:
    began = time.perf_counter()
    pid = os.posix_spawn(TRUE, (TRUE,), ENVIRONMENT)
    blocked = time.perf_counter() - began
    os.waitpid(pid, 0)
    return blocked


def blocked_by_popen() -> float:
    began = time.perf_counter()
    child = subprocess.Popen([TRUE], env=ENVIRONMENT)
    blocked = time.perf_counter() - began
    child.wait()
    return blocked


def blocked_by_pexpect() -> float:
    began = time.perf_counter()
    child = pexpect.spawn(TRUE, env=ENVIRONMENT)
    blocked = time.perf_counter() - began
    child.wait()
    close_at_once(child)
    return blocked


BLOCKING = {"posix_spawn": blocked_by_posix_spawn, "Popen": blocked_by_popen, "stock pexpect": blocked_by_pexpect}
CONTENDERS = (*BLOCKING, "the pool")
WARM = 5
SIZES = ("0", "500")
"""Megabytes of the parent."""


async def _blocked(how: str, starts: int) -> list[float]:
    """One contender alone in its process: what a fork of one copied would be paid for by the next."""
    async with Pool() as pool:
        blocked = [
            await blocked_by_the_pool(pool) if how == "the pool" else BLOCKING[how]() for _ in range(WARM + starts)
        ]
    return blocked[WARM:]


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    medians: dict[str, dict[str, list[float]]] = {megabytes: {how: [] for how in CONTENDERS} for megabytes in SIZES}
    for number in range(3 if quick else 9):
        for how in CONTENDERS:
            for megabytes in SIZES:
                said(f"starts: round {number + 1}: {how} from a parent of {megabytes} MB")
                medians[megabytes][how].append(float(other_python("starts", megabytes, "40" if quick else "100", how)))
    rows = []
    for megabytes, figures in medians.items():
        group = "a start blocks the loop" + (f", parent of {megabytes} MB" if megabytes != "0" else "")
        for name, found in figures.items():
            target = 2.3 if name == "the pool" else None
            rows.append(Row(group, name, median(found), "us", ratio(found, figures["posix_spawn"]), target))
    group = "a start from 500 MB against one from a small parent"
    for name, found in medians["500"].items():
        target = 1.2 if name == "the pool" else None
        rows.append(Row(group, name, None, "", ratio(found, medians["0"][name]), target))
    return rows


if __name__ == "__main__":
    ballast = bytearray(int(sys.argv[1]) << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])  # touched, so that it is really there
    print(1e6 * median(asyncio.run(_blocked(sys.argv[3], int(sys.argv[2])))))
