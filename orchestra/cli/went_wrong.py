"""What is said when something went wrong: what happened, where, what to do next; and the exit status."""

import errno
import os
import sys

from orchestra.cli.saying import say

_OF_THE_MACHINE = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EACCES,
    errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP,
}  # fmt: skip
"""Errors that say something about the machine and nothing about orchestra."""


def told(error: Exception) -> int:
    """Say it; the exit status."""
    from orchestra.errors import OrchestraError
    from orchestra.reports.plain import plain

    if os.environ.get("ORCHESTRA_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OrchestraError):
        say(f"orchestra: {plain(error.what)}")
        if error.where:
            say(f"  where: {plain(str(error.where))}")
        if error.next_step:
            say(f"  next:  {plain(error.next_step)}")
        return error.exit_code
    if isinstance(error, FileNotFoundError) and not _stands_somewhere():
        say("orchestra: The folder you are in is not there any more.")
        say("  next:  `cd` to one that is.")
        return 2
    if isinstance(error, OSError) and "--install-completion" in sys.argv:
        say(plain(f"orchestra: Completion cannot be installed: {error.strerror}."))
        if error.filename:
            say(plain(f"  where: {error.filename}"))
        say("  next:  `orchestra --show-completion` prints it, for you to put where your shell reads it.")
        return 3
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        say(plain(f"orchestra: {error.strerror}."))
        if error.filename:
            say(plain(f"  where: {error.filename}"))
        say("  next:  Mend that on this machine; `--debug` before the command shows where it was met.")
        return 3
    say(f"orchestra: {type(error).__name__}: {plain(str(error))}")
    say("  next:  This is a mistake in orchestra or in a pattern: say `--debug` before the command to see where.")
    return 3


def asked_for_completion() -> bool:
    """Whether the command line is to be taught to a shell."""
    return bool({"--install-completion", "--show-completion"} & set(sys.argv))


def with_completion() -> int:
    """What to do in a shell typer knows nothing of, which it has just said; 1 is for findings."""
    say("  next:  Say it in bash, zsh or fish.")
    return 2


def _stands_somewhere() -> bool:
    try:
        os.getcwd()  # noqa: PTH109  # the question itself, not a path to work with
    except FileNotFoundError:
        return False
    return True
