"""The pages of the site as text: values in, HTML out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.nightly.site.chart import Chart, chart
from orchestra.nightly.site.life import Line, Strand, day, day_of
from orchestra.nightly.site.night import Missing, Night, NoReport, Sighting
from orchestra.nightly.site.shelf import has_page
from orchestra.reports.backdrop import Backdrop
from orchestra.reports.first_lines import counted_as
from orchestra.reports.history import Life
from orchestra.reports.renderers import html
from orchestra.reports.renderers.html_page import edition, page
from orchestra.reports.report import Report
from orchestra.reports.team import duration

ROOM = "orchestra.nightly.site"
EDITION = edition(ROOM)
_MADE_FROM = re.compile(r'<meta name="made-from" content="([0-9a-f]{64})">')


class Known:
    """A report, looked through once for all findings it can tell of."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._backdrop = Backdrop(report)
        departed = report.history.departed if report.history else ()
        carried = {one.id: one.finding for one in departed if one.finding}
        self._findings: dict[str, MergedFinding] = {**carried, **{one.id: one for one in report.findings}}

    def card(self, id: str) -> html.Card | None:
        """The finding with its code: reported that night, or carried along as it was last reported."""
        finding = self._findings.get(id)
        return html.card(finding, self._backdrop) if finding else None


@dataclass(frozen=True, slots=True)
class Job:
    """A job on the first page."""

    name: str
    anchor: str
    last: Night | NoReport
    nights: tuple[Night | NoReport, ...]
    """Newest first."""
    chart: Chart | None
    open: tuple[Sighting, ...]
    apart: tuple[Sighting, ...]
    missing: tuple[Missing, ...]
    spoke: Night | None
    """The last night with a report."""


def index(name: str, lines: Mapping[str | None, Line], told: frozenset[str]) -> str:
    """The first page: the nights of every job, and apart from them the runs that stand alone."""
    jobs = [_job(number, job, line) for number, (job, line) in enumerate(lines.items(), 1) if job is not None]
    alone = tuple(reversed(lines.get(None, ())))
    return page(
        "site_index.html.jinja",
        room=ROOM,
        name=name,
        jobs=jobs,
        alone=alone,
        told=told,
        Severity=Severity,
        Standing=Standing,
        Life=Life,
        counted_as=counted_as,
        duration=duration,
        day=day,
        day_of=day_of,
    )


def report(name: str, made: Report) -> str:
    """A night's own page: its report, with a way back and a way to the history of each finding."""
    departed = made.history.departed if made.history else ()
    ids = [one.id for one in made.findings] + [one.id for one in departed]
    histories = {id: f"../findings/{id}.html" for id in ids if has_page(id)}
    return html.render(made, html.Site(name, "../index.html", histories))


def finding(name: str, id: str, strands: Sequence[Strand], known: Sequence[Known], mark: str) -> str:
    """The page of a finding: as it was last reported, and what every night says of it.

    `known` are the reports of the nights that know most, a strand each.
    """
    return page(
        "site_finding.html.jinja",
        room=ROOM,
        name=name,
        id=id,
        strands=strands,
        cards=[one.card(id) for one in known],
        mark=mark,
    )


def made_from(text: str) -> str:
    """What the page that lies there was made from."""
    found = _MADE_FROM.search(text[:4096])
    return found[1] if found else ""


def _job(number: int, name: str, line: Line) -> Job:
    spoke = next((one for one in reversed(line) if isinstance(one, Night)), None)
    return Job(
        name=name,
        anchor=f"job-{number}",
        last=line[-1],
        nights=tuple(reversed(line)),
        chart=chart(line),
        open=spoke.open if spoke else (),
        apart=spoke.apart if spoke else (),
        missing=spoke.missing if spoke else (),
        spoke=spoke,
    )
