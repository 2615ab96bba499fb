"""Pattern B: `orchestra fix TARGET`."""

from collections.abc import Sequence

from orchestra.brief.answers.verifier import Ruling
from orchestra.brief.lenses import Lens
from orchestra.brief.own_tree import in_a_tree
from orchestra.brief.roles import fixer, verifier
from orchestra.brief.target import Target
from orchestra.crew.crew import Crew
from orchestra.findings.curate import Curated
from orchestra.patterns.catalogue import pattern, unless
from orchestra.patterns.triangulated_review import reviewed
from orchestra.reports.choosing import choose, left_alone
from orchestra.reports.report import Report
from orchestra.value import AtLeastOne


@pattern(
    "fix",
    steps=(
        unless("from_run", "Review through each lens"),
        unless("from_run", "Merge the findings"),
        "Mend the findings",
        "Verify the change",
    ),
)
async def review_and_fix(
    crew: Crew,
    target: Target,
    lenses: Sequence[Lens],
    from_run: Curated | None = None,
    top: AtLeastOne = 5,
    only: Sequence[str] = (),
    rounds: AtLeastOne = 2,
) -> Report:
    """Reviewers find, one writer mends the worst in a tree of its own, a verifier tries the change out.

    A verdict that fails goes back to the writer with its reasons, at most `rounds` times in all, and not after a round
    that changed nothing. The findings are those of an earlier run where one is named.
    """
    found = from_run or await reviewed(crew, in_a_tree(target), lenses)
    chosen = choose(found, top=top, only=only)
    check = crew.context.success_check
    work, verdict = None, None
    for _ in range(rounds if chosen.taken else 0):
        async with crew.step("Mend the findings"):
            work = await crew.reply_to(fixer(chosen.taken, success_check=check, rejected=verdict), on=work)
        if not work.changed:
            break
        async with crew.step("Verify the change"):
            tried = verifier(chosen.taken, claimed=work.value, diff=crew.diff(), success_check=check)
            verdict = (await crew.reply_to(tried, on=work)).value
        if verdict is None or verdict.verdict is not Ruling.FAIL:
            break
    return crew.report(found, not_taken=left_alone(chosen, work.value if work else None))
