"""The rules of a SARIF run: one a category, so that a service can count and filter by it."""

import re
from collections.abc import Iterable
from typing import Any

from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.reports.plain import one_line
from orchestra.reports.renderers.for_programs import rule
from orchestra.reports.selection import seen_through

LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
"""`security-severity`: GitHub calls above 9 critical, from 7 high, from 4 medium, below it low."""
PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
_ABOUT_SECURITY = re.compile(
    r"secur|vulnerab|inject|xss|csrf|ssrf|auth|credential|secret|crypt|traversal|privilege|sandbox|deserial|disclos|spoof"
)


class Rules:
    """Every category there is, with its place in the list."""

    def __init__(self, findings: Iterable[MergedFinding]) -> None:
        self._by_id: dict[str, list[MergedFinding]] = {}
        for finding in findings:
            self._by_id.setdefault(rule(finding), []).append(finding)
        self._index = {name: number for number, name in enumerate(self._by_id)}

    def id(self, finding: MergedFinding) -> str:
        return rule(finding)

    def index(self, finding: MergedFinding) -> int:
        return self._index[rule(finding)]

    def told(self) -> list[dict[str, Any]]:
        """As the tool's driver lists them. The severity of a rule is that of its worst finding."""
        return [_rule(name, findings) for name, findings in self._by_id.items()]


def _rule(name: str, findings: list[MergedFinding]) -> dict[str, Any]:
    counted = [finding for finding in findings if finding.standing is Standing.OPEN] or findings
    worst = max((finding.severity for finding in counted), key=lambda severity: severity.weight)
    title = one_line(findings[0].category, 200) or "Uncategorised"
    lenses = sorted({one_line(lens, 40) for finding in findings for lens in seen_through(finding)})
    security = bool(_ABOUT_SECURITY.search(name)) or lenses == ["security"]
    properties: dict[str, Any] = {
        "tags": [*(["security"] if security else []), *(lens for lens in lenses if lens != "security")][:10],
        "problem.severity": PROBLEM[LEVELS[worst]],
    }
    if security:
        properties["security-severity"] = SCORES[worst]
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": title[0].upper() + title[1:]},
        "fullDescription": {"text": f"Findings of reviewers in the category “{title}”."},
        "help": {"text": "Each result carries the problem and what to do about it in its own message."},
        "defaultConfiguration": {"level": LEVELS[worst]},
        "properties": properties,
    }
