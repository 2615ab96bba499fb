"""The command line: groups of commands, and the one place where an error becomes text and an exit status."""

import os
import sys

import typer

from orchestra.cli import briefing, completing, looking, reporting, setting_up, starting, taking_up

app = typer.Typer(
    name="orchestra",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Put a team of codex workers on one question and get one answer worth reading.",
)
for group in (starting, looking, taking_up, reporting, setting_up, briefing):
    group.add_to(app)


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


def main() -> None:
    """Run the command line."""
    if "_ORCHESTRA_COMPLETE" in os.environ:
        completing.read_words_only()
    try:
        app(prog_name="orchestra")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read us has seen enough (`orchestra runs | head`); nothing can be said to it any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        sys.exit(_told(error))


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
        print("\n".join(plain(line) for line in lines), file=sys.stderr)
        return error.exit_code
    print(f"orchestra: {type(error).__name__}: {plain(str(error))}", file=sys.stderr)
    print(
        "  This is a mistake in orchestra or in a pattern. `--debug` before the command shows where.", file=sys.stderr
    )
    return 3
