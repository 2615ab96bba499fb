"""Where things lie: the folder a run belongs to, and the user's own.

Apart from the settings, which need pydantic: a shell that completes a word must not wait for that.
"""

import os
from collections.abc import Mapping
from pathlib import Path

PROJECT_FILE, STATE_FOLDER, DECISIONS_FILE = "orchestra.toml", ".orchestra", "orchestra-decisions.toml"


def project_root(start: Path) -> Path:
    """The folder a run belongs to: the nearest with settings, a state folder or a repository, else `start`."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if is_repository(folder) or any((folder / sign).exists() for sign in (PROJECT_FILE, STATE_FOLDER)):
            return folder
    return start


def is_repository(folder: Path) -> bool:
    """The top of a git checkout. An empty `.git` is none: codex's sandbox leaves one where a worker may write."""
    git = folder / ".git"
    return git.is_file() or (git / "HEAD").exists()


def user_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The user's own settings and prompts: `$XDG_CONFIG_HOME/orchestra`, `~/.config/orchestra`; None without a home."""
    base = environment.get("XDG_CONFIG_HOME") or (environment.get("HOME") and f"{environment['HOME']}/.config")
    return Path(base) / "orchestra" if base else None
