"""Commands that look at runs. Any process may look; nothing is changed by it."""

from typing import Annotated

import typer

from orchestra.cli import options

GROUP = "Look at runs"


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (runs, status, show, logs, wait, attach):
        app.command(rich_help_panel=GROUP)(command)


def runs(
    all: Annotated[bool, typer.Option("--all", help="All of them, not only the newest 20.")] = False,
    json: options.Json = False,
) -> None:
    """List the runs of this project, the newest first.

    Example: orchestra runs
    """
    from orchestra.cli.run_words import list_in_json, print_list
    from orchestra.cli.saying import print_json, say
    from orchestra.cli.which import listed

    seen, left = listed(None if all else 20)
    if json:
        print_json({"runs": list_in_json(seen)})
    elif seen:
        print_list(seen)
    else:
        say("There are no runs here yet: `orchestra review . --rehearse` makes one.")
    if left:
        say(f"and {left} older: orchestra runs --all")


def status(
    run: options.Run = "last",
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on showing it until it is over.")] = False,
    json: options.Json = False,
) -> None:
    """Show how a run stands: its plan, its workers, what they are at.

    With --watch and --json: a line of JSON for each change.

    Example: orchestra status last --watch
    """
    from orchestra.cli.views import print_now, watch_on
    from orchestra.cli.which import found

    (watch_on if watch else print_now)(found(run), json)


def show(
    run: options.Run = "last",
    worker: options.Worker = None,
    prompt: Annotated[bool, typer.Option("--prompt", help="What it was told.")] = False,
    message: Annotated[bool, typer.Option("--message", help="Its final message.")] = False,
    events: Annotated[bool, typer.Option("--events", help="Its engine's own events.")] = False,
    stderr: Annotated[bool, typer.Option("--stderr", help="Its warnings.")] = False,
    attempt: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Which of its attempts.", show_default="the last")
    ] = None,
    json: options.Json = False,
) -> None:
    """Show what was asked and how each worker ended, or one worker.

    Of one worker: what it was told, did, used and said, and the command that continues its thread.

    Example: orchestra show last w2 --message
    """
    from orchestra.cli.views import show_and_print

    wanted = {"prompt": prompt, "message": message, "events": events, "stderr": stderr}
    show_and_print(run, worker, [part for part, said in wanted.items() if said], attempt, json)


def logs(
    run: options.Run = "last",
    worker: options.Worker = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the run is over.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each event.")] = False,
) -> None:
    """Print everything that happened in a run, with its time.

    Example: orchestra logs last w2 -f
    """
    from orchestra.cli.views import print_log
    from orchestra.cli.which import found, worker_of

    folder = found(run)
    print_log(folder, worker_of(folder, worker) if worker else None, follow, json)


def wait(
    run: options.Run = "last",
    timeout: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Give up after so long (90s, 10m, 1h): exit 124.", show_default="never"),
    ] = None,
    fail_on: options.FailOn = "never",
    json: options.Json = False,
) -> None:
    """Wait until a run is over; the exit status is the run's.

    Example: orchestra wait last --timeout 30m --fail-on high
    """
    from orchestra.cli.waiting import wait as wait_for
    from orchestra.cli.which import found
    from orchestra.nightly.amounts import seconds_of
    from orchestra.reports.gate import gate

    limit = None if timeout is None else seconds_of(timeout)
    raise typer.Exit(wait_for(found(run), limit, gate(fail_on), json))


def attach(
    run: options.Run = "last",
    format: options.Format = "terminal",
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.FailOn = "never",
) -> None:
    """Follow a run that goes on elsewhere, then print its report.

    ^C leaves; the run goes on.

    Example: orchestra attach last
    """
    from orchestra.cli.waiting import attach_and_report
    from orchestra.cli.which import found
    from orchestra.reports.gate import gate

    raise typer.Exit(attach_and_report(found(run), "json" if json else format, out, gate(fail_on)))
