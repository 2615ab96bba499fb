"""What a pattern wants to know."""

from enum import StrEnum

from pydantic import BaseModel

from orchestra.brief.prompts import Prompt
from orchestra.brief.target import Section
from orchestra.value import Value


class Scope(StrEnum):
    """What a worker may touch."""

    READ = "read"
    """Nothing."""
    SCRATCH = "scratch"
    """A throw-away copy it may build and test in."""
    WRITE = "write"
    """One tree of its own, whose changes are kept."""


class Ask(Value):
    """One thing one worker is asked: everything that decides the answer, and nothing else."""

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
    wall: float | None = None
    idle: float | None = None
    """Deadlines of the role, where they differ from the usual ones; they are no part of what decides the answer."""
