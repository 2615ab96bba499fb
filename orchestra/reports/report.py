"""The curated result of a run: merged, ranked, with one recommended next step, and with who did NOT answer."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from orchestra import __version__
from orchestra.brief.target import LeftOut
from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.outcome import Outcome
from orchestra.reports.excerpts import Excerpt
from orchestra.reports.history import History
from orchestra.reports.look import Look
from orchestra.reports.report_parts import (
    Action,
    Brief,
    Change,
    Decision,
    Matrix,
    NotTaken,
    SectionResult,
    Share,
    Verdict,
)
from orchestra.usage import Usage
from orchestra.value import Value

SCHEMA_VERSION = 1


class ReportState(StrEnum):
    """Whether everybody who was asked answered."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    BUDGET = "budget reached"
    STOPPED = "stopped"


class WorkerLine(Value):
    """What became of one worker."""

    label: str
    role: str
    lens: str | None = None
    section: str | None = None
    scope: str | None = None
    """read, scratch or write."""
    outcome: Outcome
    reason: str
    given: str | None = None
    """The file its message was read from, where somebody gave one: nobody was asked."""
    not_started: bool = False
    """It was left out before it cost anything: the budget, or a stop."""
    seconds: float = 0.0
    usage: Usage | None = None
    findings: int | None = None
    thread_id: str | None = None
    continue_command: str | None = None
    files_read: tuple[str, ...] = ()
    read_nothing: bool = False
    """It was given files, answered, and was seen to read none of them."""
    files_changed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reused_from: str | None = None
    """The earlier run that paid for this answer."""
    answered_at: datetime | None = None
    """When it was answered there."""
    cost_then: Usage | None = None
    """What it used there; nothing was paid for it in this run."""

    @property
    def ended(self) -> str:
        """`answered`, `timed out`, `not started`."""
        return "not started" if self.not_started else self.outcome.value.replace("_", " ")


class Filtered(Value):
    """What a reader asked to leave out; the report as it was made has none."""

    min_confidence: float | None = None
    lenses: tuple[str, ...] = ()
    left_out: int
    """Findings the report has besides those shown."""

    @property
    def in_words(self) -> str:
        """`confidence 0.7 or more, lens security`."""
        parts = [] if self.min_confidence is None else [f"confidence {self.min_confidence:g} or more"]
        if self.lenses:
            parts.append(f"lens {' or '.join(self.lenses)}")
        return ", ".join(parts)


class Report(Value):
    """What a run came to: findings or an answer, what to do next, who did not answer.

    `findings` is one ranked list of everything, `open` what counts, `next_step` the one thing recommended, `state`
    whether all answered; `workers`, `usage`, `changes`, `verdicts`, `brief`, `matrix` tell the rest, as far as the
    pattern has it. `print` of a report is the report to read; `model_dump_json()` keeps it, `orchestra.report(FILE)`
    reads it again. Every other format is rendered from it, also years later, at no cost.

    Example:
        >>> report = orchestra.report("last")
        >>> report
        <Report of 20...: complete, 4 open findings>
        >>> report.open[0]
        <Finding f-...: high, open, Bare except catches everything, src/cart.py:16>
    """

    schema_version: int = SCHEMA_VERSION
    made_by: str = Field(default_factory=lambda: f"orchestra {__version__}")
    run: str
    pattern: str
    asked: str
    """What was asked, in words."""
    state: ReportState
    started: datetime
    seconds: float
    next_step: str
    """The one thing recommended to do now."""
    rehearsed: bool = False
    """An understudy spoke, not a model."""
    share: Share | None = None
    """Of a run that did one part of the asks: which; the others are left out by design."""
    answer: str | None = None
    """The final message, where a single worker was asked."""
    findings: tuple[MergedFinding, ...] = ()
    """One ranked list; each has a standing."""
    excerpts: tuple[Excerpt, ...] = ()
    """The code around the places of the findings."""
    history: History | None = None
    """How the findings relate to earlier runs; None: nobody compared them."""
    not_taken: tuple[NotTaken, ...] = ()
    """Findings no writer worked on."""
    changes: tuple[Change, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    sections: tuple[SectionResult, ...] = ()
    brief: Brief | None = None
    matrix: Matrix | None = None
    actions: tuple[Action, ...] = ()
    decisions: tuple[Decision, ...] = ()
    workers: tuple[WorkerLine, ...] = ()
    looked_at: int = 0
    """Files of the target."""
    target_digests: Mapping[str, str] = Field(default_factory=dict)
    """Path -> digest of every file of the target when the run began."""
    not_looked_at: tuple[LeftOut, ...] = ()
    looks: tuple[Look, ...] = ()
    """Which files reviewers were given together, and who of them answered."""
    changed_meanwhile: tuple[str, ...] = ()
    """Files that are no longer what the workers were given."""
    notes: tuple[str, ...] = ()
    usage: Usage = Usage()
    filtered: Filtered | None = None

    def __repr__(self) -> str:
        found = f", {len(self.open):,} open finding{'s' * (len(self.open) != 1)}" if self.findings else ""
        return f"<Report of {self.run or self.asked}: {self.state}{found}>"

    def __str__(self) -> str:
        return self.render("terminal")

    def _repr_markdown_(self) -> str:
        """What a notebook shows."""
        return self.render("markdown")

    @property
    def open(self) -> tuple[MergedFinding, ...]:
        """The findings that count."""
        return tuple(finding for finding in self.findings if finding.standing is Standing.OPEN)

    @property
    def apart(self) -> tuple[MergedFinding, ...]:
        """The findings that do not count, and are shown all the same."""
        return tuple(finding for finding in self.findings if finding.standing is not Standing.OPEN)

    @property
    def unanswered(self) -> tuple[WorkerLine, ...]:
        """Who did not answer."""
        return tuple(worker for worker in self.workers if worker.outcome is not Outcome.ANSWERED)

    def count(self, severity: Severity | str) -> int:
        """Open findings of one severity.

        Example:
            >>> orchestra.report("last").count("high")
            2
        """
        return sum(finding.severity == severity for finding in self.open)

    def failing(self, gate: str) -> tuple[MergedFinding, ...]:
        """The findings a gate fails for, as `--fail-on` says it: `high` (or worse), `new:high`, `any:critical`.

        `new:` needs the report of a job, which knows the nights before it; `state` says whether anybody is missing.

        Example:
            >>> orchestra.report("last").failing("critical")
            ()
        """
        from orchestra.reports.gate import gate as read_gate  # which reads reports

        return read_gate(gate).names(self)

    def render(self, format: str = "markdown") -> str:
        """The report as text: terminal, markdown, json, html, sarif, github, rdjsonl, junit, gitlab or csv.

        Example:
            >>> orchestra.report("last").render("markdown").splitlines()[0]
            '# review of src/ through correctness, risk'
        """
        from orchestra.reports.renderers.catalogue import renderer  # which render reports

        return renderer(format)(self)
