"""What codex 0.122 to 0.125 leave in the tree of a worker that may write: an empty file `.codex`.

Their sandbox keeps a worker from making that folder by mounting over it, and what it mounts over is made for that. Left
there it would be told, and committed, as a change of the worker's own.
"""

import json

from orchestra.brief.ask import Scope
from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.task import WorkerTask

NAME = ".codex"
TOLD = "makes"
"""The key of command.json: whoever takes the attempt up later has to know that the file was not there before."""


def made_by(codex: CodexBinary, task: WorkerTask, sandboxed: bool) -> dict[str, str]:
    """For command.json: the file this codex is going to make, if it is."""
    if not sandboxed or task.scope is Scope.READ or codex.can("a clean tree"):
        return {}
    file = task.cwd.absolute() / NAME
    return {} if file.exists() or file.is_symlink() else {TOLD: str(file)}


def clear(task: WorkerTask) -> None:
    """Remove it, if the attempt's codex has made it."""
    file = task.cwd.absolute() / NAME
    try:
        told = json.loads(task.files.command.read_bytes())
        if told.get(TOLD) == str(file) and file.is_file() and not file.is_symlink() and not file.stat().st_size:
            file.unlink()
    except (OSError, ValueError):
        return  # no command was written, or the tree is gone
