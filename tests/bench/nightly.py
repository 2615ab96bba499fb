"""What a night costs: `python -m tests.bench.nightly [--json]`.

Paid asks against changed files, of 100 files in 20 sections under three lenses; and how long a night takes in which
there is nothing to do, over a target of 2,000 files: the whole process of `orchestra nightly`, and its CPU time, which
says the same on a busy machine.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.crew.nights import FILES, FOLDERS, LENSES, WORKER, Nights

ROUNDS = 5
MANY = 2_000
A_FOLDER = 40
CHECKOUT = Path(__file__).parents[2]
JOB = """
[engines]
looking = {engine}
[jobs.night]
pattern = "review"
targets = ["src"]
lenses = "{lenses}"
engine = "looking"
at_once = 8
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="orchestra-bench-") as folder:
        cores, load = os.cpu_count(), round(os.getloadavg()[0], 1)
        rows = paid(Path(folder) / "paid") + idle(Path(folder) / "idle")
    if "--json" in sys.argv[1:]:
        print(json.dumps({"cores": cores, "load": load, "rows": rows}, indent=1))
        return
    print(f"{cores} cores, load {load}\n\n| | measured |\n|---|---|")
    for one in rows:
        print(f"| {one['what']} | {one['said']} |", flush=True)


def paid(folder: Path) -> list[dict[str, object]]:
    """How many of the asks are paid after so many files changed, one after the other or each in another folder."""
    nights = Nights(folder)
    last = nights.night().run
    asks = len(nights.asked())
    rows: list[dict[str, object]] = []
    for share, spread in ((0, False), (1, False), (10, False), (10, True), (100, False)):
        changed = [(n % FOLDERS, n // FOLDERS) if spread else (n // FILES, n % FILES) for n in range(share)]
        for part, name in changed:
            nights.write(f"src/part{part:02}/file{name}.py", f"value = {time.time_ns()}")
        last = nights.night(last).run
        where = "" if share in (0, 1, 100) else ", each in another folder" if spread else ", side by side"
        count = len(nights.asked())
        rows.append(
            {"what": f"{share} % of the files changed{where}", "paid": count, "said": f"{count} of {asks} asks"}
        )
    return rows


def idle(folder: Path) -> list[dict[str, object]]:
    """The night after a night, over many files that are what they were."""
    subprocess.run(["git", "init", "-q", folder], check=True)
    for number in range(MANY):
        file = folder / f"src/part{number // A_FOLDER:02}/file{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"value{number} = {number}\n" * 300)
    engine = json.dumps([sys.executable, "-S", "-E", str(WORKER), str(folder.parent / "asked")])
    (folder / "orchestra.toml").write_text(JOB.format(engine=engine, lenses=LENSES))
    first = night(folder)
    asks = len((folder.parent / "asked").read_text().splitlines())
    took = [night(folder) for _ in range(ROUNDS)]
    assert len((folder.parent / "asked").read_text().splitlines()) == asks
    return [
        row(f"the first night over {MANY:,} files, {asks} asks", [first]),
        row(f"a night with nothing to do over {MANY:,} files", took),
        row("of it, the run itself: target, keys, copies, report", [alone(folder) for _ in range(ROUNDS)]),
    ]


def alone(folder: Path) -> tuple[float, float]:
    """Seconds, and seconds of CPU, of the run in a process that has loaded what it needs."""
    newest = max(run.name for run in (folder / ".orchestra/runs").glob("*-*"))
    code = f"""
import time, orchestra
from orchestra.crew.lineage import Lineage
given = {{"target": "src", "lenses": "{LENSES}", "engine": "looking"}}
orchestra.plan("review", **given)
begin, cpu = time.perf_counter(), time.process_time()
report = orchestra.start("review", **given, lineage=Lineage(reuse=({newest!r},))).wait()
assert all(worker.reused_from for worker in report.workers)
print(time.perf_counter() - begin, time.process_time() - cpu)
"""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    said = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, check=True)
    wall, cpu = map(float, said.stdout.split())
    return wall, cpu


def night(folder: Path) -> tuple[float, float]:
    """Seconds the command takes, and seconds of CPU; with its bytecode on disk, as an installed one has it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(CHECKOUT), "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "orchestra", "nightly"]
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - begin, cpu


def row(what: str, took: Sequence[tuple[float, float]]) -> dict[str, object]:
    """The best of several: whatever else the machine does only adds to it."""
    wall, cpu = map(min, zip(*took, strict=True))
    said = f"{wall:.2f} s, {cpu:.2f} s of CPU"
    return {"what": what, "seconds": round(wall, 3), "cpu_seconds": round(cpu, 3), "said": said}


if __name__ == "__main__":
    main()
