"""The understudy's eyes: plain static checks, each belonging to the lenses that would ask for it.

A check is a function from a text to what it sees in it. It says only what the lines in front of it show.
"""

from collections.abc import Iterator
from pathlib import PurePath

from orchestra.rehearsal.checks import any_text, python
from orchestra.rehearsal.checks.problem import LENSES, Lines, Problem

__all__ = ["LENSES", "Problem", "problems_in"]


def problems_in(path: str, lines: Lines, *, whole: bool) -> Iterator[Problem]:
    """What the checks for this kind of file see. Checks of structure need the whole text."""
    yield from any_text.problems(lines)
    if whole and PurePath(path).suffix in {".py", ".pyi"}:
        yield from python.problems(lines)
