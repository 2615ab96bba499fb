"""Remove old runs: never a living one, the newest of a job, one that is held, or one that cannot be read."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestra.crew.run_folder import RunFolder
from orchestra.crew.runs import runs_folder
from orchestra.errors import StateUnusable

GOING = ".pruned-"
"""What a run is renamed to first: from then on it is no run any more, also if removing it is cut short."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One run, and why it is kept; without a reason it goes."""

    folder: RunFolder
    started: datetime
    kept_for: str = ""


def choose(
    runs: Sequence[RunFolder],
    *,
    older_than: timedelta | None,
    keep: int | None,
    held: Mapping[str, str],
    now: datetime | None = None,
) -> list[Choice]:
    """Which of these runs, oldest first, go; the answer begins with the newest.

    Both limits given, a run goes only if neither keeps it. `held` are runs that stay whatever the limits say, and why.
    """
    moment = now or datetime.now(UTC)
    jobs: set[str] = set()
    return [
        Choice(run, _started(run), _reason(run, number, jobs, older_than, keep, moment) or held.get(run.id, ""))
        for number, run in enumerate(reversed(runs))
    ]


def remove(folder: RunFolder) -> tuple[str, ...]:
    """Remove a run that nobody owns; whoever takes it up meanwhile is told that it is owned.

    Work of its writers that nobody took over stays, and comes back: branches, and patches for folders outside git.
    """
    from orchestra.crew.forget import forget  # what prunes nothing need not know how

    lock = folder.lock()
    try:
        kept = forget(folder)
        going = folder.path.with_name(GOING + folder.id)
        folder.path.rename(going)
        shutil.rmtree(going)
    except OSError as error:
        raise StateUnusable(f"The run cannot be removed: {error.strerror}.", where=folder.path) from error
    finally:
        lock.release()
    return kept


def finish(project: Path) -> None:
    """Remove what an earlier pruning could not finish."""
    for left in runs_folder(project).glob(f"{GOING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _reason(
    run: RunFolder, number: int, jobs: set[str], older_than: timedelta | None, keep: int | None, now: datetime
) -> str:
    try:
        job = json.loads(run.record_file.read_bytes()).get("lineage", {}).get("job")
    except (OSError, ValueError, AttributeError):
        return "its record cannot be read"
    newest_of_job = job is not None and job not in jobs
    jobs.add(job)
    if run.owned():
        return "it is running"
    if newest_of_job:
        return f"the newest of the job {job}"
    if keep is not None and number < keep:
        return f"one of the newest {keep}"
    if older_than is not None and now - _started(run) <= older_than:
        return "not old enough"
    return ""


def _started(run: RunFolder) -> datetime:
    """From its id: also a run that cannot be read has an age."""
    return datetime.strptime(run.id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
