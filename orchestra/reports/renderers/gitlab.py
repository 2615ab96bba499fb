"""`gitlab`: a code quality report, shown in merge requests."""

from collections.abc import Iterator
from typing import Any

from orchestra.findings.finding import Severity
from orchestra.reports.plain import one_line
from orchestra.reports.renderers.for_programs import incomplete, lines_of, message, not_counted, places_inside, rule
from orchestra.reports.renderers.json_text import json_text
from orchestra.reports.report import Report

SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def render(report: Report) -> str:
    """The open findings; before them an entry that says who did not answer, and one that counts those apart."""
    return json_text([*_entries(report)]) + "\n"


def _entries(report: Report) -> Iterator[dict[str, Any]]:
    for name, sentence in (("incomplete-report", incomplete(report)), ("not-counted", not_counted(report))):
        if sentence:
            yield {
                "description": sentence,
                "check_name": name,
                "fingerprint": f"orchestra-{name}-{report.pattern}",
                "severity": "info",
                "location": {"path": ".", "lines": {"begin": 1}},
            }
    for finding in report.open:
        places = places_inside(finding)
        first, last = lines_of(places[0]) if places else (1, 1)
        yield {
            "description": one_line(finding.title, 300),
            "content": {"body": message(finding)},
            "check_name": rule(finding),
            "fingerprint": finding.id,
            "severity": SEVERITIES[finding.severity],
            "location": {
                "path": one_line(places[0].path) if places else ".",
                "lines": {"begin": first, "end": last},
            },
        }
