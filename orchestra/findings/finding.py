"""What a reviewer says, and what becomes of it: a finding, and the merged finding of a report.

Nothing a worker said is altered here. Control characters and bidi overrides stay in the data, so that a quote can be
found in its file and a wording can be traced to its message; whoever prints (the renderers) strips them.
"""

from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationInfo, model_validator

from orchestra.findings.lenience import finding_meant, review_meant
from orchestra.findings.values import Notes
from orchestra.value import Described, Value


class Severity(StrEnum):
    """How much harm a problem does if it is left alone."""

    # No example: reviewers are told this docstring in the schema of their answer.

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def weight(self) -> int:
        """8, 4, 2, 1: each step is worth two of the next."""
        return _WEIGHTS[self]


_WEIGHTS = {Severity.CRITICAL: 8, Severity.HIGH: 4, Severity.MEDIUM: 2, Severity.LOW: 1}


class Location(Described):
    """Where a worker says it is."""

    path: str
    """Relative to the reviewed root."""
    start_line: int = Field(ge=1)
    end_line: int = Field(ge=1)
    quote: str
    """Verbatim text of the decisive line or lines."""


class Finding(Described):
    """One problem one worker reports, in its own words."""

    title: str
    """At most 100 characters."""
    severity: Severity
    confidence: float = Field(ge=0, le=1)
    category: str
    """One word or short phrase."""
    locations: tuple[Location, ...]
    problem: str
    """What is wrong and what it leads to."""
    recommendation: str
    """What to do about it."""
    rewrite: str | None = None
    """The corrected text itself, if the fix is short; otherwise null."""

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, said: Any, info: ValidationInfo) -> Any:
        return finding_meant(said, _notes(info))


class ReviewMessage(Described):
    """A reviewer's final message."""

    summary: str
    """Two sentences: the state of the artefact seen through the lens."""
    findings: tuple[Finding, ...]

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, said: Any, info: ValidationInfo) -> Any:
        return review_meant(said, _notes(info))


def _notes(info: ValidationInfo) -> Notes:
    context = info.context
    return context["notes"].append if isinstance(context, dict) and "notes" in context else _unheard


def _unheard(sentence: str) -> None:
    """Whoever validates without a context does not want to know."""


# ── the report's side ────────────────────────────────────────────────────────────────────────────────────────────────


class Anchor(StrEnum):
    """How a place was found again in the target, best first."""

    EXACT = "exact"
    """The quote stands on the lines that were named."""
    MOVED = "moved"
    """The quote stands elsewhere in the file; the lines are corrected."""
    LOOSE = "loose"
    """The quote is there but for white space, quotation marks, an ellipsis or diff markers."""
    LINES = "lines"
    """No quote was given; the lines exist."""
    UNCHECKED = "unchecked"
    """There were no texts to look it up in."""
    ABSENT = "absent"
    """The quote, the lines or the file are nowhere in the target."""
    OUTSIDE = "outside"
    """The path leads out of the target. It was never opened."""

    @property
    def found(self) -> bool:
        """The place is really there, or nobody could look."""
        return self not in (Anchor.ABSENT, Anchor.OUTSIDE)


class Place(Value):
    """A location after it was looked up: lines corrected, and how it was found."""

    path: str
    start_line: int
    end_line: int
    quote: str
    """As the worker quoted it; a very long one is cut here and whole under `said_by`."""
    anchor: Anchor


class Ref(Value):
    """A finding of a worker by its number in the worker's message, from 1."""

    worker: str
    index: int


class Said(Ref):
    """A finding as one worker said it: its own words, whole, and where they were found to belong."""

    lens: str | None = None
    complete: bool = True
    """False: from a message that was not a full answer. It never counts as support."""
    repeats: str | None = None
    """The worker whose message is the same word for word: both together are one voice."""
    finding: Finding
    places: tuple[Place, ...] = ()


class Standing(StrEnum):
    """Whether a finding counts: only an open one can fail a gate; none is hidden.

    Example:
        >>> {finding.standing for finding in orchestra.report("last").open} == {orchestra.Standing.OPEN}
        True
    """

    OPEN = "open"
    UNANCHORED = "unanchored"
    """None of its places is in the target."""
    PARTIAL = "partial"
    """Every worker that says so gave less than a full answer."""
    WITHDRAWN = "withdrawn"
    """A verifier refuted it."""
    ACCEPTED = "accepted"
    """A person decided to live with it."""
    DISMISSED = "dismissed"
    """A person decided that it is no problem."""

    @property
    def is_decided(self) -> bool:
        """A person says so, and no worker."""
        return self in (Standing.ACCEPTED, Standing.DISMISSED)


class MergedFinding(Value):
    """One problem of a report: what, where, how bad, what to do, and who reported it.

    `standing` says whether it counts, `why_here` why it stands where it stands, `said_by` who said so in which words.

    Example:
        >>> finding = orchestra.report("last").open[0]
        >>> finding.places[0].path, finding.severity.value, [one.worker for one in finding.said_by]
        ('src/cart.py', 'high', ['w1-correctness', 'w2-risk'])
    """

    id: str
    title: str
    severity: Severity
    confidence: float
    category: str
    places: tuple[Place, ...]
    """Those of all wordings, each once, the most often named first."""
    problem: str
    recommendation: str
    rewrite: str | None = None
    said_by: tuple[Said, ...]
    """Every wording. A worker's finding stands in exactly one merged finding's `said_by`."""
    also_said_by: tuple[Ref, ...] = ()
    """Findings that stand elsewhere and report this problem too."""
    support: int
    """How many workers say so independently, each counted once, partial messages not at all."""
    standing: Standing
    standing_reason: str | None = None
    """Why it is not open."""
    why_here: tuple[str, ...] = ()
    """Why it stands where it stands in the list."""

    def __repr__(self) -> str:
        where = f", {self.places[0].path}:{self.places[0].start_line}" if self.places else ""
        return f"<Finding {self.id}: {self.severity}, {self.standing}, {self.title}{where}>"
