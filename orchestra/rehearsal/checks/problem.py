"""What a check sees, what it makes of it, and which lenses would have asked for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Severity = Literal["critical", "high", "medium", "low"]
Lines = Mapping[int, str]
"""What was seen of a text: line by number. A file that was not read whole has gaps."""
T = TypeVar("T")

LENSES = (
    "correctness",
    "risk",
    "security",
    "performance",
    "clarity",
    "maintainability",
    "operations",
    "consistency",
    "compatibility",
    "evidence",
    "practicality",
    "accessibility",
)
"""The lenses the checks know. Through any other the understudy looks with all of them, and says so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A place, and what is wrong there in words that name it."""

    first: int
    last: int
    title: str
    problem: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What one check reports about one place."""

    seen: Seen
    severity: Severity
    confidence: float
    category: str
    recommendation: str
    lenses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check(Generic[T]):
    """A function that sees, and what its sightings mean."""

    look: Callable[[T], Iterator[Seen]]
    lenses: tuple[str, ...]
    severity: Severity
    confidence: float
    category: str
    recommendation: str

    def problems(self, subject: T) -> Iterator[Problem]:
        """What it sees in the subject."""
        for seen in self.look(subject):
            yield Problem(seen, self.severity, self.confidence, self.category, self.recommendation, self.lenses)


class Checks(Generic[T]):
    """The checks for one kind of subject, in the order they are written."""

    def __init__(self) -> None:
        self.all: list[Check[T]] = []

    def __call__(
        self, *lenses: str, severity: Severity, confidence: float, category: str, do: str
    ) -> Callable[[Callable[[T], Iterator[Seen]]], Callable[[T], Iterator[Seen]]]:
        """Decorates a check: `do` is what is recommended where it sees something."""

        def enrol(look: Callable[[T], Iterator[Seen]]) -> Callable[[T], Iterator[Seen]]:
            self.all.append(Check(look, lenses, severity, confidence, category, do))
            return look

        return enrol

    def problems(self, subject: T) -> Iterator[Problem]:
        """What all of them see."""
        for check in self.all:
            yield from check.problems(subject)
