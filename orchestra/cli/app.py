"""The command line: groups of commands, and the one place where an error becomes text and an exit status."""

import os
import sys
from collections.abc import Iterable
from importlib import import_module

import typer

from orchestra.cli import completing, only_meant, streams, went_wrong
from orchestra.cli.commands import Commands, read_alike
from orchestra.cli.saying import say


def command_line(files: Iterable[str] = only_meant.COMMANDS) -> typer.Typer:
    """The commands of these files, as one command line."""
    app = typer.Typer(
        cls=Commands,
        name="orchestra",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for file in files:
        import_module(f"orchestra.cli.{file}").add_to(app)
    read_alike(app)
    app.callback(invoke_without_command=False)(orchestra)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from orchestra import __version__

        print(f"orchestra {__version__}")
        raise typer.Exit


def orchestra(
    version: bool = typer.Option(
        False, "--version", "-V", help="Show the version and leave.", is_eager=True, callback=_show_version
    ),
    debug: bool = typer.Option(False, "--debug", help="Show where in the program an error came from."),
) -> None:
    """Put a team of codex workers on one question and get one answer worth reading.

    Example: orchestra review . --rehearse
    """
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
    while sys.argv[1:2] == ["help"]:  # `orchestra help job init`
        sys.argv[1:] = [*sys.argv[2:], "--help"]
    if "_ORCHESTRA_COMPLETE" in os.environ:
        completing.read_words_only()
    sys.exit(streams.written_out(_status()))


def _status() -> str | int | None:
    try:
        words = only_meant.words_said()
        app = command_line(only_meant.files(words))
        only_meant.leave_out(app, words)
        app(prog_name="orchestra")
    except SystemExit as leaving:
        return went_wrong.with_completion() if leaving.code == 1 and went_wrong.asked_for_completion() else leaving.code
    except KeyboardInterrupt:
        return 130
    except (streams.ReaderGone, BrokenPipeError):
        return streams.READER_GONE
    except Exception as error:
        return went_wrong.told(error)
    return 0
