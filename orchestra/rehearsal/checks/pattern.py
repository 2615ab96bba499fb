"""Checks that are one regular expression: a line that fits it is the problem."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orchestra.rehearsal.checks.problem import Lines, Problem, Seen, Severity


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """What to look for in a line, and what it means. `{0}` in the title is what the expression found."""

    lenses: str
    """Names with spaces between."""
    severity: Severity
    confidence: float
    category: str
    find: str
    unless: str = r"(?!)"
    """A line that fits this too is none."""
    title: str
    problem: str
    do: str
    case: bool = False
    """Capitals matter."""
    _finds: re.Pattern[str] = field(init=False, repr=False)
    _spares: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        flags = 0 if self.case else re.IGNORECASE
        object.__setattr__(self, "_finds", re.compile(self.find, flags))
        object.__setattr__(self, "_spares", re.compile(self.unless, flags))

    def problems(self, lines: Lines) -> Iterator[Problem]:
        """A problem for every line that fits."""
        for number, line in lines.items():
            found = self._finds.search(line)
            if found and not self._spares.search(line):
                what = (found[1] if found.re.groups and found[1] else found[0]).strip()
                seen = Seen(number, number, self.title.format(what[:50]), self.problem)
                yield Problem(seen, self.severity, self.confidence, self.category, self.do, tuple(self.lenses.split()))


def problems_by(patterns: Sequence[Pattern], lines: Lines, *, comment: str | None = None) -> Iterator[Problem]:
    """What the patterns find; lines that begin with a comment sign are not looked at."""
    looked_at = {n: line for n, line in lines.items() if not (comment and line.lstrip().startswith(comment))}
    for pattern in patterns:
        yield from pattern.problems(looked_at)
