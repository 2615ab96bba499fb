"""What became of a job so far: its runs, the newest first, and what the next one goes on from."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from orchestra.crew import runs
from orchestra.crew.events import Event, Kind
from orchestra.crew.exclusive import exclusive
from orchestra.crew.lineage import Lineage, Shard
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.status import RunState
from orchestra.crew.view import Watch
from orchestra.errors import OrchestraError
from orchestra.reports.saved import read_report
from orchestra.value import Value

TAIL = 65_536
"""Bytes of a record that are read first: what is asked for here stands after the files of the target."""
_AFTER_THE_FILES = b'\n "rehearse": '
LAST_LINE = 8_192
"""Bytes of a log its last event fits into."""


class LeftAlone(OrchestraError):
    """Somebody else is at the job; that is no failure of the night."""

    exit_code = 0


@dataclass(frozen=True, slots=True)
class Past:
    """One run of a job."""

    folder: RunFolder
    state: RunState
    lineage: Lineage
    rehearsed: bool
    started: datetime | None
    next_step: str = ""

    @property
    def is_base(self) -> bool:
        """The next run may be compared with it: everybody answered, and it was no part of a run."""
        return self.state is RunState.COMPLETE and self.lineage.shard is None

    @property
    def told(self) -> bool:
        """Its report went where it was to go. Of a night that was killed before that, nobody has heard."""
        return not self.folder.untold.exists()


class Facts(Value, extra="ignore"):
    """What `run.json` says after the files of the target."""

    rehearse: bool = False
    lineage: Lineage = Lineage()
    started: datetime | None = None


def runs_of_job(project: Path, job: str) -> list[Past]:
    """Its runs, the newest first; what cannot be read is none of them."""
    return [
        _past(folder, known)
        for folder in reversed(runs.all_runs(project))
        if (known := facts_of(folder.record_file)) is not None and known.lineage.job == job
    ]


def runs_of_jobs(project: Path) -> dict[str, list[Past]]:
    """The same of every job that ever ran here, by its name."""
    found: dict[str, list[Past]] = {}
    for folder in reversed(runs.all_runs(project)):
        known = facts_of(folder.record_file)
        if known is not None and known.lineage.job is not None:
            found.setdefault(known.lineage.job, []).append(_past(folder, known))
    return found


def facts_of(record: Path) -> Facts | None:
    """What a record says of its run, if it can be read.

    Of a target of thousands of files the record is long, and what is wanted stands at its end."""
    try:
        with record.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            _, found, rest = file.read().rpartition(_AFTER_THE_FILES)
            if not found:
                file.seek(0)
                rest = file.read()
        return Facts.model_validate(json.loads(b"{" + found + rest if found else rest))
    except (OSError, ValueError, ValidationError):
        return None


def alike(past: Sequence[Past], *, rehearsed: bool, shard: Shard | None) -> list[Past]:
    """Those a night of this kind may take up or wait for: a rehearsal is no night, another shard is another run."""
    return [run for run in past if run.rehearsed is rehearsed and run.lineage.shard == shard]


def has_report(folder: RunFolder) -> bool:
    """Its report lies there, and to its end: reports are long, and this is asked of several."""
    try:
        with folder.report.open("rb") as file:
            file.seek(-min(LAST_LINE, file.seek(0, os.SEEK_END)), os.SEEK_END)
            return file.read().rstrip().endswith(b"}")
    except OSError:
        return False


@contextmanager
def alone(project: Path, job: str, shard: Shard | None) -> Iterator[None]:
    """The right to run this job: a kernel lock, which cannot outlive its process."""
    runs.state_folder(project)
    of = f".{shard.number}of{shard.of}" if shard else ""
    with exclusive(runs.runs_folder(project) / f".job-{job}{of}.lock", LeftAlone("another night is at it")):
        yield


def refuse_running(past: Sequence[Past]) -> None:
    """Leave the job alone while one of its runs goes on, whoever started it."""
    if going := next((run for run in past if run.state is RunState.RUNNING), None):
        raise LeftAlone(f"its run {going.folder.id} still goes on")


def _past(folder: RunFolder, known: Facts) -> Past:
    state, next_step = _state(folder)
    return Past(folder, state, known.lineage, known.rehearse, known.started, next_step)


def _state(folder: RunFolder) -> tuple[RunState, str]:
    """How it stands, and what it recommended: the last event of one that is over says both."""
    owned = folder.owned()
    last = None if owned else _last_event(folder.events)
    if last is not None and last.kind is Kind.RUN_ENDED:
        return RunState(last.state or RunState.FAILED), last.text or ""
    try:
        if not folder.events.exists():  # somebody cleared up, and kept the reports
            kept = read_report(folder.report)
            return RunState(kept.state), kept.next_step
        status = Watch(folder).look()
    except OrchestraError:
        return RunState.FAILED, ""
    return status.state, status.text or ""


def _last_event(log: Path) -> Event | None:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_LINE))
            lines = file.read().split(b"\n")
        return Event.model_validate_json(lines[-2]) if len(lines) > 1 and not lines[-1] else None
    except (OSError, ValidationError):
        return None
