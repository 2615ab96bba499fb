"""For how long a start keeps the loop from everything else, from a small parent and from a large one.

`python -m tests.bench.of_workers.starts MEGABYTES STARTS` prints the medians in microseconds as JSON.
"""

import asyncio
import json
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
BLOCK = 20
WARM = 5


async def _measure(starts: int) -> dict[str, list[float]]:
    """In blocks and not one by one: after a fork the parent's next steps are slow, and pexpect's are not the pool's."""
    figures: dict[str, list[float]] = {name: [] for name in ("posix_spawn", "Popen", "stock pexpect", "the pool")}
    async with Pool() as pool:
        for _ in range(starts // BLOCK):
            for name, found in figures.items():
                block = []
                for _ in range(BLOCK + WARM):
                    block.append(await blocked_by_the_pool(pool) if name == "the pool" else BLOCKING[name]())
                found += block[WARM:]
    return figures


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    medians: dict[str, dict[str, list[float]]] = {"0": {}, "500": {}}
    for number in range(2 if quick else 5):
        for megabytes in medians:
            said(f"starts: round {number + 1} from a parent of {megabytes} MB")
            answer = json.loads(other_python("starts", megabytes, "60" if quick else "200"))
            for name, figure in answer.items():
                medians[megabytes].setdefault(name, []).append(figure)
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
    print(json.dumps({name: 1e6 * median(found) for name, found in asyncio.run(_measure(int(sys.argv[2]))).items()}))
