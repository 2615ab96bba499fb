"""From what was said to a run that could begin: read, checked, and played as far as it gets without an answer."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestra.brief.context_pack import ContextPack, context_pack
from orchestra.crew import dry_run
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
    context = context_pack(said.pop("context", None))
    lineage = said.pop("lineage", None) or Lineage()
    project = project_root(where)
    found = catalogue.find(pattern) if isinstance(pattern, str) else catalogue.of_function(pattern)
    settings = load(project, {name: said.pop(name, None) for name in SETTINGS})
    if rehearse and settings.values.engine != "codex":
        raise UsageError(f"A rehearsal plays the model of codex; the engine {settings.values.engine!r} has none.")
    read = inputs.read(found, said, start=where, project=project)
    asked = inputs.in_words(found, read)
    planned = dry_run.plan(
        pattern=found.name,
        asked=asked,
        function=found.function,
        steps=found.plan(read),
        inputs=read,
        project=project,
        prompt_limit=engines.engine(settings, os.environ).prompt_limit,
        context=context,
    )
    return Prepared(found, read, settings, context, project, rehearse, lineage, asked, planned)
