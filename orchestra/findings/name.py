"""Short ids of merged findings."""

from collections.abc import Iterable
from hashlib import sha256

from orchestra.findings.finding import MergedFinding


def named(findings: Iterable[MergedFinding]) -> tuple[MergedFinding, ...]:
    """Every finding with an id of its own, made from what it says."""
    taken: set[str] = set()
    given = []
    for finding in findings:
        token = sha256(
            f"{finding.title}\0{finding.problem}\0{[place.path for place in finding.places]}".encode()
        ).hexdigest()
        length = 4
        while f"f-{token[:length]}" in taken:
            length += 1
        taken.add(f"f-{token[:length]}")
        given.append(finding.model_copy(update={"id": f"f-{token[:length]}"}))
    return tuple(given)
