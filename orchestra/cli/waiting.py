"""Wait for a run of another process, and end with the exit status it would have had here."""

import time
from pathlib import Path

from orchestra.cli.following import LOOKED_AT_EVERY, attach, how_it_ended, say_how_to_go_on
from orchestra.cli.printing import check_out, print_report
from orchestra.cli.run_words import status_in_json
from orchestra.cli.saying import print_json, say
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.status import RunState, Status
from orchestra.crew.view import Watch, report_of
from orchestra.reports.gate import Gate, exit_code
from orchestra.reports.plain import one_line, plain

TIMED_OUT = 124
EXITS = {RunState.STOPPED: 130, RunState.INTERRUPTED: 130, RunState.FAILED: 3}
"""Of ends without a full report; the others are the report's own."""


def wait(folder: RunFolder, timeout: float | None, gate: Gate, as_json: bool) -> int:
    """Wait until the run is over; the exit status."""
    watch = Watch(folder)
    end = time.monotonic() + timeout if timeout is not None else None
    while not (status := watch.look()).over:
        left = end - time.monotonic() if end is not None else LOOKED_AT_EVERY
        if left <= 0:
            break
        time.sleep(min(LOOKED_AT_EVERY, left))
    if as_json:
        print_json(status_in_json(folder, watch.record, status))
    if not status.over:
        say(f"{folder.id} is still running after {timeout:g} s")
        return TIMED_OUT
    say(plain(how_it_ended(status)))
    say_why(folder, status)
    return exit_of(folder, status, gate)


def attach_and_report(folder: RunFolder, form: str, out: Path | None, gate: Gate) -> int:
    """Follow the run with the board, and print its report as whoever started it would have seen it."""
    check_out(out)
    try:
        status = attach(folder, "^C leaves; the run goes on")
    except KeyboardInterrupt:
        say(f"Left. The run goes on: `orchestra attach {folder.id}` comes back, `orchestra stop {folder.id}` ends it.")
        return 130
    say_why(folder, status)
    report = report_of(folder) if status.state in _REPORTED else None
    if report is not None:
        print_report(report, form, out, gate)
    say_how_to_go_on(folder.id, status.state)
    return exit_of(folder, status, gate)


_REPORTED = (RunState.COMPLETE, RunState.INCOMPLETE, RunState.BUDGET, RunState.STOPPED)


def exit_of(folder: RunFolder, status: Status, gate: Gate) -> int:
    """The exit status of a run that is over, as the README lists them: by its report, and the gate."""
    if status.state in EXITS:
        return EXITS[status.state]
    report = report_of(folder)
    return 3 if report is None else exit_code(report, gate)


def say_why(folder: RunFolder, status: Status) -> None:
    """What a person needs to know about a run that ended without a report."""
    if status.state is RunState.FAILED:
        say(one_line(status.text or "", 500))
    if status.state is not RunState.INTERRUPTED:
        return
    say("Its process is gone, and it wrote no end.")
    try:
        words = folder.output.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-4:]
    except OSError:
        words = []
    for line in words:
        say(f"  {plain(line)}")
