"""Commands that start a run."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestra.cli import completing, options
from orchestra.cli.help_page import GOES, LOOKED_AT, TOLD, WHO
from orchestra.cli.option_groups import How, Which, spread
from orchestra.cli.pattern_help import RunsAnyPattern
from orchestra.cli.verifying import Verifying

GROUP = "Start a run"
ANY = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command(rich_help_panel=GROUP, cls=Verifying)(spread(review))
    for command in (fix, act, split, research, spread_options):
        app.command(rich_help_panel=GROUP, name="options" if command is spread_options else None)(spread(command))
    app.command(rich_help_panel=GROUP, cls=RunsAnyPattern, context_settings=ANY)(spread(run))
    app.command(rich_help_panel=GROUP)(ask)
    app.command(rich_help_panel=GROUP)(patterns)


Lenses = Annotated[
    str | None,
    typer.Option(
        metavar="LENS,...",
        rich_help_panel=WHO,
        help="Lenses, a reviewer each: correctness,risk; one reviewer with two: clarity+evidence.",
        autocompletion=completing.lenses,
        show_default="by what the target is",
    ),
]
Question = Annotated[str, typer.Argument(metavar="QUESTION", help="What is to be answered.", show_default=False)]


def review(
    which: Which,
    how: How,
    target: options.Targets = None,
    lenses: Lenses = None,
    verify: Annotated[
        str | None,
        typer.Option(
            metavar="[all|SEVERITY]",
            rich_help_panel=WHO,
            help="Have somebody try to refute what could fail the gate (high or worse without one), or all.",
            autocompletion=completing.severities,
        ),
    ] = None,
    curate: Annotated[
        bool,
        typer.Option("--curate", rich_help_panel=WHO, help="Have somebody group, order and reword the findings."),
    ] = False,
) -> None:
    """Review through several lenses, and rank what was found.

    Several reviewers read the same thing, and never see each other: what two of them say weighs more than what one
    says twice. One ranked list comes out, and the first next step.

    Example: orchestra review src/ --lenses correctness,risk
    orchestra review --base main --fail-on high
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
            metavar="RUN",
            rich_help_panel=LOOKED_AT,
            help="Mend the findings of this run; `last`: of the newest that has any.",
            autocompletion=completing.runs,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        options.looked_at("Mend this finding; can be said again.", "FINDING", autocompletion=completing.findings),
    ] = None,
    top: Annotated[int | None, options.looked_at("Mend so many of the first.", "N", min=1, show_default="5")] = None,
    rounds: options.Rounds = None,
) -> None:
    """Review, mend the worst in a tree of its own, and try it out.

    Reviewers find, one writer mends, a verifier tries the change out. Your files stay as they are; the change waits
    on a branch until `orchestra integrate` takes it over.

    Example: orchestra fix src/ --top 3
    orchestra fix --from last --only f-3a9c
    """
    run = from_run or ("last" if only else None)
    said = {"target": target, "lenses": lenses, "from_run": run, "only": only, "top": top, "rounds": rounds}
    _start("fix", {**said, **which.said()}, how)


def act(
    how: How,
    goal: Annotated[str, typer.Argument(metavar="GOAL", help="What should be true in the end.", show_default=False)],
    new: Annotated[str | None, options.told("The file or folder that is to be made.", "PATH")] = None,
) -> None:
    """Reach a goal: a scout looks, a writer writes, a verifier checks.

    The writer works in a tree of its own, and the verifier runs the success check there. Your files stay as they
    are; the change waits on a branch until `orchestra integrate` takes it over.

    Example: orchestra act "Add --json to the list command" --success-check "pytest -q"
    """
    _start("act", {"goal": goal, "new": new}, how)


def split(
    which: Which,
    how: How,
    task: Annotated[
        str,
        typer.Option(
            metavar="TEXT", rich_help_panel=TOLD, help="What is to be done for each section.", show_default=False
        ),
    ],
    target: options.Targets = None,
    write: Annotated[
        bool,
        typer.Option("--write", rich_help_panel=GOES, help="The workers change files, each in a tree of its own."),
    ] = False,
) -> None:
    """Do one task for every section at once, and join the results.

    The target is cut into sections that do not overlap, a worker for each; then somebody looks at everything.

    Example: orchestra split src/ --task "List every place that reads the clock"
    """
    _start("split", {"target": target, "task": task, "write": write or None, **which.said()}, how)


