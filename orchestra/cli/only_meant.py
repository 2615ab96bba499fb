"""Only the command that is meant is loaded and built whole; of its neighbours the name and the help are enough.

Typer builds every command with all its options before it reads a word: with the loading of the other files, three
quarters of what TAB and `--help` would take beside loading typer itself.
"""

import os
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any

import typer

COMMANDS = {
    "starting": ("review", "fix", "act", "split", "research", "options", "run", "ask", "patterns"),
    "looking": ("runs", "status", "show", "logs", "wait", "attach"),
    "taking_up": ("resume", "retry", "stop", "prune", "integrate", "own"),
    "reporting": ("report", "diff", "merge"),
    "findings": ("history", "accept", "dismiss", "reopen", "decisions"),
    "nights": ("nightly", "jobs", "site", "job"),
    "merging_runs": ("merge-runs",),
    "scheduling": ("schedule",),
    "setting_up": ("init", "doctor", "lenses", "prompts", "context"),
}
"""The files beside this one, and the commands each puts on the command line."""
_TYPED = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
"""Where a shell's completion says what has been typed so far."""


def words_said() -> list[str]:
    """The words of the command line, or of the line that is being completed, behind the program's name."""
    if "_ORCHESTRA_COMPLETE" not in os.environ:
        return sys.argv[1:]
    return " ".join(os.environ.get(name, "") for name in _TYPED).split()[1:]


def files(words: Sequence[str]) -> list[str]:
    """Whose commands can be meant; all of them where nothing says which."""
    first = next((word for word in words if not word.startswith("-")), "")
    if "_ORCHESTRA_COMPLETE" in os.environ:
        return [file for file, names in COMMANDS.items() if any(name.startswith(first) for name in names)]
    return [file for file, names in COMMANDS.items() if first in names] or list(COMMANDS)


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
