"""What an answer rests on besides its key, and whether that is still what it was.

The key says that the same was asked in the same words, of the same model, about the same files. What else the worker
looked at it cannot say. This is the law by which the answer of an earlier run is taken again:

| the ask | its answer holds while |
|---|---|
| about a section | each file outside the section that the worker was seen to read is what it was |
| about none, and the worker ran no command | always: it had its prompt and nothing else |
| about none, and it ran commands, had a copy to run them in, or cannot be watched (a program, not codex) | each file \
it was seen to read is what it was, and so is the whole target: tests it ran read files nobody saw |
| with web search | never: nobody can say that the web is what it was |
| to write | never: what it made belongs to the run it was made in |

A file that changed while the worker was at it, that is not there any more or cannot be read, is not what it was; so is
a file of the section that changed between the beginning of the run and the answer, for nobody can say which of the two
was read. Files outside the target's root (a header of the system) are taken to stay. What a worker made itself in a
copy of its own is gone with the copy, and decides nothing.
"""

import os
import stat
from os.path import normpath
from pathlib import Path
from typing import Any

from pydantic import Field

from orchestra.brief.ask import Ask, Scope
from orchestra.brief.taking import TOO_LARGE, digest
from orchestra.brief.target import Target
from orchestra.value import Value
from orchestra.workers.task import WorkerResult


class Basis(Value):
    """What an answer rests on. None in it: that changed while the worker was at it, so it is not taken again."""

    files: dict[str, str | None] = Field(default_factory=dict)
    """Path below the target's root -> digest, of the files outside the section that the worker was seen to read."""
    whole: bool = False
    """It rests on the whole target."""
    target: str | None = None
    """The digest of the target, where it does."""


def can_be_taken_again(ask: Ask[Any]) -> bool:
    """An answer of its kind may come from an earlier run at all."""
    return ask.scope is not Scope.WRITE and not ask.web_search


class Present:
    """The target of this run and the files around it."""

    def __init__(self, root: Path, target: Target | None) -> None:
        self._root, self._target = os.path.realpath(root), target
        lies_here = target is not None and target.given is None
        self._taken = {file.path: file.digest for file in target.files} if target and lies_here else {}
        self._now: dict[str, str | None] = {}

    def __repr__(self) -> str:
        return f"<Present: {self._root}, {len(self._taken):,} files>"

    def basis(self, ask: Ask[Any], result: WorkerResult, *, cwd: Path, since: int) -> Basis:
        """What an answer that was just given rests on. `since`: when its worker began, as files carry it (ns)."""
        stands = ask.cwd or Path(self._root)
        section = {file.path: file.digest for file in ask.section.files} if ask.section else {}
        files: dict[str, str | None] = {}
        if ask.base is None and ask.section and ask.section.text is None:
            files |= {path: None for path, was in section.items() if digest(f"{self._root}/{path}") != was}
        for name in result.files_read:
            path = self._below_root(_as_the_user_has_it(name, cwd, stands))
            made_by_itself = path and cwd != stands and not os.path.lexists(f"{self._root}/{path}")
            if path and path not in section and not made_by_itself:
                files[path] = self._unless_changed(path, since)
        if ask.section is not None or not _looked_around(ask, result):
            return Basis(files=files)
        same = self._target is not None and not self._target.changed()
        return Basis(files=files, whole=True, target=self._target.digest if self._target and same else None)

    def holds(self, basis: Basis | None) -> bool:
        """Everything an answer rests on is in this run what it was; None: nobody wrote down what that is."""
        if basis is None or (basis.whole and (self._target is None or basis.target != self._target.digest)):
            return False
        return all(was is not None and was == self._state(path) for path, was in basis.files.items())

    def _state(self, path: str) -> str | None:
        if path not in self._now:
            self._now[path] = self._taken.get(path) or _state(f"{self._root}/{path}")
        return self._now[path]

    def _unless_changed(self, path: str, since: int) -> str | None:
        now = _state(f"{self._root}/{path}")
        if path in self._taken:
            return now if now == self._taken[path] else None
        try:  # unlike mtime, ctime cannot be set back by who writes
            return now if os.lstat(f"{self._root}/{path}").st_ctime_ns <= since else None
        except OSError:
            return None

    def _below_root(self, file: str) -> str | None:
        """The path relative to the root, also where a link leads below it; None: it lies elsewhere."""
        named = Path(file)
        for one in (named, named.parent.resolve() / named.name):
            if one.is_relative_to(self._root):
                return one.relative_to(self._root).as_posix()
        return None


def _looked_around(ask: Ask[Any], result: WorkerResult) -> bool:
    return ask.scope is not Scope.READ or bool(result.commands) or result.thread_id is None


def _as_the_user_has_it(name: str, cwd: Path, stands: Path) -> str:
    """The file a worker named, which may have stood in a copy of the folder."""
    return normpath(stands / name.removeprefix(f"{cwd}/"))


def _state(file: str) -> str | None:
    """The content as one word; of a file too large to be read each night, how large it is and since when."""
    known = digest(file)
    if known is not None:
        return known
    try:
        facts = os.lstat(file)
    except OSError:
        return None
    large = stat.S_ISREG(facts.st_mode) and facts.st_size > TOO_LARGE
    return f"{facts.st_size} bytes since {facts.st_mtime_ns}" if large else None
