"""What `--include` and `--exclude` keep, as `.gitignore` writes patterns."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from orchestra.brief.target_file import LeftOut
from orchestra.errors import UsageError

UNWANTED = ("not among the included", "excluded by you")
"""How the reason begins for what globs keep away."""
_LIKE_THIS = "Say for example '*.py' or 'tests/**'."


class Globs:
    """Keeps the paths that match an include, if there are any, and no exclude.

    A pattern may be said from the folder one stands in or from the target's root: either is meant.
    """

    def __init__(self, include: Sequence[str], exclude: Sequence[str], *, start: Path, root: Path) -> None:
        self._include = [(pattern, _spec(pattern)) for pattern in include]
        self._exclude = [(pattern, _spec(pattern)) for pattern in exclude]
        # Where one stands below the root, paths are also looked at from there.
        inside = start.relative_to(root).as_posix() if start.is_relative_to(root) else "."
        self._from_start = "" if inside == "." else f"{inside}/"

    def kept(self, paths: Iterable[str]) -> tuple[list[str], list[LeftOut]]:
        """The paths that stay, sorted, and one entry for each pattern that kept some away."""
        if not self._include and not self._exclude:
            return sorted(paths), []
        kept, away = [], dict.fromkeys([pattern for pattern, _ in self._exclude], 0)
        not_included = 0
        for path in sorted(paths):
            excluding = next((pattern for pattern, spec in self._exclude if self._matches(spec, path)), None)
            if self._include and not any(self._matches(spec, path) for _, spec in self._include):
                not_included += 1
            elif excluding is not None:
                away[excluding] += 1
            else:
                kept.append(path)
        left_out = [
            LeftOut(path=pattern, reason=f"{UNWANTED[1]} ({count:,} files)") for pattern, count in away.items() if count
        ]
        if not_included:
            wanted = ", ".join(pattern for pattern, _ in self._include)
            left_out.append(LeftOut(path="…", reason=f"{UNWANTED[0]} {wanted} ({not_included:,} files)"))
        return kept, left_out

    def _matches(self, spec: Any, path: str) -> bool:
        if spec.match_file(path):
            return True
        begin = self._from_start
        return bool(begin) and path.startswith(begin) and bool(spec.match_file(path.removeprefix(begin)))


def _spec(pattern: str) -> Any:
    import pathspec

    if not pattern.strip() or pattern.startswith(("!", "#")):
        raise UsageError(f"{pattern!r} is no glob.", next_step=_LIKE_THIS)
    try:
        return pathspec.GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error) as error:  # `[z-a]` becomes a regular expression that is none
        why = "" if isinstance(error, re.error) else f": {error}"
        raise UsageError(f"{pattern!r} is no glob{why}.", next_step=_LIKE_THIS) from error
