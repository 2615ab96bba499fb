"""Checks for Python, over its syntax tree."""

import ast
from collections.abc import Iterator

from orchestra.rehearsal.checks import python_calls, python_names, python_shape
from orchestra.rehearsal.checks.problem import Lines, Problem, Seen


def problems(lines: Lines) -> Iterator[Problem]:
    """What these checks see, or that the text is no Python at all."""
    source = "\n".join(lines[number] for number in sorted(lines))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = min(getattr(error, "lineno", None) or 1, max(lines, default=1))
        what = f"Python reads this file as far as line {line} and stops: {getattr(error, 'msg', error)}."
        seen = Seen(line, line, "The file is not valid Python", what)
        yield Problem(
            seen, "critical", 0.9, "syntax", "Correct the syntax; the file cannot be run.", ("correctness", "risk")
        )
        return
    for checks in (python_shape, python_calls, python_names):
        yield from checks.problems(tree)
