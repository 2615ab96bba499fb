"""`orchestra-decisions.toml`: what people decided about findings, read by everybody, written by one at a time."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestra.crew.run_folder import write_whole
from orchestra.errors import SettingsInvalid, StateUnusable
from orchestra.project import DECISIONS_FILE
from orchestra.reports import decision_text
from orchestra.reports.decisions import FindingDecision

FILE = DECISIONS_FILE
PATIENCE = 10.0
"""Seconds another writer is waited for; each needs some milliseconds."""


def decisions_of(project: Path) -> dict[str, FindingDecision]:
    """Every decision of the project, by the id of its finding."""
    return decision_text.read(_text(project), str(project / FILE))


def change(project: Path, edit: Callable[[str], str]) -> None:
    """Write the file anew, from what it is now; two writers at once lose nothing of each other."""
    file = project / FILE
    if file.is_symlink():
        raise StateUnusable(
            "A symbolic link lies where the decisions are kept.", where=file, next_step="Put the file itself there."
        )
    with _alone(project):
        before = _text(project)
        decision_text.read(before, str(file))
        after = edit(before)
        if after == before:
            return
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~_umask()
        try:
            write_whole(file, after, sync=True)
            file.chmod(mode)  # it is read by the whole team, unlike the state of runs
        except OSError as error:
            raise StateUnusable(f"The decision could not be kept: {error.strerror or error}.", where=file) from error


def _text(project: Path) -> str:
    file = project / FILE
    try:
        return file.read_text(encoding="utf-8-sig")  # some editors begin with a mark
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "they are not UTF-8 text"
        raise SettingsInvalid(f"The decisions cannot be read: {why}.", where=file) from error


@contextmanager
def _alone(project: Path) -> Iterator[None]:
    """A kernel lock on the folder itself: no file is left lying beside the decisions."""
    descriptor = os.open(project, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise StateUnusable(
                        f"Somebody else has been writing decisions for {PATIENCE:.0f} s.",
                        where=project,
                        next_step="Decide again when they are done.",
                    ) from None
                time.sleep(0.02)
            else:
                break
        yield
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
