"""`python -m orchestra.rehearsal`: the stand-in as a process. One JSON line when it listens; ends with its stdin.

The line is printed before the server is loaded: whoever connects meanwhile waits at the door for some milliseconds.
"""

import contextlib
import json
import os
import signal
import sys
from importlib import import_module

from orchestra.rehearsal.venue import Venue

TYPE_CHECKING = False  # a type checker takes it for True; typing itself costs 9 ms to import
if TYPE_CHECKING:
    from orchestra.rehearsal.moves import Brain

_USAGE = "usage: python -m orchestra.rehearsal [--brain understudy|MODULE:NAME] [--home FOLDER]"

_ENDINGS = (signal.SIGTERM, signal.SIGINT)
_NOBODY_WAITS = (BrokenPipeError, KeyboardInterrupt)


def main() -> None:
    """Serve until stdin ends."""
    # Not argparse: its import costs a tenth of the time in which the server is to be ready.
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=False))
    if len(sys.argv) % 2 == 0 or not set(options) <= {"--brain", "--home"}:
        sys.exit(_USAGE)
    # Only the one line goes to stdout: what a brain prints goes to stderr, where nobody waits for JSON.
    stdout = os.dup(1)
    os.dup2(2, 1)
    name = options.get("--brain", "understudy")
    brain = None if name == "understudy" else _load(name)  # somebody's own may fail to load: before the line, then
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # not between making the home and promising to remove it
    with contextlib.closing(Venue(options.get("--home"))) as venue, contextlib.suppress(*_NOBODY_WAITS):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDINGS)
        line = json.dumps({"url": venue.url, "environment": venue.environment}) + "\n"
        os.write(stdout, line.encode())
        _serve(venue, brain or _load(name))


def _serve(venue: Venue, brain: "Brain") -> None:
    from orchestra.rehearsal.server import StandIn

    with StandIn(brain, venue=venue, remember=False):
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
