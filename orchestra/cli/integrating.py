"""Command that takes over what the writers of a run changed."""

from typing import Annotated

import typer

from orchestra.cli import completing, options
from orchestra.cli.taking_up import GROUP, WhichRun


def add_to(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command(rich_help_panel=GROUP)(integrate)


def integrate(
    run: WhichRun,
    worker: Annotated[
        str | None,
        typer.Argument(
            help="One writer: its label, its number (w2), or a part of it; without it, all of them.",
            autocompletion=completing.workers,
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would fit, and take over nothing.")] = False,
    json: options.Json = False,
) -> None:
    """Merge what the writers of a run changed into the branch you are on; your tree must be clean.

    One merge for each writer; stops at the first conflict, of which nothing is taken (exit 4). Outside git the changes
    go into the folder as a patch. Can be run again. Example: orchestra integrate last
    """
    from orchestra.cli.taking_over import integrate_and_say

    raise typer.Exit(integrate_and_say(run, worker, dry_run, json))
