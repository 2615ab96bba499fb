"""Commands about findings over time: what people decide about them, and how they lived."""

from typing import Annotated

import typer

from orchestra.cli import completing, options
from orchestra.cli.reporting import GROUP

FindingId = Annotated[
    str,
    typer.Argument(
        metavar="FINDING",
        help="A finding, by its id: f-3a9c.",
        autocompletion=completing.findings,
        show_default=False,
    ),
]
Reason = Annotated[
    str, typer.Option(metavar="TEXT", help="Why; whoever reads it in a year should understand it.", show_default=False)
]
By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who decides.", show_default="git's user.name, or the login")
]
OfRun = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="RUN",
        help="The run it is read in.",
        autocompletion=completing.runs,
        show_default="the newest that has it",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (history, accept, dismiss, reopen, decisions):
        app.command(rich_help_panel=GROUP)(command)


def history(
    finding: Annotated[
        str | None,
        typer.Argument(
            metavar="FINDING",
            help="One finding, by its id: its life run by run.",
            autocompletion=completing.findings,
            show_default="all of them",
        ),
    ] = None,
    job: Annotated[
        str | None,
        typer.Option(metavar="JOB", help="Only the runs of this job.", autocompletion=completing.jobs),
    ] = None,
    json: options.Json = False,
) -> None:
    """List every finding the kept reports know, or the life of one.

    When each was first and last seen, what was decided about it, and when it was gone.

    Example: orchestra history f-3a9c
    """
    from orchestra.cli.lives import tell_every_life, tell_one_life

    if finding is None:
        tell_every_life(job, json)
    else:
        tell_one_life(finding, job, json)


def accept(
    finding: FindingId,
    reason: Reason,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="The last day it holds: 2027-01-31.", show_default="for good")
    ] = None,
    by: By = None,
    run: OfRun = None,
    json: options.Json = False,
) -> None:
    """Live with a finding: it fails no gate while its lines stand.

    It is still listed. Kept in orchestra-decisions.toml, which belongs in git.

    Example: orchestra accept f-3a9c --reason "behind the VPN"
    """
    from orchestra.cli.deciding import decide_and_say

    decide_and_say("accepted", finding, reason, until, by, run, json)


def dismiss(finding: FindingId, reason: Reason, by: By = None, run: OfRun = None, json: options.Json = False) -> None:
    """Say that a finding is no problem: it fails no gate.

    It is still listed. Kept in orchestra-decisions.toml, which belongs in git.

    Example: orchestra dismiss f-3a9c --reason "copied two lines above"
    """
    from orchestra.cli.deciding import decide_and_say

    decide_and_say("dismissed", finding, reason, None, by, run, json)


def reopen(finding: FindingId, run: OfRun = None, json: options.Json = False) -> None:
    """Take a decision back: the finding counts again.

    It does so from the next run on.

    Example: orchestra reopen f-3a9c
    """
    from orchestra.cli.deciding import reopen_and_say

    reopen_and_say(finding, run, json)


def decisions(json: options.Json = False) -> None:
    """List what was decided about findings, and what no longer holds.

    Example: orchestra decisions
    """
    from orchestra.cli.deciding import list_decisions

    list_decisions(json)
