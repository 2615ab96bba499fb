"""What a pattern wants to know."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, cast

from orchestra.answer import checker_of, schema_of
from orchestra.brief.prompts import Prompt
from orchestra.brief.target import Section
from orchestra.errors import UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from typing_extensions import TypeVar

    T = TypeVar("T", default=str)
else:
    from typing import TypeVar

    T = TypeVar("T")


class Scope(StrEnum):
    """What a worker may touch: nothing, a throw-away copy, or a tree that is kept.

    Example:
        >>> orchestra.Ask(role="tester", prompt="Run the tests.", scope=orchestra.Scope.SCRATCH)
        <Ask for tester, scratch: Run the tests.>
    """

    READ = "read"
    """Nothing."""
    SCRATCH = "scratch"
    """A throw-away copy it may build and test in."""
    WRITE = "write"
    """One tree of its own, whose changes are kept."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Ask(Generic[T]):
    """One thing one worker is asked: everything that decides the answer, no more.

    What comes back is a value of the type `answer` names, or the message itself where there is none.

    Example:
        >>> from pydantic import BaseModel
        >>> class Vote(BaseModel):
        ...     yes: bool
        >>> orchestra.Ask(role="voter", prompt="Is the cart ready?", answer=Vote).schema["required"]
        ['yes']
    """

    role: str
    prompt: str | Prompt
    scope: Scope = Scope.READ
    title: str = ""
    """What the label says after the number: `w2-security`."""
    lens: str | None = None
    section: Section | None = None
    answer: type[T] | dict[str, Any] | None = None
    """The pydantic model, or the JSON schema, its message is read as; None: free text."""
    cwd: Path | None = None
    """Where the worker stands, if not at the root of the run's target."""
    base: str | None = None
    """What its tree is built on, if not on what the user has: the label of an earlier writer of the run, or a commit.
    A reader with a base stands in a copy of it."""
    web_search: bool = False
    idle: float | None = None
    wall: float | None = None
    """Deadlines of the role, where they differ from the usual ones; no part of what decides the answer."""

    def __post_init__(self) -> None:
        if self.scope not in set(Scope):
            raise UsageError(
                f"A worker of scope {self.scope!r} cannot be asked for.", next_step="Say read, scratch or write."
            )
        if isinstance(self.answer, dict):
            checker_of(self.answer)

    def __repr__(self) -> str:
        said = self.prompt if isinstance(self.prompt, str) else f"template {self.prompt.template}"
        first = " ".join(said[:200].split())
        told = first if len(first) <= 60 else f"{first[:60]}…"
        return f"<Ask for {self.title or self.role}, {self.scope}: {told}>"

    @property
    def schema(self) -> dict[str, Any] | None:
        """What the message must fit, as codex is told."""
        if self.answer is None or isinstance(self.answer, dict):
            return self.answer
        return schema_of(cast("type[BaseModel]", self.answer))
