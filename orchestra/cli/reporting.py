"""Commands that read reports again: no worker is started, no token is spent."""

from pathlib import Path
from typing import Annotated

import typer

from orchestra.cli import completing, options

GROUP = "Reports"

SavedReport = Annotated[
    str,
    typer.Argument(
        help="A run: its id, a unique beginning or end of it, or `last`; or a report.json.",
        autocompletion=completing.runs,
    ),
]
TwoReports = Annotated[
    str,
    typer.Argument(
        help="A run (id, a unique beginning or end, `last`), or a report.json.",
        autocompletion=completing.runs,
        show_default=False,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command(rich_help_panel=GROUP)(report)
    app.command(rich_help_panel=GROUP)(diff)
    app.command(rich_help_panel=GROUP)(merge)


def report(
    run: SavedReport = "last",
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            help="Exit 1 on open findings of this severity or worse (critical, high, medium, low; new:high: only new "
            "ones), 4, 5 or 130 where the run lacks somebody. Without it the exit status is 0.",
            show_default=False,
        ),
    ] = None,
    min_confidence: Annotated[
        float | None, typer.Option(help="Only findings said with this confidence or more, 0 to 1.", show_default=False)
    ] = None,
    lens: Annotated[
        str | None,
        typer.Option(help="Only findings seen through one of these lenses: security,risk.", show_default=False),
    ] = None,
) -> None:
    """Render a saved report in any format. What was decided about findings since then counts from the next run on.

    Example: orchestra report last --format html --out report.html
    """
    from orchestra.cli.saved_reports import report_again

    raise typer.Exit(report_again(run, "json" if json else format, out, fail_on, min_confidence, lens))


def diff(
    run_a: TwoReports,
    run_b: TwoReports,
    json: options.Json = False,
    out: Annotated[Path | None, typer.Option(help="Write it to this file instead of printing it.")] = None,
) -> None:
    """Compare two reports: what is new, gone, still there, and whether the target changed between them.

    Example: orchestra diff 20261119 last
    """
    from orchestra.cli.saved_reports import compare

    compare(run_a, run_b, json, out)


def merge(
    messages: Annotated[
        list[Path], typer.Argument(help="Messages of reviewers; a file's name is its worker.", show_default=False)
    ],
    root: Annotated[Path, typer.Option(help="The folder their paths are relative to.")] = Path(),
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            help="Exit 1 on open findings of this severity or worse: critical, high, medium, low; 4 where a message is "
            "no full answer. Without it the exit status is 0.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Curate reviewers' messages that are there already: anchor, merge, rank.

    Typed JSON and prose alike. Example: orchestra merge a.json b.md --root src/ --format json
    """
    from orchestra.cli.saved_reports import merge_messages

    raise typer.Exit(merge_messages(messages, root, "json" if json else format, out, fail_on))
