"""Spans of time and sizes as people say them: `30d`, `1h30m`, `2GB`."""

import re

from orchestra.errors import UsageError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw]?)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt])(i)?)?b?", re.IGNORECASE)


def seconds_of(said: str) -> float:
    """`90`, `90s`, `1h30m`, `30d`, `2w` in seconds."""
    parts = _SPAN.findall(said.strip().lower())
    if not parts or "".join(number + unit for number, unit in parts) != said.strip().lower():
        raise UsageError(f"{said!r} is no span of time.", next_step="Say it like 90s, 10m, 1h30m, 30d or 2w.")
    if len(parts) > 1 and any(not unit for _, unit in parts):
        raise UsageError(f"{said!r} lacks a unit.", next_step="Say it like 90s, 10m, 1h30m, 30d or 2w.")
    return sum(float(number) * _SECONDS[unit or "s"] for number, unit in parts)


def bytes_of(said: str) -> int:
    """`500 MB`, `2GB`, `1.5GiB`, `4096`: kB and MB count in thousands, KiB and MiB in 1,024s, as disks and `du` do."""
    found = _SIZE.fullmatch(said.strip())
    if found is None:
        raise UsageError(f"{said!r} is no size.", next_step="Say it like 500MB, 2GB or 1.5GiB.")
    number, unit, binary = found.groups()
    power = "kmgt".index(unit.lower()) + 1 if unit else 0
    return int(float(number) * (1024 if binary else 1000) ** power)
