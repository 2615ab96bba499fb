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
    """Still there, and its severity, its standing or the lines it is about are not what they were.

    What people decide about it is no change: it is still there, and accepted.
    """
    BACK = "back"
    """It was gone."""
    REOPENED = "reopened"
    """It was accepted or dismissed, and that holds no longer."""

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
    """Runs that had it, this one included; one that could not see it counts for nothing."""
    why: str = ""
    """What changed, or why it is open again."""
    most_support: int = 0
    """The most workers that independently said so in one of the runs before this."""

    @property
    def in_words(self) -> str:
        """`new`; `still there, seen in 3 runs since 2026-11-02`; `back, gone since 20261119-…, seen in 4 runs …`."""
        if self.life is Life.NEW and not self.why:
            return self.life.value
        since = f" since {self.first_seen_at:%Y-%m-%d}" if self.first_seen_at else ""
        seen = f"seen in {self.runs_seen:,} runs{since}" if self.runs_seen > 1 else "seen in 1 run"
        return ", ".join(filter(None, (self.life.value, self.why, seen)))


class Departed(Value):
    """A finding of an earlier run that this one has not."""

    id: str
    title: str
    severity: str
    path: str = ""
    looked_again: bool
    """Its lines were given to a worker that answered: it is gone. Otherwise it was only not seen this time."""
    why: str = ""
    """How that is known: who did not answer, what was not looked at, which file is gone."""
    first_seen: str = ""
    first_seen_at: datetime | None = None
    runs_seen: int = 1
    last_seen: str = ""
    """The last run that had it."""
    gone_since: str | None = None
    """The run in which it was first said to be gone."""
    most_support: int = 0
    told_with: str | None = None
    """The finding under which its words stand now."""
    finding: MergedFinding | None = None
    """As it was last reported: so that it is recognised when it comes back."""

    @property
    def in_words(self) -> str:
        """`seen in 3 runs, the last 20261118-…; w1-risk did not answer`."""
        seen = f"seen in {self.runs_seen:,} run{'s' * (self.runs_seen > 1)}"
        last = f", the last {self.last_seen}" if self.last_seen else ""
        return f"{seen}{last}; {self.why}" if self.why else f"{seen}{last}"


class History(Value):
    """How the findings of this run relate to those of the runs before."""

    since: str | None = None
    """The run it is compared with; None: this is the first."""
    runs: int = 1
    """How many runs it looks back on, this one included."""
    lived: dict[str, Lived]
    """By the finding's id."""
    departed: tuple[Departed, ...] = ()
    """Those this run has not, the newest first; those that are gone stand here as long as there is room."""
    let_go: tuple[str, ...] = ()
    """Ids of those that were gone the longest and are carried no more; no other problem gets them."""

    @property
    def not_seen(self) -> tuple[Departed, ...]:
        """Those nobody looked for again."""
        return tuple(one for one in self.departed if not one.looked_again)

    def gone_in(self, run: str) -> tuple[Departed, ...]:
        """Those that were there until this run."""
        return tuple(one for one in self.departed if one.looked_again and one.gone_since in (run, None))

    def gone_before(self, run: str) -> tuple[Departed, ...]:
        """Those that have been gone for longer."""
        return tuple(one for one in self.departed if one.looked_again and one.gone_since not in (run, None))
