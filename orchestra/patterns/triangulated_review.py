"""Pattern A: `orchestra review TARGET --lenses a,b`."""

from collections.abc import Sequence

from orchestra.brief.lenses import Lens
from orchestra.brief.roles import reviewer
from orchestra.brief.target import Target
from orchestra.crew.crew import Crew
from orchestra.findings.curate import curate
from orchestra.patterns.catalogue import pattern
from orchestra.reports.report import Report


@pattern("review", steps=("Review through each lens", "Merge the findings"))
async def triangulated_review(crew: Crew, target: Target, lenses: Sequence[Lens]) -> Report:
    """Several reviewers read the same thing through different lenses; one ranked list comes out.

    The reviewers never see each other, so what two of them say independently weighs more than what one says twice.
    """
    async with crew.step("Review through each lens"):
        reviews = await crew.ask_all(reviewer(section, lens) for section in target.sections for lens in lenses)
    async with crew.step("Merge the findings"):
        return crew.report(curate(reviews.messages, target.texts))
