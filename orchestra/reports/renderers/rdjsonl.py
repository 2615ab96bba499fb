"""`rdjsonl`: one diagnostic a line, for reviewdog."""

from collections.abc import Iterator
from typing import Any

from orchestra.findings.finding import Place, Severity
from orchestra.reports.plain import one_line
from orchestra.reports.renderers.for_programs import incomplete, lines_of, message, not_counted, places_inside, rule
from orchestra.reports.renderers.json_text import json_text
from orchestra.reports.report import Report

SEVERITIES = {Severity.CRITICAL: "ERROR", Severity.HIGH: "ERROR", Severity.MEDIUM: "WARNING", Severity.LOW: "INFO"}


def render(report: Report) -> str:
    """The open findings; before them a line that says who did not answer, and one that counts those apart."""
    return "".join(json_text(diagnostic, indent=None) + "\n" for diagnostic in _diagnostics(report))


def _diagnostics(report: Report) -> Iterator[dict[str, Any]]:
    source = {"name": "orchestra"}
    if missing := incomplete(report):
        yield {"message": missing, "location": {"path": "."}, "severity": "WARNING", "source": source}
    if apart := not_counted(report):
        yield {"message": apart, "location": {"path": "."}, "severity": "INFO", "source": source}
    for finding in report.open:
        places = places_inside(finding)
        yield {
            "message": f"{message(finding)}\n\n({finding.id}, said by {finding.support} independently)",
            "location": _location(places[0]) if places else {"path": "."},
            "severity": SEVERITIES[finding.severity],
            "source": source,
            "code": {"value": rule(finding)},
            "related_locations": [{"message": "also here", "location": _location(place)} for place in places[1:20]],
        }


def _location(place: Place) -> dict[str, Any]:
    first, last = lines_of(place)
    return {"path": one_line(place.path), "range": {"start": {"line": first}, "end": {"line": last}}}
