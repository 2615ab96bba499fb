"""`terminal`: for a person at a prompt, readable at 60 columns and at 200, with and without colour."""

from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from orchestra.findings.finding import MergedFinding, Standing
from orchestra.reports.plain import plain
from orchestra.reports.report import Report, WorkerLine, headline

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
READABLE = 110
"""Columns a line of prose fills at most; wider is harder to read."""


def render(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """The whole report as text; with `colour` it carries ANSI sequences of orchestra's own, never a model's."""
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
    console.print(Group(*_head(report)), soft_wrap=False)
    for number, finding in enumerate(report.open, 1):
        console.print(_finding(number, finding, min(width, READABLE), len(report.workers)))
    _apart(console, report, min(width, READABLE))
    _workers(console, report)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).rstrip("\n") + "\n"


def _head(report: Report) -> list[RenderableType]:
    head: list[RenderableType] = [Text(plain(report.asked), style="bold"), Text(headline(report))]
    if report.rehearsed:
        head.append(Text("Rehearsed: an understudy with simple static checks spoke, not a model.", style="magenta"))
    head.append(Text.assemble(("Next: ", "bold"), plain(report.next_step)))
    if report.changed_meanwhile:
        names = ", ".join(plain(name) for name in report.changed_meanwhile[:8])
        head.append(Text(f"Changed while the workers read: {names}", style="yellow"))
    if report.answer:
        head += [Text(""), Text(plain(report.answer, lines=True))]
    return head


def _finding(number: int, finding: MergedFinding, width: int, asked: int) -> RenderableType:
    title = Text.assemble(
        (f"{number:>3}. ", "dim"),
        (finding.severity.upper(), COLOURS[finding.severity]),
        ("  ", ""),
        (plain(finding.title)[:300], "bold"),
        (f"  [{finding.id}]", "dim"),
    )
    parts: list[RenderableType] = [Text(""), title]
    parts += [_indented(Text(f"{plain(place.path)}:{place.start_line}", style="blue")) for place in finding.places[:4]]
    if len(finding.places) > 4:
        parts.append(_indented(Text(f"and {len(finding.places) - 4} more places", style="dim")))
    quote = next((place.quote for place in finding.places if place.quote.strip()), "")
    if quote:
        parts.append(_indented(Text("\n".join(plain(quote, lines=True).split("\n")[:6])[:600], style="dim"), by=7))
    parts.append(_indented(Text(plain(finding.problem))))
    if finding.recommendation:
        parts.append(_indented(Text.assemble(("Do: ", "bold"), plain(finding.recommendation))))
    said = ", ".join(dict.fromkeys(one.worker for one in finding.said_by))
    also = ", ".join(dict.fromkeys(one.worker for one in finding.also_said_by))
    line = f"said by {said}" + (f", also by {also}" if also else "") + f"; {finding.support} of {asked} independently"
    parts.append(_indented(Text(line, style="dim")))
    return Padding(Group(*parts), (0, 0), expand=False) if width <= 0 else _Narrow(Group(*parts), width)


class _Narrow:
    """Renders something no wider than prose is readable."""

    def __init__(self, inner: RenderableType, width: int) -> None:
        self.inner, self.width = inner, width

    def __rich_console__(self, console, options):  # type: ignore[no-untyped-def]  # rich's own protocol
        yield from console.render(self.inner, options.update(width=min(self.width, options.max_width)))


def _indented(text: RenderableType, by: int = 5) -> Padding:
    return Padding(text, (0, 0, 0, by))


def _apart(console: Console, report: Report, width: int) -> None:
    """The findings that do not count: shown, not hidden."""
    for standing in Standing:
        apart = [finding for finding in report.findings if finding.standing is standing]
        if standing is Standing.OPEN or not apart:
            continue
        console.print(Text(f"\n{standing.capitalize()} ({len(apart)}), not counted:", style="bold"))
        for finding in apart:
            place = f"{finding.places[0].path}:{finding.places[0].start_line}" if finding.places else "no place"
            reason = f" ({finding.standing_reason})" if finding.standing_reason else ""
            line = f"{finding.severity}  {plain(finding.title)[:200]}  [{finding.id}]  {plain(place)}{plain(reason)}"
            console.print(_Narrow(_indented(Text(line)), width))


def _workers(console: Console, report: Report) -> None:
    if report.workers:
        console.print(Text("\nWorkers", style="bold"))
    for worker in report.workers:
        console.print(_indented(Text(worker_line(worker), style="" if worker.outcome == "answered" else "yellow")))
    left = report.not_looked_at
    if left:
        names = ", ".join(f"{plain(one.path)} ({one.reason})" for one in left[:5])
        more = f" and {len(left) - 5} more" if len(left) > 5 else ""
        console.print(Text(f"\nNot looked at: {names}{more}", style="dim"))
    for note in report.notes[:10]:
        console.print(Text(f"Note: {plain(note)}", style="dim"))


def worker_line(worker: WorkerLine) -> str:
    """One worker in one line: who, how it ended, what it cost."""
    tokens = f", {worker.usage.total:,} tokens" if worker.usage else ""
    found = "" if worker.findings is None else f", {worker.findings} finding{'' if worker.findings == 1 else 's'}"
    why = "" if worker.outcome == "answered" else f": {plain(worker.reason)}"
    goes_on = f"  (go on: {plain(worker.continue_command)})" if worker.continue_command and why else ""
    return f"{worker.label}  {worker.outcome}{found}, {worker.seconds:.1f} s{tokens}{why}{goes_on}"
