"""Pattern F: `orchestra options QUESTION`."""

from collections.abc import Sequence
from typing import Annotated

from orchestra.brief.roles import proposer, refiner, scorer
from orchestra.brief.stances import CRITERIA, stances, told_apart
from orchestra.crew.crew import Crew
from orchestra.patterns.catalogue import pattern
from orchestra.reports.compared import compared
from orchestra.reports.report import Report


@pattern(
    "options", steps=("Propose from different stances", "Score them by the criteria", "Refine the one that is chosen")
)
async def options_compared(
    crew: Crew,
    question: str,
    count: int = 3,
    criteria: Annotated[Sequence[str], "What they are scored by, `cost: effort to keep it up`."] = CRITERIA,
) -> Report:
    """Proposers with different stances answer the same question, all at once; scored, and one is chosen and refined.

    The whole matrix is in the report, with the best ideas of the options that lost and with pairs that are nearly the
    same.
    """
    several, criteria = stances(count), told_apart(criteria)
    async with crew.step("Propose from different stances"):
        proposals = await crew.ask_all(proposer(question, stance, criteria) for stance in several)
        proposed = [
            (who, stance.name, said) for stance, (who, said) in zip(several, proposals.told, strict=True) if said
        ]
    async with crew.step("Score them by the criteria"):
        scores = (await crew.reply_to(scorer(question, proposals.answers, criteria))).value if proposed else None
        choice = compared(question, criteria, proposed, scores)
        crew.note(*choice.notes)
    async with crew.step("Refine the one that is chosen"):
        refined = None
        if choice.chosen:
            refined = await crew.reply_to(refiner(question, choice.chosen, choice.matrix.because, choice.ideas))
    return crew.report(matrix=choice.refined(refined.value if refined else None))
