"""A child's output cut into the lines that may be events, whatever the chunks, in bounded memory."""

from collections.abc import Iterator

LONGEST = 4 << 20
"""Bytes of a line that are kept. codex's longest seen is 1 MB, a tool's whole output; a line of 100 MB is a flood."""

_EVENT = b"{"


class EventLines:
    """Chunks in, whole lines out, of those that begin as an event does. A torn last line waits for its end.

    What is no event is passed over without a look at each line: a flood of short ones (10 million a second from
    `yes`) would otherwise stand in the loop for a minute.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self.longest = longest
        self.too_long: list[int] = []
        """How long each event was that was too long to keep."""
        self.others = 0
        """Lines that were no events."""
        self._open = self._wanted = False
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that `chunk` completes, without their ends (LF, or CRLF as a PTY may make of it)."""
        at = 0
        if self._open:
            end = chunk.find(b"\n")
            self._grow(chunk if end < 0 else chunk[:end])
            if end < 0:
                return
            yield from self._close()
            at = end + 1
        while at < len(chunk):
            if not chunk.startswith(_EVENT, at):
                at = self._pass_over(chunk, at)
                continue
            end = chunk.find(b"\n", at)
            self._open = self._wanted = True
            self._grow(chunk[at:] if end < 0 else chunk[at:end])
            if end < 0:
                return
            yield from self._close()
            at = end + 1

    @property
    def torn(self) -> bytes:
        """The beginning of an event after the last line end; a child that was killed leaves half a line."""
        return b"".join(self._parts)

    def _pass_over(self, chunk: bytes, at: int) -> int:
        """Skip to the next line that begins as an event does; the place where it begins, or the end."""
        following = chunk.find(b"\n" + _EVENT, at)
        if following >= 0:
            self.others += chunk.count(b"\n", at, following + 1)
            return following + 1
        self.others += chunk.count(b"\n", at)
        self._open, self._wanted = not chunk.endswith(b"\n"), False
        return len(chunk)

    def _grow(self, part: bytes) -> None:
        self._size += len(part)
        if self._wanted and self._size <= self.longest:
            self._parts.append(part)
        else:
            self._parts.clear()

    def _close(self) -> Iterator[bytes]:
        line, size, wanted = b"".join(self._parts), self._size, self._wanted
        self._parts, self._size, self._open = [], 0, False
        if not wanted:
            self.others += 1
        elif size > self.longest:
            self.too_long.append(size)
        else:
            yield line.rstrip(b"\r")
