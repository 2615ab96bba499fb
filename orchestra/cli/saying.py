"""What is said to people: on stderr, so that stdout stays data."""

import contextlib
import sys


def say(text: str) -> None:
    """A line for people. Nobody there to read it is no reason to fail."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
