"""The public names as an editor and a type checker see them: checked by mypy, never run."""

from typing import assert_type

from pydantic import BaseModel

from orchestra import (
    Ask,
    ContextPack,
    Crew,
    MergedFinding,
    Report,
    Run,
    RunState,
    Target,
    act,
    ask,
    context_pack,
    fix,
    open_run,
    options,
    pattern,
    report,
    review,
    start,
)


class Vote(BaseModel):
    """What a worker of somebody's own pattern answers."""

    yes: bool


@pattern("vote", steps=("Vote",))
async def vote(crew: Crew, target: Target) -> Report:
    """What comes back has the type that was asked for; without one it is text."""
    async with crew.step("Vote"):
        assert_type(await crew.ask(Ask(role="voter", prompt="Well?")), str)
        votes = await crew.ask_all(Ask(role="voter", prompt=file.path, answer=Vote) for file in target.files)
        assert_type(votes.answers, tuple[Vote, ...])
    return crew.report(answer=f"{sum(one.yes for one in votes.answers)} of {len(votes)}")


def calls() -> None:
    """As a program says it."""
    pack = context_pack("pack.toml", goal="No surprises.")
    assert_type(pack, ContextPack)
    assert_type(review("src/", lenses=["risk"], context=pack, at_once=2), Report)
    assert_type(fix("src/", only=["f-1"], uncommitted=True, lenses=["risk"]), Report)
    assert_type(options("How?", criteria=["cost: what it costs"], deadlines={"wall": 60}), Report)
    review("src/", bas="main")  # type: ignore[call-arg]  # a name no pattern knows is seen before anything runs
    act("Greet.", at_once="two")  # type: ignore[arg-type]  # and so is a value of another type
    assert_type(ask("Why?", schema={"type": "object"}, at_once=1).answer, str | None)
    assert_type(report("last").failing("new:high"), tuple[MergedFinding, ...])
    assert_type(report("last").render("html"), str)
    assert_type(start(vote, target="src/"), Run)
    with start("review", target="src/") as run:
        assert_type(run.poll().state, RunState)
        assert_type(run.wait(timeout=3).open[0].title, str)


async def awaits() -> None:
    """As asynchronous code says it."""
    async with open_run("review", target="src/") as run:
        assert_type(await run.wait(), Report)
