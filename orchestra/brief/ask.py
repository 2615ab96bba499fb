"""What a pattern wants to know."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel

from orchestra.brief.prompts import Prompt
from orchestra.brief.target import Section

T = TypeVar("T")


class Scope(StrEnum):
    """What a worker may touch."""

    READ = "read"
    """Nothing."""
    SCRATCH = "scratch"
    """A throw-away copy it may build and test in."""
    WRITE = "write"
    """One tree of its own, whose changes are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Generic[T]):
    """One thing one worker is asked: everything that decides the answer, and nothing else.

    `T` is what comes back: the answer type's value, or the message itself where there is none.
    """

    role: str
    prompt: str | Prompt
    scope: Scope = Scope.READ
    title: str = ""
    """What the label says after the number: `w2-security`."""
    lens: str | None = None
    section: Section | None = None
    answer: type[BaseModel] | None = None
    """The type its message is read as; None: free text."""
    web_search: bool = False
    idle: float | None = None
    wall: float | None = None
    """Deadlines of the role, where they differ from the usual ones; no part of what decides the answer."""
