"""Options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from orchestra.cli import completing
from orchestra.cli.help_page import COMES_OUT, GOES, LOOKED_AT, TOLD, WHO
from orchestra.reports.renderers.catalogue import FORMATS, renderer


def _known(ctx: typer.Context, name: str) -> str:
    """Refuse a format there is none of, before anything is started."""
    if not ctx.resilient_parsing:
        renderer(name)
    return name


_RUN = "A run: its id, a unique beginning or end of it, or `last`."
_WORKER = "A worker: its label, its number (w2), or a part of it."
_GATE = "Exit 1 on open findings of this severity or worse: critical, high, medium, low; or never."
_GATE_AFTERWARDS = f"{_GATE[:-1]}; new:high, of a job's run: only what is new."

Model = Annotated[
    str | None,
    typer.Option(metavar="NAME", rich_help_panel=WHO, help="The model of the workers.", show_default="codex's own"),
]
Effort = Annotated[
    str | None,
    typer.Option(
        metavar="LEVEL",
        rich_help_panel=WHO,
        help="How hard the model thinks: low, medium, high.",
        show_default="the model's own",
        autocompletion=completing.efforts,
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="ENGINE",
        rich_help_panel=WHO,
        help="A program in codex's place, command:'PROGRAM ARGS', or its name in the settings.",
        show_default="codex",
    ),
]
Codex = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=WHO,
        help="The codex binary.",
        show_default="the one in PATH, then the one pip installed",
    ),
]
AtOnce = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, rich_help_panel=GOES, help="Workers at one time.", show_default="4"),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        min=1,
        rich_help_panel=GOES,
        help="What a worker may take, all in all.",
        show_default="by its role",
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        rich_help_panel=GOES,
        help="Start no worker that would probably go over this.",
        show_default="no limit",
    ),
]
Rehearse = Annotated[
    bool,
    typer.Option(
        "--rehearse",
        rich_help_panel=GOES,
        help="The real codex against a stand-in model: no account, no tokens.",
    ),
]
Run = Annotated[str, typer.Argument(metavar="RUN", help=_RUN, autocompletion=completing.runs)]
NeededRun = Annotated[str, typer.Argument(metavar="RUN", help=_RUN, autocompletion=completing.runs, show_default=False)]
Worker = Annotated[
    str | None,
    typer.Argument(metavar="WORKER", help=_WORKER, autocompletion=completing.workers, show_default="all of them"),
]
NeededWorker = Annotated[
    str, typer.Argument(metavar="WORKER", help=_WORKER, autocompletion=completing.workers, show_default=False)
]
Detach = Annotated[
    bool,
    typer.Option(
        "--detach",
        rich_help_panel=GOES,
        help="Print the run's id and leave; the run goes on without this terminal.",
    ),
]
Json = Annotated[bool, typer.Option("--json", rich_help_panel=COMES_OUT, help="Print JSON.")]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        rich_help_panel=COMES_OUT,
        help=f"One of {', '.join(FORMATS)}.",
        autocompletion=completing.formats,
        callback=_known,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=COMES_OUT, help="Write it to this file instead of printing it."),
]
FailOn = Annotated[
    str,
    typer.Option(metavar="GATE", rich_help_panel=COMES_OUT, help=_GATE, autocompletion=completing.gates_alone),
]
OwnFailOn = Annotated[
    str | None,
    typer.Option(
        metavar="GATE",
        help=_GATE_AFTERWARDS,
        autocompletion=completing.gates,
        show_default="no gate, the exit status is 0",
    ),
]
MessagesFailOn = Annotated[
    str | None,
    typer.Option(
        metavar="GATE",
        help=_GATE,
        autocompletion=completing.gates_alone,
        show_default="no gate, the exit status is 0",
    ),
]
"""Of messages that lie in files: nothing tells what was there before them."""
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", rich_help_panel=GOES, help="Show plan, prompts and commands; start nothing, write nothing."
    ),
]
Rounds = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, rich_help_panel=GOES, help="Times the writer may try.", show_default="2"),
]
ContextFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=TOLD,
        help="A Context Pack: TOML, YAML or Markdown. `orchestra context init` writes one.",
    ),
]
JobName = Annotated[
    str,
    typer.Argument(
        metavar="JOB",
        help="A job: `orchestra jobs` lists them.",
        autocompletion=completing.jobs,
        show_default=False,
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET",
        help="Files and folders; `-` reads one document from standard input.",
        show_default="all files with --uncommitted, --base or --commit",
    ),
]


def told(help: str, metavar: str = "TEXT", name: str | None = None, show_default: str | bool = False) -> Any:
    """An option of what workers are told."""
    named = [name] if name else []
    return typer.Option(*named, metavar=metavar, rich_help_panel=TOLD, help=help, show_default=show_default)


def looked_at(help: str, metavar: str, **more: Any) -> Any:
    """An option of which part of the target is meant."""
    return typer.Option(metavar=metavar, rich_help_panel=LOOKED_AT, help=help, **more)


def given(
    *,
    model: str | None = None,
    effort: str | None = None,
    engine: str | None = None,
    codex: Path | None = None,
    at_once: int | None = None,
    timeout: float | None = None,
    max_tokens: int | None = None,
    rehearse: bool = False,
) -> dict[str, Any]:
    """The options as the settings name them; what was not said is left to the settings."""
    said: dict[str, Any] = {
        "model": model,
        "effort": effort,
        "engine": engine,
        "codex": codex.absolute() if codex else None,
        "at_once": at_once,
        "max_tokens": max_tokens,
        "deadlines": {"wall": timeout} if timeout is not None else None,
    }
    return {**{name: value for name, value in said.items() if value is not None}, "rehearse": rehearse}
