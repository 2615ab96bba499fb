"""The order of a report, and why each finding stands where it stands."""

from collections import Counter
from collections.abc import Iterable

from orchestra.findings.finding import Anchor, MergedFinding, Severity, Standing
from orchestra.findings.headline import mean_weight


def ranked(findings: Iterable[MergedFinding]) -> tuple[MergedFinding, ...]:
    """By severity, independent support, confidence and anchor; what is not open comes after what is."""
    return tuple(
        finding.model_copy(update={"why_here": why_here(finding)}) for finding in sorted(findings, key=_place_in_line)
    )


def _place_in_line(finding: MergedFinding) -> tuple[object, ...]:
    anchors = [place.anchor for place in finding.places]
    return (
        list(Standing).index(finding.standing),
        -mean_weight([one for one in finding.said_by if one.complete] or finding.said_by),
        -finding.support,
        -finding.confidence,
        min(map(list(Anchor).index, anchors), default=len(Anchor)),
        [(place.path, place.start_line) for place in finding.places],
        finding.title,
        finding.id,
    )


def why_here(finding: MergedFinding) -> tuple[str, ...]:
    """The reasons, in the order in which they counted."""
    reasons = [_severities(finding), _support(finding), f"confidence {finding.confidence:.2f}", _anchor(finding)]
    if finding.standing is not Standing.OPEN:
        reasons.insert(0, f"{finding.standing.value}: {finding.standing_reason or 'it does not count'}")
    return tuple(reasons)


def _severities(finding: MergedFinding) -> str:
    full = [one for one in finding.said_by if one.complete] or finding.said_by
    said = Counter(one.finding.severity for one in full)
    if len(said) == 1:
        return finding.severity.value
    return f"{finding.severity.value}: " + ", ".join(
        f"{level.value} say {said[level]}" for level in Severity if said[level]
    )


def _support(finding: MergedFinding) -> str:
    if finding.support > 1:
        return f"{finding.support} workers say so independently"
    return "one worker says so" if finding.support else "no full answer says so"


def _anchor(finding: MergedFinding) -> str:
    if not finding.places:
        return "no place is named"
    states = {place.anchor for place in finding.places}
    state = min(states, key=list(Anchor).index)
    if state is Anchor.ABSENT and not any(place.quote.strip() for place in finding.places):
        return "the lines are nowhere in the target"
    if states >= {Anchor.EXACT, Anchor.MOVED}:
        return "a quote is where it says, another is there and its lines were corrected"
    return {
        Anchor.EXACT: "the quote is where it says",
        Anchor.MOVED: "the quote is there, its lines were corrected",
        Anchor.LOOSE: "the quote is there, not to the letter",
        Anchor.LINES: "the lines are there, nothing was quoted",
        Anchor.UNCHECKED: "the place was not looked up",
        Anchor.ABSENT: "the quote is nowhere in the target",
        Anchor.OUTSIDE: "the place is outside the target",
    }[state]
