"""The command that makes one report out of several shards."""

from typing import Annotated

import typer

from orchestra.cli import completing, options
from orchestra.cli.nights import GROUP


def add_to(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command("merge-runs", rich_help_panel=GROUP)(merge_runs)


def merge_runs(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN",
            help="The run of each shard: its id, a unique beginning or end of it.",
            autocompletion=completing.runs,
            show_default=False,
        ),
    ],
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask what none of them answered, and what builds on all their answers.")
    ] = False,
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.FailOn = "never",
) -> None:
    """Make one report of the runs of several shards.

    As if it were one run. Nobody is asked, unless you say --ask. Exit 4 if something was answered by none of them.

    Example: orchestra merge-runs 9f02 1b7c e55a --ask
    """
    from orchestra.cli.shards_merged import merge_and_report

    raise typer.Exit(merge_and_report(runs, ask, "json" if json else format, out, fail_on))
