"""A project, a scripted model, and the real command line between them."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestra.rehearsal import StandIn
from orchestra.reports.report import Report
from tests.cli.warm import Warm

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Played:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> Report:
        """The report it printed."""
        return Report.model_validate_json(self.out)

    @property
    def json(self) -> Any:
        """What it printed, as plain values."""
        return json.loads(self.out)


class Stage:
    """A git repository to stand in, with whatever files a story needs."""

    def __init__(self, folder: Path, warm: Warm, model: StandIn | None = None) -> None:
        self.project, self.model, self._warm = folder, model, warm
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        """Call git in it."""
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *words], cwd=self.project, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, files: dict[str, str]) -> None:
        """Files of the project, committed."""
        for name, text in files.items():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "files")

    def plays(self, *words: str, status: int | None = 0, **environment: str) -> Played:
        """Type a command of orchestra; its exit status is checked."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRA")}
        served = self.model.environment if self.model else {}
        seen = {**kept, "PYTHONPATH": str(CHECKOUT), **served, **environment}
        done = self._warm.run(words, self.project, seen)
        told = f"{words}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        assert status is None or done.returncode == status, told
        assert "Traceback" not in done.stderr, told
        return Played(done.returncode, done.stdout, done.stderr)

    @property
    def runs(self) -> list[Path]:
        """The folders of its runs, oldest first."""
        folders = (self.project / ".orchestra/runs").glob("*-*")
        # Of two that began in one second the names say nothing.
        return sorted(folders, key=lambda run: (run.name[:15], (run / "run.json").stat().st_mtime_ns))

    @property
    def prompts(self) -> list[str]:
        """The prompts of all workers of the newest run, by label."""
        files = (self.runs[-1] / "workers").glob("*/attempt-*/prompt.md")
        return [file.read_text() for file in sorted(files)]
