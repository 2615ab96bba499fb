"""Runs whose workers do what their prompts say, and what is known of them afterwards."""

import shlex
from pathlib import Path
from typing import Any

import orchestra
from orchestra.crew.changes import Changes
from orchestra.crew.run_folder import RunFolder, Seal
from orchestra.reports.report import Report
from tests.crew import write_plays

SHELL = f"command:sh {shlex.quote(str(Path(__file__).parent / 'shell_worker.sh'))}"
Asks = list[list[dict[str, Any]]]


def played(project: Path, *rounds: list[dict[str, Any]], **options: Any) -> tuple[Report, RunFolder]:
    """A run of these rounds, and its folder."""
    run = orchestra.start(write_plays.rounds, asks=list(rounds), engine=SHELL, start=project, **options)
    return run.wait(60), run.folder


def seal(folder: RunFolder, label: str, number: int = 1) -> Seal:
    found = folder.seal(label, number)
    assert found is not None
    return found


def changes(folder: RunFolder, label: str, number: int = 1) -> Changes:
    found = seal(folder, label, number).changes
    assert found is not None
    return found
