"""`orchestra schedule`: let something else start a job."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestra.cli import options
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
    starter: Annotated[
        Starter,
        typer.Argument(
            metavar="STARTER", help="What is to start it: systemd, cron, github, gitlab.", show_default=False
        ),
    ],
    job: options.JobName,
    at: Annotated[
        str | None,
        typer.Option(metavar="HH:MM", help="The time of the day.", show_default="a time of its own in the night"),
    ] = None,
    occasion: Annotated[
        Occasion,
        typer.Option("--for", metavar="OCCASION", help="When: night, or pull-request for each pull or merge request."),
    ] = Occasion.NIGHT,
    install: Annotated[
        str | None, typer.Option(metavar="SPEC", help="What pip installs in CI.", show_default="this version")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write it there, under its own name, instead of printing it.")
    ] = None,
) -> None:
    """Print a timer, a cron line or a CI workflow that starts a job.

    Its comments say how to switch it on. Nothing is changed on this machine.

    Example: orchestra schedule systemd nightly
    orchestra schedule github nightly --out .github/workflows
    """
    from orchestra.cli.schedule_words import print_or_write

    change = occasion is Occasion.PULL_REQUEST
    print_or_write(starter.value, job, at=at, install=install, change=change, folder=out)
