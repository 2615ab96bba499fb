"""A part of a report: the findings a reader asked for, with a note of what was left out."""

from collections.abc import Sequence

from orchestra.errors import UnknownName, UsageError
from orchestra.findings.finding import MergedFinding
from orchestra.reports.first_lines import next_step
from orchestra.reports.report import Filtered, Report


def selected(report: Report, *, min_confidence: float | None = None, lenses: Sequence[str] = ()) -> Report:
    """The report with only the findings said with this confidence or more, and through one of these lenses.

    Who answered and what it cost stay as they are: they are facts of the run, not of the selection.
    """
    if min_confidence is not None and not 0 <= min_confidence <= 1:
        raise UsageError(f"A confidence goes from 0 to 1, not {min_confidence:g}.", next_step="Say 0.7 for 70 %.")
    known = lenses_of(report)
    for lens in lenses:
        if lens not in known:
            raise UnknownName("lens", lens, known, within="in this report")
    if min_confidence is None and not lenses:
        return report
    kept = [
        finding
        for finding in report.findings
        if (min_confidence is None or finding.confidence >= min_confidence)
        and (not lenses or seen_through(finding) & set(lenses))
    ]
    before = report.filtered.left_out if report.filtered else 0
    filtered = Filtered(
        min_confidence=min_confidence,
        lenses=tuple(lenses),
        left_out=before + len(report.findings) - len(kept),
    )
    part = {"findings": tuple(kept), "filtered": filtered, "next_step": _next_step(report, kept)}
    return report.model_copy(update=part)


def _next_step(report: Report, kept: Sequence[MergedFinding]) -> str:
    """A step that only names the worst finding names the worst of those that are shown."""
    usual = report.next_step == next_step(report.findings, report.workers, report.run)
    return next_step(kept, report.workers, report.run) if kept and usual else report.next_step


def seen_through(finding: MergedFinding) -> set[str]:
    """The lenses of those who say so; a reviewer with two lenses counts for both."""
    return {lens for said in finding.said_by for lens in (said.lens or "").split("+") if lens}


def lenses_of(report: Report) -> list[str]:
    """Every lens somebody of the run looked through."""
    asked = {lens for worker in report.workers for lens in (worker.lens or "").split("+") if lens}
    return sorted(asked.union(*map(seen_through, report.findings)))
