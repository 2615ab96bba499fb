"""Words for the stories of this folder."""

import json
from pathlib import Path
from typing import Any

from tests.cli.house import House

JOB = 'targets = ["src"]\nlenses = "risk,clarity"\nsite = false\n'
"""Two workers; the page is not made unless a story is about it."""


def describe(house: House, **jobs: str) -> None:
    """Add jobs to the project's settings: `describe(house, docs=JOB)`."""
    file = house.project / "orchestra.toml"
    text = "".join(f"\n[jobs.{name}]\n{lines}" for name, lines in jobs.items())
    file.write_text(file.read_text() + text)


def ended(house: House, *words: str, exit: int = 0) -> dict[str, dict[str, Any]]:
    """How each job of a night ended."""
    return {end["job"]: end for end in house.json("nightly", *words, exit=exit)["jobs"]}


def lineage(run: Path) -> dict[str, Any]:
    """What a run goes on from."""
    told: dict[str, Any] = json.loads((run / "run.json").read_text())["lineage"]
    return told
