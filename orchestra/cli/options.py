"""Options that several commands share, each said once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestra.cli import completing


class Format(StrEnum):
    """What a report can be rendered as."""

    TERMINAL = "terminal"
    JSON = "json"


_WHO = "Who does the work"
_HOW = "How it runs"
_OUT = "What comes out"

Model = Annotated[str | None, typer.Option(help="Model the workers use; without it, codex's own choice.")]
Effort = Annotated[str | None, typer.Option(help="How hard the model thinks: low, medium, high.")]
Engine = Annotated[
    str | None, typer.Option(help="codex, or a program: command:'PROGRAM ARGS', or a name from the settings.")
]
Codex = Annotated[Path | None, typer.Option(help="The codex binary; without it PATH and then the wheel are searched.")]
AtOnce = Annotated[int | None, typer.Option(min=1, help="Workers at one time.", show_default="4")]
Timeout = Annotated[float | None, typer.Option(min=1, help="Seconds a worker may take, all in all.")]
MaxTokens = Annotated[int | None, typer.Option(min=1, help="Start no worker that would probably go over this.")]
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="The real codex against a stand-in model: no account, no tokens.")
]
Run = Annotated[
    str,
    typer.Argument(help="The run: its id, a unique beginning or end of it, or `last`.", autocompletion=completing.runs),
]
Detach = Annotated[
    bool, typer.Option("--detach", help="Print the run's id and leave; the run goes on without this terminal.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FormatOption = Annotated[Format, typer.Option("--format", help="Render the report as this.")]
Out = Annotated[Path | None, typer.Option(help="Write the report to this file instead of printing it.")]
FailOn = Annotated[
    str, typer.Option(help="Exit 1 on open findings of this severity or worse: critical, high, medium, low; or never.")
]


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
