"""`github`: workflow commands that put findings beside the lines of a pull request; at most ten a level."""

from collections.abc import Iterator

from orchestra.findings.finding import MergedFinding, Severity
from orchestra.reports.first_lines import apart_in_words, counted_as, headline, warnings
from orchestra.reports.plain import no_command, one_line
from orchestra.reports.renderers.for_programs import incomplete, lines_of, message, places_inside
from orchestra.reports.report import Report

LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}
MOST = 10
"""Annotations of one level GitHub shows for a step; it drops the others without a word, so they are counted here."""


def render(report: Report) -> str:
    """One command a line; lines that are none are for the log."""
    told = (headline(report), *warnings(report), f"Next: {report.next_step}")
    lines = [no_command(one_line(line, 1000)) for line in told]
    room = dict.fromkeys(LEVELS.values(), MOST)
    if missing := incomplete(report):
        room["warning"] -= 1
        lines.append(_command("warning", missing, title="This report is incomplete"))
    for level in room:
        found = [finding for finding in report.open if LEVELS[finding.severity] == level]
        lines += _annotations(level, found, room[level], report)
    if report.apart:
        lines.append(f"Apart, not counted and not annotated: {apart_in_words(report)}.")
    return "\n".join(lines) + "\n"


def _annotations(level: str, found: list[MergedFinding], room: int, report: Report) -> Iterator[str]:
    shown = found if len(found) <= room else found[: room - 1]
    for finding in shown:
        yield _annotation(level, finding)
    if len(found) > len(shown):
        more = counted_as(len(found) - len(shown), f"more {level}")
        yield _command(
            level, f"See the whole report{f' of {report.run}' if report.run else ''}.", title=f"{more} not shown here"
        )


def _annotation(level: str, finding: MergedFinding) -> str:
    title = one_line(f"{finding.severity} {finding.id}: {finding.title}", 250)
    body = message(finding).partition("\n\n")[2] or one_line(finding.title)
    places = places_inside(finding)
    if not places:
        return _command(level, body, title=title)
    first, last = lines_of(places[0])
    return _command(level, body, file=one_line(places[0].path), line=str(first), endLine=str(last), title=title)


def _command(level: str, text: str, **properties: str) -> str:
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {said}::{_data(text)}"


def _data(text: str) -> str:
    return no_command(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
