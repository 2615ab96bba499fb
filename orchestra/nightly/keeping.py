"""Keep: how much of a job's past stays, and what of it stays whoever removes the rest."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from orchestra.crew import pruning
from orchestra.crew.forget import unmerged
from orchestra.crew.run_folder import RunFolder
from orchestra.errors import OrchestraError
from orchestra.nightly.job import Job, Keep
from orchestra.nightly.past import Past, runs_of_job, runs_of_jobs
from orchestra.nightly.tale import JobEnd
from orchestra.project import DECISIONS_FILE

_RUN_ID = re.compile(r"\d{8}-\d{6}-[a-z][a-z0-9-]*-[0-9a-f]{4}")


_KINDS: tuple[Callable[[Past], bool], ...] = (
    lambda run: run.rehearsed,
    lambda run: not run.rehearsed,
    lambda run: run.rehearsed and run.told,
    lambda run: not run.rehearsed and run.told,
)
"""Of each of these the newest complete run stays: the next one may be compared with it."""


def keep(project: Path, job: Job, end: JobEnd) -> JobEnd:
    """Remove what the job's `keep` does not keep. What cannot be removed stays, and is told."""
    said = job.terms.keep
    if said.nights is None and said.bytes is None:
        return end
    removed, problems = [], []
    pruning.finish(project)
    for run in superfluous(runs_of_job(project, job.name), said, decided_on(project)):
        try:
            pruning.remove(run)
        except OrchestraError as error:
            problems.append(f"{run.id} could not be removed: {error.what}")
        else:
            removed.append(run.id)
    return end.model_copy(update={"removed": tuple(removed), "problems": (*end.problems, *problems)})


def superfluous(past: Sequence[Past], said: Keep, decided: frozenset[str]) -> list[RunFolder]:
    """The runs that go, the oldest first, of all runs of the job, the newest first.

    Never the newest complete one, one that lives, one a decision refers to, or one with changes nobody took over.
    """
    stays = _bases(past) | decided
    size = {run.folder.id: on_disk(run.folder.path) for run in past} if said.bytes is not None else {}
    total, going = sum(size.values()), []
    for number, run in reversed(list(enumerate(past))):
        too_old = said.nights is not None and number >= said.nights
        too_much = said.bytes is not None and total > said.bytes
        if number == 0 or not (too_old or too_much) or run.folder.id in stays:
            continue
        if run.folder.owned() or unmerged(run.folder):
            continue
        going.append(run.folder)
        total -= size.get(run.folder.id, 0)
    return going


def always(project: Path) -> dict[str, str]:
    """The runs that stay whatever else goes, and why."""
    held = {
        run: f"the next night of {job} may be compared with it"
        for job, past in runs_of_jobs(project).items()
        for run in _bases(past)
    }
    return {**held, **dict.fromkeys(decided_on(project), "a decision refers to it")}


def decided_on(project: Path) -> frozenset[str]:
    """Every run the decisions refer to; a file that is no TOML any more still protects what stands in it."""
    try:
        text = (project / DECISIONS_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(_RUN_ID.findall(text))


def _bases(past: Sequence[Past]) -> set[str]:
    newest = (next((run.folder.id for run in past if run.is_base and kind(run)), None) for kind in _KINDS)
    return {run for run in newest if run is not None}


def on_disk(folder: Path) -> int:
    """Bytes the folder takes, as the disk counts them."""
    total, open_folders = 0, [str(folder)]
    while open_folders:
        try:
            entries = list(os.scandir(open_folders.pop()))
        except OSError:
            continue
        for entry in entries:
            total += entry.stat(follow_symlinks=False).st_blocks * 512
            if entry.is_dir(follow_symlinks=False):
                open_folders.append(entry.path)
    return total
