"""Patterns whose workers change files; a subprocess imports them too."""

from pathlib import Path
from typing import Any

from orchestra.brief.ask import Ask, Scope
from orchestra.crew.crew import Crew
from orchestra.crew.reply import Replies
from orchestra.patterns.catalogue import pattern
from orchestra.reports.report import Report


def an_ask(said: dict[str, Any]) -> Ask[str]:
    """An ask from plain words: what to run, and its scope."""
    cwd = said.get("cwd")
    return Ask(
        role=said.get("role", "implementer"),
        prompt=f"RUN\n{said['run']}\n" if "run" in said else said["prompt"],
        title=said.get("title", ""),
        scope=Scope(said.get("scope", "write")),
        base=said.get("base"),
        cwd=Path(cwd) if cwd else None,
    )


@pattern("rounds", steps=("Change", "Change again", "Look"))
async def rounds(crew: Crew, asks: list[list[dict[str, Any]]]) -> Report:
    """One round after the other, the asks of each at once. `together` as a base: all that the round before changed."""
    told = []
    replies: Replies[str] = Replies(())
    for step, round_ in zip(("Change", "Change again", "Look"), asks, strict=False):
        async with crew.step(step):
            if any(said.get("base") == "together" for said in round_):
                together = await crew.put_together(replies)
                assert together is not None
                told.append(together.in_words)
                round_ = [said | {"base": together.base} if said.get("base") == "together" else said for said in round_]
            replies = await crew.ask_all(map(an_ask, round_))
            told += [f"{reply.label}: {(reply.message or '').strip()}" for reply in replies]
    return crew.report(answer="\n".join(told))
