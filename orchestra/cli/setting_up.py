"""Commands that help to set up."""

import typer

from orchestra.cli import options

GROUP = "Set up"


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command(rich_help_panel=GROUP)(doctor)


def doctor(codex: options.Codex = None, json: options.Json = False) -> None:
    """Say whether a run could work here, and what to do where it could not.

    Exit 3 if a run could not work. Example: orchestra doctor
    """
    from orchestra.cli.checkup import checkup_and_print

    raise typer.Exit(checkup_and_print(codex, json))
