"""A measured row, and the rounds it comes from."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure of ours beside one of another's; `target` is the most the ratio (or the figure itself) may be."""

    group: str
    what: str
    figure: float | None
    unit: str
    ratio: float | None = None
    """To the yardstick of the group."""
    target: float | None = None
    at_least: bool = False
    """The target is a floor."""
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """None: nothing was promised."""
        measured = self.ratio if self.ratio is not None else self.figure
        if self.target is None or measured is None:
            return None
        return measured >= self.target if self.at_least else measured <= self.target

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"holds": self.holds}


def skipped(group: str, what: str, reason: str) -> Row:
    return Row(group, what, None, "", note=f"skipped: {reason}")


def interleaved(
    contenders: Mapping[str, Callable[[], float]], rounds: int, said: Callable[[str], None]
) -> dict[str, list[float]]:
    """Every contender once in each round, so that whatever else the machine does meets them all alike."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, measure in contenders.items():
            said(f"round {number + 1} of {rounds}: {name}")
            figures[name].append(measure())
    return figures


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """The median of the ratios round by round: neighbours in time are alike in noise."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


def percentile(figures: Iterable[float], share: float) -> float:
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


ROOT = Path(__file__).parents[3]


def other_python(module: str, *args: str) -> str:
    """The output of a module of this benchmark in a Python of its own: a fresh heap, a peak of its own."""
    command = [sys.executable, "-m", f"tests.bench.of_workers.{module}", *args]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, env=dict(os.environ))
    return ran.stdout
