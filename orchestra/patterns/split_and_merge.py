"""Pattern D: `orchestra split TARGET --task TEXT`."""

from orchestra.brief.own_tree import in_a_tree
from orchestra.brief.roles import consistency, section_worker
from orchestra.brief.target import Target
from orchestra.crew.crew import Crew
from orchestra.patterns.catalogue import pattern, when
from orchestra.reports.report import Report
from orchestra.reports.together import alone, as_one


def has_several(target: Target) -> bool:
    """Sections; one alone is compared with nothing."""
    return len(target.sections) > 1


@pattern(
    "split",
    steps=(
        "Work on each section",
        when("write", "Put the changes together"),
        when("target", "Look whether the results go together", has_several),
    ),
)
async def split_and_merge(crew: Crew, target: Target, task: str, write: bool = False) -> Report:
    """A worker for each section of the target, all at once; then one look at everything, and one result.

    Sections are disjoint and complete: every file is in exactly one. With `write` each worker has a tree of its own;
    what they changed is put together one after the other, and where that conflicts it stops and names the files. A
    target that is one section has nothing that must go together, and its result is the result.
    """
    async with crew.step("Work on each section"):
        sections = (in_a_tree(target) if write else target).sections
        works = await crew.ask_all(section_worker(section, task, write=write) for section in sections)
    together = None
    if write:
        async with crew.step("Put the changes together"):
            together = await crew.put_together(works)
    if not has_several(target):
        return crew.report(answer=alone(works.answers))
    async with crew.step("Look whether the results go together"):
        results = [(section.name, who, work) for section, (who, work) in zip(sections, works.told, strict=True)]
        look = consistency(task, results, tree=together.in_words if together else "")
        whole = (await crew.reply_to(look, on=together)).value if works.answers else None
    return crew.report(answer=as_one(whole))
