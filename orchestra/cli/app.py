"""The command line: groups of commands, and the one place where an error becomes text and an exit status."""

import errno
import os
import sys

import typer

from orchestra.cli import (
    completing,
    findings,
    looking,
    merging_runs,
    nights,
    only_meant,
    reporting,
    scheduling,
    setting_up,
    starting,
    streams,
    taking_up,
)
from orchestra.cli.commands import Commands
from orchestra.cli.saying import say

app = typer.Typer(
    cls=Commands,
    name="orchestra",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Put a team of codex workers on one question and get one answer worth reading.",
)
for group in (
    starting,
    looking,
    taking_up,
    reporting,
    findings,
    nights,
    merging_runs,
    scheduling,
    setting_up,
):
    group.add_to(app)


_OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN}
"""Errors that say something about the machine and nothing about orchestra."""


def _show_version(wanted: bool) -> None:
    if wanted:
        from orchestra import __version__

        print(f"orchestra {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=False)
def orchestra(
    version: bool = typer.Option(
        False, "--version", "-V", help="Show the version and leave.", is_eager=True, callback=_show_version
    ),
    debug: bool = typer.Option(False, "--debug", help="Show a traceback with an error."),
) -> None:
    """Put a team of codex workers on one question and get one answer worth reading."""
    if debug:
        os.environ["ORCHESTRA_DEBUG"] = "1"
    if any(name.startswith("ORCHESTRA_") for name in os.environ):
        from orchestra.reports.plain import plain
        from orchestra.settings import ignored_variables

        for sentence in ignored_variables():
            say(plain(f"orchestra: {sentence}"))


def main() -> None:
    """Run the command line."""
    streams.stand_in_for_closed()
    if "_ORCHESTRA_COMPLETE" in os.environ:
        completing.read_words_only()
    only_meant.leave_out(app, only_meant.words_said())
    sys.exit(streams.written_out(_status()))


def _status() -> str | int | None:
    try:
        app(prog_name="orchestra")
    except SystemExit as leaving:
        return leaving.code
    except KeyboardInterrupt:
        return 130
    except (streams.ReaderGone, BrokenPipeError):
        return streams.READER_GONE
    except Exception as error:
        return _told(error)
    return 0


def _stands_somewhere() -> bool:
    try:
        os.getcwd()  # noqa: PTH109  # the question itself, not a path to work with
    except FileNotFoundError:
        return False
    return True


def _told(error: Exception) -> int:
    """Say what happened, where, and what to do next; the exit status."""
    from orchestra.errors import OrchestraError
    from orchestra.reports.plain import plain

    if os.environ.get("ORCHESTRA_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OrchestraError):
        lines = [f"orchestra: {error.what}"]
        lines += [f"  where: {error.where}"] if error.where else []
        lines += [f"  next:  {error.next_step}"] if error.next_step else []
        say("\n".join(plain(line) for line in lines))
        return error.exit_code
    if isinstance(error, FileNotFoundError) and not _stands_somewhere():
        say("orchestra: The folder you are in is not there any more.\n  next:  `cd` to one that is.")
        return 2
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        say(plain(f"orchestra: {error}. `--debug` before the command shows where."))
        return 3
    say(f"orchestra: {type(error).__name__}: {plain(str(error))}")
    say("  This is a mistake in orchestra or in a pattern. `--debug` before the command shows where.")
    return 3
