"""`markdown`: for a pull request, a wiki, a step summary: folded, and never larger than those take."""

from collections.abc import Iterable, Iterator, Sequence

from orchestra.findings.finding import MergedFinding, Standing
from orchestra.reports import telling
from orchestra.reports.backdrop import Backdrop
from orchestra.reports.blocks import Part
from orchestra.reports.first_lines import apart_in_words, counted_as, headline, rendered_as, warnings
from orchestra.reports.left_out import by_reason
from orchestra.reports.places import main_code, spots
from orchestra.reports.plain import no_command
from orchestra.reports.renderers import markdown_blocks
from orchestra.reports.renderers.markdown_text import cell, code, fence, html, inline, prose
from orchestra.reports.report import Report
from orchestra.reports.selection import seen_through
from orchestra.reports.team import cost, noted_by_all, rows

LARGEST = 1_000_000
"""Bytes. A GitHub step summary takes 1 MiB and refuses the whole of anything larger."""
_FOR_PARTS, _FOR_SHORT = 400_000, 150_000
"""Bytes the other parts may take, and those kept for findings told in one line and for the end."""
TITLE, LISTED, CODE = 300, 20, 30


def render(report: Report) -> str:
    """The whole report; where it would grow too large the findings that rank lowest are told in a line each."""
    sheet = _Sheet()
    for text in _head(report):
        sheet.add(text)
    _parts(sheet, telling.parts(report))
    end = no_command("\n\n".join(filter(None, _end(report))))
    _open_findings(sheet, report, keep=len(end.encode()) + _FOR_SHORT)
    _parts(sheet, telling.departed(report))
    _apart(sheet, report, keep=len(end.encode()) + 1000)
    sheet.add(end)
    return sheet.text


