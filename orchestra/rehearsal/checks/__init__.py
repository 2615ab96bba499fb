"""The understudy's eyes: plain static checks, each belonging to the lenses that would ask for it.

A check is a function from a text to what it sees in it. It says only what the lines in front of it show.
"""

from collections.abc import Iterator
from pathlib import PurePath

from orchestra.rehearsal.checks import any_text, code, config, prose, python, shell
from orchestra.rehearsal.checks.pattern import problems_by
from orchestra.rehearsal.checks.problem import LENSES, Lines, Problem

__all__ = ["LENSES", "Problem", "problems_in"]

_PROSE = {".md", ".markdown", ".rst", ".txt", ".adoc", ".org"}
_SHELL = {".sh", ".bash", ".zsh", ".ksh"}


def problems_in(path: str, lines: Lines, *, whole: bool) -> Iterator[Problem]:
    """What the checks for this kind of file see. What is about a file's structure is asked only of whole files."""
    name, ending = PurePath(path).name, PurePath(path).suffix.lower()
    first = lines.get(1, "")
    yield from any_text.problems(lines)
    if ending in {".py", ".pyi"} or (first.startswith("#!") and "python" in first):
        if whole:
            yield from python.problems(lines)
    elif ending in _SHELL or (first.startswith("#!") and first.rstrip().endswith("sh")):
        yield from shell.problems(lines)
    elif name.startswith(("Dockerfile", "Containerfile")) or ending == ".dockerfile":
        yield from config.dockerfile(lines)
    elif ending in {".yml", ".yaml"}:
        yield from config.yaml(lines)
    elif ending in _PROSE:
        yield from prose.problems(lines)
    else:
        yield from problems_by(code.BY_ENDING.get(ending, ()), lines)
