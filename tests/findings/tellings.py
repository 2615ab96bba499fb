"""Findings to tell stories with: what is not said is ordinary."""

import json
from typing import Any

from orchestra.findings.finding import Anchor, Finding, Location, MergedFinding, Place, Said, Severity

ORDINARY: dict[str, Any] = {
    "title": "The file is never closed",
    "severity": "high",
    "confidence": 0.8,
    "category": "leak",
    "locations": [{"path": "a.py", "start_line": 3, "end_line": 3, "quote": "f = open(path)"}],
    "problem": "The handle stays open when parsing fails. Under load the process runs out of descriptors.",
    "recommendation": "Open it in a with statement.",
}


def entry(**said: Any) -> dict[str, Any]:
    """A finding as it stands in a message."""
    return {**ORDINARY, **said}


def message(*findings: Any, **said: Any) -> str:
    """A message as JSON."""
    return json.dumps({"summary": "In short.", "findings": list(findings), **said})


def finding(**said: Any) -> Finding:
    """A finding that was read."""
    return Finding.model_validate(entry(**said))


def said(worker: str = "w1", index: int = 1, line: int = 3, path: str = "a.py", **words: Any) -> Said:
    """What one worker says of one line."""
    place = Place(path=path, start_line=line, end_line=line, quote=f"line {line}", anchor=Anchor.EXACT)
    facts = {key: words.pop(key) for key in ("complete", "repeats", "lens") if key in words}
    places = words.pop("places", (place,))
    where = [
        Location(path=one.path, start_line=one.start_line, end_line=one.end_line, quote=one.quote) for one in places
    ]
    return Said(worker=worker, index=index, finding=finding(locations=where, **words), places=places, **facts)


def homes(merged: tuple[MergedFinding, ...]) -> set[frozenset[tuple[str, int]]]:
    """Who stands together with whom."""
    return {frozenset((one.worker, one.index) for one in finding.said_by) for finding in merged}


SEVERITIES = list(Severity)
