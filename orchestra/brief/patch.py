"""A unified diff, read: which files, which lines of the new version, and the hunks as they stand."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from orchestra.brief.target_file import Lines

_FILE = re.compile(rb"^diff --git ", re.MULTILINE)
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_SIGNS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


@dataclass(frozen=True, slots=True)
class Hunk:
    """So many lines from a place became so many lines at a place."""

    old: int
    old_count: int
    new: int
    new_count: int


@dataclass(frozen=True)
class FilePatch:
    """What a diff says of one file."""

    path: str
    """Its path in the new version; of a deleted file, in the old one."""
    was: str | None
    """Its earlier path, if it was renamed."""
    added_file: bool
    deleted: bool
    body: bytes
    """The hunks."""

    @property
    def earlier(self) -> str:
        """Its path in the old version."""
        return self.was or self.path

    @property
    def text(self) -> str:
        """The hunks, as a person reads them."""
        return self.body.decode("utf-8", "replace").rstrip("\n")

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(Hunk(*(1 if part is None else int(part) for part in found)) for found in _headers(self.body))

    @cached_property
    def added(self) -> int:
        return len(re.findall(rb"^\+", self.body, re.MULTILINE))

    @cached_property
    def removed(self) -> int:
        return len(re.findall(rb"^-", self.body, re.MULTILINE))

    @cached_property
    def lines(self) -> tuple[Lines, ...]:
        """The lines that are new, and the two between which others were removed without a replacement."""
        return joined(_touched(self.body))


def read_patch(patch: bytes) -> Iterator[FilePatch]:
    """The files of what `git diff` printed. Lines of content never begin as its headers do: they carry a sign."""
    starts = [*(found.start() for found in _FILE.finditer(patch)), len(patch)]
    for start, end in pairwise(starts):
        piece = patch[start:end].removeprefix(b"diff --git ")
        hunk = _HUNK.search(piece)
        head = piece[: hunk.start()] if hunk else piece
        lines = head.split(b"\n")
        was, now = _after(lines, b"rename from "), _after(lines, b"rename to ")
        yield FilePatch(
            path=_name(now) if now is not None else _same_name(lines),
            was=_name(was) if was is not None else None,
            added_file=any(line.startswith(b"new file mode ") for line in lines),
            deleted=any(line.startswith(b"deleted file mode ") for line in lines),
            body=piece[hunk.start() :] if hunk else b"",
        )


def joined(lines: Sequence[Lines]) -> tuple[Lines, ...]:
    """The same lines with neighbours put together, in order."""
    together: list[Lines] = []
    for span in sorted(lines, key=lambda span: span.first):
        if together and span.first <= together[-1].last + 1:
            together[-1] = Lines(first=together[-1].first, last=max(together[-1].last, span.last))
        else:
            together.append(span)
    return tuple(together)


def carried(lines: Sequence[Lines], hunks: Sequence[Hunk]) -> tuple[Lines, ...]:
    """Where the lines of an old version stand in the new one; those that were removed since are dropped."""
    moved = []
    for span in lines:
        first, last = _carried(span.first, hunks, end=False), _carried(span.last, hunks, end=True)
        if first <= last:
            moved.append(Lines(first=first, last=last))
    return joined(moved)


def _carried(line: int, hunks: Sequence[Hunk], *, end: bool) -> int:
    shift = 0
    for hunk in hunks:
        # A hunk that only adds names the line after which it does so.
        first = hunk.old if hunk.old_count else hunk.old + 1
        if line < first:
            break
        if line < first + hunk.old_count:
            begins = hunk.new if hunk.new_count else hunk.new + 1
            return begins + hunk.new_count - 1 if end else begins
        shift += hunk.new_count - hunk.old_count
    return line + shift


def _touched(body: bytes) -> list[Lines]:
    touched: list[Lines] = []
    at, gap = 0, False
    for line in body.split(b"\n"):
        sign = line[:1]
        if sign == b"@":
            _close(touched, at, gap)
            found = _HUNK.match(line)
            at, gap = int(found[3]) if found else at, False
        elif sign == b"+":
            touched.append(Lines(first=at, last=at))
            at, gap = at + 1, False
        elif sign == b"-":
            gap = not (touched and touched[-1].last == at - 1)
        elif sign == b" ":
            if gap:
                touched.append(Lines(first=max(1, at - 1), last=at))
            at, gap = at + 1, False
    _close(touched, at, gap)
    return touched


def _close(touched: list[Lines], at: int, gap: bool) -> None:
    """Lines were removed at the end of the file: the last that is left stands for them."""
    if gap:
        touched.append(Lines(first=max(1, at - 1), last=max(1, at - 1)))


def _headers(body: bytes) -> list[tuple[str | None, ...]]:
    return [tuple(part.decode() if part else None for part in found.groups()) for found in _HUNK.finditer(body)]


def _after(lines: Sequence[bytes], word: bytes) -> bytes | None:
    return next((line.removeprefix(word) for line in lines if line.startswith(word)), None)


def _same_name(lines: Sequence[bytes]) -> str:
    """The name of a file that was not renamed: it stands twice in the first line, `a/NAME b/NAME`."""
    first = lines[0]
    half = first[: (len(first) - 1) // 2]
    return _name(half)[2:]


def _name(said: bytes) -> str:
    """A path as git writes it: in quotation marks if there is anything unusual in it."""
    if said.startswith(b'"') and said.endswith(b'"'):
        said = _ESCAPE.sub(_unescaped, said[1:-1])
    return os.fsdecode(said)


def _unescaped(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8)]) if len(sign) == 3 else _SIGNS.get(sign, sign)
