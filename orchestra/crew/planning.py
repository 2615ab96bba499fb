"""A run played as far as it gets without an answer: every prompt is rendered, nothing is started, nothing is written.

The pattern itself runs, with replies nobody gave. The first look into one of them ends the play: all that follows
depends on answers.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from orchestra.brief import prompts
from orchestra.brief.ask import Ask, Scope
from orchestra.crew.events import Event, Kind, now
from orchestra.crew.keys import Begun, label_of
from orchestra.crew.merging import Together
from orchestra.crew.reply import Reply
from orchestra.errors import PromptTooLong
from orchestra.outcome import Outcome
from orchestra.value import Value

T = TypeVar("T")

_UNKNOWN = frozenset(("outcome", "reason", "value", "result", "changes", "patch"))


class DependsOnAnswers(Exception):
    """The pattern looks into a reply; what it does next cannot be known."""


class PlannedWorker(Value):
    """A worker that would be started."""

    label: str
    role: str
    step: str
    lens: str | None = None
    section: str | None = None
    files: int | None = None
    """Of its section."""
    scope: Scope
    web_search: bool = False
    prompt: str
    answer_schema: dict[str, Any] | None = None
    cwd: Path
    command: tuple[str, ...] = ()


class Plan(Value):
    """What a run would do, as far as that is known before anybody answered.

    `plan` returns it.

    Example:
        >>> plan = orchestra.plan("review", target="src/", lenses=["risk"])
        >>> plan.steps
        ('Review through each lens', 'Merge the findings')
        >>> plan.workers[0].label, "CONTEXT: WORKER" in plan.workers[0].prompt
        ('w1-risk', True)
    """

    pattern: str
    asked: str
    steps: tuple[str, ...]
    workers: tuple[PlannedWorker, ...]
    depends: tuple[str, ...]
    """Steps that depend on answers, in whole or in part."""
    rules: str = ""
    """Whose rules hold, in a sentence, where they are not those of the folder one stands in."""
    no_commands: str = ""
    """Why no worker has its command, and what to do: the program of the engine was not found."""

    def __repr__(self) -> str:
        more = ", and more that depends on answers" if self.depends else ""
        return f"<Plan of {self.asked}: {len(self.workers)} worker{'s' * (len(self.workers) != 1)}{more}>"

    def of(self, step: str) -> tuple[PlannedWorker, ...]:
        """The workers of one step that are known."""
        return tuple(worker for worker in self.workers if worker.step == step)


@dataclass(frozen=True, kw_only=True, repr=False)
class Unknown(Reply[T]):
    """The reply of a worker nobody asked: it has a label and nothing else."""

    def __getattribute__(self, name: str) -> Any:
        if name in _UNKNOWN:
            raise DependsOnAnswers
        return super().__getattribute__(name)


class Unwritten:
    """A journal that keeps nothing but the step that is in progress."""

    def __init__(self) -> None:
        self.step = ""

    def write(self, kind: Kind, **facts: Any) -> Event:
        """Nothing is written."""
        if kind is Kind.STEP_STARTED:
            self.step = facts["step"]
        return Event(n=0, at=now(), kind=kind, **facts)


class Planning:
    """Takes the place of asking: it gives every ask its prompt and label, and an unknown reply."""

    def __init__(self, *, rules: Path, root: Path, prompt_limit: int | None, context: str = "") -> None:
        self._rules, self._root, self._limit, self._context = rules, root, prompt_limit, context
        self.workers: list[PlannedWorker] = []

    def begin(self, ask: Ask[T], step: str) -> Begun[T]:
        """Render the prompt, which may say that it cannot be."""
        prompt = prompts.render(ask.prompt, self._rules, self._context)
        if self._limit is not None and len(prompt) > self._limit:
            raise PromptTooLong(ask.title or ask.role, len(prompt), self._limit)
        label = label_of(ask, len(self.workers) + 1)
        self.workers.append(
            PlannedWorker(
                label=label,
                role=ask.role,
                step=step,
                lens=ask.lens,
                section=ask.section.name if ask.section else None,
                files=len(ask.section.files) if ask.section else None,
                scope=ask.scope,
                web_search=ask.web_search,
                prompt=prompt,
                answer_schema=ask.schema,
                cwd=ask.cwd or self._root,
            )
        )
        return Begun(ask, prompt, "", label)

    async def put_together(self, labels: Sequence[str]) -> Together:
        """Nobody changed anything yet."""
        raise DependsOnAnswers

    def diff(self, labels: Sequence[str]) -> str:
        """Nobody changed anything yet."""
        raise DependsOnAnswers

    async def reply(self, begun: Begun[T]) -> Reply[T]:
        """Nobody is asked."""
        return Unknown(label=begun.label, ask=begun.ask, outcome=Outcome.STOPPED, reason="")


def play(pattern: Callable[[], Awaitable[Any]]) -> None:
    """Run a pattern with a planning crew until it ends or depends on an answer; its own errors come out.

    In a thread of its own, because the caller may stand on a loop that runs.
    """
    broke: list[Exception] = []

    async def to_the_first_answer() -> None:
        await pattern()

    def run() -> None:
        try:
            asyncio.run(to_the_first_answer())
        except Exception as error:
            broke.extend(one for one in _leaves(error) if not isinstance(one, DependsOnAnswers))

    thread = threading.Thread(target=run, name="orchestra plan", daemon=True)
    thread.start()
    thread.join()
    if broke:
        raise broke[0]


def _leaves(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error
