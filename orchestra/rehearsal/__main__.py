"""`python -m orchestra.rehearsal`: the stand-in as a process. One JSON line when it listens; ends with its stdin."""

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from orchestra.rehearsal.moves import Brain, Move
from orchestra.rehearsal.request import Request
from orchestra.rehearsal.server import StandIn


class _Named:
    """A brain that is loaded with its first request: the server listens before the brain is there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._brain: Brain | None = None

    def answer(self, request: Request) -> Move:
        if self._brain is None:
            self._brain = load_brain(self.name)
        return self._brain.answer(request)


def load_brain(name: str) -> Brain:
    """`understudy`, or `module:name` of a brain of one's own."""
    module, _, attribute = ("orchestra.rehearsal.understudy:Understudy" if name == "understudy" else name).partition(
        ":"
    )
    found = getattr(import_module(module), attribute)
    brain: Brain = found() if isinstance(found, type) else found
    return brain


def main() -> None:
    """Serve until stdin ends."""
    # Not argparse: its import costs a tenth of the time in which the server is to be ready.
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    if len(sys.argv) % 2 == 0 or not set(options) <= {"--brain", "--home"}:
        sys.exit("usage: python -m orchestra.rehearsal [--brain understudy|MODULE:NAME] [--home FOLDER]")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    name = options.get("--brain", "understudy")
    brain = _Named(name) if name == "understudy" else load_brain(name)
    with StandIn(brain, home=Path(options["--home"]) if "--home" in options else None) as model:
        print(json.dumps({"url": model.url, "environment": model.environment}), flush=True)
        while os.read(0, 65536):
            pass


main()
