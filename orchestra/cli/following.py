"""Wait for a run at a prompt: show what changes, and turn ^C into a stop."""

import signal
import sys
from types import FrameType

from orchestra.crew.events import Event, Kind
from orchestra.crew.run import Run
from orchestra.reports.plain import plain
from orchestra.reports.report import Report

LOOKED_AT_EVERY = 0.2


def follow(run: Run) -> Report:
    """Wait for the report; ^C once asks the workers to stop, twice ends them now."""
    previous = signal.signal(signal.SIGINT, lambda _number, _frame: _interrupted(run, _frame))
    seen = 0
    say(f"run {run.id}")
    try:
        while True:
            try:
                report = run.wait(LOOKED_AT_EVERY)
            except TimeoutError:
                seen = _show(run, seen)
                continue
            _show(run, seen)
            return report
    finally:
        signal.signal(signal.SIGINT, previous)


def say(line: str) -> None:
    """A line for people: on stderr, so that stdout stays data."""
    print(plain(line), file=sys.stderr, flush=True)


def _interrupted(run: Run, _frame: FrameType | None) -> None:
    say("stopping: what was answered is kept (^C again: now)")
    run.stop()


def _show(run: Run, seen: int) -> int:
    for event in run.events(after=seen):
        seen = event.n
        if line := _line(event):
            say(line)
    return seen


def _line(event: Event) -> str | None:
    """One line for each change of state."""
    match event.kind:
        case Kind.STEP_STARTED:
            return f"{event.step}"
        case Kind.STARTED:
            return f"  {event.worker}  started"
        case Kind.ENDED | Kind.REUSED:
            return f"  {event.worker}  {event.outcome}: {event.text}"
        case Kind.HELD if event.text:
            return f"  {event.text}"
        case Kind.RUN_ENDED:
            return f"{event.state}"
        case _:
            return None
