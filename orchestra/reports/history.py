"""The life of findings over several runs: what a report knows of the reports before it.

Each report carries the whole of it, so that a lost cache or a pruned run loses no history that a kept report tells.
"""

from datetime import datetime
from enum import StrEnum

from orchestra.findings.finding import MergedFinding
from orchestra.value import Value


class Life(StrEnum):
    """What a finding is to somebody who read the last report."""

    NEW = "new"
    STILL_THERE = "still there"
    CHANGED = "changed"
    """Still there, and its severity, its standing or the lines it is about are not what they were."""
    BACK = "back"
    """It was gone."""
    REOPENED = "reopened"
    """It was accepted, and what that rested on changed."""

    @property
    def is_news(self) -> bool:
        """Counts for a gate on what is new."""
        return self in (Life.NEW, Life.BACK, Life.REOPENED)


class Lived(Value):
    """What is known of one finding from earlier runs."""

    life: Life
    first_seen: str
    """The run it was first seen in."""
    first_seen_at: datetime | None = None
    runs_seen: int = 1
    why: str = ""


class Departed(Value):
    """A finding of an earlier run that this one has not."""

    id: str
    title: str
    severity: str
    path: str = ""
    looked_again: bool
    """Its lines were given to a worker that answered: it is gone. Otherwise it was only not seen this time."""
    first_seen: str = ""
    first_seen_at: datetime | None = None
    runs_seen: int = 1
    last_seen: str = ""
    """The last run that had it."""
    gone_since: str | None = None
    """The run in which it was first said to be gone."""
    finding: MergedFinding | None = None
    """As it was last reported: so that it is recognised when it comes back."""


class History(Value):
    """How the findings of this run relate to those of the runs before."""

    since: str | None = None
    """The run it is compared with; None: this is the first."""
    runs: int = 1
    """How many runs it looks back on, this one included."""
    lived: dict[str, Lived]
    """By the finding's id."""
    departed: tuple[Departed, ...] = ()
