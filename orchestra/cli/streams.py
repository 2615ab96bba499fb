"""The three streams a command is born with: closed, full or no longer read, they are no reason for a traceback."""

import os
import sys

from orchestra.cli.saying import say

READER_GONE = 141
"""What a shell reports of a program that died of SIGPIPE: 1 would mean findings."""
NOT_PRINTED = 3


class ReaderGone(Exception):
    """Whoever read us has seen enough (`orchestra runs | head`). Not an OSError: typer would make it an exit 1."""


def stand_in_for_closed() -> None:
    """A closed stream (`>&-`) becomes /dev/null; else the next file opened takes its number, and what it was meant for.

    A worker's PTY as number 1 would get the report; and Python's own name for a closed stream is None.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is not None:
            continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, number)
        if nowhere != number:
            os.close(nowhere)
        setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # kept for as long as the process


def written_out(status: str | int | None) -> str | int | None:
    """The exit status, once everything printed has arrived; another one if it has not."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = READER_GONE
        _let_go(1)
    except OSError as error:
        status = NOT_PRINTED
        _let_go(1)
        say(f"orchestra: Standard output cannot be written: {error.strerror}.")
    try:
        sys.stderr.flush()
    except OSError:  # nobody can be told
        _let_go(2)
    return status


def _let_go(number: int) -> None:
    """The interpreter flushes once more when it leaves, and some exit with 120 where that fails."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
