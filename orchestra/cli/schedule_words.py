"""`orchestra schedule`: what is printed, or written into a folder."""

from pathlib import Path

from orchestra.cli.saying import say
from orchestra.cli.which import here
from orchestra.errors import StateUnusable, UsageError
from orchestra.nightly.job import chosen, jobs_of
from orchestra.nightly.schedules.catalogue import files_for
from orchestra.nightly.schedules.schedule import ScheduleFile


def print_or_write(
    starter: str, name: str, *, at: str | None, install: str | None, change: bool, folder: Path | None
) -> None:
    """What somebody else needs to start a job."""
    project = here()
    job = chosen(jobs_of(project), [name])[0]
    files = files_for(starter, job, project, at=at, install=install, change=change)
    if folder is None:
        print("\n".join(file.text for file in files), end="")
        return
    for file in files:
        _write(folder / file.name, file)


def _write(place: Path, file: ScheduleFile) -> None:
    """What stands there already and says something else is kept."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as stream:
            stream.write(file.text)
    except FileExistsError as error:
        if not place.parent.is_dir():
            raise UsageError(
                f"{place.parent.name} should be a folder, and is a file.",
                where=place.parent,
                next_step="Name another with --out.",
            ) from error
        if place.read_text(encoding="utf-8", errors="replace") != file.text:
            raise UsageError(
                f"{place.name} is there already, and says something else.",
                where=place,
                next_step="Remove it, or compare: the same command without --out prints the new one.",
            ) from error
    except OSError as error:
        raise StateUnusable(
            f"{place.name} cannot be written: {error.strerror}.",
            where=place,
            next_step="Name another folder with --out.",
        ) from error
    say(f"written to {place}")
