"""Looking a finding up in the text it is about: where its quote stands, what a check sees there."""

from collections.abc import Sequence

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.checks import Problem, problems_in
from orchestra.rehearsal.errand import Errand, read
from orchestra.rehearsal.reading import Text
from orchestra.rehearsal.told import Given, Place


def texts_of(findings: Sequence[Given]) -> Errand[dict[str, Text]]:
    """The files the findings are about, as far as they can be read."""
    paths = dict.fromkeys(place.path for finding in findings for place in finding.places if place.path)
    texts = yield from read([Assigned(path) for path in paths])
    return {text.path: text for text in texts}


def lines_of(text: Text) -> tuple[str, ...]:
    """The lines of a text that was read whole."""
    return tuple(text.lines[number] for number in sorted(text.lines))


def stands(lines: Sequence[str], place: Place) -> int | None:
    """The line where the quote begins, the nearest to the one named; white space around lines is no matter."""
    wanted = [line.strip() for line in place.quote]
    if not wanted:
        return place.first if place.first <= len(lines) else None
    bare = [line.strip() for line in lines]
    found = [number for number in range(1, len(lines) + 1) if bare[number - 1 : number - 1 + len(wanted)] == wanted]
    return min(found, key=lambda number: abs(number - place.first), default=None)


def seen_at(path: str, lines: Sequence[str], title: str, line: int, length: int = 1) -> Problem | None:
    """What a check of its own sees at the lines, if it says of it what the finding says."""
    numbered = dict(enumerate(lines, 1))
    for problem in problems_in(path, numbered, whole=True):
        if problem.seen.title[:100] == title and line <= problem.seen.last and problem.seen.first < line + length:
            return problem
    return None
