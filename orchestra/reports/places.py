"""Where a finding is, for a reader: places that overlap told once, and the lines that stand there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from textwrap import dedent

from orchestra.findings.finding import Anchor, MergedFinding, Place
from orchestra.reports.excerpts import AROUND, Excerpts
from orchestra.reports.plain import one_line, plain

LONGEST_PATH = 300


@dataclass(frozen=True, slots=True)
class Spot:
    """Lines of one file, as many stretches as the wordings name."""

    path: str
    stretches: tuple[tuple[int, int], ...]
    anchor: Anchor

    @property
    def in_words(self) -> str:
        """`src/a.py:12-14, 30`; with a word behind it where nobody found it there."""
        lines = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in self.stretches)
        doubt = "" if self.anchor.found else f" ({self.anchor})"
        return f"{one_line(self.path, LONGEST_PATH)}:{lines}{doubt}"


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of a file as it was, or of a quote, which has no number."""

    number: int | None
    text: str
    meant: bool = True
    """Part of the place; False: around it."""


def spots(finding: MergedFinding) -> tuple[Spot, ...]:
    """Its files in the order they are first named, found places before doubtful ones, with the lines in each."""
    by_file: dict[tuple[str, bool], list[Place]] = {}
    for place in finding.places:
        by_file.setdefault((place.path, place.anchor.found), []).append(place)
    told = (
        Spot(path, _stretches((place.start_line, place.end_line) for place in here), here[0].anchor)
        for (path, _), here in by_file.items()
    )
    return tuple(sorted(told, key=lambda spot: not spot.anchor.found))


def code_at(place: Place, excerpts: Excerpts) -> tuple[CodeLine, ...]:
    """The lines of a place as they are in the file, else as they were quoted; without the indentation all share."""
    spot = Spot(place.path, ((place.start_line, place.end_line),), place.anchor)
    runs = code_around(spot, excerpts, around=0)
    return runs[0] if runs else tuple(CodeLine(None, line) for line in _quoted(place.quote))


def main_code(finding: MergedFinding, excerpts: Excerpts) -> tuple[CodeLine, ...]:
    """The first stretch of the file a finding names first; what is there when there is room for one piece of code."""
    for spot in spots(finding)[:1]:
        runs = code_around(replace(spot, stretches=spot.stretches[:1]), excerpts, around=0)
        here = next(
            place for place in finding.places if place.path == spot.path and place.anchor.found == spot.anchor.found
        )
        return runs[0] if runs else code_at(here, excerpts)
    return ()


def code_around(spot: Spot, excerpts: Excerpts, *, around: int = AROUND) -> tuple[tuple[CodeLine, ...], ...]:
    """The lines of a spot and some around each stretch, in runs without a gap; nothing where none were kept."""
    kept = excerpts.lines(spot.path, spot.stretches, around=around) if spot.anchor.found else {}
    texts = _dedented([plain(line, lines=True) for line in kept.values()])
    told = [
        CodeLine(number, text, any(first <= number <= last for first, last in spot.stretches))
        for number, text in zip(kept, texts, strict=True)
    ]
    runs = groupby(enumerate(told), key=lambda counted: (counted[1].number or 0) - counted[0])
    return tuple(tuple(line for _, line in run) for _, run in runs)


def _quoted(quote: str) -> list[str]:
    """A quote's lines. It often begins behind the indentation of its first line."""
    lines = plain(quote, lines=True).strip("\n").split("\n")
    if len(lines) > 1 and lines[0][:1].strip():
        return [lines[0], *_dedented(lines[1:])]
    return _dedented(lines) if any(lines) else []


def _dedented(lines: list[str]) -> list[str]:
    return dedent("\n".join(line.expandtabs(4) for line in lines)).split("\n") if lines else []


def _stretches(lines: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Stretches of lines in the order they are named; those that overlap are one."""
    joined: list[tuple[int, int]] = []
    for first, last in lines:
        first, last = first, max(first, last)
        met = [one for one in joined if one[0] <= last and first <= one[1]]
        at = joined.index(met[0]) if met else len(joined)
        joined = [one for one in joined if one not in met]
        joined.insert(at, (min([first, *(one[0] for one in met)]), max([last, *(one[1] for one in met)])))
    return tuple(joined)
