"""Thirty-two real codex against the stand-in model: the pool against `xargs -P` over the very same command lines."""

import asyncio
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from statistics import median

from orchestra.errors import EnvironmentLacking
from orchestra.outcome import Outcome
from orchestra.rehearsal import Rehearsal
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.pool import Command, Pool
from orchestra.workers.task import WorkerTask
from orchestra.workers.worker import work

from .rows import Row, interleaved, ratio, skipped

WORKERS = 32
AT_ONCE = 8
GROUP = f"{WORKERS} real codex against the stand-in model, {AT_ONCE} at once"


class Stage:
    """One stand-in model and one warm CODEX_HOME for all of them, as in a run."""

    def __init__(self, folder: Path, model: Mapping[str, str]) -> None:
        self._folder = folder
        self._rounds = count(1)
        self.engine = CodexEngine(environ={**os.environ, **model})
        self.answered: dict[str, list[int]] = {"the pool": [], "xargs -P": []}

    def tasks(self) -> list[WorkerTask]:
        """Fresh ones: an attempt's folder is used once."""
        attempt, tree = self._folder / f"round-{next(self._rounds)}", self._folder / "tree"
        tree.mkdir(exist_ok=True)
        return [
            WorkerTask(
                label=f"w{n}",
                run=attempt.name,
                prompt=f"Say that you are number {n}.",
                folder=attempt / f"w{n}",
                cwd=tree,
            )
            for n in range(WORKERS)
        ]

    def pool(self) -> float:
        async def main() -> int:
            async with Pool(AT_ONCE) as pool:
                results = await asyncio.gather(*(work(task, self.engine, pool) for task in self.tasks()))
            return sum(result.outcome is Outcome.ANSWERED for result in results)

        began = time.perf_counter()
        self.answered["the pool"].append(asyncio.run(main()))
        return time.perf_counter() - began

    def xargs(self) -> float:
        began = time.perf_counter()
        tasks = self.tasks()
        for task in tasks:
            task.files.path.mkdir(parents=True)
            (task.files.path / "run").write_text(_as_script(self.engine.command(task)))
        names = "".join(f"{task.files.path / 'run'}\n" for task in tasks)
        subprocess.run(["xargs", "-P", str(AT_ONCE), "-I{}", "/bin/sh", "{}"], input=names.encode(), check=False)
        answered = sum(bool(task.files.last_message.read_text()) for task in tasks if task.files.last_message.exists())
        self.answered["xargs -P"].append(answered)
        return time.perf_counter() - began


def _as_script(command: Command) -> str:
    assert command.output is not None
    assert command.stderr is not None
    environment = [f"{name}={value}" for name, value in command.environment.items()]
    line = shlex.join(["exec", "/usr/bin/env", "-i", *environment, *command.argv])
    streams = {"<": command.stdin, ">": command.output, "2>": command.stderr}
    return " ".join([line, *(f"{sign} {shlex.quote(str(path))}" for sign, path in streams.items())]) + "\n"


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    try:
        engine = CodexEngine(environ={**os.environ, "OPENAI_API_KEY": "rehearsal"})
        engine.check()
    except EnvironmentLacking as error:
        return [skipped(GROUP, "the pool", error.what)]
    with Rehearsal() as model, tempfile.TemporaryDirectory(prefix="orchestra-bench-") as folder:
        stage = Stage(Path(folder), model.environment)
        contenders = {"xargs -P": stage.xargs, "the pool": stage.pool}
        for warm in contenders.values():
            said("codex: warming up")
            warm()
        figures = interleaved(contenders, 2 if quick else 5, lambda what: said(f"codex: {what}"))
    theirs = figures["xargs -P"]
    rows = [
        Row(GROUP, name, median(found), "s", ratio(found, theirs), 1.0 if name == "the pool" else None)
        for name, found in figures.items()
    ]
    least = min(stage.answered["the pool"])
    return [*rows, Row(GROUP, "answered", float(least), f"of {WORKERS}", None, float(WORKERS), True)]
