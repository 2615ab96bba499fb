"""`--detach`: the run gets an owner of its own, which outlives this command and its terminal."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from orchestra.cli.saying import print_json, say
from orchestra.cli.which import found, over
from orchestra.crew import journal
from orchestra.crew.events import Kind
from orchestra.crew.run import Run
from orchestra.crew.run_folder import Lock, RunFolder
from orchestra.errors import StateUnusable, UsageError
from orchestra.patterns.begun import check, create, taken_up
from orchestra.patterns.prepared import prepare
from orchestra.reports.gate import Gate, exit_code
from orchestra.settings import Settings, Sourced


def refuse_what_nobody_prints(form: str, out: Path | None, fail_on: str) -> None:
    """With `--detach` nobody is there to print the report or to take the exit status."""
    said = {"--format": form != "terminal", "--out": out is not None, "--fail-on": fail_on != "never"}
    if given := [option for option, is_said in said.items() if is_said]:
        raise UsageError(
            f"{' and '.join(given)} cannot go with --detach: this command leaves before there is a report.",
            next_step="Say it to `orchestra attach`, or --fail-on to `orchestra wait`.",
        )


def start_detached(pattern: str, said: Mapping[str, Any], as_json: bool) -> None:
    """Start a run and leave it. What can be known to fail is told here, before anything is written."""
    ready = prepare(pattern, said)
    check(ready.settings, ready.rehearse)
    _let_go(create(ready), as_json)


def resume_detached(run: str, as_json: bool) -> None:
    """Take up a run and leave it."""
    folder = found(run)
    _check(folder)
    _let_go(folder, as_json, first=lambda: journal.add(folder.events, Kind.RUN_RESUMED))


def retry_detached(run: str, worker: str, note: str, as_json: bool) -> None:
    """Have one worker of a run that is over asked again, and leave it."""
    folder, label = over(run, worker)
    _check(folder)
    _let_go(folder, as_json, first=lambda: journal.add(folder.events, Kind.RETRY, worker=label, text=note))


def own_and_follow(run: str, lock: int) -> int:
    """The other side: own the run, say into its `owner.log` what changes, end like the command would have."""
    from orchestra.cli.following import follow

    folder = found(run)
    return exit_code(follow(Run(*taken_up(folder, Lock(folder, handed_over=lock)))), Gate())


def _check(folder: RunFolder) -> None:
    """Raise when no worker of this run could answer here."""
    record = folder.record()
    check(Sourced(values=Settings.model_validate(record.settings), origins=record.origins), record.rehearse)


def _let_go(folder: RunFolder, as_json: bool, first: Callable[[], None] = lambda: None) -> None:
    """Hand the run's lock to a process in a session of its own: from here on it is owned without a gap."""
    lock = folder.lock()
    try:
        first()
        log = os.open(folder.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            # -P: the folder it stands in, which may be the one under review, must not lend it modules.
            subprocess.Popen(
                [sys.executable, "-P", "-m", "orchestra", "own", folder.id, "--lock", str(lock.descriptor)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder.project,
                start_new_session=True,
                pass_fds=(lock.descriptor,),
            )
        finally:
            os.close(log)
    except OSError as error:
        raise StateUnusable(f"No owner could be started: {error.strerror}.", where=folder.output) from error
    finally:
        lock.release()
    if as_json:
        print_json({"run": folder.id, "folder": str(folder.path)})
    else:
        print(folder.id)
    say(f"follow it: orchestra attach {folder.id}")
