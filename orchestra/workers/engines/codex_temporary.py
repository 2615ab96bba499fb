"""Where a worker that may write puts what is temporary."""

from collections.abc import Mapping
from pathlib import Path

from orchestra.brief.ask import Scope
from orchestra.workers.task import WorkerTask

SHARED = Path("/tmp")


def own_temporary(task: WorkerTask, environ: Mapping[str, str]) -> Path | None:
    """A temporary folder of the worker's own, where it must not have the usual ones.

    codex's sandbox lets whoever may write in its tree write in /tmp and $TMPDIR as well. Where the tree itself lies
    there, so do the user's files it is a copy of, and their `.git` with its hooks.
    """
    usual = [SHARED, *(Path(environ[name]) for name in ("TMPDIR",) if environ.get(name))]
    cwd = task.cwd.resolve()
    inside = any(cwd.is_relative_to(folder.resolve()) for folder in usual)
    return task.folder.absolute() / "tmp" if inside and task.scope is not Scope.READ else None
