"""Checks for Python, over its syntax tree."""

from collections.abc import Iterator

from orchestra.rehearsal.checks import python_calls, python_names, python_shape
from orchestra.rehearsal.checks.problem import Lines, Problem, Seen
from orchestra.rehearsal.checks.python_source import read_source


def problems(lines: Lines) -> Iterator[Problem]:
    """What these checks see, or that the text is no Python at all."""
    try:
        source = read_source(lines)
    except (SyntaxError, ValueError, RecursionError) as error:
        yield _invalid(lines, error)
        return
    for checks in (python_shape, python_calls, python_names):
        yield from checks.problems(source)


def _invalid(lines: Lines, error: Exception) -> Problem:
    line = min(max(1, getattr(error, "lineno", None) or 1), max(lines, default=1))
    what = f"The parser stops here: {getattr(error, 'msg', None) or error}. (The understudy reads the newest syntax of "
    what += "the Python it runs in.)"
    return Problem(
        Seen(line, line, "The file is not valid Python", what),
        severity="high",
        confidence=0.8,
        category="syntax",
        recommendation="Correct the syntax; a file that cannot be parsed cannot be run.",
        lenses=("correctness", "risk", "compatibility"),
    )
