"""Pattern E: `orchestra research QUESTION`."""

from collections.abc import Sequence
from typing import Annotated

from orchestra.brief.angles import ANGLES
from orchestra.brief.library import library
from orchestra.brief.roles import researcher, synthesis
from orchestra.crew.crew import Crew
from orchestra.patterns.catalogue import pattern
from orchestra.reports.report import Report
from orchestra.reports.researched import actions_of, brief_of


@pattern("research", steps=("Search from each angle", "Put the sources together", "Make one brief of it"))
async def research_by_angle(
    crew: Crew, question: str, angles: Annotated[Sequence[str], "From where to look."] = ANGLES
) -> Report:
    """Researchers search from different angles, all at once; one brief comes out, and what to do next.

    Every claim of the brief cites a source a researcher gave, the same source from two of them is one source, and where
    they disagree both sides are shown. A citation of nothing is removed, and the report says so.
    """
    async with crew.step("Search from each angle"):
        notes = await crew.ask_all(researcher(question, angle=angle) for angle in dict.fromkeys(angles))
    async with crew.step("Put the sources together"):
        known = library([(who, found) for who, found in notes.told if found])
    async with crew.step("Make one brief of it"):
        written = (await crew.reply_to(synthesis(question, known))).value if notes.answers else None
    return crew.report(brief=brief_of(question, known, written), actions=actions_of(written))
