"""Commands that take up, end and remove runs, and take over what was changed in them."""

from typing import Annotated

import typer

from orchestra.cli import options

GROUP = "Take up and end runs"


AS_BEGUN = "as the run began"
AtOnce = Annotated[int | None, typer.Option(metavar="N", min=1, help="Workers at one time.", show_default=AS_BEGUN)]
Timeout = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", min=1, help="What a worker may take, all in all.", show_default=AS_BEGUN),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help="Start no worker that would probably go over this.", show_default=AS_BEGUN),
]
"""Of a run that goes on."""


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (resume, retry, stop, prune, integrate):
        app.command(rich_help_panel=GROUP)(command)
    app.command(hidden=True)(own)


def resume(
    run: options.Run = "last",
    at_once: AtOnce = None,
    timeout: Timeout = None,
    max_tokens: MaxTokens = None,
    detach: options.Detach = False,
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.FailOn = "never",
) -> None:
    """Go on with a run that did not get all it asked for.

    For one that was stopped, interrupted, incomplete or out of budget. What was answered is not asked again.

    Example: orchestra resume last --max-tokens 2000000
    """
    from orchestra.cli.detaching import refuse_what_nobody_prints, resume_detached
    from orchestra.cli.going_on import resume_and_report
    from orchestra.errors import UsageError
    from orchestra.reports.gate import gate

    if detach:
        refuse_what_nobody_prints(format, out, fail_on)
        if at_once or timeout or max_tokens:
            raise UsageError(
                "--detach goes on with the settings the run began with.",
                next_step="Leave the others out, or go on without --detach.",
            )
        resume_detached(run, json)
        return
    form = "json" if json else format
    limits = {"at_once": at_once, "max_tokens": max_tokens}
    raise typer.Exit(resume_and_report(run, form, out, gate(fail_on), timeout=timeout, **limits))


def retry(
    run: options.NeededRun,
    worker: options.NeededWorker,
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="What it should know this time; becomes part of its prompt.")
    ] = "",
    detach: options.Detach = False,
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.FailOn = "never",
) -> None:
    """Ask one worker of a run that is over again.

    The old attempt is kept; what was built on it is asked again too.

    Example: orchestra retry last w2 --note "Leave out generated files."
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
    run: options.NeededRun,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Leave the request and do not wait.")] = False,
    json: options.Json = False,
) -> None:
    """Stop a run; what was answered is kept.

    Its workers are ended, and a report of what they said so far is written. `orchestra resume` goes on with it.

    Example: orchestra stop last
    """
    from orchestra.cli.ending import stop_and_say

    raise typer.Exit(stop_and_say(run, no_wait, json))


def prune(
    older_than: Annotated[
        str | None, typer.Option(metavar="TIME", help="Remove runs that started longer ago (30d, 2w, 12h).")
    ] = None,
    keep: Annotated[int | None, typer.Option(metavar="N", min=0, help="Keep so many of the newest.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")] = False,
    json: options.Json = False,
) -> None:
    """Remove old runs.

    Never one that is running, the newest of a job, its newest complete one, or one a decision refers to. With both
    limits a run goes only if neither keeps it.

    Example: orchestra prune --older-than 30d --keep 10
    """
    from orchestra.cli.ending import prune_and_say

    raise typer.Exit(prune_and_say(older_than, keep, dry_run, json))


def integrate(
    run: options.NeededRun,
    worker: options.Worker = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would fit, and take over nothing.")] = False,
    json: options.Json = False,
) -> None:
    """Merge what the writers of a run changed into your branch.

    One merge for each writer, into the branch you are on; your tree must be clean. It stops at the first conflict, of
    which nothing is taken (exit 4), and can be run again. Outside git the changes go into the folder as a patch.

    Example: orchestra integrate last
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
