"""Wait for a run at a prompt: show what changes; ^C, SIGTERM and SIGHUP stop one's own run in an orderly way."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

from orchestra.cli.questioning import answer_to
from orchestra.cli.saying import say as say
from orchestra.cli.screen import screen
from orchestra.cli.telling import age, counts_in_words
from orchestra.crew.events import now
from orchestra.crew.run_folder import RunFolder, RunRecord
from orchestra.crew.status import Question, RunState, Status
from orchestra.crew.view import Watch
from orchestra.reports.plain import plain

if TYPE_CHECKING:
    from orchestra.crew.run import Run
    from orchestra.reports.report import Report

LOOKED_AT_EVERY = 0.2
"""Seconds; what a person sees as at once. A look that finds nothing new costs 0.1 ms."""
MANY_FILES = 2_000
"""Files of a target that take some two hundred workers with three lenses: somebody may have meant less."""
OWNER_HINT = "^C stops the workers; what was answered is kept"
STOPPING = "Stopping: the workers are asked to stop, what was answered is kept. ^C again: now."
STOPPING_NOW = "Stopping now."


def follow(run: "Run", signals: "StopSignals | None" = None) -> "Report":
    """Wait for the report of a run this process owns; raises the run's own error.

    Who heeds `signals` already, for longer than this run, says so.
    """
    watch = Watch(run.folder)
    say(f"run {run.id}")
    if (files := _files(watch.record)) > MANY_FILES:
        say(f"{files:,} files: that takes many workers. ^C stops; --dry-run counts them, --max-tokens sets a limit.")
    with contextlib.nullcontext(signals) if signals else StopSignals(run.stop) as heeded:
        try:
            with screen(watch.record.asked, OWNER_HINT) as shown:
                asked: Question | None = None
                while True:
                    over = _over(run)
                    status = watch.look()
                    shown.show(status, watch.fresh, heeded.note)
                    if over:
                        break
                    if status.question is not None and status.question != asked:
                        asked = status.question
                        with shown.aside():
                            run.answer(answer_to(asked, lambda: _over(run)) or "")
        finally:
            status = watch.look()
            _close(status)
        return run.report()


def _files(record: RunRecord) -> int:
    target = record.inputs.get("target")
    return len(target.get("files", ())) if isinstance(target, dict) else 0


def attach(folder: RunFolder, hint: str) -> Status:
    """Follow a run that another process owns until it is over. ^C leaves it alone: that is for the caller to say."""
    watch = Watch(folder)
    say(f"run {folder.id}")
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # the board puts the cursor back
    try:
        with screen(watch.record.asked, hint) as shown:
            while True:
                status = watch.look()
                shown.show(status, watch.fresh)
                if status.over:
                    break
                time.sleep(LOOKED_AT_EVERY)
    finally:
        signal.signal(signal.SIGTERM, before)
    _close(status)
    return status


def how_it_ended(status: Status) -> str:
    """One line: `incomplete: 5 answered, 1 timed out, 120,332 tokens`."""
    told = [counts_in_words(status) or "nobody was asked"]
    if before := sum(worker.reused for worker in status.workers):
        told.append(f"{before:,} of them before")
    if status.left:
        told.append(f"{status.left:,} left to other shards")
    if status.usage.total:
        told.append(f"{status.usage.total:,} tokens")
    return f"{status.state}: {', '.join(told)}"


def _over(run: "Run") -> bool:
    """Wait a moment for the end; what broke the run is raised later, after it was shown."""
    try:
        run.wait(LOOKED_AT_EVERY)
    except TimeoutError:
        return False
    except Exception:
        return True
    return True


def _close(status: Status) -> None:
    took = f", {age(seconds)}" if (seconds := status.seconds(now())) is not None else ""
    say(plain(how_it_ended(status)) + took)


def say_how_to_go_on(run: str, state: str) -> None:
    """The last line of what is said about a run that did not get all it asked for."""
    if state not in (RunState.COMPLETE, RunState.RUNNING):
        say(f"go on: orchestra resume {run}")


class StopSignals:
    """^C once asks the workers to stop, twice ends them now; a third time it is ^C again.

    SIGTERM and SIGHUP count like it. What was ignored when orchestra was started (`nohup`, a shell's `&`) stays so.
    """

    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._count = 0
        self._before: dict[signal.Signals, object] = {}

    @property
    def count(self) -> int:
        """How often it was asked."""
        return self._count

    @property
    def note(self) -> str:
        """What a person should know about it. The handler itself must not write: it may have interrupted a write."""
        return ("", STOPPING, STOPPING_NOW)[min(self._count, 2)]

    def __enter__(self) -> "StopSignals":
        for number in self.NUMBERS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() itself gave back

    def _caught(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        if number == signal.SIGHUP:
            _let_go_of_the_terminal()
        if self._count == 2:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self._stop()


def _let_go_of_the_terminal() -> None:
    """It is gone: writing to it would fail in the middle of an orderly end."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if stream.isatty():
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
