"""Whether the files of a target stay as they are while a worker runs that may only read."""

import os
from pathlib import Path

from orchestra.brief.taking import digest
from orchestra.brief.target import Target

Look = dict[str, tuple[int, int, int] | None]
"""Path -> when it was changed, how large it is, which file it is; None where there is none."""

NAMED = 12
"""Files a sentence names; the others are counted."""


class Watched:
    """Looks at every file before and after: their times (3 ms for 1,000 files), and the content where those differ."""

    def __init__(self, target: Target | None) -> None:
        files = target.files if target is not None and target.given is None else ()
        self._root = target.root if target is not None else Path()
        self._digests = {file.path: file.digest for file in files}

    def __repr__(self) -> str:
        return f"<Watched: {len(self._digests):,} files of {self._root}>"

    def __bool__(self) -> bool:
        return bool(self._digests)

    def look(self) -> Look:
        """The files now."""
        return {path: _facts(f"{self._root}/{path}") for path in self._digests}

    def changed_since(self, before: Look) -> tuple[str, ...]:
        """Those that are no longer what they were; one that was only touched is."""
        now = self.look()
        moved = [path for path, facts in before.items() if now[path] != facts]
        return tuple(path for path in moved if digest(f"{self._root}/{path}") != self._digests[path])


def some(names: tuple[str, ...]) -> str:
    """As many of the names as a sentence takes."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _facts(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ctime_ns, found.st_size, found.st_ino  # unlike mtime, ctime cannot be set back by who writes
