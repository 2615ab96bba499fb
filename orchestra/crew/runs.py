"""The runs of a project: where they lie, making one, finding one."""

import contextlib
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestra.crew.run_folder import RunFolder, write_whole
from orchestra.errors import StateUnusable, UnknownName, UsageError
from orchestra.project import STATE_FOLDER

_RUN_ID = re.compile(r"\d{8}-\d{6}-[a-z][a-z0-9-]*-[0-9a-f]{4}")
_STAMP = "%Y%m%d-%H%M%S"
_IGNORED_BY_GIT = "/.gitignore\n/runs/\n/site/\n/kept/\n/index.*\n"


def runs_folder(project: Path) -> Path:
    """Where the runs of a project lie."""
    return project / STATE_FOLDER / "runs"


def state_folder(project: Path) -> Path:
    """`.orchestra`, made if it is not there, refused if it is a link or somebody else's."""
    state = project / STATE_FOLDER
    ignore = state / ".gitignore"
    for folder in (state, runs_folder(project)):
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            _refuse_strange(folder)
            if not ignore.exists():
                write_whole(ignore, _IGNORED_BY_GIT)
        except FileExistsError as error:
            raise StateUnusable(
                "In the place of orchestra's state folder lies a file.",
                where=folder,
                next_step="Move it away, or start orchestra somewhere else.",
            ) from error
        except OSError as error:
            raise StateUnusable(
                f"The state folder cannot be written: {error.strerror}.",
                where=folder,
                next_step="Make room, mend the permissions, or start orchestra where you may write.",
            ) from error
    return state


def create(project: Path, pattern: str, now: datetime | None = None) -> RunFolder:
    """A fresh folder, `<time>-<pattern>-<4 hex>`."""
    state_folder(project)
    for _ in range(50):
        stamp = _stamp(project, now or datetime.now(UTC))
        path = runs_folder(project) / f"{stamp}-{pattern}-{secrets.token_hex(2)}"
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise StateUnusable(f"The run folder cannot be made: {error.strerror}.", where=path) from error
        (path / "workers").mkdir(mode=0o700)
        return RunFolder(path)
    raise StateUnusable("No free name for a run was found.", where=runs_folder(project))


def _stamp(project: Path, now: datetime) -> str:
    """The time a new run is called by; later than that of every run there is, also after a clock jumped back."""
    names = (entry.name for entry in runs_folder(project).iterdir() if _RUN_ID.fullmatch(entry.name))
    stamp, newest = now.strftime(_STAMP), max(names, default="")[:15]
    if stamp < newest:
        with contextlib.suppress(ValueError, OverflowError):  # a name that is no moment is not counted on
            return (datetime.strptime(newest, _STAMP) + timedelta(seconds=1)).strftime(_STAMP)
    return stamp


def all_runs(project: Path) -> list[RunFolder]:
    """Every run of the project, oldest first. Links and strange names are no runs."""
    folder = runs_folder(project)
    try:
        entries = sorted(os.scandir(folder), key=_begun)
    except OSError:
        return []
    return [
        RunFolder(Path(entry.path))
        for entry in entries
        if _RUN_ID.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
    ]


def _begun(entry: os.DirEntry[str]) -> tuple[str, int, str]:
    """By the second in the name; of several in one second, by when their records were written."""
    try:
        written = (Path(entry.path) / "run.json").stat().st_mtime_ns
    except OSError:
        written = 0
    return entry.name[:15], written, entry.name


def find(project: Path, name: str | Path) -> RunFolder:
    """A run by its id, a unique part of its beginning or end, `last`, or its path."""
    if isinstance(name, Path):
        return RunFolder(name.absolute())
    runs = all_runs(project)
    if name == "last" and runs:
        found = [runs[-1]]
    else:
        found = [run for run in runs if run.id == name] or [
            run for run in runs if name and (run.id.startswith(name) or run.id.endswith(name))
        ]
    if not found:
        recent = [run.id for run in runs[-8:]]
        raise UnknownName("run", name, recent, next_step="`orchestra runs` lists them.")
    if len(found) > 1:
        raise UsageError(
            f"{name!r} could be any of: {', '.join(run.id for run in found[-8:])}.", next_step="Say more of the id."
        )
    _refuse_strange(found[0].path)
    return found[0]


def there(project: Path, run: str) -> RunFolder | None:
    """The run with exactly this id, unless it was removed; what is no id is no run."""
    path = runs_folder(project) / run
    known = _RUN_ID.fullmatch(run) and path.is_dir() and not path.is_symlink()
    return RunFolder(path) if known else None


def _refuse_strange(folder: Path) -> None:
    """A link in the way could lead a write anywhere; a foreign owner could change what we read."""
    facts = folder.lstat()
    if folder.is_symlink():
        raise StateUnusable(
            "A symbolic link lies where orchestra keeps its state.",
            where=folder,
            next_step="Move it away, or start orchestra somewhere else.",
        )
    if facts.st_uid != os.geteuid():
        raise StateUnusable(
            f"The folder belongs to another user (uid {facts.st_uid}).",
            where=folder,
            next_step="Run orchestra as that user, or in a checkout of your own.",
        )
