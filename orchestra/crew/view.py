"""A run seen from outside: any process may look; none of them owns the run or changes anything in it."""

import contextlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from orchestra.crew import runs as kept
from orchestra.crew.events import Event
from orchestra.crew.run_folder import RunFolder, RunRecord, why_closed
from orchestra.crew.status import Fold, RunState, Status, Step, StepState
from orchestra.errors import OrchestraError, StateUnusable, UnknownName, UsageError
from orchestra.project import refuse_closed

if TYPE_CHECKING:
    from orchestra.reports.report import Report

INTERRUPTED = str(RunState.INTERRUPTED)
_WHY_NONE = {
    RunState.RUNNING: " yet: it is still running",
    RunState.INTERRUPTED: " yet: it was interrupted",
    RunState.FAILED: ": it failed",
}


class Watch:
    """Follows a run through its folder, whoever owns it. Looking again reads only what is new."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.record: RunRecord = folder.record()
        self._log = Log(folder.events)
        self._fold = Fold(folder.id)
        self.fresh: list[Event] = []
        """What happened since the look before, without what only says again that somebody is at work."""

    def __repr__(self) -> str:
        return f"<Watch {self.folder.id}: {self._fold.status().state}>"

    def look(self) -> Status:
        """The run now."""
        owned = self.folder.owned()  # asked first: an end that is written in between is then read
        self.fresh = list(_events(skim(self._log.lines())))
        for event in self.fresh:
            self._fold.take(event)
        status = self._fold.status()
        if not status.last_event:
            status = status.model_copy(update={"pattern": self.record.pattern, "started": self.record.started})
        return _as_it_is(status, owned)


@dataclass(frozen=True, slots=True)
class Seen:
    """One run of a list: what it is, or why it cannot be read."""

    folder: RunFolder
    record: RunRecord | None = None
    status: Status | None = None
    problem: str = ""


class Log:
    """The complete lines of a run's `events.jsonl`, each given once. A line somebody is still writing waits."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._taken = 0
        self._torn = b""

    def lines(self) -> list[bytes]:
        """What was written since the last call."""
        try:
            descriptor = os.open(self._file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            if self._taken:
                raise StateUnusable(
                    "The run was removed while it was looked at.",
                    where=self._file.parent,
                    next_step="`orchestra runs` lists those that are left.",
                ) from None
            return []
        except OSError as error:
            raise StateUnusable(f"The run's log cannot be read: {why_closed(error)}.", where=self._file) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise StateUnusable(
                "In the place of the run's log lies something else.",
                where=self._file,
                next_step="Move it away; what its workers answered lies in their own folders.",
            )
        with os.fdopen(descriptor, "rb") as log:
            log.seek(self._taken)
            new = log.read()
        self._taken += len(new)
        *complete, self._torn = (self._torn + new).split(b"\n")
        return complete

    def events(self) -> list[Event]:
        """The same, read. What no event can be read from is passed over: only a crash leaves it."""
        return list(_events(self.lines()))


def find(project: Path, name: str) -> RunFolder:
    """The run somebody means: its id, a unique beginning or end of it, or `last`."""
    runs = runs_of(project)
    if not runs:
        raise UsageError(
            f"There are no runs in {project}.", next_step="Start one, for example `orchestra review . --rehearse`."
        )
    return kept.find(project, name)


def runs_of(project: Path) -> list[RunFolder]:
    """Every run of the project, oldest first; a link in the place of the state folder is refused."""
    for folder in (kept.runs_folder(project).parent, kept.runs_folder(project)):
        try:
            facts = folder.lstat()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StateUnusable(f"The state folder cannot be read: {error.strerror}.", where=folder) from error
        if not stat.S_ISDIR(facts.st_mode):
            what = "a symbolic link" if stat.S_ISLNK(facts.st_mode) else "a file"
            raise StateUnusable(
                f"In the place of orchestra's state folder lies {what}.",
                where=folder,
                next_step="Move it away, or start orchestra somewhere else.",
            )
        refuse_closed(folder)
    return kept.all_runs(project)


def survey(runs: Iterable[RunFolder]) -> list[Seen]:
    """All of them as they stand now. One that cannot be read says so and hides no other."""
    return [_seen(folder) for folder in runs]


def skim(lines: Iterable[bytes]) -> list[bytes]:
    """Leave out what changes nothing about now; most of a long log.

    Of the `doing` lines of a worker between two other events, the first says since when it runs and the last what it
    is at.
    """
    kept: list[bytes] = []
    last: dict[bytes, int | None] = {}
    for line in lines:
        begin = line.find(b'"worker":"') + 10
        worker = line[begin : line.find(b'"', begin)] if begin > 9 else b""
        if not worker:
            last.clear()  # of the run itself, and taking it up changes what every worker is
        elif b'"kind":"doing"' not in line or b'"usage"' in line:
            last.pop(worker, None)
        elif worker not in last:
            last[worker] = None
        else:
            if (before := last[worker]) is not None:
                kept[before] = b""
            last[worker] = len(kept)
        kept.append(line)
    return [line for line in kept if line]


def _events(lines: Iterable[bytes]) -> Iterable[Event]:
    for line in lines:
        with contextlib.suppress(ValidationError):
            yield Event.model_validate_json(line)


def _seen(folder: RunFolder) -> Seen:
    try:
        watch = Watch(folder)
        return Seen(folder, watch.record, watch.look())
    except OrchestraError as error:
        return Seen(folder, problem=error.what)


def _as_it_is(status: Status, owned: bool) -> Status:
    """What the log alone cannot say: whether anybody is still at it."""
    changes: dict[str, object] = {}
    if not status.over and not owned:
        changes["state"] = RunState.INTERRUPTED
        changes["held"] = None
    if status.over or not owned:
        # A worker or a step that was left in the middle is still to be done.
        changes["workers"] = tuple(
            worker
            if worker.over or worker.state == "queued"
            else worker.model_copy(update={"state": INTERRUPTED, "pid": None, "doing": ""})
            for worker in status.workers
        )
        changes["steps"] = tuple(
            Step(name=step.name) if step.state is StepState.IN_PROGRESS else step for step in status.steps
        )
    return status.model_copy(update=changes) if changes else status


def find_worker(labels: Iterable[str], name: str) -> str:
    """The worker somebody means: its label, its number (`w2`), or a part no other label has."""
    known = list(labels)
    found = [label for label in known if label == name or label.split("-")[0] == name]
    found = found or [label for label in known if name and name in label]
    if not found:
        raise UnknownName("worker", name, known)
    if len(found) > 1:
        raise UsageError(f"{name!r} could be any of: {', '.join(found[:12])}.", next_step="Say more of the label.")
    return found[0]


def saved_report(project: Path, said: str | Path) -> "Report":
    """The report of a run of the project, or the one in a file or a folder somebody names."""
    from orchestra.reports.saved import read_report

    path = Path(said)
    if path.is_dir() and (path / "report.json").is_file():
        path = path / "report.json"
    if path.is_file():
        return read_report(path)
    folder = find(project, str(said))
    report = report_of(folder)
    if report is None:
        state = Watch(folder).look().state
        raise UsageError(f"{folder.id} has no report{_WHY_NONE.get(state, '')}.", next_step=_then(folder, state))
    return report


def _then(folder: RunFolder, state: RunState) -> str:
    if state is RunState.RUNNING:
        return f"Wait for it: `orchestra wait {folder.id}`."
    return f"Take it up: `orchestra resume {folder.id}`."


def report_of(folder: RunFolder) -> "Report | None":
    """The report of a run, where there is one."""
    from orchestra.reports.saved import read_report  # reading statuses needs no report

    if not folder.report.exists():
        return None
    try:
        return read_report(folder.report)
    except UsageError as error:  # nobody named that file: it is ours, and damaged
        raise StateUnusable(
            f"The report of {folder.id} is damaged. {error.what}",
            where=folder.report,
            next_step=f"Remove it; `orchestra resume {folder.id}` makes it again from what was answered.",
        ) from error
