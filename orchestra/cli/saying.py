"""What is said: to people on stderr, to programs as JSON on stdout."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO

SCHEMA_VERSION = 1
"""Of everything a command prints as JSON."""


_WORD = re.compile(r"(?:`[^`]*`|\S)+")
"""A command in backticks stays on one line: it is there to be copied."""
_LABEL = re.compile(r"  (?:where|next): ")


def say(text: str) -> None:
    """Lines for people. Nobody there to read them is no reason to fail."""
    with contextlib.suppress(OSError, ValueError):
        print(at_the_edge(text, sys.stderr), file=sys.stderr, flush=True)


def tell(text: str, hanging: int | None = None) -> None:
    """A line of what was asked for, on stdout; what does not fit goes on below its column."""
    if sys.stdout.isatty():
        text = "\n".join(folded(text, columns(sys.stdout), hanging))
    print(text)


def at_the_edge(text: str, stream: TextIO) -> str:
    """At a terminal, broken at its edge between words and indented; elsewhere a line stays one, for `grep`."""
    if not stream.isatty():
        return text
    width = columns(stream)
    return "\n".join(piece for line in text.split("\n") for piece in folded(line, width))


def folded(line: str, width: int, hanging: int | None = None) -> Iterator[str]:
    """The line in lines of at most so many columns, all but the first indented.

    What is wider than a line, and is there to be copied, begins at its left edge: the terminal goes on with it
    from edge to edge, and puts nothing of its own in between.
    """
    begins = line[: len(line) - len(line.lstrip())]
    indent = " " * (hanging or (9 if _LABEL.match(line) else len(begins) + 2))
    piece, end = begins, len(begins)
    for found in _WORD.finditer(line):
        gap = line[end : found.start()]
        if piece.strip() and len(piece) + len(gap) + len(found[0]) > width:
            yield piece
            piece = (indent if len(indent) + len(found[0]) <= width else "") + found[0]
        else:
            piece += gap + found[0]
        end = found.end()
    yield piece


def columns(stream: TextIO) -> int:
    """How wide the terminal behind a stream is, or was said to be."""
    with contextlib.suppress(ValueError):
        if said := int(os.environ.get("COLUMNS") or 0):
            return max(said, 20)
    with contextlib.suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns or 80
    return 80


def print_json(told: dict[str, Any]) -> None:
    """One value for programs, with its version first."""
    import json

    print(json.dumps({"schema_version": SCHEMA_VERSION, **told}, indent=2, ensure_ascii=False))
