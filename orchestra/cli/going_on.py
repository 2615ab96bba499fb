"""Begin a run or take one up, and go on with it to its report, or leave it to an owner of its own."""

from pathlib import Path
from typing import Any

from orchestra import api
from orchestra.cli.option_groups import How
from orchestra.cli.printing import check_out, print_report
from orchestra.cli.questioning import person_here
from orchestra.cli.saying import say
from orchestra.cli.which import found, over
from orchestra.crew.run import Run
from orchestra.crew.status import RunState
from orchestra.crew.view import Watch, report_of
from orchestra.reports.gate import Gate, exit_code, gate


def begin(pattern: str, given: dict[str, Any], how: How) -> int:
    """Do what was said; the exit status."""
    failing = gate(how.fail_on, history=False)
    check_out(how.out)
    said = {**given, **how.said()}
    if how.dry_run:
        from orchestra.cli.planned import print_plan

        print_plan(api.plan(pattern, **said), how.json)
        return 0
    if how.detach:
        from orchestra.cli.detaching import refuse_what_nobody_prints, start_detached

        refuse_what_nobody_prints(how.format, how.out, how.fail_on)
        start_detached(pattern, said, how.json)
        return 0
    return to_the_end(api.start(pattern, person=person_here(), **said), how.form, how.out, failing)


def resume_and_report(
    run: str,
    form: str,
    out: Path | None,
    gate: Gate,
    *,
    at_once: int | None = None,
    max_tokens: int | None = None,
    timeout: float | None = None,
) -> int:
    """Go on with what was not answered, and print the report; the exit status."""
    check_out(out)
    folder = found(run)
    report = report_of(folder) if Watch(folder).look().state is RunState.COMPLETE else None
    if report is not None:
        say(f"{folder.id} is complete: everybody answered. Asking again is `orchestra retry {folder.id} WORKER`.")
        print_report(report, form, out, gate)
        return exit_code(report, gate)
    deadlines = {"wall": timeout} if timeout is not None else None
    going_on = api.resume(
        folder.path, at_once=at_once, max_tokens=max_tokens, deadlines=deadlines, person=person_here()
    )
    return to_the_end(going_on, form, out, gate)


def retry_and_report(run: str, worker: str, note: str, form: str, out: Path | None, gate: Gate) -> int:
    """Ask one worker of a run that is over again, and print the new report; the exit status."""
    check_out(out)
    folder, label = over(run, worker)
    return to_the_end(api.retry(folder.path, label, note), form, out, gate)


def to_the_end(run: Run, form: str, out: Path | None, gate: Gate) -> int:
    """Follow one's own run and print its report; the exit status."""
    # The board loads rich, and who leaves at once (`--detach`) has no use for it.
    from orchestra.cli.following import follow, say_how_to_go_on

    report = follow(run)
    print_report(report, form, out, gate)
    say_how_to_go_on(report.run, report.state)
    return exit_code(report, gate)
