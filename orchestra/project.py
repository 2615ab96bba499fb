"""Where things lie: the folder a run belongs to, and the user's own.

Apart from the settings, which need pydantic: a shell that completes a word must not wait for that.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from orchestra.errors import StateUnusable

PROJECT_FILE, STATE_FOLDER, DECISIONS_FILE = "orchestra.toml", ".orchestra", "orchestra-decisions.toml"


def project_root(start: Path) -> Path:
    """The folder a run belongs to: the nearest with settings, a state folder or a repository, else `start`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if is_repository(folder) or any((folder / sign).exists() for sign in (PROJECT_FILE, STATE_FOLDER)):
            return folder
    return start


def is_repository(folder: Path) -> bool:
    """The top of a git checkout. An empty `.git` is none: codex's sandbox leaves one where a worker may write.

    A folder that is closed to us is none either.
    """
    try:
        return (folder / ".git").is_file() or (folder / ".git" / "HEAD").exists()
    except PermissionError:
        return False


def refuse_closed(folder: Path) -> None:
    """Raise where a folder lies that may not be looked into: what is in it would silently not be told."""
    if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):  # noqa: PTH112  # `Path` raises where it is closed
        raise StateUnusable(
            f"The folder {folder.name} is closed to you; it belongs to uid {folder.stat().st_uid}.",
            where=folder,
            next_step="Run orchestra as that user, in a checkout of your own, or mend the permissions.",
        )


def user_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The user's own settings and prompts: `$XDG_CONFIG_HOME/orchestra`, `~/.config/orchestra`; None without a home."""
    base = environment.get("XDG_CONFIG_HOME") or (environment.get("HOME") and f"{environment['HOME']}/.config")
    return Path(base) / "orchestra" if base else None
