"""Patterns that the tests of the crew play; a subprocess imports them too."""

from orchestra.brief.ask import Ask
from orchestra.crew.crew import Crew
from orchestra.patterns.catalogue import pattern
from orchestra.reports.report import Report


@pattern("twelve", steps=("Ask eight", "Ask four about them"))
async def twelve(crew: Crew) -> Report:
    """Eight questions, and four that are built on their answers."""
    async with crew.step("Ask eight"):
        first = await crew.ask_all(Ask[str](role="scout", prompt=f"Question {number}.") for number in range(8))
    async with crew.step("Ask four about them"):
        heard = " / ".join(first.answers)
        second = await crew.ask_all(
            Ask[str](role="researcher", prompt=f"About {heard}: question {number}.") for number in range(4)
        )
    return crew.report(answer="\n".join([*first.answers, *second.answers]))


@pattern("needs", steps=("Ask two", "Ask one that must answer"))
async def needs(crew: Crew) -> Report:
    """The second step cannot do without its worker."""
    async with crew.step("Ask two"):
        await crew.ask_all(Ask[str](role="scout", prompt=f"Question {number}.") for number in range(2))
    async with crew.step("Ask one that must answer"):
        answer = await crew.ask(Ask[str](role="implementer", prompt="Build on them."))
    return crew.report(answer=answer)


@pattern("many", steps=("Ask many",))
async def many(crew: Crew, number: int, say: str = "question") -> Report:
    """As many workers as one likes."""
    async with crew.step("Ask many"):
        replies = await crew.ask_all(Ask[str](role="scout", prompt=f"{say} {one}") for one in range(number))
    return crew.report(answer=f"{len(replies.answers)} answered, {len(replies.silent)} did not")


@pattern("clockwork", steps=("Look at the clock",))
async def clockwork(crew: Crew) -> Report:
    """Uses time and chance, and asks with them."""
    async with crew.step("Look at the clock"):
        answer = await crew.ask(Ask[str](role="scout", prompt=f"It is {crew.now().isoformat()}, {crew.random()}."))
    return crew.report(answer=answer)
