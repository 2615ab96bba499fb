"""The results of sections as one text."""

from orchestra.brief.answers import Consistency


def as_one(whole: Consistency | None) -> str | None:
    """What the sections give together, where they do not go together, and what nobody gave."""
    if whole is None:
        return None
    told = [whole.result]
    if whole.conflicts:
        told += ["", "Where the sections do not go together:"]
        for conflict in whole.conflicts:
            where = f" ({', '.join(conflict.sections)})" if conflict.sections else ""
            how = f" {conflict.resolution}" if conflict.resolution else ""
            told.append(f"- {conflict.problem}{where}{how}")
    if whole.missing:
        told += ["", "What no section gave:", *(f"- {missing}" for missing in whole.missing)]
    return "\n".join(told)
