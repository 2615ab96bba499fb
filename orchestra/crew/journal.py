"""The run's own log: append-only, numbered, its last line may be torn."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestra.crew.events import Event, Kind, now


def read(file: Path, after: int = 0) -> Iterator[Event]:
    """The events of a log, in order. A torn or foreign line is passed over: only the last can be torn by a crash."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return
    for line in content.split(b"\n"):
        with contextlib.suppress(ValidationError):
            if line and (event := Event.model_validate_json(line)).n > after:
                yield event


def last_number(file: Path) -> int:
    """The number of the newest event; 0 where there is none."""
    return max((event.n for event in read(file)), default=0)


class Journal:
    """Writes events; one owner at a time, which the run's lock sees to."""

    def __init__(self, file: Path, heard: Callable[[Event], None], last: int = 0) -> None:
        self._heard = heard
        self._n = last
        self._descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if _torn(file):
            os.write(self._descriptor, b"\n")

    def write(self, kind: Kind, **facts: Any) -> Event:
        """Append one event and tell whoever follows the run."""
        self._n += 1
        event = Event(n=self._n, at=now(), kind=kind, **facts)
        line = event.model_dump_json(exclude_none=True).encode() + b"\n"
        written = os.write(self._descriptor, line)
        if written != len(line):  # a disk that fills up in the middle of a line: the next writer ends the torn line
            raise OSError(28, "No space left on device")
        self._heard(event)
        return event

    def close(self) -> None:
        """Let the file go."""
        os.close(self._descriptor)


def add(file: Path, kind: Kind, **facts: Any) -> None:
    """Write one event between two lives of a run; for whoever holds its lock and takes it up, or hands it on."""
    with contextlib.closing(Journal(file, lambda event: None, last=last_number(file))) as journal:
        journal.write(kind, **facts)


def _torn(file: Path) -> bool:
    with file.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        if not size:
            return False
        log.seek(size - 1)
        return log.read(1) != b"\n"
