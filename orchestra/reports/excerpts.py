"""The code around the findings, taken when the report is made, so that it can still be shown when the code is gone."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from orchestra.findings.finding import MergedFinding
from orchestra.value import Value

AROUND = 3
"""Lines shown before and after a place."""
LONGEST_PLACE = 40
"""Lines of a place that are shown; what a reader needs more of he opens in the file."""
LONGEST_LINE = 400
"""Characters of a line: a minified file is one line of a megabyte."""
LARGEST = 4_000_000
"""Characters all excerpts of a report take at most; the findings that rank lowest go without."""


class Excerpt(Value):
    """Some lines of one file as they were when the run began."""

    path: str
    start_line: int
    lines: tuple[str, ...]

    @property
    def numbered(self) -> Iterable[tuple[int, str]]:
        """The lines with their numbers in the file."""
        return enumerate(self.lines, self.start_line)


class Excerpts:
    """Finds the lines of a report's excerpts by their numbers."""

    def __init__(self, excerpts: Iterable[Excerpt]) -> None:
        self._by_path: dict[str, list[Excerpt]] = {}
        for excerpt in sorted(excerpts, key=lambda one: (one.path, one.start_line)):
            self._by_path.setdefault(excerpt.path, []).append(excerpt)

    def lines(self, path: str, stretches: Iterable[tuple[int, int]], *, around: int = AROUND) -> dict[int, str]:
        """The lines of these stretches and so many around each, as far as they were kept, by number and in order."""
        here = self._by_path.get(path, [])
        found: dict[int, str] = {}
        for first, last in (window(first, last, around) for first, last in stretches):
            before = bisect_right(here, first, key=lambda one: one.start_line)
            for excerpt in here[max(before - 1, 0) :]:
                if excerpt.start_line > last:
                    break
                found |= {number: line for number, line in excerpt.numbered if first <= number <= last}
        return dict(sorted(found.items()))


def excerpts(findings: Sequence[MergedFinding], texts: Mapping[str, str]) -> tuple[Excerpt, ...]:
    """The lines around every place that was found, each line once. `texts` are the target's files by path."""
    files: dict[str, list[str]] = {}
    shown: dict[str, set[int]] = {}
    room = LARGEST
    for place in (place for finding in findings for place in finding.places):
        if not place.anchor.found or place.path not in texts:
            continue
        if place.path not in files:
            files[place.path] = _lines(texts[place.path])
        lines = files[place.path]
        first, last = window(place.start_line, place.end_line)
        fresh = set(range(first, min(last, len(lines)) + 1)) - shown.setdefault(place.path, set())
        room -= sum(len(lines[number - 1]) for number in fresh)
        if room < 0:
            break
        shown[place.path] |= fresh
    return tuple(
        Excerpt(path=path, start_line=first, lines=tuple(files[path][first - 1 : last]))
        for path, numbers in sorted(shown.items())
        for first, last in _runs(sorted(numbers))
    )


def window(first: int, last: int, around: int = AROUND) -> tuple[int, int]:
    """What is shown of a stretch of lines: not all of a very long one, and some around it."""
    end = max(first, min(last, first + LONGEST_PLACE - 1))
    return max(1, first - around), end + around


def _lines(text: str) -> list[str]:
    # Not splitlines(): a form feed or U+2028 inside a line ends it neither for editors nor for the anchors.
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return [line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + "…" for line in lines]


def _runs(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Consecutive numbers as first and last."""
    for _, run in groupby(enumerate(numbers), key=lambda counted: counted[1] - counted[0]):
        together = [number for _, number in run]
        yield together[0], together[-1]
