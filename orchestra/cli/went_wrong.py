"""What is said when something went wrong: what happened, where, what to do next; and the exit status."""

import errno
import os
import re
import sys
from collections.abc import Iterator

from orchestra.cli.saying import say

_OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN}
"""Errors that say something about the machine and nothing about orchestra."""
_WORD = re.compile(r"(?:`[^`]*`|\S)+")
"""A command in backticks stays on one line: it is there to be copied."""


def told(error: Exception) -> int:
    """Say it; the exit status."""
    from orchestra.errors import OrchestraError
    from orchestra.reports.plain import plain

    if os.environ.get("ORCHESTRA_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OrchestraError):
        _say(f"orchestra: {plain(error.what)}")
        if error.where:
            _say(f"  where: {plain(str(error.where))}")
        if error.next_step:
            _say(f"  next:  {plain(error.next_step)}")
        return error.exit_code
    if isinstance(error, FileNotFoundError) and not _stands_somewhere():
        _say("orchestra: The folder you are in is not there any more.")
        _say("  next:  `cd` to one that is.")
        return 2
    if isinstance(error, OSError) and "--install-completion" in sys.argv:
        _say(plain(f"orchestra: Completion cannot be installed: {error}."))
        _say("  next:  `orchestra --show-completion` prints it, for you to put where your shell reads it.")
        return 3
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        _say(plain(f"orchestra: {error.strerror}{f': {error.filename}' if error.filename else ''}."))
        _say("  next:  Mend that on this machine; `--debug` before the command shows where it was met.")
        return 3
    _say(f"orchestra: {type(error).__name__}: {plain(str(error))}")
    _say("  next:  This is a mistake in orchestra or in a pattern: say `--debug` before the command to see where.")
    return 3


def _say(line: str) -> None:
    """At a terminal, broken at its edge and indented; elsewhere a line stays one, for `grep`."""
    if sys.stderr.isatty():
        import shutil

        line = "\n".join(folded(line, shutil.get_terminal_size().columns))
    say(line)


def folded(line: str, width: int) -> Iterator[str]:
    """The line in lines of at most so many columns.

    What is wider than a line, and is there to be copied, begins at its left edge: the terminal goes on with it
    from edge to edge, and puts nothing of its own in between.
    """
    begins = line[: len(line) - len(line.lstrip())]
    indent = " " * (9 if begins else 2)  # below what stands behind `  where: ` and `  next:  `
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


def _stands_somewhere() -> bool:
    try:
        os.getcwd()  # noqa: PTH109  # the question itself, not a path to work with
    except FileNotFoundError:
        return False
    return True
