"""What looking at a run costs: `python -m tests.bench.crew`.

A poll while 64 workers flood, a fresh look at a run of 1000 workers, and how long `--detach` keeps a prompt waiting.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orchestra
from orchestra.crew.view import Watch
from tests.crew import plays

FLOOD = "command:sh -c 'head -c 20000000 /dev/zero | tr \"\\0\" x'"
ROUNDS = 9


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="orchestra-bench-") as folder:
        project = Path(folder)
        (project / ".orchestra").mkdir()
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n\n| | median | p99 |\n|---|---|---|")
        row("a poll while 64 workers flood", polls(project))
        row("a fresh look at a run of 1000 workers", looks(project))
        row("`--detach` until the prompt is back", detaches(project))


def polls(project: Path) -> list[float]:
    taken = []
    with orchestra.start(plays.many, number=64, engine=FLOOD, at_once=64, start=project) as run:
        while not run.poll().over:
            begin = time.perf_counter()
            run.poll()
            taken.append(time.perf_counter() - begin)
            time.sleep(0.002)
    return taken


def looks(project: Path) -> list[float]:
    with orchestra.start(plays.many, number=1000, engine="command:true", at_once=32, start=project) as run:
        run.wait()
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        assert len(Watch(run.folder).look().workers) == 1000
        taken.append(time.perf_counter() - begin)
    return taken


def detaches(project: Path) -> list[float]:
    command = [sys.executable, "-m", "orchestra", "ask", "--engine", "command:cat", "--detach", "hello"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        run = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True)
        taken.append(time.perf_counter() - begin)
        wait = [sys.executable, "-m", "orchestra", "wait", run.stdout.strip()]
        subprocess.run(wait, cwd=project, env=environment, capture_output=True, check=True)
    return taken


def row(what: str, taken: list[float]) -> None:
    taken.sort()
    tail = taken[min(len(taken) - 1, int(len(taken) * 0.99))]
    print(f"| {what} | {1000 * statistics.median(taken):.2f} ms | {1000 * tail:.2f} ms |", flush=True)


if __name__ == "__main__":
    main()
