"""Commands for jobs: runs that are repeated, for example every night."""

from pathlib import Path
from typing import Annotated

import typer

from orchestra.cli import completing, options

GROUP = "Nightly"

job = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Write a job, or show one.\n\nExample: orchestra job init nightly"
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="JOB", help="Jobs.", autocompletion=completing.jobs, show_default="all of them"),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command(rich_help_panel=GROUP)(nightly)
    app.command(rich_help_panel=GROUP)(jobs)
    app.command(rich_help_panel=GROUP)(site)
    app.add_typer(job, name="job", rich_help_panel=GROUP)


def nightly(
    names: Names = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Take no answer of an earlier run.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Compare with this run, also of another job; its answers count as earlier ones.",
            show_default="the job's newest complete one",
            autocompletion=completing.runs,
        ),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="K/N", help="Ask only the K-th of N parts; `orchestra merge-runs` joins them.")
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Start no worker that would probably take the night over this.",
            show_default="no limit",
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="GATE",
            help="Exit 1 on open findings of this severity or worse: critical, high, medium, low; new:high: only new "
            "ones; never.",
            autocompletion=completing.gates,
            show_default="each job's own",
        ),
    ] = None,
    rehearse: options.Rehearse = False,
    json: options.Json = False,
) -> None:
    """Run the project's jobs, and pay only for what has changed.

    One after the other, under one budget; what was answered before and has not changed is not asked again. One that
    fails does not stop the next; the exit status is the worst of all.

    Example: orchestra nightly
    """
    from orchestra.cli.nightly_words import run_and_tell

    said = {"fresh": fresh, "since": since, "shard": shard, "max_tokens": max_tokens}
    raise typer.Exit(run_and_tell(names or [], {**said, "fail_on": fail_on, "rehearse": rehearse}, json))


def jobs(json: options.Json = False) -> None:
    """List the jobs: the last run of each, and what to do next.

    They stand in orchestra.toml, [jobs.NAME], or in pyproject.toml, [tool.orchestra.jobs.NAME]. Exit 2 if one of them
    is wrong.

    Example: orchestra jobs
    """
    from orchestra.cli.nightly_words import list_jobs

    raise typer.Exit(list_jobs(json))


def site(
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write it into this folder.", show_default=".orchestra/site")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in a browser.")] = False,
) -> None:
    """Make the project's page of all nights, and say where it lies.

    Every night with what is new and what is gone, a chart, each night's report, the history of each finding. A job
    does it after each night.

    Example: orchestra site --open
    """
    from orchestra.cli.site_page import make_and_say

    make_and_say(out, open_it)


@job.command("init")
def init_job(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")] = "nightly",
) -> None:
    """Write a job into orchestra.toml that runs as it is.

    With a word about everything that can be said. What stands in the file stays.

    Example: orchestra job init nightly
    """
    from orchestra.cli.nightly_words import write_job

    write_job(name)


@job.command("show")
def show_job(
    name: options.JobName,
    json: options.Json = False,
) -> None:
    """Show a job as it is understood, and its runs.

    With everything it does not say itself.

    Example: orchestra job show nightly
    """
    from orchestra.cli.nightly_words import show

    show(name, json)
