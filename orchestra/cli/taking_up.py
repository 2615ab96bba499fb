"""Commands that take up, end and remove runs, and take over what was changed in them."""

from typing import Annotated

import typer

from orchestra.cli import completing, options

GROUP = "Take up and end runs"

WhichRun = Annotated[
    str,
    typer.Argument(
        help="The run: its id, a unique beginning or end of it, or `last`.",
        autocompletion=completing.runs,
        show_default=False,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (resume, retry, stop, prune, integrate):
        app.command(rich_help_panel=GROUP)(command)
    app.command(hidden=True)(own)


def resume(
    run: options.Run = "last",
    at_once: options.AtOnce = None,
    max_tokens: options.MaxTokens = None,
    detach: options.Detach = False,
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.FailOn = "never",
) -> None:
    """Take up a run that was stopped, interrupted or out of budget. What was answered is not asked again.

    Example: orchestra resume last --max-tokens 2000000
    """
    from orchestra.cli.detaching import refuse_what_nobody_prints, resume_detached
    from orchestra.cli.going_on import resume_and_report
    from orchestra.errors import UsageError
    from orchestra.reports.gate import gate

    if detach:
        refuse_what_nobody_prints(format, out, fail_on)
        if at_once or max_tokens:
            raise UsageError("--detach goes on with the settings the run began with.")
        resume_detached(run, json)
        return
    form = "json" if json else format
    raise typer.Exit(resume_and_report(run, form, out, gate(fail_on), at_once=at_once, max_tokens=max_tokens))


def retry(
    run: WhichRun,
    worker: Annotated[
        str,
        typer.Argument(
            help="The worker: its label, its number (w2), or a part of it.",
            autocompletion=completing.workers,
            show_default=False,
        ),
    ],
    note: Annotated[str, typer.Option(help="What it should know this time; becomes part of its prompt.")] = "",
    detach: options.Detach = False,
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.FailOn = "never",
) -> None:
    """Ask one worker of a run that is over again. The old attempt is kept; what was built on it is asked again too.

    Example: orchestra retry last w2 --note "The generated files do not count."
    """
    from orchestra.cli.detaching import refuse_what_nobody_prints, retry_detached
    from orchestra.cli.going_on import retry_and_report
    from orchestra.reports.gate import gate

    if detach:
        refuse_what_nobody_prints(format, out, fail_on)
        retry_detached(run, worker, note, json)
        return
    raise typer.Exit(retry_and_report(run, worker, note, "json" if json else format, out, gate(fail_on)))


def stop(
    run: WhichRun,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Leave the request and do not wait.")] = False,
    json: options.Json = False,
) -> None:
    """Ask a run to stop: its workers are ended, what was answered is kept, a partial report is written.

    Example: orchestra stop last
    """
    from orchestra.cli.ending import stop_and_say

    raise typer.Exit(stop_and_say(run, no_wait, json))


def prune(
    older_than: Annotated[
        str | None, typer.Option(help="Remove runs that started longer ago than this (30d, 2w, 12h).")
    ] = None,
    keep: Annotated[int | None, typer.Option(min=0, help="Keep so many of the newest.", show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")] = False,
    json: options.Json = False,
) -> None:
    """Remove old runs; never one that is running, never the newest of a job.

    With both limits a run goes only if neither keeps it. Example: orchestra prune --older-than 30d --keep 10
    """
    from orchestra.cli.ending import prune_and_say

    raise typer.Exit(prune_and_say(older_than, keep, dry_run, json))


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
    from orchestra.cli.integrating import integrate_and_say

    raise typer.Exit(integrate_and_say(run, worker, dry_run, json))


def own(
    run: Annotated[str, typer.Argument()],
    lock: Annotated[int, typer.Option(help="The descriptor of the run's lock, which this process inherited.")],
) -> None:
    """Be the owner of a run that was detached; `--detach` starts this."""
    from orchestra.cli.detaching import own_and_follow

    raise typer.Exit(own_and_follow(run, lock))
