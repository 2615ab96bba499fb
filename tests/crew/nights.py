"""A project that is reviewed again and again: 100 files in 20 sections, and a program that notes what it was asked."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import orchestra
from orchestra.crew.lineage import Lineage
from orchestra.crew.run import Run
from orchestra.reports.report import Report

WORKER = Path(__file__).parent / "looking_worker.py"
FOLDERS, FILES = 20, 5
LINES = 4_000
"""Of one file: five of them are as much as one section takes, so that each folder is one."""
LENSES = "correctness,risk,security"


class Nights:
    """Its runs, and how often anybody was asked."""

    def __init__(self, folder: Path, folders: int = FOLDERS, delay: float = 0.0) -> None:
        self.project = folder
        self._asked = folder.parent / f"{folder.name}-asked"
        self._asked.touch()
        subprocess.run(["git", "init", "-q", folder], check=True)
        self._worker = shlex.join([sys.executable, "-S", "-E", str(WORKER), str(self._asked), str(delay)])
        for number in range(folders):
            for name in range(FILES):
                self.write(f"src/part{number:02}/file{name}.py", f"value = {number * 10 + name}")

    def write(self, path: str, first: str) -> None:
        """A file with this as its first line."""
        file = self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{first}\n" + "# nothing\n" * LINES)

    @property
    def options(self) -> dict[str, Any]:
        """How each of its runs is asked for."""
        return {"target": "src", "lenses": LENSES, "engine": f"command:{self._worker}", "start": self.project}

    def start(self, lineage: Lineage, **more: Any) -> Run:
        """Begin one."""
        return orchestra.start("review", **{**self.options, "at_once": 8, **more}, lineage=lineage)

    def night(self, *reuse: str, max_reuse_age: float | None = None, **more: Any) -> Report:
        """One run that takes the answers of others, to its end."""
        return self.start(Lineage(job="night", reuse=reuse, max_reuse_age=max_reuse_age), **more).wait(120)

    def asked(self) -> list[str]:
        """What anybody was asked since the last look: lens and first file."""
        said = self._asked.read_text().splitlines()
        self._asked.write_text("")
        return sorted(said)

    def folder(self, run: str) -> Path:
        """The folder of a run."""
        return self.project / ".orchestra/runs" / run
