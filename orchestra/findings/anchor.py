"""Where a quote really stands: exact, moved, loose or absent. Pure: the texts are given, no file is ever opened."""

import posixpath
import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property

from orchestra.findings.finding import Anchor, Location, Place

LONGEST_QUOTE = 2000
"""Characters of a quote a place carries: some thirty lines. The whole of it stays with the worker's own words."""
_LEAST = 4  # characters a quote must have, white space apart, to be looked for elsewhere: `}` stands everywhere
_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|…|\[\.\.\.\]|\[…\])\s*")
_DIFF_MARK = re.compile(r"^[+-](?![+-])|^>\s?|^\s*\d+\s*[|:│]\s?", re.MULTILINE)
_MARKS = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "`": "'", '"': "'", "«": "'", "»": "'"})


class Anchors:
    """Looks locations up in the texts of a target; every text is prepared once."""

    def __init__(self, texts: Mapping[str, str] | None) -> None:
        self._texts = texts
        self._prepared: dict[str, _Text] = {}
        self._tails: dict[str, list[str]] = {}
        for path in texts or ():
            self._tails.setdefault(posixpath.basename(path), []).append(path)

    def place(self, location: Location) -> Place:
        """The place a location means, with its lines corrected and how it was found."""
        if self._texts is None:
            return _place(location, location.path, location.start_line, location.end_line, Anchor.UNCHECKED)
        path = self._known(location.path)
        if path is None:
            state = Anchor.OUTSIDE if leads_out(location.path) else Anchor.ABSENT
            return _place(location, location.path, location.start_line, location.end_line, state)
        if path not in self._prepared:
            self._prepared[path] = _Text(self._texts[path])
        start, end, state = self._prepared[path].find(location)
        return _place(location, path, start, end, state)

    def _known(self, said: str) -> str | None:
        """The target's own name for a path. An absolute one counts when exactly one file of the target ends it."""
        texts = self._texts or {}
        if said in texts:
            return said
        path = posixpath.normpath(said.replace("\\", "/")) if said and "\0" not in said else ""
        if path in texts:
            return path
        if not path or path.startswith("../"):
            return None
        alike = [known for known in self._tails.get(posixpath.basename(path), ()) if _same_tail(known, path)]
        return alike[0] if len(alike) == 1 else None


def leads_out(path: str) -> bool:
    """Absolute, with a drive or a scheme, above its root, or with a NUL in it: nothing of the target."""
    said = path.replace("\\", "/")
    return (
        said.startswith(("/", "~"))
        or "\0" in said
        or bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", said))
        or ".." == posixpath.normpath(said).split("/")[0]
    )


def _same_tail(known: str, said: str) -> bool:
    """`src/a.py` is meant by `/tmp/copy/src/a.py`; and by `a.py`, where only one file is called so."""
    return said.endswith("/" + known) or known.endswith("/" + said)


def _place(location: Location, path: str, start: int, end: int, anchor: Anchor) -> Place:
    quote = location.quote
    if len(quote) > LONGEST_QUOTE:
        quote = quote[:LONGEST_QUOTE] + "…"
    return Place(path=path, start_line=start, end_line=end, quote=quote, anchor=anchor)


class _Text:
    """One file, and its lines without what people and models change when they quote."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    @cached_property
    def squeezed(self) -> tuple[str, list[int]]:
        """The text without white space and with one kind of quotation mark, and where each line begins in it."""
        lines = [_squeeze(line) for line in self.text.split("\n")]
        starts, at = [], 0
        for line in lines:
            starts.append(at)
            at += len(line)
        return "".join(lines), starts

    def find(self, location: Location) -> tuple[int, int, Anchor]:
        start, end = location.start_line, location.end_line
        quote = location.quote.replace("\r\n", "\n").strip("\n")
        last = len(self.starts) - (self.text.endswith("\n") or not self.text)
        if not quote.strip():
            return (start, end, Anchor.LINES) if end <= last else (start, end, Anchor.ABSENT)
        return self._literally(quote, start, end) or self._loosely(quote, start, end) or (start, end, Anchor.ABSENT)

    def _literally(self, quote: str, start: int, end: int) -> tuple[int, int, Anchor] | None:
        """The occurrence nearest to the lines that were named."""
        inner = quote.strip()
        at = _nearest(self.text, inner, self._offset(start))
        if at is None:
            return None
        first, last = self._line(at), self._line(at + len(inner) - 1)
        if start <= first and last <= end:
            return start, end, Anchor.EXACT
        if len("".join(inner.split())) < _LEAST:
            return None
        return first, last, Anchor.MOVED

    def _loosely(self, quote: str, start: int, end: int) -> tuple[int, int, Anchor] | None:
        """Every part between ellipses in its order, white space, quotation marks and diff markers apart."""
        squeezed, starts = self.squeezed
        for wording in (quote, _DIFF_MARK.sub("", quote)):
            parts = [part for part in map(_squeeze, _ELLIPSIS.split(wording)) if part]
            if len("".join(parts)) < _LEAST:
                continue
            near = starts[min(start, len(starts)) - 1]
            first = _nearest(squeezed, parts[0], near)
            if first is None:
                continue
            at = first + len(parts[0])
            for part in parts[1:]:
                found = squeezed.find(part, at)
                if found < 0:
                    break
                at = found + len(part)
            else:
                return bisect_right(starts, first), bisect_right(starts, at - 1), Anchor.LOOSE
        return None

    def _offset(self, line: int) -> int:
        return self.starts[min(line, len(self.starts)) - 1]

    def _line(self, offset: int) -> int:
        return bisect_right(self.starts, offset)


def _nearest(text: str, quote: str, near: int) -> int | None:
    """Where a quote stands, nearest to an offset; None if it is nowhere."""
    after = text.find(quote, near)
    before = text.rfind(quote, 0, near + len(quote) - 1) if near else -1
    if after < 0 or before < 0:
        return None if after < 0 and before < 0 else max(after, before)
    return after if after - near <= near - before else before


def _squeeze(text: str) -> str:
    return "".join(text.split()).translate(_MARKS)
