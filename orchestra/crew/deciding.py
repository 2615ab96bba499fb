"""Questions to the person at the terminal: put once, answered or assumed, and kept."""

import asyncio
from collections.abc import Iterable

from orchestra.crew.events import Event, Kind
from orchestra.crew.journal import Journal
from orchestra.crew.planning import Unwritten
from orchestra.errors import Interrupted
from orchestra.reports.report_parts import Decision


class Deciding:
    """Settles the questions of one run. `person`: somebody is there to answer."""

    def __init__(self, journal: Journal | Unwritten, *, person: bool = False, log: Iterable[Event] = ()) -> None:
        self._journal, self._person = journal, person
        self._known = {
            event.text: Decision.model_validate(event.value)
            for event in log
            if event.kind is Kind.DECIDED and event.text
        }
        self._answer: asyncio.Future[str] | None = None
        self.decisions: list[Decision] = []
        """What was settled, in order."""
        self.left_open = False
        """The run was stopped while it waited for an answer."""

    async def settle(self, question: str, otherwise: str, why: str = "") -> Decision:
        """The person's answer, today's or an earlier one; `otherwise` where nobody is there or nothing is said."""
        decision = self._known.get(question)
        if decision is None:
            said = await self._ask(question, otherwise) if self._person else ""
            decision = Decision(question=question, answer=said or otherwise, assumed=not said, why=why)
            self._journal.write(Kind.DECIDED, text=question, value=decision.model_dump(mode="json"))
        self.decisions.append(decision)
        return decision

    def answer(self, text: str) -> None:
        """What the person says to the question that waits; nothing waits, nothing happens. Called on the loop."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(text.strip())

    def stop(self) -> None:
        """Wait no longer; when the run is taken up the question is put again. Called on the loop."""
        if self._answer is not None and not self._answer.done():
            self.left_open = True
            self._answer.set_exception(Interrupted("The run was stopped while it waited for an answer."))

    async def _ask(self, question: str, otherwise: str) -> str:
        self._answer = asyncio.get_running_loop().create_future()
        self._journal.write(Kind.QUESTION, text=question, value=otherwise)
        try:
            return await self._answer
        finally:
            self._answer = None
