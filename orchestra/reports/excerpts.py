"""The code around the findings, taken when the report is made, so that it can still be shown when the code is gone."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from orchestra.findings.finding import MergedFinding, Place
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
    def end_line(self) -> int:
        return self.start_line + len(self.lines) - 1


class Excerpts:
    """Finds the lines around a place."""

    def __init__(self, excerpts: Iterable[Excerpt]) -> None:
        self._by_path: dict[str, list[Excerpt]] = {}
        for excerpt in sorted(excerpts, key=lambda one: (one.path, one.start_line)):
            self._by_path.setdefault(excerpt.path, []).append(excerpt)

    def around(self, place: Place) -> Excerpt | None:
        """The excerpt of a place with as much around it as there is, or None."""
        here = self._by_path.get(place.path, [])
        before = bisect_right(here, place.start_line, key=lambda one: one.start_line)
        if not before or place.start_line > here[before - 1].end_line:
            return None
        excerpt = here[before - 1]
        first, last = _window(place)
        first = max(first, excerpt.start_line)
        lines = excerpt.lines[first - excerpt.start_line : last - excerpt.start_line + 1]
        return Excerpt(path=place.path, start_line=first, lines=lines)


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
        first, last = _window(place)
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


def _window(place: Place) -> tuple[int, int]:
    last = min(place.end_line, place.start_line + LONGEST_PLACE - 1)
    return max(1, place.start_line - AROUND), max(last, place.start_line) + AROUND


def _lines(text: str) -> list[str]:
    # Not splitlines(): a form feed or U+2028 inside a line ends it neither for editors nor for the anchors.
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    return [line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + "…" for line in lines]


def _runs(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Consecutive numbers as first and last."""
    for _, run in groupby(enumerate(numbers), key=lambda counted: counted[1] - counted[0]):
        together = [number for _, number in run]
        yield together[0], together[-1]
