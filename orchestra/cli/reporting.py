"""Commands that read reports again: no worker is started, no token is spent."""

from pathlib import Path
from typing import Annotated

import typer

from orchestra.cli import completing, options

GROUP = "Reports"

SavedReport = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run: its id, a unique beginning or end of it, or `last`; or a report.json.",
        autocompletion=completing.runs,
    ),
]
Before = Annotated[
    str,
    typer.Argument(
        metavar="BEFORE",
        help="The earlier run: its id, a unique beginning or end of it, or `last`; or a report.json.",
        autocompletion=completing.runs,
        show_default=False,
    ),
]
After = Annotated[
    str,
    typer.Argument(
        metavar="AFTER",
        help="The later run, said in the same ways.",
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
    fail_on: options.OwnFailOn = None,
    min_confidence: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Only findings said with this confidence or more, 0 to 1."),
    ] = None,
    lens: Annotated[
        str | None,
        typer.Option(
            metavar="LENS,...",
            help="Only findings seen through one of these lenses: security,risk.",
            autocompletion=completing.lenses,
        ),
    ] = None,
) -> None:
    """Render a saved report in any format.

    No worker is asked. What was decided about findings since then counts from the next run on. With a gate, exit 4,
    5 or 130 where the run lacks somebody.

    Example: orchestra report last --format html --out report.html
    """
    from orchestra.cli.saved_reports import report_again

    raise typer.Exit(report_again(run, "json" if json else format, out, fail_on, min_confidence, lens))


def diff(
    run_a: Before,
    run_b: After,
    json: options.Json = False,
    out: options.Out = None,
) -> None:
    """Compare two reports: what is new, gone, and still there.

    It also says whether the target changed between them: what is gone from lines nobody touched was perhaps overlooked.

    Example: orchestra diff 20261119 last
    """
    from orchestra.cli.saved_reports import compare

    compare(run_a, run_b, json, out)


def merge(
    messages: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Messages of reviewers; a file's name is its worker.", show_default=False),
    ],
    root: Annotated[
        Path,
        typer.Option(metavar="DIR", help="The folder their paths are relative to.", show_default="the one you are in"),
    ] = Path(),
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.MessagesFailOn = None,
) -> None:
    """Make one report of reviewers' messages that are there already.

    Their findings are looked up in the files, merged and ranked. JSON as reviewers are asked for is a full answer; what
    is found in prose stands apart and supports nothing. With a gate, exit 4 where a message is no full answer.

    Example: orchestra merge a.json b.md --root src/ --format json
    """
    from orchestra.cli.saved_reports import merge_messages

    raise typer.Exit(merge_messages(messages, root, "json" if json else format, out, fail_on))
