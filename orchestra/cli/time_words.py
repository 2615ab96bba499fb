"""Spans of time as people say them: `40s`, `1m05s`, `2h07m`, `3d04h`."""

import re

from orchestra.errors import UsageError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw]?)")


def age(seconds: float) -> str:
    """At most six signs, up to a hundred days."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"


def seconds_of(said: str) -> float:
    """`90`, `90s`, `1h30m`, `30d`, `2w` in seconds."""
    parts = _SPAN.findall(said.strip().lower())
    if not parts or "".join(number + unit for number, unit in parts) != said.strip().lower():
        raise UsageError(f"{said!r} is no span of time.", next_step="Say it like 90s, 10m, 1h30m, 30d or 2w.")
    if len(parts) > 1 and any(not unit for _, unit in parts):
        raise UsageError(f"{said!r} lacks a unit.", next_step="Say it like 90s, 10m, 1h30m, 30d or 2w.")
    return sum(float(number) * _UNITS[unit or "s"] for number, unit in parts)
