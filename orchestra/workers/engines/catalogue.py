"""Which engine a name means. A further engine is a file and a line here."""

import os
from collections.abc import Mapping
from importlib import import_module

from orchestra.errors import UnknownName
from orchestra.settings import Sourced
from orchestra.workers.engines.base import Engine

ENGINES = {
    "codex": "codex",
    "command": "command",
}
"""Name -> module beside this file, with a function `engine(said, settings, environ) -> Engine`; `said` is what stands
after the name: `command:PROGRAM ARGS`."""


def engine(settings: Sourced, environ: Mapping[str, str] = os.environ) -> Engine:
    """`codex`, `command:PROGRAM ARGS`, or a name of the settings' `[engines]`."""
    chosen = settings.values.engine
    name, _, said = chosen.partition(":")
    if name not in ENGINES and chosen not in settings.values.engines:
        raise UnknownName(
            "engine",
            chosen,
            [*ENGINES, *settings.values.engines],
            next_step="A program that prints its answer is one too: `--engine 'command:PROGRAM ARGS'`.",
        )
    module = import_module(f"orchestra.workers.engines.{ENGINES.get(name, 'command')}")
    made: Engine = module.engine(said, settings, environ)
    return made
