"""A worker's final message read as findings, as far as it goes. Nothing is dropped without a note."""

import re
from typing import Any

from pydantic import ValidationError

from orchestra.answer import Unreadable, read, read_json
from orchestra.findings.finding import Finding, ReviewMessage
from orchestra.value import Value


class Parsed(Value):
    """What a message says, and how far it could be read."""

    summary: str
    findings: tuple[Finding, ...]
    complete: bool
    """False: salvaged from something that is no full answer."""
    notes: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Read a final message: typed JSON, bare or fenced; else what can be salvaged from it."""
    try:
        reading = read(text, ReviewMessage)
    except Unreadable as error:
        return Parsed(summary="", findings=(), complete=False, notes=(str(error),))
    return Parsed(summary=reading.value.summary, findings=reading.value.findings, complete=True, notes=reading.notes)
