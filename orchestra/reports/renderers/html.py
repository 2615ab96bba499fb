"""`html`: one file for a browser, without network: filters, search, the code, and every worker's own words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.reports import telling
from orchestra.reports.backdrop import Backdrop
from orchestra.reports.excerpts import Excerpts
from orchestra.reports.first_lines import apart_in_words, counted_as, headline, warnings, why_apart
from orchestra.reports.left_out import by_reason
from orchestra.reports.places import CodeLine, Spot, code_around, code_at, spots
from orchestra.reports.plain import one_line
from orchestra.reports.renderers.html_page import code_spans, page
from orchestra.reports.report import Report
from orchestra.reports.selection import seen_through
from orchestra.reports.team import cost, noted_by_all, rows

SHOWN = 4
"""Files of a finding whose code is shown; the others are named."""

DOTS = 8
"""Reviewers that are drawn as dots; more are only counted."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The code of one file."""

    where: str
    runs: tuple[tuple[CodeLine, ...], ...]
    """Lines that follow each other; between two runs some are left out."""


@dataclass(frozen=True, slots=True)
class Card:
    """A finding as the page shows it, and what it is filtered by."""

    finding: MergedFinding
    anchor: str
    counts: bool
    spots: tuple[Spot, ...]
    excerpts: tuple[Shown, ...]
    further: tuple[str, ...]
    lenses: tuple[str, ...]
    workers: tuple[str, ...]
    files: tuple[str, ...]
    support: str
    dots: str
    life: str
    lived: str
    runs: int
    """In which it was seen; 0 where nobody counts."""
    why_apart: str
    history: str = ""
    """The address of the page that tells its life."""


@dataclass(frozen=True, slots=True)
class Site:
    """The pages a report stands among, where it is one of many."""

    name: str
    index: str
    histories: Mapping[str, str]
    """The address of a finding's own page, by id."""


def render(report: Report, site: Site | None = None) -> str:
    """The whole report: the worst finding open, the others a line each until they are opened."""
    backdrop = Backdrop(report)
    histories = site.histories if site else {}
    cards = [card(finding, backdrop, histories.get(finding.id, "")) for finding in report.findings]
    return page(
        "report.html.jinja",
        report=report,
        site=site,
        headline=headline(report),
        lacking=bool(report.unanswered) or not report.workers,
        warnings=warnings(report),
        about_findings=bool(report.findings or report.filtered or not telling.parts(report)),
        next_step=_next_step(report, cards),
        before=telling.parts(report),
        after=telling.departed(report),
        cards=cards,
        apart=apart_in_words(report),
        nothing=headline(report).rpartition(". ")[2],
        severities=[(severity.value, _count(cards, severity)) for severity in Severity if _count(cards, severity)],
        lenses=_counted(lens for card in cards for lens in card.lenses),
        lives=_counted(card.life for card in cards if card.life),
        files=_counted(file for card in cards for file in card.files),
        speakers=_counted(worker for card in cards for worker in card.workers),
        team=rows(report),
        cost=cost(report),
        noted_by_all=noted_by_all(report),
        looked_at=_looked_at(report),
        left_out=by_reason(report.not_looked_at),
    )


def _next_step(report: Report, cards: Iterable[Card]) -> Markup:
    """The next step; the finding it names is a link to it."""
    for card in cards:
        before, name, after = report.next_step.partition(card.finding.id)
        if name:
            link = Markup('<a href="#{}">{}</a>').format(card.anchor, name)
            parts = (
                code_spans(before),
                " " * before.endswith(" "),
                link,
                " " * after.startswith(" "),
                code_spans(after),
            )
            return Markup("").join(parts)
    return code_spans(report.next_step)


def card(finding: MergedFinding, backdrop: Backdrop, history: str = "") -> Card:
    """A finding with its code, and who says so."""
    where = spots(finding)
    shown = _shown(finding, where, backdrop.excerpts)
    told = {one.where for one in shown}
    workers = tuple(dict.fromkeys(one_line(said.worker) for said in (*finding.said_by, *finding.also_said_by)))
    lived = backdrop.lived(finding)
    could = backdrop.could_say(finding)
    return Card(
        runs=lived.runs_seen if lived else 0,
        why_apart=why_apart(finding),
        finding=finding,
        anchor=re.sub(r"[^\w-]", "-", finding.id),
        counts=finding.standing is Standing.OPEN,
        spots=where,
        excerpts=shown,
        further=tuple(spot.in_words for spot in where if spot.in_words not in told),
        lenses=tuple(sorted(one_line(lens) for lens in seen_through(finding))),
        workers=workers,
        files=tuple(dict.fromkeys(one_line(spot.path) for spot in where)),
        support=backdrop.support(finding),
        dots="●" * finding.support + "○" * (could - finding.support) if could <= DOTS else "",
        life=lived.life.value if lived else "",
        lived=f"{lived.in_words}, first in {lived.first_seen}" if lived else "",
        history=history,
    )


def _shown(finding: MergedFinding, where: Iterable[Spot], excerpts: Excerpts) -> tuple[Shown, ...]:
    """The code of its files, and the quotes of those whose code was not kept."""
    shown: list[Shown] = []
    for spot in where:
        runs = code_around(spot, excerpts)
        if not runs:
            quotes = dict.fromkeys(code_at(place, excerpts) for place in finding.places if place.path == spot.path)
            runs = tuple(quote for quote in quotes if quote)
        if runs and len(shown) < SHOWN:
            shown.append(Shown(spot.in_words, runs))
    return tuple(shown)


def _count(cards: Iterable[Card], severity: Severity) -> int:
    return sum(card.finding.severity is severity for card in cards)


def _counted(values: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(values).items())


def _looked_at(report: Report) -> str:
    seen = f"{counted_as(report.looked_at, 'file')} of the target"
    return f"{seen}; {len(report.not_looked_at):,} left out." if report.not_looked_at else f"{seen}."
