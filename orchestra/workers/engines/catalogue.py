"""Which engine a name means. A further engine is a file and a line here."""

import os
from collections.abc import Mapping

from orchestra.errors import UnknownName
from orchestra.settings import Sourced
from orchestra.workers.engines.base import Engine
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.engines.command import CommandEngine

PREFIX = "command:"


def engine(settings: Sourced, environ: Mapping[str, str] = os.environ) -> Engine:
    """`codex`, `command:PROGRAM ARGS`, or a name of the settings' `[engines]`."""
    chosen = settings.values
    if chosen.engine == "codex":
        return CodexEngine(
            codex=chosen.codex,
            codex_origin=settings.origin("codex"),
            sandbox=chosen.sandbox,
            environment=chosen.environment,
            mcp_servers=chosen.mcp_servers,
            overrides=chosen.codex_config,
            environ=environ,
        )
    if chosen.engine.startswith(PREFIX):
        return CommandEngine.parse(chosen.engine.removeprefix(PREFIX), environment=chosen.environment)
    if chosen.engine in chosen.engines:
        return CommandEngine(chosen.engines[chosen.engine], environment=chosen.environment, environ=environ)
    raise UnknownName(
        "engine",
        chosen.engine,
        ["codex", *chosen.engines],
        next_step="A program that prints its answer is one too: --engine 'command:PROGRAM ARGS'.",
    )
