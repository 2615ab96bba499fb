"""A child's output cut into lines, whatever the chunks, in bounded memory."""

from collections.abc import Iterator

LONGEST = 4 << 20
"""Bytes of a line that are kept. codex's longest seen is 1 MB, a tool's whole output; a line of 100 MB is a flood."""


class EventLines:
    """Chunks in, whole lines out. A line over the limit is dropped and counted; a torn last one waits."""

    def __init__(self, longest: int = LONGEST) -> None:
        self.longest = longest
        self.dropped: list[int] = []
        """How long each line was that was too long to keep."""
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that `chunk` completes, without their ends (LF, or CRLF as a PTY may make of it)."""
        first, *rest = chunk.split(b"\n") if b"\n" in chunk else (chunk,)
        self._grow(first)
        for part in rest:
            yield from self._complete()
            self._grow(part)

    @property
    def torn(self) -> bytes:
        """What came after the last line end; a child that was killed leaves half a line."""
        return b"".join(self._parts)

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self.longest:
            if part:
                self._parts.append(part)
        else:
            self._parts.clear()

    def _complete(self) -> Iterator[bytes]:
        line, size = b"".join(self._parts), self._size
        self._parts, self._size = [], 0
        if size > self.longest:
            self.dropped.append(size)
        elif line := line.strip(b"\r\x00 \t"):
            yield line
