"""The results of sections as one text."""

from collections.abc import Iterator, Sequence

from orchestra.brief.answers import Consistency, SectionWork


def as_one(whole: Consistency | None) -> str | None:
    """What the sections give together, where they do not go together, and what nobody gave."""
    if whole is None:
        return None
    conflicts = []
    for conflict in whole.conflicts:
        where = f" ({', '.join(conflict.sections)})" if conflict.sections else ""
        how = f" {conflict.resolution}" if conflict.resolution else ""
        conflicts.append(f"{conflict.problem}{where}{how}")
    told = (
        *_under("Where the sections do not go together:", conflicts),
        *_under("What no section gave:", whole.missing),
    )
    return "\n".join((whole.result, *told))


def alone(works: Sequence[SectionWork]) -> str | None:
    """What the only section gives, if it gives anything, and what it leaves to others."""
    for work in works:
        told = (*_under("Left undone:", work.unfinished), *_under("To be done elsewhere:", work.elsewhere))
        return "\n".join((work.result, *told))
    return None


def _under(heading: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from ("", heading, *(f"- {item}" for item in items))
