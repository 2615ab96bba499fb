"""Commands that start a run."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestra.cli import completing, options

GROUP = "Start a run"


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command(rich_help_panel=GROUP)(review)
    app.command(rich_help_panel=GROUP)(ask)


def review(
    target: Annotated[list[str], typer.Argument(help="Files and folders to review.", show_default=False)],
    lenses: Annotated[
        str | None,
        typer.Option(
            help="Lenses, a reviewer each: correctness,risk; one reviewer with two: clarity+evidence.",
            autocompletion=completing.lenses,
        ),
    ] = None,
    model: options.Model = None,
    effort: options.Effort = None,
    engine: options.Engine = None,
    codex: options.Codex = None,
    at_once: options.AtOnce = None,
    timeout: options.Timeout = None,
    max_tokens: options.MaxTokens = None,
    rehearse: options.Rehearse = False,
    detach: options.Detach = False,
    format: options.FormatOption = options.Format.TERMINAL,
    json: options.Json = False,
    out: options.Out = None,
    fail_on: options.FailOn = "never",
) -> None:
    """Several reviewers read the same thing through different lenses; one ranked list comes out.

    Example: orchestra review src/ --lenses correctness,risk --fail-on high
    """
    from orchestra.reports.gate import gate

    failing = gate(fail_on)
    said = options.given(
        model=model,
        effort=effort,
        engine=engine,
        codex=codex,
        at_once=at_once,
        timeout=timeout,
        max_tokens=max_tokens,
        rehearse=rehearse,
    )
    given = {"target": target, "lenses": lenses, **said}
    if detach:
        _detach("review", given, json, format, out, fail_on)
        return
    _run_and_report("review", given, "json" if json else format, out, failing)


def ask(
    prompt: Annotated[str, typer.Argument(help="What to ask; `-` reads it from standard input.", show_default=False)],
    cwd: Annotated[Path | None, typer.Option(help="The folder the worker stands in.", show_default="here")] = None,
    scope: Annotated[str, typer.Option(help="What it may touch: read, or write (this folder).")] = "read",
    schema: Annotated[Path | None, typer.Option(help="JSON schema the final message must fit.")] = None,
    model: options.Model = None,
    effort: options.Effort = None,
    engine: options.Engine = None,
    codex: options.Codex = None,
    timeout: options.Timeout = None,
    rehearse: options.Rehearse = False,
    detach: options.Detach = False,
    json: options.Json = False,
) -> None:
    """Ask one worker and print its final message.

    Exit 0 answered, 3 not logged in, 130 stopped, 4 any other end. Example: orchestra ask "What does this do?"
    """
    from orchestra.cli.asking import ask_and_print

    text = sys.stdin.read() if prompt == "-" else prompt
    said = options.given(model=model, effort=effort, engine=engine, codex=codex, timeout=timeout, rehearse=rehearse)
    raise typer.Exit(ask_and_print(text, cwd, scope, schema, said, json, detach))


def _run_and_report(pattern: str, said: dict[str, Any], form: str, out: Path | None, failing: Any) -> None:
    from orchestra import api
    from orchestra.cli.going_on import to_the_end

    raise typer.Exit(to_the_end(api.start(pattern, **said), form, out, failing))


def _detach(pattern: str, said: dict[str, Any], as_json: bool, form: str, out: Path | None, fail_on: str) -> None:
    from orchestra.cli.detaching import refuse_what_nobody_prints, start_detached

    refuse_what_nobody_prints(form, out, fail_on)
    start_detached(pattern, said, as_json)
