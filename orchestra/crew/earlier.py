"""Answers of earlier runs, found by the key of their ask: the newest run first, and no further than needed."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestra.brief.ask import Scope
from orchestra.crew import runs
from orchestra.crew.basis import Present, can_be_taken_again
from orchestra.crew.events import now
from orchestra.crew.keys import Begun
from orchestra.crew.lineage import Lineage, Origin
from orchestra.crew.run_folder import RunFolder, Seal

HEAD = 400
"""Bytes at the beginning of a seal that hold its keys: 30 runs of 60 asks are looked through in 50 ms, however much was
answered in them."""
_KEY = re.compile(rb'"key": ?"([0-9a-f]{64})"')
_FIRST_KEY = re.compile(rb'"first_key": ?"([0-9a-f]{64})"')

_Places = dict[str, list[tuple[str, int]]]
"""First key of an ask -> label and number of its attempts, the newest last."""


class Earlier:
    """What the runs of a lineage know. One that was pruned meanwhile knows nothing."""

    def __init__(self, project: Path, lineage: Lineage, present: Present) -> None:
        self._project, self._lineage, self._present = project, lineage, present
        self._known: dict[str, _Places] = {}

    def __repr__(self) -> str:
        return f"<Earlier: {len(self._known)} of {len(self._lineage.parts + self._lineage.reuse)} runs looked into>"

    def answers(self, begun: Begun[Any]) -> Iterator[tuple[Seal, Origin]]:
        """The answers that may be taken for this ask, the best first, each with who paid for it and when.

        An ask somebody wanted asked again is really asked. In later runs the answer it then gave counts as that of the
        ask it was: whoever did not like an answer does not want it back the next night.
        """
        if begun.asked_again or begun.ask.scope is Scope.WRITE:
            return
        for run in self._lineage.parts:
            yield from self._of(run, begun)
        for run in self._lineage.reuse if can_be_taken_again(begun.ask) else ():
            for seal, origin in self._of(run, begun):
                if self._young(begun.key, origin.answered) and self._present.holds(seal.basis):
                    yield seal, origin

    def _of(self, run: str, begun: Begun[Any]) -> Iterator[tuple[Seal, Origin]]:
        if run not in self._known:
            self._known[run] = _places(self._folder(run))
        for label, number in reversed(self._known[run].get(begun.key, ())):
            folder = self._folder(run)
            seal = folder.seal(label, number) if folder else None
            if seal is not None and seal.result.answered:
                yield seal, seal.origin or Origin(run=run, answered=seal.sealed)

    def _folder(self, run: str) -> RunFolder | None:
        return runs.there(self._project, run)

    def _young(self, key: str, answered: datetime) -> bool:
        """Young enough. One from the future, which a clock that jumped has left, is as old as it is far away."""
        return abs((now() - answered).total_seconds()) < self._lineage.asks_again_after(key)


def _places(folder: RunFolder | None) -> _Places:
    found: _Places = {}
    for label in folder.labels() if folder else ():
        assert folder is not None
        for number in folder.attempts(label):
            if key := _key_in(folder.attempt(label, number).result):
                found.setdefault(key, []).append((label, number))
    return found


def _key_in(seal: Path) -> str | None:
    try:
        descriptor = os.open(seal, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        head = os.read(descriptor, HEAD)
    finally:
        os.close(descriptor)
    said = _FIRST_KEY.search(head) or _KEY.search(head)
    return said[1].decode() if said else None
