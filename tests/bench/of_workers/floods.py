"""Sixteen workers that write as fast as they can: memory, rate, the loop's lag, and whether every byte is kept.

`python -m tests.bench.of_workers.floods HOW SOURCE FOLDER` prints one measurement as JSON.
"""

import asyncio
import filecmp
import json
import os
import select
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from orchestra.workers.pool import Pool
from orchestra.workers.terminal import READ_SIZE, Terminal

from .rows import Row, other_python, percentile, ratio
from .stubs import Plain, Quiet, command

WORKERS = 16
TICK = 0.005


def bare(source: Path, folder: Path, size: int = 65536) -> dict[str, float]:
    """The same PTYs, read by the plainest loop there is: nothing is kept."""
    children = [Terminal(command("/bin/cat", str(source))) for _ in range(WORKERS)]
    epoll = select.epoll()
    for child in children:
        epoll.register(child.child_fd, select.EPOLLIN)
    left, read = len(children), 0
    began = time.perf_counter()
    while left:
        for descriptor, _ in epoll.poll():
            try:
                read += len(os.read(descriptor, size))
            except OSError:
                epoll.unregister(descriptor)
                left -= 1
    took = time.perf_counter() - began
    for child in children:
        child.wait()
        child.close()
    assert read == WORKERS * source.stat().st_size
    return {"rate": read / took / 1e6}


def bare_and_kept(source: Path, folder: Path, batch: int = 32) -> dict[str, float]:
    """The same, and every log kept: what is left to gain for whoever must lose nothing."""
    children = [Terminal(command("/bin/cat", str(source))) for _ in range(WORKERS)]
    epoll = select.epoll()
    logs: dict[int, tuple[int, list[bytes]]] = {}
    for number, child in enumerate(children):
        epoll.register(child.child_fd, select.EPOLLIN)
        logs[child.child_fd] = os.open(folder / f"{number}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), []
    kept = 0
    began = time.perf_counter()
    while logs:
        for descriptor, _ in epoll.poll():
            log, chunks = logs[descriptor]
            try:
                chunks.append(os.read(descriptor, READ_SIZE))
            except OSError:
                epoll.unregister(descriptor)
                del logs[descriptor]
                kept += os.writev(log, chunks) if chunks else 0
                os.close(log)
            else:
                if len(chunks) == batch:
                    kept += os.writev(log, chunks)
                    chunks.clear()
    took = time.perf_counter() - began
    for child in children:
        child.wait()
        child.close()
    assert kept == WORKERS * source.stat().st_size
    _remove_logs(folder)
    return {"rate": kept / took / 1e6}


def by_the_pool(source: Path, folder: Path, *, lag: bool = False) -> dict[str, float]:
    """Rate, memory and logs; or the loop's lag, whose ticks nobody else pays for and which are a run of their own."""
    lags: list[float] = []

    async def tick() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            lags.append(loop.time() - due)

    async def main() -> float:
        async with Pool() as pool:
            ticking = asyncio.create_task(tick()) if lag else None
            began = time.perf_counter()
            jobs = [
                pool.start(command("/bin/cat", str(source), output=folder / f"{n}.log"), Plain, Quiet())
                for n in range(WORKERS)
            ]
            written = [(await pool.wait(job)).written for job in jobs]
            took = time.perf_counter() - began
            if ticking is not None:
                ticking.cancel()
            return sum(written) / took / 1e6

    rate = asyncio.run(main())
    memory = peak_memory()
    complete = [filecmp.cmp(source, folder / f"{n}.log", shallow=False) for n in range(WORKERS)]
    _remove_logs(folder)
    found = {"rate": rate, "rss": memory, "complete": sum(complete)}
    return found | {"lag": 1000 * percentile(lags, 0.99)} if lag else found


def _remove_logs(folder: Path) -> None:
    """Cutting off old logs would be measured as the next round's lag."""
    for log in folder.glob("*.log"):
        log.unlink()


def peak_memory() -> float:
    """MB. Not getrusage: that one remembers the parent this process was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


HOW: dict[str, Callable[[Path, Path], dict[str, float]]] = {
    "bare": bare,
    "bare-4": partial(bare, size=READ_SIZE),
    "bare-kept": bare_and_kept,
    "pool": by_the_pool,
    "pool-lag": partial(by_the_pool, lag=True),
}


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    megabytes = 10 if quick else 100
    figures: dict[str, list[dict[str, float]]] = {how: [] for how in HOW}
    with tempfile.TemporaryDirectory(prefix="orchestra-bench-") as folder:
        source = Path(folder, "source")
        line = b"".join(b'{"n":%06d,"text":"what a worker says, over and over"}\n' % n for n in range(20_000))
        source.write_bytes((line * (megabytes * 10**6 // len(line) + 1))[: megabytes * 10**6])
        for number in range(2 if quick else 5):
            for how, found in figures.items():
                said(f"floods: round {number + 1}: {how}")
                found.append(json.loads(other_python("floods", how, str(source), folder)))
    group = f"{WORKERS} workers write {megabytes} MB each"
    rates = {how: [each["rate"] for each in found] for how, found in figures.items()}
    pools = figures["pool"] + figures["pool-lag"]
    complete = min(each["complete"] for each in pools)
    lags = [each["lag"] for each in figures["pool-lag"]]
    return [
        Row(group, "rate of a bare read loop, 64 KiB a read", median(rates["bare"]), "MB/s", 1.0),
        Row(group, "the same, 4 KiB a read", median(rates["bare-4"]), "MB/s", ratio(rates["bare-4"], rates["bare"])),
        Row(group, "and every log kept", median(rates["bare-kept"]), "MB/s", ratio(rates["bare-kept"], rates["bare"])),
        Row(group, "rate of the pool", median(rates["pool"]), "MB/s", ratio(rates["pool"], rates["bare"]), 0.85, True),
        Row(group, "the pool's memory", median(each["rss"] for each in pools), "MB", None, 40),
        Row(group, "the loop's lag, p99", median(lags), "ms", None, 5),
        Row(group, "logs complete to the byte", complete, f"of {WORKERS}", None, WORKERS, True),
    ]


if __name__ == "__main__":
    print(json.dumps(HOW[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
