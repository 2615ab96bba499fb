"""Spans of time as people say them: `40s`, `1m05s`, `2h07m`, `3d04h`."""


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
