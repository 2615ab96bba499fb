"""Only the command that is meant is built whole; of its neighbours the name and the help are enough.

Typer builds every command with all its options before it reads a word: two thirds of what TAB and `--help` would take
beside loading typer itself.
"""

import os
import sys
from collections.abc import Callable, Collection
from typing import Any

import typer

_TYPED = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where a shell's completion says what has been typed so far."""


def words_said() -> set[str]:
    """Every word of the command line, or of the line that is being completed."""
    typed = " ".join(os.environ.get(name, "") for name in _TYPED) if "_ORCHESTRA_COMPLETE" in os.environ else ""
    return {*sys.argv[1:], *typed.split()}


def leave_out(app: typer.Typer, words: Collection[str]) -> None:
    """Take the options from every command whose name is none of `words`, and cannot be the one that runs."""
    for command in app.registered_commands:
        callback = command.callback
        if callback is not None and (command.name or callback.__name__.replace("_", "-")) not in words:
            command.callback = _bare(callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            leave_out(group.typer_instance, words)


def _bare(callback: Callable[..., Any]) -> Callable[[], None]:
    def bare() -> None:
        raise AssertionError(f"{bare.__name__} was left out and is run nevertheless")

    bare.__name__, bare.__doc__ = callback.__name__, callback.__doc__
    return bare
