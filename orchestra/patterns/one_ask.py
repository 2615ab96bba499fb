"""`orchestra ask PROMPT`: one worker and its final message. Not one of the six, but a run like any other."""

from pathlib import Path
from typing import Annotated, Any

from orchestra.brief.ask import Ask, Scope
from orchestra.crew.crew import Crew
from orchestra.patterns.catalogue import pattern
from orchestra.reports.report import Report


@pattern("ask", steps=("Ask one worker",), workers=1)
async def one_ask(
    crew: Crew,
    prompt: Annotated[str, "What to ask."],
    cwd: Path | None = None,
    scope: Scope = Scope.READ,
    schema: dict[str, Any] | None = None,
) -> Report:
    """One worker gets one prompt; its final message is the report."""
    async with crew.step("Ask one worker"):
        ask: Ask[Any] = Ask(role="worker", prompt=prompt, scope=scope, title="ask", cwd=cwd, answer=schema)
        reply = (await crew.ask_all([ask]))[0]
    return crew.report(answer=reply.message if reply.answered else None)
