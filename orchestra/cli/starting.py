"""Commands that start a run."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestra.cli import completing, options
from orchestra.cli.options import How, Which, spread
from orchestra.cli.verifying import Verifying

GROUP = "Start a run"
ANY = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command(rich_help_panel=GROUP, cls=Verifying)(spread(review))
    for command in (fix, act, split, research, spread_options):
        app.command(rich_help_panel=GROUP, name="options" if command is spread_options else None)(spread(command))
    app.command(rich_help_panel=GROUP, context_settings=ANY)(spread(run))
    app.command(rich_help_panel=GROUP)(ask)
    app.command(rich_help_panel=GROUP)(patterns)


Lenses = Annotated[
    str | None,
    typer.Option(
        help="Lenses, a reviewer each: correctness,risk; one reviewer with two: clarity+evidence.",
        autocompletion=completing.lenses,
    ),
]
Question = Annotated[str, typer.Argument(help="The question.", show_default=False)]


def review(
    which: Which,
    how: How,
    target: options.Targets = None,
    lenses: Lenses = None,
    verify: Annotated[
        str | None,
        typer.Option(
            metavar="[all|SEVERITY]",
            help="Have somebody try to refute what could fail the gate (high or worse without one), or all.",
        ),
    ] = None,
    curate: Annotated[
        bool, typer.Option("--curate", help="Have somebody group, order and reword the findings.")
    ] = False,
) -> None:
    """Several reviewers read the same thing through different lenses; one ranked list comes out.

    Example: orchestra review src/ --lenses correctness,risk --fail-on high
    """
    from orchestra.cli.verifying import mildest

    said = {"target": target, "lenses": lenses, "verify": mildest(verify, how.fail_on), "curate": curate or None}
    _start("review", {**said, **which.said()}, how)


def fix(
    which: Which,
    how: How,
    target: options.Targets = None,
    lenses: Lenses = None,
    from_run: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Mend the findings of this run; `last`: of the newest that has any.",
            autocompletion=completing.runs,
        ),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Mend this finding, by its id; can be said again.")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Mend so many of the first.", show_default="5")] = None,
    rounds: options.Rounds = None,
) -> None:
    """Reviewers find, one writer mends the worst in a tree of its own, a verifier tries the change out.

    Your files stay as they are; the change waits on a branch. Example: orchestra fix src/ --top 3
    """
    run = from_run or ("last" if only else None)
    said = {"target": target, "lenses": lenses, "from_run": run, "only": only, "top": top, "rounds": rounds}
    _start("fix", {**said, **which.said()}, how)


def act(
    how: How,
    goal: Annotated[str, typer.Argument(help="What should be true in the end.", show_default=False)],
    new: Annotated[str | None, typer.Option(help="Where what is to be made goes.")] = None,
) -> None:
    """A scout looks around, a writer reaches the goal in a tree of its own, a verifier runs the success check.

    Example: orchestra act "Add a --json option to the list command" --success-check "pytest -q"
    """
    _start("act", {"goal": goal, "new": new}, how)


def split(
    which: Which,
    how: How,
    task: Annotated[str, typer.Option(help="What is to be done for each section.", show_default=False)],
    target: options.Targets = None,
    write: Annotated[
        bool, typer.Option("--write", help="The workers change files, each in a tree of its own.")
    ] = False,
) -> None:
    """One task for every section of the target, all at once; then one look at everything, and one result.

    Example: orchestra split src/ --task "List every place that reads the clock"
    """
    _start("split", {"target": target, "task": task, "write": write or None, **which.said()}, how)


def research(
    how: How,
    question: Question,
    angle: Annotated[list[str] | None, typer.Option(help="From where to look; can be said again.")] = None,
) -> None:
    """Researchers search from different angles, all at once; one brief comes out, and every claim cites a source.

    Example: orchestra research "Which queue should we use?" --angle cost --angle operations
    """
    _start("research", {"question": question, "angles": angle}, how)


def spread_options(
    how: How,
    question: Question,
    count: Annotated[
        int | None, typer.Option("-n", "--count", min=2, max=6, help="Options to propose.", show_default="3")
    ] = None,
    criterion: Annotated[
        list[str] | None, typer.Option(help="What they are scored by, `cost: effort to keep it up`; can be said again.")
    ] = None,
) -> None:
    """Proposers with different stances answer one question, all at once; scored, and one is chosen and refined.

    Example: orchestra options "How do we split the monolith?" -n 4
    """
    _start("options", {"question": question, "count": count, "criteria": criterion}, how)


def run(
    ctx: typer.Context,
    how: How,
    name: Annotated[str, typer.Argument(help="A pattern: `orchestra patterns` lists them.", show_default=False)],
) -> None:
    """Run any pattern by the parameters of its function: --KEY VALUE for each.

    Example: orchestra run review --target src/ --lenses risk
    """
    from orchestra.cli.any_pattern import inputs_said

    _start(name, inputs_said(name, ctx.args), how)


def patterns(json: options.Json = False) -> None:
    """List the patterns, what each does, and what it can be told.

    Your own come with a package (entry point `orchestra.patterns`). Example: orchestra patterns
    """
    from orchestra.cli.any_pattern import print_patterns

    print_patterns(json)


def ask(
    prompt: Annotated[str, typer.Argument(help="What to ask; `-` reads it from standard input.", show_default=False)],
    cwd: Annotated[Path | None, typer.Option(help="The folder the worker stands in.", show_default="here")] = None,
    scope: Annotated[
        str, typer.Option(help="What it may touch: read; scratch, a throw-away copy; write, a copy that is kept.")
    ] = "read",
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

    # What is not UTF-8 is refused where every prompt is looked at.
    text = sys.stdin.buffer.read().decode(errors="surrogateescape") if prompt == "-" else prompt
    said = options.given(model=model, effort=effort, engine=engine, codex=codex, timeout=timeout, rehearse=rehearse)
    raise typer.Exit(ask_and_print(text, cwd, scope, schema, said, json, detach))


def _start(pattern: str, given: dict[str, Any], how: How) -> None:
    from orchestra.cli.going_on import begin

    raise typer.Exit(begin(pattern, given, how))
