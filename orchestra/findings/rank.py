"""The order of a report."""

from collections.abc import Iterable

from orchestra.findings.finding import MergedFinding


def ranked(findings: Iterable[MergedFinding]) -> tuple[MergedFinding, ...]:
    """By severity, independent support, confidence and anchor."""
    return tuple(sorted(findings, key=lambda one: (-one.severity.weight, -one.support, -one.confidence, one.id)))
