"""Options that several commands share, each said once."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from orchestra.cli import completing
from orchestra.reports.renderers.catalogue import FORMATS, renderer


def _known(ctx: typer.Context, name: str) -> str:
    """Refuse a format there is none of, before anything is started."""
    if not ctx.resilient_parsing:
        renderer(name)
    return name


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
Format = Annotated[
    str,
    typer.Option("--format", help=f"One of {', '.join(FORMATS)}.", autocompletion=completing.formats, callback=_known),
]
Out = Annotated[Path | None, typer.Option(help="Write the report to this file instead of printing it.")]
FailOn = Annotated[
    str, typer.Option(help="Exit 1 on open findings of this severity or worse: critical, high, medium, low; or never.")
]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show plan, prompts and commands; start nothing, write nothing.")
]
Rounds = Annotated[int | None, typer.Option(min=1, help="Times the writer may try.", show_default="2")]
ContextFile = Annotated[
    Path | None, typer.Option(help="A Context Pack: TOML, YAML or Markdown. `orchestra context init` writes one.")
]
Targets = Annotated[
    list[str] | None,
    typer.Argument(help="Files and folders; `-` reads one document from standard input.", show_default=False),
]


@dataclass(frozen=True)
class How:
    """How a run goes and what comes out of it: what every command that starts one can be told."""

    model: Model = None
    effort: Effort = None
    engine: Engine = None
    codex: Codex = None
    at_once: AtOnce = None
    timeout: Timeout = None
    max_tokens: MaxTokens = None
    context: ContextFile = None
    pack_goal: Annotated[str | None, typer.Option("--goal", help="What should be true in the end.")] = None
    non_goal: Annotated[list[str] | None, typer.Option(help="What is not wanted; can be said again.")] = None
    constraint: Annotated[list[str] | None, typer.Option(help="What must hold; can be said again.")] = None
    pointer: Annotated[list[str] | None, typer.Option(help="Where to look; can be said again.")] = None
    prior_decision: Annotated[list[str] | None, typer.Option(help="What is decided, and why; can be said again.")] = (
        None
    )
    success_check: Annotated[
        str | None, typer.Option(help="The command or condition that shows that the goal is reached.")
    ] = None
    citation_style: Annotated[str | None, typer.Option(help="For scholarly text: APA 7.")] = None
    dry_run: DryRun = False
    rehearse: Rehearse = False
    detach: Detach = False
    format: Format = "terminal"
    json: Json = False
    out: Out = None
    fail_on: FailOn = "never"

    @property
    def form(self) -> str:
        """The format of the report."""
        return "json" if self.json else self.format

    def said(self) -> dict[str, Any]:
        """The settings that were named, and the Context Pack."""
        from orchestra.brief.context_pack import context_pack

        pack = context_pack(
            None,
            goal=self.pack_goal,
            non_goals=self.non_goal,
            constraints=self.constraint,
            pointers=self.pointer,
            prior_decisions=self.prior_decision,
            success_check=self.success_check,
            citation_style=self.citation_style,
        )
        settings = given(
            model=self.model,
            effort=self.effort,
            engine=self.engine,
            codex=self.codex,
            at_once=self.at_once,
            timeout=self.timeout,
            max_tokens=self.max_tokens,
            rehearse=self.rehearse,
        )
        return {**settings, "context": self.context, "besides": pack}


@dataclass(frozen=True)
class Which:
    """Which part of the target is meant."""

    uncommitted: Annotated[bool, typer.Option("--uncommitted", help="Only what is not committed yet.")] = False
    base: Annotated[
        str | None,
        typer.Option(help="Only what changed since this commit; settings and prompts are those of it."),
    ] = None
    commit: Annotated[str | None, typer.Option(help="Only what this commit changed.")] = None
    include: Annotated[list[str] | None, typer.Option(help="Only files that match this; can be said again.")] = None
    exclude: Annotated[list[str] | None, typer.Option(help="No files that match this; can be said again.")] = None

    def said(self) -> dict[str, Any]:
        """What was named of it."""
        every = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in every.items() if value}


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameters of the types `How` and `Which` are options, one for each of their fields."""
    own = inspect.signature(command).parameters.values()
    groups = {one.name: one.annotation for one in own if one.annotation in (How, Which)}
    inside = {name: [field.name for field in fields(group)] for name, group in groups.items()}

    @functools.wraps(command)
    def run(**said: Any) -> None:
        for name, group in groups.items():
            said[name] = group(**{inner: said.pop(inner) for inner in inside[name]})
        command(**said)

    flat = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own if one.name not in groups]
    for group in groups.values():
        flat += [
            inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type)
            for field in fields(group)
        ]
    run.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]  # what inspect, and so typer, reads
    run.__annotations__ = {one.name: one.annotation for one in flat}
    return run


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
