"""`orchestra schedule`: let something else start a job."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestra.cli import completing
from orchestra.cli.nights import GROUP


class Starter(StrEnum):
    """What starts jobs."""

    SYSTEMD = "systemd"
    CRON = "cron"
    GITHUB = "github"
    GITLAB = "gitlab"


class Occasion(StrEnum):
    """When a job is started."""

    NIGHT = "night"
    PULL_REQUEST = "pull-request"


def add_to(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command(rich_help_panel=GROUP)(schedule)


def schedule(
    starter: Annotated[Starter, typer.Argument(help="What is to start it.", show_default=False)],
    job: Annotated[str, typer.Argument(help="The job.", autocompletion=completing.jobs, show_default=False)],
    at: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="When.", show_default="a time of its own in the night")
    ] = None,
    occasion: Annotated[
        Occasion, typer.Option("--for", help="Every night, or for each pull or merge request.")
    ] = Occasion.NIGHT,
    install: Annotated[
        str | None, typer.Option(metavar="SPEC", help="What pip installs in CI.", show_default="this version")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write it there, under its own name, instead of printing it.")
    ] = None,
) -> None:
    """Print a systemd timer, a cron line or a CI workflow that starts a job; its comments say how to switch it on.

    Nothing is changed on this machine. Example: orchestra schedule systemd nightly
    """
    from orchestra.cli.schedule_words import print_or_write

    change = occasion is Occasion.PULL_REQUEST
    print_or_write(starter.value, job, at=at, install=install, change=change, folder=out)
