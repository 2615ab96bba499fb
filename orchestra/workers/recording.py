"""What a child wrote: the whole of it on disk, its end in memory."""

import os
from collections import deque
from pathlib import Path

TAIL = 64 * 1024
"""Enough for any last message and any backtrace; a thousand workers stay below 64 MiB."""


class Recording:
    """Keeps every byte in a file, made with the first byte so that a silent child costs nothing, and the last 64 KiB.

    A disk that is full does not end a worker: the file stays a clean beginning, and `trouble` says so.
    """

    __slots__ = ("_file", "_held", "_tail", "kept", "path", "trouble")

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.kept = 0
        """Bytes in the file."""
        self.trouble: str | None = None
        self._file = -1
        self._tail: deque[bytes] | None = None
        self._held = 0

    def keep(self, chunk: bytes) -> None:
        """One write for what one turn brought: nothing waits in memory for a crash to lose it."""
        tail = self._tail
        if tail is None:
            tail = self._tail = deque()
        tail.append(chunk)
        self._held += len(chunk)
        while self._held - len(tail[0]) >= TAIL:
            self._held -= len(tail.popleft())
        if self.path is None or self.trouble is not None:
            return
        try:
            if self._file < 0:
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
                self._file = os.open(self.path, flags, 0o600)
            written = os.write(self._file, chunk)
            self.kept += written
            while written < len(chunk):  # a disk that fills up takes a part first and tells the reason second
                more = os.write(self._file, chunk[written:])
                written += more
                self.kept += more
        except OSError as error:
            self.trouble = f"the log {self.path} ends after {self.kept} bytes: {error.strerror}"

    def tail(self) -> bytes:
        """The last 64 KiB."""
        return b"".join(self._tail)[-TAIL:] if self._tail else b""

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
