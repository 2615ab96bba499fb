"""What the patterns put into a report besides findings: changes, verdicts, sections, a brief, options, decisions.

Each is a plain value with everything in it that its reader needs; what workers said stands in it as they said it.
"""

from collections.abc import Sequence
from enum import StrEnum

from orchestra.outcome import Outcome
from orchestra.value import Value

# ── what a writer did, and what a verifier says to it ────────────────────────────────────────────────────────────────


class ChangedFile(Value):
    """One file a writer changed."""

    path: str
    kind: str = "changed"
    """added, changed, deleted, renamed."""
    added: int = 0
    removed: int = 0


class Change(Value):
    """What one writer changed in a tree of its own."""

    worker: str
    round: int = 1
    summary: str = ""
    """What changed and why, in the writer's words."""
    files: tuple[ChangedFile, ...] = ()
    diff: str = ""
    branch: str | None = None
    commit: str | None = None
    reproduce: tuple[str, ...] = ()
    """How to see it work."""
    risks: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()
    integrate: str | None = None
    """The command that takes it over."""
    conflicts: tuple[str, ...] = ()
    """Files that kept it from being taken over."""


class Passed(StrEnum):
    """What a verifier says."""

    PASS = "pass"
    FAIL = "fail"
    INCOMPLETE = "incomplete"


class Check(Value):
    """One thing a verifier did."""

    what: str
    passed: bool | None = None
    """None: it could not be told."""
    evidence: str = ""
    """What was seen: the command's output, the line."""


class Issue(Value):
    """What still keeps a change from being good."""

    problem: str
    reproduce: str = ""
    fix: str = ""


class Verdict(Value):
    """A verifier's judgement on a change."""

    worker: str
    round: int = 1
    outcome: Passed
    summary: str = ""
    checks: tuple[Check, ...] = ()
    issues: tuple[Issue, ...] = ()


class NotTaken(Value):
    """A finding no writer worked on, and why."""

    finding: str
    """Its id."""
    reason: str


# ── a target in sections ─────────────────────────────────────────────────────────────────────────────────────────────


class SectionResult(Value):
    """What became of one section."""

    name: str
    worker: str
    files: int = 0
    outcome: Outcome
    text: str = ""
    """What its worker wrote; of one that did not answer, why."""


# ── research ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Source(Value):
    """Something a researcher read."""

    id: str
    """What claims cite: `s1`."""
    title: str
    link: str = ""
    date: str = ""
    why: str = ""
    """Why it matters."""
    said_by: tuple[str, ...] = ()


class Claim(Value):
    """One statement and the sources it rests on."""

    text: str
    sources: tuple[str, ...] = ()


class Disagreement(Value):
    """Where sources or researchers do not agree. Shown, never averaged."""

    about: str
    sides: tuple[Claim, ...]


class RemovedCitation(Value):
    """A citation of nothing any researcher gave; the claim stands without it."""

    cited: str
    claim: str


class Brief(Value):
    """The synthesis of a research run."""

    question: str
    claims: tuple[Claim, ...] = ()
    sources: tuple[Source, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    uncertain: tuple[str, ...] = ()
    removed: tuple[RemovedCitation, ...] = ()


class Action(Value):
    """One thing to do next."""

    what: str
    why: str = ""
    command: str | None = None


# ── options ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Criterion(Value):
    """What options are scored by."""

    name: str
    weight: float = 1.0
    meaning: str = ""


class Score(Value):
    """How well an option meets one criterion."""

    criterion: str
    points: float
    why: str = ""


class Option(Value):
    """One proposed way."""

    name: str
    worker: str
    stance: str = ""
    idea: str
    plan: tuple[str, ...] = ()
    trade_offs: tuple[str, ...] = ()
    cost: str = ""
    risks: tuple[str, ...] = ()
    would_change_its_mind: str = ""
    scores: tuple[Score, ...] = ()
    keep: tuple[str, ...] = ()
    """Ideas worth keeping though it was not chosen."""

    def total(self, criteria: Sequence[Criterion]) -> float:
        """Its points, weighted."""
        weights = {criterion.name: criterion.weight for criterion in criteria}
        return sum(score.points * weights.get(score.criterion, 0.0) for score in self.scores)


class Matrix(Value):
    """Options side by side, and the one that was chosen."""

    question: str
    criteria: tuple[Criterion, ...] = ()
    options: tuple[Option, ...] = ()
    chosen: str | None = None
    """The name of an option; None: no choice could be made."""
    because: str = ""
    refined: str = ""
    """The chosen option, worked out."""
    alike: tuple[tuple[str, str], ...] = ()
    """Pairs of options that are nearly the same."""


# ── one of several runs ──────────────────────────────────────────────────────────────────────────────────────────────


class Share(Value):
    """Which part of the asks this run did, where several share them: one shard."""

    number: int
    of: int
    left: int = 0
    """Asks that are left to the others."""

    def __str__(self) -> str:
        return f"shard {self.number} of {self.of}"


# ── what was decided on the way ──────────────────────────────────────────────────────────────────────────────────────


class Decision(Value):
    """A question that came up, and what was taken for its answer."""

    question: str
    answer: str
    assumed: bool = False
    """Nobody was there to ask: it is an assumption."""
    why: str = ""
