"""Places as people write them in a text: `src/a.py:12-15`, src/a.py#L12, "in a.py, line 12"."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_PATH = r"(?:[\w.@+~-]+[/\\])*[\w@+~-][\w.@+-]*\.[A-Za-z]\w{0,9}|(?:[\w.@+~-]*[/\\])+[\w.@+-]+"
_LINES = r"(?:line|zeile|ligne|línea|linea|riga|linha|regel|rad|linje|строк\w*|行)n?e?s?"
_CITED = re.compile(
    rf"(?<![\w/:.])(?P<path>{_PATH})[`'\")\]]*"
    rf"(?::|#L|\s+L(?=\d)|\s*[,(]?\s*{_LINES}\.?\s*:?\s*)(?P<start>\d+)(?:\s*(?:[-–—]|to|bis)\s*L?(?P<end>\d+))?",  # noqa: RUF001 - dashes people type
    re.IGNORECASE,
)


class Citation(NamedTuple):
    """A place somebody named in a text."""

    path: str
    start: int
    end: int
    written: str
    """How it stands there."""


def cited(text: str) -> Iterator[Citation]:
    """Every place a text names with its line."""
    for found in _CITED.finditer(text):
        if "://" in text[max(0, found.start() - 8) : found.end()]:
            continue  # the port of an address
        start = int(found["start"][:9])
        yield Citation(found["path"], start, int((found["end"] or found["start"])[:9]), found.group())
