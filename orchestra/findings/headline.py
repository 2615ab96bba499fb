"""One merged finding from its wordings: what stands for all of them, and nothing of theirs lost."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from orchestra.findings.finding import Anchor, MergedFinding, Place, Ref, Said, Severity, Standing

LONGEST_TITLE = 120
"""Characters of a headline; the contract asks for 100. The whole title stays under `said_by`."""

_ORDER = {anchor: number for number, anchor in enumerate(Anchor)}


def merged(said: Sequence[Said], also: Sequence[Ref] = ()) -> MergedFinding:
    """One finding from its wordings, the one that speaks best for all of them first.

    What a message says that was no full answer is kept, but speaks for the finding only where nobody else does.
    """
    full = [one for one in said if one.complete] or list(said)
    head = full[0].finding
    standing, reason = _standing(said)
    return MergedFinding(
        id="",
        title=shortened(head.title, LONGEST_TITLE),
        severity=severity_of(full),
        confidence=max([one.finding.confidence for one in full]),
        category=_most_said(full),
        places=_places(said),
        problem=head.problem,
        recommendation=head.recommendation or next((one.finding.recommendation for one in full), ""),
        rewrite=next((one.finding.rewrite for one in full if one.finding.rewrite), None),
        said_by=tuple(said),
        also_said_by=tuple(also),
        support=len({one.repeats or one.worker for one in said if one.complete}),
        standing=standing,
        standing_reason=reason,
    )


def mean_weight(said: Sequence[Said]) -> float:
    """How severe they say it is on the whole, on the scale 8, 4, 2, 1; each worker counts once."""
    by_worker: dict[str, list[int]] = {}
    for one in said:
        by_worker.setdefault(one.worker, []).append(one.finding.severity.weight)
    return sum([sum(weights) / len(weights) for weights in by_worker.values()]) / len(by_worker)


def severity_of(said: Sequence[Said]) -> Severity:
    """The severity nearest to the mean, in doubt the worse: one voice that shouts does not decide for all."""
    mean = mean_weight(said)
    return next((level for level in Severity if mean >= 0.75 * level.weight), Severity.LOW)


def shortened(text: str, length: int) -> str:
    """One line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _standing(said: Sequence[Said]) -> tuple[Standing, str | None]:
    if not any(one.complete for one in said):
        return Standing.PARTIAL, "it stands only in messages that were no full answer"
    places = [place for one in said for place in one.places]
    if not any(place.anchor.found for place in places):
        return Standing.UNANCHORED, _why_nowhere(places)
    return Standing.OPEN, None


def _why_nowhere(places: Sequence[Place]) -> str:
    """Every kind of place that is not there, each once."""
    if not places:
        return "it names no place"
    if {place.anchor for place in places} == {Anchor.OUTSIDE}:
        return "it names no place inside the target"
    quoted = [bool(place.quote.strip()) for place in places if place.anchor is Anchor.ABSENT]
    what = ["what it quotes"] * any(quoted) + ["the lines it names"] * (not all(quoted))
    nowhere = f"{' and '.join(what)} {'is' if all(quoted) else 'are'} nowhere in the target"
    return nowhere if len(quoted) == len(places) else f"{nowhere}, and a place it names is outside"


def _most_said(said: Sequence[Said]) -> str:
    meant = [one.finding.category.strip().casefold() for one in said]
    counted = Counter(meant) if len({*meant}) > 1 else {meant[0]: 1}
    return said[meant.index(max(counted, key=counted.__getitem__))].finding.category


def _places(said: Sequence[Said]) -> tuple[Place, ...]:
    """Every place once, in its best anchored wording: those that are there first, then the most often named.

    In doubt as they were named: who reports a problem names first where it is, then what goes with it.
    """
    best: dict[tuple[str, int, int], Place] = {}
    named_by: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for one in said:
        for place in one.places:
            key = place.path, place.start_line, place.end_line
            named_by[key].add(one.worker)
            if key not in best or _ORDER[place.anchor] < _ORDER[best[key].anchor]:
                best[key] = place
    keys = sorted(best, key=lambda key: (not best[key].anchor.found, -len(named_by[key])))
    return tuple(best[key] for key in keys)