def research(
    how: How,
    question: Question,
    angle: Annotated[
        list[str] | None,
        options.told(
            "From where to look; can be said again.",
            "ANGLE",
            show_default="the primary sources; practice; what speaks against the obvious answer",
        ),
    ] = None,
) -> None:
    """Search from different angles; every claim cites a source.

    Researchers search all at once, each from one angle, on the web too. One brief comes out.

    Example: orchestra research "Which queue suits us?" --angle cost --angle risk
    """
    _start("research", {"question": question, "angles": angle}, how)


def spread_options(
    how: How,
    question: Question,
    count: Annotated[
        int | None,
        typer.Option(
            "-n", "--count", metavar="N", min=2, max=6, rich_help_panel=WHO, help="Proposers, 2 to 6.", show_default="3"
        ),
    ] = None,
    criterion: Annotated[
        list[str] | None,
        options.told(
            "What they are scored by, `cost: effort to keep it up`; can be said again.",
            "CRITERION",
            show_default="fit, cost, risk, reversible, soon",
        ),
    ] = None,
) -> None:
    """Have options proposed and scored; one is chosen and refined.

    Proposers with different stances answer the question all at once. Every option is scored by the same criteria.

    Example: orchestra options "How do we split the monolith?" -n 4
    """
    _start("options", {"question": question, "count": count, "criteria": criterion}, how)


def run(
    ctx: typer.Context,
    how: How,
    name: Annotated[
        str,
        typer.Argument(
            metavar="PATTERN",
            help="A pattern: `orchestra patterns` lists them.",
            autocompletion=completing.patterns,
            show_default=False,
        ),
    ],
) -> None:
    """Run any pattern by name, with --KEY VALUE for its inputs.

    `orchestra patterns` lists them, and `orchestra run PATTERN --help` tells about one and its inputs. A list is said
    by saying its key again.

    Example: orchestra run review --target src/ --lenses risk
    """
    from orchestra.cli.any_pattern import inputs_of, inputs_said

    said = inputs_said(name, ctx.args)
    own, rest = how.handed_to(inputs_of(name))
    _start(name, said | own, rest)


def patterns(json: options.Json = False) -> None:
    """List the patterns, what each does, and what it can be told.

    Your own come with a package (entry point `orchestra.patterns`).

    Example: orchestra patterns
    """
    from orchestra.cli.any_pattern import print_patterns

    print_patterns(json)


def ask(
    prompt: Annotated[
        str, typer.Argument(metavar="PROMPT", help="What to ask; `-` reads it from standard input.", show_default=False)
    ],
    cwd: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            rich_help_panel=LOOKED_AT,
            help="The folder the worker stands in.",
            show_default="the one you are in",
        ),
    ] = None,
    scope: Annotated[
        str,
        typer.Option(
            metavar="SCOPE",
            rich_help_panel=LOOKED_AT,
            help="What it may touch: read; scratch, a throw-away copy; write, a copy that is kept.",
            autocompletion=completing.scopes,
        ),
    ] = "read",
    schema: Annotated[
        Path | None,
        typer.Option(metavar="FILE", rich_help_panel=TOLD, help="A JSON schema the final message must fit."),
    ] = None,
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

    Exit 0 answered, 3 not logged in, 130 stopped, 4 any other end.

    Example: orchestra ask "What does this project do?"
    git diff | orchestra ask -
    """
    from orchestra.cli.asking import ask_and_print

    # What is not UTF-8 is refused where every prompt is looked at.
    text = sys.stdin.buffer.read().decode(errors="surrogateescape") if prompt == "-" else prompt
    said = options.given(model=model, effort=effort, engine=engine, codex=codex, timeout=timeout, rehearse=rehearse)
    raise typer.Exit(ask_and_print(text, cwd, scope, schema, said, json, detach))


def _start(pattern: str, given: dict[str, Any], how: How) -> None:
    from orchestra.cli.going_on import begin

    raise typer.Exit(begin(pattern, given, how))
