"""One merged finding from its wordings: which words stand for all of them."""

from collections.abc import Sequence

from orchestra.findings.finding import MergedFinding, Place, Ref, Said, Standing


def merged(said: Sequence[Said], also: Sequence[Ref] = ()) -> MergedFinding:
    """One finding from its wordings."""
    full = [one for one in said if one.complete] or list(said)
    head = max(full, key=lambda one: (one.finding.severity.weight, one.finding.confidence))
    places: dict[tuple[str, int, int], Place] = {}
    for one in said:
        for place in one.places:
            places.setdefault((place.path, place.start_line, place.end_line), place)
    anchored = any(place.anchor.found for place in places.values())
    standing = Standing.OPEN if anchored else Standing.UNANCHORED
    if not any(one.complete for one in said):
        standing = Standing.PARTIAL
    return MergedFinding(
        id="",
        title=head.finding.title,
        severity=head.finding.severity,
        confidence=max(one.finding.confidence for one in full),
        category=head.finding.category,
        places=tuple(places.values()),
        problem=head.finding.problem,
        recommendation=head.finding.recommendation,
        rewrite=head.finding.rewrite,
        said_by=tuple(said),
        also_said_by=tuple(also),
        support=len({one.worker for one in said if one.complete}),
        standing=standing,
    )
