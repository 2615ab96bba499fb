"""Pattern A: `orchestra review TARGET --lenses a,b`."""

from collections.abc import Sequence
from typing import Annotated

from orchestra.brief.lenses import Lens
from orchestra.brief.roles import curator, refuter, reviewer
from orchestra.brief.target import Target
from orchestra.crew.crew import Crew
from orchestra.findings.curate import Curated, curate
from orchestra.patterns.catalogue import pattern, when
from orchestra.reports.curation import curated_by
from orchestra.reports.refuting import Mildest, doubtful, still_open, tried
from orchestra.reports.report import Report


@pattern(
    "review",
    steps=(
        "Review through each lens",
        "Merge the findings",
        when("verify", "Try to refute them"),
        when("curate", "Put them in order"),
    ),
)
async def triangulated_review(
    crew: Crew,
    target: Target,
    lenses: Sequence[Lens],
    verify: Annotated[Mildest | None, "Have somebody try to refute what is this severe or worse."] = None,
    curate: bool = False,
) -> Report:
    """Several reviewers read the same thing through different lenses; one ranked list comes out.

    The reviewers never see each other, so what two of them say independently weighs more than what one says twice.
    With `verify` somebody tries to refute each finding of that severity or worse; with `curate` somebody orders and
    words those that are open, and may neither add nor lose one.
    """
    found = await reviewed(crew, target, lenses)
    if verify:
        async with crew.step("Try to refute them"):
            suspects = doubtful(found, verify)
            found = tried(found, suspects, (await crew.ask_all(refuter([one]) for one in suspects)).told)
    if curate:
        async with crew.step("Put them in order"):
            if len(still_open(found)) > 1:
                found = curated_by(found, (await crew.reply_to(curator(still_open(found)))).value)
    return crew.report(found)


async def reviewed(crew: Crew, target: Target, lenses: Sequence[Lens]) -> Curated:
    """One reviewer for each lens and section, all at once; what they say, merged and ranked."""
    async with crew.step("Review through each lens"):
        reviews = await crew.ask_all(reviewer(section, lens) for section in target.sections for lens in lenses)
    async with crew.step("Merge the findings"):
        return crew.set_apart(curate(reviews.messages, target.texts, target.leads_out))
