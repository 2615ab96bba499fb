"""`terminal`: for a person at a prompt, readable at 60 columns and at 200, without colour, and through a pager."""

from collections.abc import Iterable, Sequence
from io import StringIO

from rich.console import Console
from rich.text import Text

from orchestra.findings.finding import MergedFinding, Standing
from orchestra.reports import telling
from orchestra.reports.backdrop import Backdrop
from orchestra.reports.first_lines import apart_in_words, counted_as, headline, rendered_as, warnings
from orchestra.reports.left_out import by_reason
from orchestra.reports.places import main_code, spots
from orchestra.reports.plain import no_command, one_line
from orchestra.reports.renderers.terminal_blocks import Page
from orchestra.reports.report import Report
from orchestra.reports.team import Row, cost, noted_by_all, rows

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
WHOLE = 40
"""Open findings told whole. Whoever has more reads the worst here, and the rest in two lines each."""
FILES, QUOTED, TITLE = 4, 6, 300
"""Files and quoted lines shown of one finding; characters of its title."""
SCREEN = 50
"""Lines after which a report says at its end again how it stands and what to do: the first lines have scrolled away."""
LISTED = 8
"""Files and notes that are listed before they are counted."""


def render(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """The whole report as text; with `colour` it carries ANSI sequences of orchestra's own, never a model's."""
    page = Page(width)
    _head(page, report)
    for part in telling.parts(report):
        page.part(part)
    _findings(page, report)
    for part in telling.departed(report):
        page.part(part)
    _apart(page, report)
    _workers(page, report)
    _rest(page, report)
    if len(page.lines) > SCREEN:
        page.gap()
        _state(page, report)
    return no_command(drawn(page.lines, width, colour))


def drawn(lines: Iterable[Text], width: int, colour: bool) -> str:
    """Lines as text."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    for line in lines:
        console.print(line, soft_wrap=True)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).strip("\n") + "\n"


def _head(page: Page, report: Report) -> None:
    page.prose(Text(one_line(report.asked, TITLE), style="bold"))
    _state(page, report)


def _state(page: Page, report: Report) -> None:
    """How it stands, what must not be believed at once, and the one next step."""
    page.prose(Text(one_line(headline(report)), style="" if not report.unanswered else "yellow"))
    for warning in warnings(report):
        page.prose(Text(one_line(warning, 2 * TITLE), style="magenta"))
    page.prose(Text(one_line(report.next_step)), mark=Text("Next: ", style="bold"))


def _findings(page: Page, report: Report) -> None:
    if report.open and (telling.parts(report)):
        page.title(f"Open findings ({len(report.open):,})")
    backdrop = Backdrop(report)
    for number, finding in enumerate(report.open, 1):
        if number == WHOLE + 1:
            page.title(f"The other {len(report.open) - WHOLE:,} in short")
            page.prose(Text(f"All of them whole: `{rendered_as(report, 'html')}`"))
        _finding(page, finding, number, backdrop, whole=number <= WHOLE)


def _finding(page: Page, finding: MergedFinding, number: int, backdrop: Backdrop, *, whole: bool) -> None:
    if whole:
        page.gap()
    mark = Text.assemble((f"{number:>3}  ", "dim"), (f"{finding.severity.upper():<8}  ", COLOURS[finding.severity]))
    page.prose(Text(one_line(finding.title, TITLE), style="bold"), mark=mark, hang=5)
    told = [spot.in_words for spot in spots(finding)]
    if whole and len(told) > FILES:
        told[FILES:] = [f"and {counted_as(len(told) - FILES, 'more file')}"]
    page.facts([finding.id, *_life(backdrop, finding), *(told if whole else told[:1])], indent=5)
    if not whole:
        return
    page.code(main_code(finding, backdrop.excerpts), QUOTED, indent=5)
    page.paragraphs(finding.problem, indent=5)
    if finding.recommendation.strip():
        page.paragraphs(finding.recommendation, indent=5, mark=Text("Do: ", style="bold"))
    page.prose(Text(_said_by(backdrop, finding), style="dim"), indent=5)
    if finding.why_here:
        why = "; ".join(one_line(reason, TITLE) for reason in finding.why_here)  # a long one hides no other
        page.prose(Text(f"Why here: {why}", style="dim"), indent=5)


def _life(backdrop: Backdrop, finding: MergedFinding) -> list[str]:
    lived = backdrop.lived(finding)
    return [one_line(lived.in_words, TITLE)] if lived else []


def _said_by(backdrop: Backdrop, finding: MergedFinding) -> str:
    """`2 of 5 say so: w1-risk, w2-security; also named by w4-clarity`."""
    workers, also = (", ".join(map(one_line, names)) for names in backdrop.speakers(finding))
    return f"{backdrop.support(finding)}: {workers or 'nobody'}{f'; also named by {also}' if also else ''}"


def _apart(page: Page, report: Report) -> None:
    """The findings that do not count: shown, not hidden."""
    if report.apart:
        page.title(f"Apart, not counted: {apart_in_words(report)}")
    for standing in Standing:
        for finding in report.findings:
            if standing is Standing.OPEN or finding.standing is not standing:
                continue
            mark = Text(f"{standing:<10}  ", style="dim")
            page.prose(Text(one_line(finding.title, TITLE)), mark=mark, indent=2)
            page.facts([finding.id, finding.severity.value, *(spot.in_words for spot in spots(finding)[:1])], indent=14)
            if finding.standing_reason:
                page.prose(Text(one_line(finding.standing_reason, TITLE), style="dim"), indent=14)


def _workers(page: Page, report: Report) -> None:
    if not report.workers:
        return
    page.title(cost(report)[0].upper() + cost(report)[1:])
    lines = rows(report)
    cells = [(row.who, row.outcome, row.findings, row.time, row.tokens) for row in lines]
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    in_columns = page.has_room(2 + sum(size + 2 for size in wide if size))
    for row, texts in zip(lines, cells, strict=True):
        _worker(page, row, texts, wide if in_columns else None)
    for note in noted_by_all(report):
        page.prose(Text(one_line(note, TITLE), style="dim"), mark=Text("all of them: ", style="dim"), indent=2)


def _worker(page: Page, row: Row, cells: Sequence[str], wide: Sequence[int] | None) -> None:
    style = "" if row.answered else "yellow"
    if wide:
        aligned = [f"{cell:<{size}}" for cell, size in zip(cells[:2], wide[:2], strict=True)]
        aligned += [f"{cell:>{size}}" for cell, size in zip(cells[2:], wide[2:], strict=True) if size]
        page.lines.append(Text("  " + "  ".join(aligned), style=style))
    else:
        page.lines.append(Text(f"  {row.who}  {row.outcome}", style=style))
        page.facts([cell for cell in cells[2:] if cell], indent=6)
    if row.why:
        page.prose(Text(one_line(row.why, TITLE), style=style or "dim"), indent=6)
    if row.go_on:
        page.facts([f"go on: {one_line(row.go_on)}"], indent=6)


def _rest(page: Page, report: Report) -> None:
    if report.not_looked_at:
        seen = f"Looked at: {counted_as(report.looked_at, 'file')}. " if report.looked_at else ""
        page.title(f"{seen}Not looked at: {len(report.not_looked_at):,}")
        told = [one.in_words for one in by_reason(report.not_looked_at)]
        for line in [*told[:LISTED], *([f"and {len(told) - LISTED:,} more reasons"] if len(told) > LISTED else [])]:
            page.prose(Text(one_line(line, 2 * TITLE), style="dim"), indent=2)
    if report.notes:
        page.title("Notes")
        for note in report.notes[:LISTED]:
            page.prose(Text(one_line(note, TITLE), style="dim"), indent=2)
        if len(report.notes) > LISTED:
            page.prose(Text(f"and {len(report.notes) - LISTED:,} more", style="dim"), indent=2)
