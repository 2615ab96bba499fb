"""JSON that may be printed anywhere: nothing in it steers a terminal or is taken for a command of a CI service."""

import json
import re
from typing import Any

_SUSPECT = re.compile(r"[^\x20-\x7e\n]|#(?=#(?:\[|vso\[|teamcity\[))")


def json_text(data: Any, indent: int | None = 2) -> str:
    """The data as JSON, readable in every script, its invisible signs escaped."""
    return harmless(json.dumps(data, ensure_ascii=False, indent=indent))


def harmless(text: str) -> str:
    """JSON that says the same with escapes where a sign could do something."""
    return _SUSPECT.sub(lambda found: _sign(found[0]), text)


def _sign(sign: str) -> str:
    if sign == "#":
        return "\\u0023"
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]
