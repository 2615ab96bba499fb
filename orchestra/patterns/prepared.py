"""From what was said to a run that could begin: read, checked, and played as far as it gets without an answer."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestra.brief import rules as rule_book
from orchestra.brief.context_file import context_pack
from orchestra.brief.context_pack import ContextPack
from orchestra.brief.rules import Rules
from orchestra.crew import dry_run
from orchestra.crew.decision_file import decisions_of
from orchestra.crew.lineage import Lineage
from orchestra.crew.planning import Plan
from orchestra.errors import NestedRun, UsageError
from orchestra.patterns import catalogue, inputs
from orchestra.patterns.catalogue import Pattern
from orchestra.settings import Settings, Sourced, load, project_root
from orchestra.workers.engines import catalogue as engines
from orchestra.workers.engines.base import Engine

SETTINGS = tuple(Settings.model_fields)
"""What every call that starts a run takes besides the pattern's own inputs, and `context`, `rehearse` and `start`."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that could begin: everything is read, checked and found; nothing is started, nothing is written."""

    pattern: Pattern
    inputs: dict[str, Any]
    settings: Sourced
    context: ContextPack
    project: Path
    rules: Rules | None
    """Of the commit that was named with `base`; they are laid down in the run's folder."""
    rehearse: bool
    lineage: Lineage
    asked: str
    plan: Plan
    """What it would do; its commands are not in it."""

    def with_commands(self, engine: Engine) -> Plan:
        """The same with the command of every worker."""
        values = self.settings.values
        return dry_run.with_commands(self.plan, engine, self.project, values.model, values.effort)


def prepare(pattern: str | Callable[..., Any], given: Mapping[str, Any]) -> Prepared:
    """Read what was said: which pattern, its inputs, the settings. What can be refused is refused here."""
    if os.environ.get("ORCHESTRA_WORKER"):
        raise NestedRun
    said = dict(given)
    where = Path(said.pop("start", None) or Path.cwd()).resolve()
    rehearse = bool(said.pop("rehearse", False))
    pack, besides = said.pop("context", None), said.pop("besides", ContextPack())
    lineage = said.pop("lineage", None) or Lineage()
    project = project_root(where)
    found = catalogue.find(pattern) if isinstance(pattern, str) else catalogue.of_function(pattern)
    rules = _rules(found, said, where, pack)
    with rule_book.in_force(rules, project) as holding:
        context = context_pack(holding.pack(pack, where)) | besides
        settings = load(holding.project, {name: said.pop(name, None) for name in SETTINGS})
        origins = {name: holding.words(origin) for name, origin in settings.origins.items()}
        settings = settings.model_copy(update={"origins": origins})
        if rehearse and settings.values.engine != "codex":
            raise UsageError(
                f"A rehearsal plays the model of codex; the engine {settings.values.engine!r} has none.",
                next_step="Say --rehearse without --engine.",
            )
        decisions_of(holding.project)  # what nobody can read is told before anything is spent
        read = inputs.read(found, said, start=where, project=project, rules=holding.project)
        asked = inputs.in_words(found, read)
        planned = dry_run.plan(
            pattern=found.name,
            asked=asked,
            function=found.function,
            steps=found.plan(read),
            inputs=read,
            project=project,
            rules=holding.project,
            prompt_limit=engines.engine(settings, os.environ).prompt_limit,
            context=context,
        )
    planned = planned.model_copy(update={"rules": rules.words if rules else ""})
    return Prepared(found, read, settings, context, project, rules, rehearse, lineage, asked, planned)


def _rules(pattern: Pattern, said: Mapping[str, Any], where: Path, pack: object) -> Rules | None:
    """Where a run is to judge what changed since a commit, that commit's rules hold."""
    base = said.get("base") if "base" in inputs.options_of(pattern) else None
    return rule_book.of_commit(base, where, inputs.named_of_target(pattern, said), pack) if base else None
