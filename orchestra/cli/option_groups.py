"""Options that go together, as one parameter of a command: how a run goes, and which part of the target is meant."""

import functools
import inspect
from collections.abc import Callable, Collection
from typing import Annotated, Any, NamedTuple

import typer

from orchestra.cli import options
from orchestra.cli.help_page import LOOKED_AT
from orchestra.cli.options import given, looked_at, told

_PACK = (
    "pack_goal", "non_goal", "constraint", "pointer", "prior_decision", "success_check", "citation_style",
)  # fmt: skip
"""The options that are the Context Pack's."""


class How(NamedTuple):
    """How a run goes and what comes out of it: what every command that starts one can be told."""

    model: options.Model = None
    effort: options.Effort = None
    engine: options.Engine = None
    codex: options.Codex = None
    at_once: options.AtOnce = None
    timeout: options.Timeout = None
    max_tokens: options.MaxTokens = None
    context: options.ContextFile = None
    pack_goal: Annotated[str | None, told("The goal behind it: what should be true in the end.", name="--goal")] = None
    non_goal: Annotated[list[str] | None, told("What is not wanted; can be said again.")] = None
    constraint: Annotated[list[str] | None, told("What must hold; can be said again.")] = None
    pointer: Annotated[list[str] | None, told("Where to look; can be said again.")] = None
    prior_decision: Annotated[list[str] | None, told("What is decided, and why; can be said again.")] = None
    success_check: Annotated[
        str | None, told("The command or condition that shows that the goal is reached.", "CHECK")
    ] = None
    citation_style: Annotated[str | None, told("How scholarly text cites, for example APA 7.", "STYLE")] = None
    dry_run: options.DryRun = False
    rehearse: options.Rehearse = False
    detach: options.Detach = False
    format: options.Format = "terminal"
    json: options.Json = False
    out: options.Out = None
    fail_on: options.FailOn = "never"

    @property
    def form(self) -> str:
        """The format of the report."""
        return "json" if self.json else self.format

    def handed_to(self, inputs: Collection[str]) -> "tuple[dict[str, Any], How]":
        """What a pattern's own input was told by an option of the same name (`run act --goal G`), and the rest."""
        fields = {field.removeprefix("pack_"): field for field in _PACK}
        mine = {name: getattr(self, field) for name, field in fields.items() if name in inputs and getattr(self, field)}
        nothing: dict[str, Any] = {fields[name]: None for name in mine}
        return mine, self._replace(**nothing)

    def said(self) -> dict[str, Any]:
        """The settings that were named, and the Context Pack."""
        from orchestra.brief.context_file import context_pack

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


class Which(NamedTuple):
    """Which part of the target is meant."""

    uncommitted: Annotated[
        bool, typer.Option("--uncommitted", rich_help_panel=LOOKED_AT, help="Only what is not committed yet.")
    ] = False
    base: Annotated[
        str | None,
        looked_at("Only what changed since this commit; settings and prompts are those of it.", "COMMIT"),
    ] = None
    commit: Annotated[str | None, looked_at("Only what this commit changed.", "COMMIT")] = None
    include: Annotated[list[str] | None, looked_at("Only files that match this; can be said again.", "GLOB")] = None
    exclude: Annotated[list[str] | None, looked_at("No files that match this; can be said again.", "GLOB")] = None

    def said(self) -> dict[str, Any]:
        """What was named of it."""
        return {name: value for name, value in self._asdict().items() if value}


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameters of the types `How` and `Which` are options, one for each of their fields."""
    own = inspect.signature(command).parameters.values()
    groups = {one.name: one.annotation for one in own if one.annotation in (How, Which)}

    @functools.wraps(command)
    def run(**said: Any) -> None:
        for name, group in groups.items():
            said[name] = group(**{inner: said.pop(inner) for inner in group._fields})
        command(**said)

    flat = [one for one in own if one.name not in groups]
    for group in groups.values():
        flat += inspect.signature(group).parameters.values()
    flat = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in flat]
    run.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]  # what inspect, and so typer, reads
    run.__annotations__ = {one.name: one.annotation for one in flat}
    return run
