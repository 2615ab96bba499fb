"""`csv`: a line a finding, also of those that are gone, and a line a silent worker, for a spreadsheet."""

import csv
from collections.abc import Iterator
from io import StringIO

from orchestra.findings.finding import MergedFinding
from orchestra.reports.places import spots
from orchestra.reports.plain import no_command, one_line
from orchestra.reports.report import Report
from orchestra.reports.selection import seen_through

COLUMNS = (
    "kind",
    "rank",
    "id",
    "standing",
    "life",
    "severity",
    "confidence",
    "category",
    "title",
    "path",
    "start_line",
    "end_line",
    "anchor",
    "all_places",
    "support",
    "said_by",
    "lenses",
    "problem",
    "recommendation",
    "reason",
    "run",
)
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, the wide signs of East Asian keyboards included."""


def render(report: Report) -> str:
    """One header, then a row each. Every cell is one line, and none is a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in _rows(report):
        writer.writerow([_cell(row.get(column, "")) for column in COLUMNS])
    return out.getvalue()


def _rows(report: Report) -> Iterator[dict[str, object]]:
    for worker in report.unanswered:
        told = {"kind": "worker", "id": worker.label, "standing": worker.ended, "lenses": worker.lens or ""}
        yield {**told, "reason": worker.reason, "run": report.run}
    for rank, finding in enumerate(report.findings, 1):
        yield {"kind": "finding", "rank": rank, "run": report.run, **_finding(finding), "life": _life(report, finding)}
    yield from _departed(report)


def _departed(report: Report) -> Iterator[dict[str, object]]:
    """Findings of earlier runs: those that are gone, and those nobody looked for again."""
    for one in report.history.departed if report.history else ():
        about = _finding(one.finding) if one.finding else {"title": one.title, "path": one.path}
        facts = {"id": one.id, "standing": "", "severity": one.severity, "reason": one.in_words, "run": one.last_seen}
        yield {"kind": "departed", **about, **facts, "life": "gone" if one.looked_again else "not seen"}


def _life(report: Report, finding: MergedFinding) -> str:
    lived = report.history.lived.get(finding.id) if report.history else None
    return lived.life.value if lived else ""


def _finding(finding: MergedFinding) -> dict[str, object]:
    place = finding.places[0] if finding.places else None
    return {
        "id": finding.id,
        "standing": finding.standing.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence,
        "category": finding.category,
        "title": finding.title,
        "path": place.path if place else "",
        "start_line": place.start_line if place else "",
        "end_line": place.end_line if place else "",
        "anchor": place.anchor.value if place else "",
        "all_places": "; ".join(spot.in_words for spot in spots(finding)),
        "support": finding.support,
        "said_by": ", ".join(dict.fromkeys(said.worker for said in finding.said_by)),
        "lenses": ", ".join(sorted(seen_through(finding))),
        "problem": finding.problem,
        "recommendation": finding.recommendation,
        "reason": finding.standing_reason or "",
    }


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = no_command(one_line(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
