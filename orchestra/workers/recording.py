"""What a child wrote: the whole of it on disk, its end in memory."""

import os
from pathlib import Path

TAIL = 64 * 1024
"""Enough for any last message and any backtrace; a thousand workers stay below 64 MiB."""

BATCH = 128 * 1024
"""A flood goes to disk in writes of this size: one for each read of 4 KiB takes a third of the rate away."""

FULL = 2048
"""A read that brings more than this announces the next one: PTYs give 4 KiB at most."""


class Recording:
    """Keeps every byte in a file, made with the first byte so that a silent child costs nothing, and the last 64 KiB.

    A disk that is full does not end a worker: the file stays a clean beginning, and `trouble` says so.
    """

    __slots__ = ("_file", "_fresh", "_held", "_old", "kept", "path", "trouble", "waiting")

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.kept = 0
        """Bytes in the file."""
        self.waiting = 0
        """Bytes that are not in the file yet."""
        self.trouble: str | None = None
        self._file = -1
        self._fresh: list[bytes] = []
        """What waits to be written."""
        self._old: list[bytes] = []
        """What was written before it, as far as the end may need it."""
        self._held = 0
        """Bytes of the old."""

    def keep(self, chunk: bytes) -> None:
        """Write at once what comes alone; what comes in a flood waits for a batch, or for `flush`."""
        self._fresh.append(chunk)
        size = len(chunk)
        self.waiting = waiting = self.waiting + size
        if size <= FULL or waiting >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Everything that was kept is in the file now, or `trouble` says why not."""
        if not self._fresh:
            return
        if self.path is not None and self.trouble is None:
            try:
                self._write(self.path, self._fresh)
            except OSError as error:
                self.trouble = f"the log {self.path} ends after {self.kept} bytes: {error.strerror}"
        self._remember()
        self._fresh, self.waiting = [], 0

    def _remember(self) -> None:
        """The end of what is written. In a flood a batch takes the place of the one before, and nothing is copied."""
        if self.waiting >= TAIL:
            self._old, self._held = self._fresh, self.waiting
            return
        self._old += self._fresh
        self._held += self.waiting
        if self._held >= 2 * TAIL:
            self._old = [b"".join(self._old)[-TAIL:]]
            self._held = TAIL

    def _write(self, path: Path, chunks: list[bytes]) -> None:
        if self._file < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
            self._file = os.open(path, flags, 0o600)
        written = os.writev(self._file, chunks)
        self.kept += written
        if written < self.waiting:  # a disk that fills up takes a part first and tells the reason second
            rest = b"".join(chunks)[written:]
            while rest:
                written = os.write(self._file, rest)
                self.kept += written
                rest = rest[written:]

    def tail(self) -> bytes:
        """The last 64 KiB."""
        return b"".join([*self._old, *self._fresh])[-TAIL:]

    def close(self) -> None:
        self.flush()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
