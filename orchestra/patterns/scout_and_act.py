"""Pattern C: `orchestra act GOAL`."""

from orchestra.brief.own_tree import ensure_a_tree
from orchestra.brief.place import Place
from orchestra.brief.roles import implementer, scout, verifier
from orchestra.crew.crew import Crew
from orchestra.patterns.catalogue import pattern
from orchestra.reports.report import Report


@pattern("act", steps=("Scout the ground", "Settle what the goal leaves open", "Write it", "Verify it"))
async def scout_and_act(crew: Crew, goal: str, new: Place | None = None) -> Report:
    """A scout looks around, a writer reaches the goal from the scout's map, a verifier runs the success check.

    The writer gets the map condensed to files, facts and unknowns. Where the goal can be read in two ways, the person
    at the terminal is asked before anything is written; without one the reading assumed stands in the report.
    """
    ensure_a_tree(crew.root)
    check = crew.context.success_check
    async with crew.step("Scout the ground"):
        scouted = await crew.ask(scout(goal, new=new))
    async with crew.step("Settle what the goal leaves open"):
        settled = [await crew.question(fork.asked, otherwise=fork.otherwise) for fork in scouted.ambiguities]
    async with crew.step("Write it"):
        decided = [f"{decision.question} {decision.answer}" for decision in settled]
        work = await crew.reply_to(implementer(goal, new=new, scouted=scouted, decisions=decided, success_check=check))
    if work.changed:
        async with crew.step("Verify it"):
            tried = verifier(goal, claimed=work.value, diff=crew.diff(), success_check=check)
            await crew.reply_to(tried, on=work)
    return crew.report()
