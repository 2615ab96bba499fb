"""`sarif`: 2.1.0, as code scanning services read it; within GitHub's limits, and saying what was cut for them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from orchestra.findings.finding import MergedFinding, Place, Standing
from orchestra.reports.backdrop import Backdrop
from orchestra.reports.excerpts import Excerpts
from orchestra.reports.first_lines import headline, warnings, why_apart
from orchestra.reports.history import Departed, Life
from orchestra.reports.places import code_at
from orchestra.reports.plain import one_line, plain
from orchestra.reports.renderers.for_programs import lines_of, message, places_inside
from orchestra.reports.renderers.json_text import json_text
from orchestra.reports.renderers.sarif_rules import LEVELS, Rules
from orchestra.reports.report import Report
from orchestra.reports.selection import seen_through

MOST_RESULTS = 5000
"""GitHub takes 25,000 results of a run and shows 5,000."""
MOST_PLACES, MOST_NOTICES = 20, 200
LONGEST = 2000
"""Characters of a snippet or a notification."""
ROOT = "%SRCROOT%"
"""What GitHub calls the root of the repository."""
SUPPRESSED = (Standing.ACCEPTED, Standing.DISMISSED, Standing.WITHDRAWN)
BASELINE = {Life.STILL_THERE: "unchanged", Life.CHANGED: "updated"}


def render(report: Report) -> str:
    """One run with one result a finding; findings nowhere in the target are notifications, and so are the silent."""
    unseen = {one.id: one for one in report.history.not_seen} if report.history else {}
    known = (*report.findings, *(one.finding for one in unseen.values() if one.finding))
    placed = [finding for finding in known if places_inside(finding)]
    placeless = [finding for finding in report.findings if not places_inside(finding)]
    shown, cut = placed[:MOST_RESULTS], len(placed) - MOST_RESULTS
    rules, backdrop = Rules(shown), Backdrop(report)
    notices = list(_notices(report, placeless, cut))
    run = {
        "tool": {"driver": {**_driver(report), "rules": rules.told()}},
        "automationDetails": {"id": f"orchestra/{report.pattern}/{report.run}"},
        "invocations": [_invocation(report, notices)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of what was looked at."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, report, rules, backdrop, unseen.get(finding.id)) for finding in shown],
        "properties": {
            "asked": one_line(report.asked, LONGEST),
            "state": report.state.value,
            "nextStep": one_line(report.next_step, LONGEST),
            "rehearsed": report.rehearsed,
        },
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json_text({"$schema": schema, "version": "2.1.0", "runs": [run]}) + "\n"


def _driver(report: Report) -> dict[str, Any]:
    name, _, version = report.made_by.partition(" ")
    return {"name": name, **({"version": version} if version else {})}


def _invocation(report: Report, notices: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ended = report.started + timedelta(seconds=report.seconds)
    return {
        "executionSuccessful": not report.unanswered,
        "startTimeUtc": report.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "endTimeUtc": ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": list(notices),
    }


def _notices(report: Report, placeless: Sequence[MergedFinding], cut: int) -> Iterator[dict[str, Any]]:
    yield _notice("note", headline(report))
    for warning in warnings(report):
        yield _notice("warning", warning)
    if cut > 0:
        yield _notice(
            "warning", f"{cut:,} results that rank lowest were left out: no more than {MOST_RESULTS:,} are shown."
        )
    silent = [
        f"{worker.given or f'{worker.label} did not answer'} ({worker.ended}): {worker.reason}"
        for worker in report.unanswered
    ]
    yield from _at_most("error", silent, "workers did not answer.")
    nowhere = [f"{one.id}, nowhere in the target ({one.standing}): {message(one)}" for one in placeless]
    yield from _at_most("warning", nowhere, "findings are nowhere in the target.")
    gone = report.history.gone_in(report.run) if report.history else ()
    yield from _at_most("note", [f"{one.id} is gone: {one.title} ({one.in_words})" for one in gone], "are gone.")
    yield from _at_most("note", report.notes, "notes were left out.")


def _at_most(level: str, texts: Sequence[str], what: str) -> Iterator[dict[str, Any]]:
    """A notice a text, and how many more there are."""
    for text in texts[:MOST_NOTICES]:
        yield _notice(level, text)
    if len(texts) > MOST_NOTICES:
        yield _notice(level, f"{len(texts) - MOST_NOTICES:,} more {what}")


def _notice(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _text(one_line(text, LONGEST))}}


def _result(
    finding: MergedFinding, report: Report, rules: Rules, backdrop: Backdrop, unseen: Departed | None
) -> dict[str, Any]:
    """One result. A known finding nobody looked for again is one too: GitHub takes what is left out for mended.

    What is gone is left out for the same reason: GitHub reads no `baselineState`, and would show it as open.
    """
    places = places_inside(finding)
    counts = finding.standing in (Standing.OPEN, *SUPPRESSED)
    also = [_location(place, backdrop.excerpts) for place in places[1 : MOST_PLACES + 1]]
    links = "".join(f" [{_name(place)}]({number})" for number, place in enumerate(places[1 : MOST_PLACES + 1], 1))
    result: dict[str, Any] = {
        "ruleId": rules.id(finding),
        "ruleIndex": rules.index(finding),
        "kind": "fail" if counts else "review",
        "level": LEVELS[finding.severity] if counts else "none",
        "message": {"text": _text(message(finding)) + (f"\n\nAlso here:{links}" if links else "")},
        "locations": [_location(places[0], backdrop.excerpts)],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.id}:1", "orchestraFinding/v1": finding.id},
        "rank": round(100 * finding.confidence, 1),
        "properties": _properties(finding, backdrop),
    }
    if also:
        result["relatedLocations"] = [
            {"id": number, **place, "message": {"text": "Also here."}} for number, place in enumerate(also, 1)
        ]
    if finding.standing in SUPPRESSED:
        why = one_line(why_apart(finding), LONGEST)
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    if unseen is not None:
        result["baselineState"] = "unchanged"
        result["properties"]["notSeenThisTime"] = one_line(unseen.in_words, LONGEST)
    elif report.history:
        lived = backdrop.lived(finding)
        result["baselineState"] = BASELINE.get(lived.life, "new") if lived else "new"
    return result


def _properties(finding: MergedFinding, backdrop: Backdrop) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "standing": finding.standing.value,
        "confidence": finding.confidence,
        "support": finding.support,
        "couldSay": backdrop.could_say(finding),
        "saidBy": [*dict.fromkeys(one_line(said.worker) for said in finding.said_by)],
        "lenses": sorted(one_line(lens) for lens in seen_through(finding)),
        "whyHere": [one_line(reason, LONGEST) for reason in finding.why_here],
    }


def _location(place: Place, excerpts: Excerpts) -> dict[str, Any]:
    first, last = lines_of(place)
    region: dict[str, Any] = {"startLine": first, "endLine": last}
    if snippet := "\n".join(line.text for line in code_at(place, excerpts)):
        region["snippet"] = {"text": snippet[:LONGEST]}
    uri = {"uri": quote(place.path), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": uri, "region": region}}


def _name(place: Place) -> str:
    return f"{one_line(place.path, 200)}:{place.start_line}".translate(str.maketrans("[]()\\", "_____"))


def _text(text: str) -> str:
    """A message in which nothing is a link of somebody else's."""
    return plain(text, lines=True).replace("](", "] (")
