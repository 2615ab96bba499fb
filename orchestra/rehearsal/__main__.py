"""`python -m orchestra.rehearsal`: the stand-in as a process. One JSON line when it listens; ends with its stdin.

The line is printed before the server is loaded: whoever connects meanwhile waits at the door for some milliseconds.
"""

import contextlib
import json
import os
import sys
from importlib import import_module

from orchestra.rehearsal.venue import Venue

TYPE_CHECKING = False  # a type checker takes it for True; typing itself costs 9 ms to import
if TYPE_CHECKING:
    from orchestra.rehearsal.moves import Brain

_USAGE = "usage: python -m orchestra.rehearsal [--brain understudy|MODULE:NAME] [--home FOLDER]"


def main() -> None:
    """Serve until stdin ends."""
    # Not argparse: its import costs a tenth of the time in which the server is to be ready.
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    if len(sys.argv) % 2 == 0 or not set(options) <= {"--brain", "--home"}:
        sys.exit(_USAGE)
    # Only the one line goes to stdout: what a brain prints goes to stderr, where nobody waits for JSON.
    stdout = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name = options.get("--brain", "understudy")
    brain = None if name == "understudy" else _load(name)  # somebody's own may fail to load: before the line, then
    venue = Venue(options.get("--home"))
    print(json.dumps({"url": venue.url, "environment": venue.environment}), file=stdout, flush=True)

    import signal

    from orchestra.rehearsal.server import StandIn

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with StandIn(brain or _load(name), venue=venue, remember=False), contextlib.suppress(KeyboardInterrupt):
        while os.read(0, 65536):
            pass


def _load(name: str) -> "Brain":
    """`understudy`, or `module:name` of a brain of one's own: an object, or a class that needs no arguments."""
    module, _, attribute = name.partition(":")
    if name == "understudy":
        module, attribute = "orchestra.rehearsal.understudy", "Understudy"
    found = getattr(import_module(module), attribute)
    brain: Brain = found() if isinstance(found, type) else found
    return brain


if __name__ == "__main__":
    main()
