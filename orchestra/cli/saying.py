"""What is said: to people on stderr, to programs as JSON on stdout."""

import contextlib
import sys
from typing import Any

SCHEMA_VERSION = 1
"""Of everything a command prints as JSON."""


def say(text: str) -> None:
    """A line for people. Nobody there to read it is no reason to fail."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def print_json(told: dict[str, Any]) -> None:
    """One value for programs, with its version first."""
    import json

    print(json.dumps({"schema_version": SCHEMA_VERSION, **told}, indent=2, ensure_ascii=False))
