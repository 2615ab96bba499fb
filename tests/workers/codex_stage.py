"""The real codex as a worker, against the stand-in model: one call plays one story and sees that nothing is left."""

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestra.rehearsal import Brain, Request, StandIn
from orchestra.usage import Usage
from orchestra.workers.engines.base import Engine
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.pool import Pool
from orchestra.workers.task import Deadlines, WorkerResult, WorkerTask
from orchestra.workers.worker import work

HASTE = {
    "model_providers.rehearsal.request_max_retries": "1",
    "model_providers.rehearsal.stream_max_retries": "1",
    "model_providers.rehearsal.stream_idle_timeout_ms": "500",
}
"""codex's own settings that shorten its patience: one retry instead of 4 and 5, half a second instead of 5 min."""

PATIENT = Deadlines(start=30, idle=60, wall=90, linger=10)


@dataclass(frozen=True)
class Played:
    """What came of a story."""

    result: WorkerResult
    requests: tuple[Request, ...]
    task: WorkerTask
    left: tuple[str, ...]
    """Processes of the worker that still ran after its result."""

    @property
    def asked(self) -> str:
        """Everything the model was told in the first request."""
        return str(self.requests[0].body)

    @property
    def tool_output(self) -> str:
        """What the first command printed."""
        return self.requests[-1].outputs[0].text


class CodexStage:
    """Plays stories in folders of its own, with one warm CODEX_HOME."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder = home, folder
        self.tree = folder / "tree"
        self.tree.mkdir()
        self._stories = 0

    def play(
        self,
        brain: Brain,
        *,
        config: str = "",
        settings: str = "",
        options: Mapping[str, Any] | None = None,
        environ: Mapping[str, str] | None = None,
        **task: Any,
    ) -> Played:
        """One worker's life.

        `settings` (single ones) and `config` (tables) are added to the config.toml, `options` go to the engine and the
        rest to the task.
        """
        with StandIn(brain, home=self.home) as model:
            file = self.home / "config.toml"
            file.write_text(f"{settings}\n{file.read_text()}\n{config}")
            engine = CodexEngine(environ={**os.environ, **model.environment, **(environ or {})}, **(options or {}))
            asked = self.task(**task)
            result = asyncio.run(self.live(engine, asked))
            return Played(result, model.requests, asked, tuple(processes_of(asked.mark)))

    def task(self, **fields: Any) -> WorkerTask:
        """A task with nothing in it that matters, but for `fields`."""
        self._stories += 1
        folder = self.folder / f"story-{self._stories}" / "attempt-1"
        plain = {"label": "w1-plain", "run": str(self.folder), "prompt": "Say something.", "deadlines": PATIENT}
        return WorkerTask(**{**plain, "folder": folder, "cwd": self.tree, **fields})

    @staticmethod
    async def live(engine: Engine, task: WorkerTask) -> WorkerResult:
        """Have it done."""
        async with Pool(1) as pool:
            return await work(task, engine, pool)


class Heard:
    """A follower that remembers."""

    def __init__(self) -> None:
        self.pids: list[int] = []
        self.said: list[str] = []
        self.something = asyncio.Event()

    def began(self, pid: int) -> None:
        self.pids.append(pid)

    def doing(self, text: str, usage: Usage | None = None) -> None:
        self.said.append(text)
        self.something.set()


def appears(file: Path, seconds: float = 10.0) -> bool:
    """Whether a file comes to be."""
    until = time.monotonic() + seconds
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return file.exists()


def processes_of(mark: str) -> Iterator[str]:
    """The living processes whose environment names the worker; a defunct entry has none."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                environment = (process / "environ").read_bytes()
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if f"ORCHESTRA_WORKER={mark}".encode() in environment:
                yield command.replace(b"\0", b" ").decode(errors="replace")
