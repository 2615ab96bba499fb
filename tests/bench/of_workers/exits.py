"""When an exit is noticed, and what waiting costs.

Children are ended by another process, which writes down when; the clock is the same for all processes of a machine.
"""

import asyncio
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from statistics import median

from orchestra.workers.capacity import raise_descriptor_limit
from orchestra.workers.pool import Pool

from .rows import Row, percentile, ratio
from .stubs import ENVIRONMENT, Plain, Quiet, command, until

AT_ONCE = 64
BURST = 4
"""So many are ended in one moment: a start in front of an exit shows as soon as there are two."""

EVERY = 0.02
"""Seconds between two bursts, on average."""

KILLER = """
import os, random, signal, sys, time
for line in sys.stdin:
    time.sleep(random.expovariate(1 / float(sys.argv[1])))
    for pid in map(int, line.split()):
        print(pid, time.monotonic(), flush=False)
        os.kill(pid, signal.SIGKILL)
    sys.stdout.flush()
"""


class Killer:
    """Ends whom it is told to, a little later, and says when it did."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def end(self, pids: list[int]) -> None:
        assert self._process.stdin is not None
        print(*pids, file=self._process.stdin, flush=True)

    def times(self) -> dict[int, float]:
        """pid → the moment, once all have been ended."""
        output, _ = self._process.communicate()
        return {int(pid): float(moment) for pid, moment in map(str.split, output.splitlines())}


@contextmanager
def a_killer() -> Iterator[Killer]:
    line = [sys.executable, "-S", "-c", KILLER, str(EVERY)]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Killer(process)
    finally:
        process.kill()
        process.wait()


async def _bursts(killer: Killer, running: dict[int, None], exits: int) -> None:
    """Have `exits` of those who run ended, in bursts, as long as replacements come."""
    for _ in range(exits // BURST):
        await until(lambda: len(running) >= AT_ONCE)
        chosen = random.sample(list(running), BURST)
        for pid in chosen:
            del running[pid]
        killer.end(chosen)


async def by_the_pool(killer: Killer, exits: int) -> dict[int, float]:
    noticed: dict[int, float] = {}
    running: dict[int, None] = {}

    async def one(pool: Pool) -> None:
        job = pool.start(command("/bin/sleep", "1000"), Plain, Quiet(), began=lambda pid: running.setdefault(pid, None))
        await pool.wait(job)
        noticed[job.pid or 0] = time.monotonic()

    async with Pool(AT_ONCE) as pool:
        ones = [asyncio.create_task(one(pool)) for _ in range(exits + AT_ONCE)]
        await _bursts(killer, running, exits)
        await until(lambda: len(noticed) >= exits)
        await pool.stop(grace=0)
        await asyncio.gather(*ones)
    return noticed


async def by_a_bare_loop(killer: Killer, exits: int) -> dict[int, float]:
    """The floor: pidfds on an epoll, nobody is listened to, and nothing else is on the loop."""
    noticed: dict[int, float] = {}
    children: dict[int, int] = {}
    marked: set[int] = set()
    epoll = select.epoll()

    def start() -> None:
        pid = os.posix_spawn("/bin/sleep", ("/bin/sleep", "1000"), ENVIRONMENT, setsid=True)
        children[pidfd := os.pidfd_open(pid)] = pid
        epoll.register(pidfd, select.EPOLLIN)

    def ended(pidfd: int) -> None:
        epoll.unregister(pidfd)
        os.close(pidfd)
        pid = children.pop(pidfd)
        os.waitpid(pid, 0)
        noticed[pid] = time.monotonic()

    for _ in range(AT_ONCE):
        start()
    while len(noticed) < exits:
        if not marked - noticed.keys():
            marked.update(chosen := random.sample(list(children.values()), BURST))
            killer.end(chosen)
        gone = epoll.poll()
        for pidfd, _ in gone:
            ended(pidfd)
        for _ in gone:
            start()
    for pid in children.values():
        os.kill(pid, signal.SIGKILL)
    for pidfd in list(children):
        ended(pidfd)
    epoll.close()
    return noticed


async def by_asyncio(killer: Killer, exits: int) -> dict[int, float]:
    noticed: dict[int, float] = {}
    running: dict[int, None] = {}
    children = []
    room = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with room:
            # In a session of its own, as every worker is: the kernel gives each session a share of the CPU of its own,
            # and on a busy machine that is 5 ms (p90) between the kill and the death, whoever waits for it.
            child = await asyncio.create_subprocess_exec("/bin/sleep", "1000", env=ENVIRONMENT, start_new_session=True)
            children.append(child)
            running[child.pid] = None
            await child.wait()
            noticed[child.pid] = time.monotonic()

    ones = [asyncio.create_task(one()) for _ in range(exits + AT_ONCE)]
    await _bursts(killer, running, exits)
    await until(lambda: len(noticed) >= exits and len(children) == exits + AT_ONCE)
    for child in children:
        if child.returncode is None:
            child.kill()
    await asyncio.gather(*ones)
    return noticed


def delays(contender: Callable[[Killer, int], Coroutine[None, None, dict[int, float]]], exits: int) -> list[float]:
    """Milliseconds from the kill to the moment at which whoever waited knows."""
    with a_killer() as killer:
        noticed = asyncio.run(contender(killer, exits))
        ended = killer.times()
    return [1000 * (noticed[pid] - moment) for pid, moment in ended.items()]


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    contenders = {
        "asyncio subprocess, no PTY": by_asyncio,
        "a bare loop over pidfds, no PTY": by_a_bare_loop,
        "the pool": by_the_pool,
    }
    found: dict[str, list[list[float]]] = {name: [] for name in contenders}
    for number in range(2 if quick else 5):
        said(f"exits: round {number + 1}")
        for name, contender in contenders.items():
            found[name].append(delays(contender, 160 if quick else 480))
    rows = []
    for share, target in ((0.50, None), (0.99, 2.0)):
        group = f"exit noticed, p{share * 100:.0f}, {AT_ONCE} at once, {BURST} ended in one moment"
        figures = {name: [percentile(each, share) for each in rounds] for name, rounds in found.items()}
        theirs = figures["asyncio subprocess, no PTY"]
        for name, ours in figures.items():
            mine = name == "the pool"
            if target is None:
                rows.append(Row(group, name, median(ours), "ms", ratio(ours, theirs), 1.0 if mine else None))
            else:
                rows.append(Row(group, name, median(ours), "ms", None, target if mine else None))
    said("exits: a thousand that only wait")
    workers, seconds = (300, 2.0) if quick else (1000, 10.0)
    share_of_cpu = asyncio.run(waiting(workers, seconds))
    rows.append(Row(f"idle CPU of {workers} waiting workers", "the pool", share_of_cpu, "%", None, 0.05))
    return rows


async def waiting(workers: int, seconds: float) -> float:
    """Percent of one CPU that the orchestrator takes while all of them sleep."""
    raise_descriptor_limit()
    async with Pool() as pool:
        for _ in range(workers):
            pool.start(command("/bin/sleep", "1000"), Plain, Quiet())
        await until(lambda: pool.peak == workers)
        await asyncio.sleep(0.5)
        before = time.process_time()
        await asyncio.sleep(seconds)
        spent = time.process_time() - before
        await pool.stop(grace=0)
    return 100 * spent / seconds


if __name__ == "__main__":
    print(json.dumps([row.as_json() for row in measure(True, lambda _: None)], indent=1))
