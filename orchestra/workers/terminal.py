"""One child in one PTY."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run and where its streams go."""

    argv: tuple[str, ...]
    """argv[0] is the path of an executable."""
    environment: Mapping[str, str]
    stdin: Path
    """A regular file, or /dev/null: a pipe left open blocks codex for ever."""
    output: Path | None = None
    """Where everything that comes over the PTY is kept, to the byte."""
    stderr: Path | None = None
    cwd: Path | None = None