class _Sheet:
    """Pieces, and the room that is left."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._room = LARGEST

    def add(self, text: str, keep: int = 0) -> bool:
        """Put a piece at the end if as much room is left after it."""
        text = no_command(text)
        size = len(text.encode()) + 2
        if not text or size + keep > self._room:
            return not text
        self._pieces.append(text)
        self._room -= size
        return True

    @property
    def text(self) -> str:
        return "\n\n".join(self._pieces) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"# {inline(report.asked, TITLE)}"
    yield f"**{inline(headline(report), 4 * TITLE)}**"
    for warning in warnings(report):
        yield f"⚠ {inline(warning, 2 * TITLE)}"
    yield f"**Next:** {inline(report.next_step, 4 * TITLE)}"


def _parts(sheet: _Sheet, parts: Iterable[Part]) -> None:
    for part in parts:
        if not sheet.add(markdown_blocks.part(part), keep=LARGEST - _FOR_PARTS):
            sheet.add(f"## {inline(part.title)}\n\nToo long for this page; the other formats have it.")


def _open_findings(sheet: _Sheet, report: Report, keep: int) -> None:
    if not report.open:
        return
    sheet.add(f"## Open findings ({len(report.open):,})")
    backdrop = Backdrop(report)
    for number, finding in enumerate(report.open, 1):
        if not sheet.add(_finding(number, finding, backdrop), keep):
            _in_short(sheet, report.open[number - 1 :], number, keep - _FOR_SHORT, report)
            return


def _finding(number: int, finding: MergedFinding, backdrop: Backdrop) -> str:
    told = spots(finding)
    first = f" <code>{html(told[0].in_words, TITLE)}</code>" if told else ""
    places = ", ".join(code(spot.in_words) for spot in told[:LISTED])
    places += f" and {counted_as(len(told) - LISTED, 'more file')}" if len(told) > LISTED else ""
    facts = [code(finding.id), places, inline(finding.category, 80), f"confidence {finding.confidence:.0%}"]
    if lived := backdrop.lived(finding):
        facts.append(inline(lived.in_words, TITLE))
    lines = main_code(finding, backdrop.excerpts)
    language = told[0].path.rpartition(".")[2].lower() if lines else ""
    pieces = [
        f"<details><summary><b>{number}. {finding.severity}</b> {html(finding.title, TITLE)}{first}</summary>",
        " · ".join(fact for fact in facts if fact),
        fence("\n".join(line.text for line in lines[:CODE]), language) if lines else "",
        prose(finding.problem),
        f"**Do:** {prose(finding.recommendation)}" if finding.recommendation.strip() else "",
        f"Corrected:\n\n{fence(finding.rewrite, language)}" if finding.rewrite and finding.rewrite.strip() else "",
        _said_by(finding, backdrop),
        f"Why here: {'; '.join(inline(reason, TITLE) for reason in finding.why_here)}" if finding.why_here else "",
        "</details>",
    ]
    return "\n\n".join(piece for piece in pieces if piece)


def _said_by(finding: MergedFinding, backdrop: Backdrop) -> str:
    names, also = backdrop.speakers(finding)
    lenses = ", ".join(sorted(seen_through(finding)))
    by = ", ".join(code(name, 80) for name in names) or "nobody"
    return (
        f"{backdrop.support(finding)}: {by}"
        + (f"; also named by {', '.join(code(name, 80) for name in also)}" if also else "")
        + (f" (through {inline(lenses, TITLE)})" if lenses else "")
    )


def _in_short(sheet: _Sheet, findings: Sequence[MergedFinding], number: int, keep: int, report: Report) -> None:
    """The rest, a line each, as far as there is room; then counted."""
    sheet.add(f"### The other {len(findings):,} in short\n\nAll of them whole: {code(rendered_as(report, 'html'))}")
    lines = []
    for finding in findings:
        place = f" {code(spots(finding)[0].in_words, 120)}" if finding.places else ""
        lines.append(f"* **{finding.severity}** {code(finding.id)} {inline(finding.title, 120)}{place}")
    shown = _as_many_as_fit(lines, _FOR_SHORT - 2000)
    sheet.add("\n".join(lines[:shown]), keep)
    if shown < len(lines):
        sheet.add(f"and {len(lines) - shown:,} more, from number {number + shown:,} on.")


def _as_many_as_fit(lines: Sequence[str], room: int) -> int:
    for number, line in enumerate(lines):
        room -= len(line.encode()) + 2
        if room < 0:
            return number
    return len(lines)


def _apart(sheet: _Sheet, report: Report, keep: int) -> None:
    """The findings that do not count: shown, not hidden."""
    if not report.apart:
        return
    lines = []
    for standing in Standing:
        for finding in report.apart:
            if finding.standing is standing:
                place = f" {code(spots(finding)[0].in_words, 120)}" if finding.places else ""
                why = f": {inline(finding.standing_reason, TITLE)}" if finding.standing_reason else ""
                lines.append(
                    f"* **{standing}**, {finding.severity} {code(finding.id)} {inline(finding.title, 120)}{place}{why}"
                )
    shown = _as_many_as_fit(lines, 100_000)
    more = f"\n* and {len(lines) - shown:,} more" if shown < len(lines) else ""
    summary = f"<details><summary>Apart, not counted: {html(apart_in_words(report))}</summary>"
    sheet.add(f"{summary}\n\n{chr(10).join(lines[:shown])}{more}\n\n</details>", keep)


def _end(report: Report) -> Iterator[str]:
    """Who worked, what was not looked at, notes."""
    if report.workers:
        yield f"## Workers\n\n{inline(cost(report)).capitalize()}."
        head = "| who | outcome | findings | time | tokens | |\n|---|---|--:|--:|--:|---|"
        told = [
            (inline(row.who), row.outcome, row.findings, row.time, row.tokens, _of_worker(row.why, row.go_on))
            for row in rows(report)[:200]
        ]
        yield "\n".join([head, *(f"| {' | '.join(map(cell, row))} |" for row in told)])
        yield "\n".join(f"* All of them: {inline(note, TITLE)}" for note in noted_by_all(report))
        if len(rows(report)) > len(told):
            yield f"and {len(rows(report)) - len(told):,} more"
    if report.not_looked_at:
        reasons = [one.in_words for one in by_reason(report.not_looked_at)]
        more = [f"and {len(reasons) - LISTED:,} more reasons"] if len(reasons) > LISTED else []
        lines = [f"* {inline(line, 2 * TITLE)}" for line in (*reasons[:LISTED], *more)]
        yield "\n".join([f"Not looked at: {len(report.not_looked_at):,}\n", *lines])
    if report.notes:
        more = [f"and {len(report.notes) - LISTED:,} more"] if len(report.notes) > LISTED else []
        notes = [inline(note, TITLE) for note in report.notes[:LISTED]] + more
        yield "\n".join(["## Notes\n", *(f"* {note}" for note in notes)])
    yield f"<sub>{html(report.made_by)}{f', run {html(report.run)}' if report.run else ''}</sub>"


def _of_worker(why: str, go_on: str) -> str:
    return " ".join(part for part in (inline(why, TITLE), code(go_on, TITLE)) if part)
