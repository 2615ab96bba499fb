"""Which run and which worker somebody means, in the project they stand in."""

from pathlib import Path

from orchestra.crew import view
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.status import RunState
from orchestra.crew.view import Seen, Watch
from orchestra.errors import UsageError
from orchestra.project import project_root


def here() -> Path:
    """The project."""
    return project_root(Path.cwd())


def found(run: str) -> RunFolder:
    """The run's folder."""
    return view.find(here(), run)


def worker_of(folder: RunFolder, name: str) -> str:
    """The worker's label: of those that were asked, and of those that left a folder."""
    asked = [worker.label for worker in Watch(folder).look().workers]
    return view.find_worker(dict.fromkeys([*asked, *folder.labels()]), name)


def over(run: str, worker: str) -> tuple[RunFolder, str]:
    """A run that has ended and the label of one of its workers; one that goes on cannot be asked again."""
    folder = found(run)
    status = Watch(folder).look()
    if not status.over:
        raise UsageError(
            f"{folder.id} is still running.", next_step=f"Wait for it, or end it: `orchestra stop {folder.id}`."
        )
    if status.state is RunState.INTERRUPTED:
        raise UsageError(
            f"{folder.id} was interrupted: it has no end yet.",
            next_step=f"Go on first: `orchestra resume {folder.id}`.",
        )
    return folder, view.find_worker(folder.labels(), worker)


def listed(most: int | None) -> tuple[list[Seen], int]:
    """The newest runs, newest first, and how many are left out."""
    runs = view.runs_of(here())[::-1]
    shown = runs if most is None else runs[:most]
    return view.survey(shown), len(runs) - len(shown)
