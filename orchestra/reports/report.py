"""The curated result of a run: merged, ranked, with one recommended next step, and with who did NOT answer."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from orchestra.brief.target import LeftOut
from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.outcome import Outcome, Usage
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
    outcome: Outcome
    reason: str
    not_started: bool = False
    """It was left out before it cost anything: the budget, or a stop."""
    attempts: int = 1
    seconds: float = 0.0
    usage: Usage | None = None
    findings: int | None = None
    thread_id: str | None = None
    continue_command: str | None = None
    files_read: tuple[str, ...] = ()
    files_changed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Report(Value):
    """Every other format is rendered from this one, also years later, at no cost."""

    schema_version: int = SCHEMA_VERSION
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
    answer: str | None = None
    """The final message, where a single worker was asked."""
    findings: tuple[MergedFinding, ...] = ()
    """One ranked list; each has a standing."""
    workers: tuple[WorkerLine, ...] = ()
    looked_at: int = 0
    """Files of the target."""
    not_looked_at: tuple[LeftOut, ...] = ()
    changed_meanwhile: tuple[str, ...] = ()
    """Files that are no longer what the workers were given."""
    notes: tuple[str, ...] = ()
    usage: Usage = Usage()

    @property
    def open(self) -> tuple[MergedFinding, ...]:
        """The findings that count."""
        return tuple(finding for finding in self.findings if finding.standing is Standing.OPEN)

    @property
    def unanswered(self) -> tuple[WorkerLine, ...]:
        """Who did not answer."""
        return tuple(worker for worker in self.workers if worker.outcome is not Outcome.ANSWERED)

    def count(self, severity: Severity) -> int:
        """Open findings of one severity."""
        return sum(finding.severity is severity for finding in self.open)


def headline(report: Report) -> str:
    """The state of the report in one honest sentence: it never says `no findings` for workers that did not answer."""
    asked, silent = len(report.workers), len(report.unanswered)
    if silent:
        names = ", ".join(f"{worker.label} ({worker.outcome})" for worker in report.unanswered[:6])
        more = f" and {silent - 6} more" if silent > 6 else ""
        begin = f"{report.state.capitalize()}: {silent} of {asked} workers did not answer: {names}{more}."
    else:
        begin = f"{report.state.capitalize()}: all {asked} workers answered." if asked else "Nobody was asked."
    return f"{begin} {_found(report, asked - silent)}".strip()


def next_step(findings: Sequence[MergedFinding], workers: Sequence[WorkerLine], run: str) -> str:
    """The one recommended step: hear the silent first where nothing was heard, else mend the worst."""
    silent = [worker for worker in workers if worker.outcome is not Outcome.ANSWERED]
    counted = [finding for finding in findings if finding.standing is Standing.OPEN]
    if workers and len(silent) == len(workers):
        return f"Nobody answered: see why with `orchestra show {run} {silent[0].label}`, then `orchestra resume {run}`."
    if counted:
        worst = counted[0]
        place = f" ({worst.places[0].path}:{worst.places[0].start_line})" if worst.places else ""
        return f"Look at {worst.id} first: {worst.title}{place}."
    if silent:
        return f"Ask the {len(silent)} silent again: `orchestra resume {run}`."
    return "Nothing to mend was found."


def _found(report: Report, answered: int) -> str:
    if not answered:
        return "Nothing can be said about findings."
    parts = [f"{count} {severity}" for severity in Severity if (count := report.count(severity))]
    apart = len(report.findings) - len(report.open)
    also = f", {apart} that do not count" if apart else ""
    if not parts:
        return f"No open findings from the {answered} that answered{also}."
    noun = "finding" if len(report.open) == 1 else "findings"
    return f"{len(report.open)} open {noun} ({', '.join(parts)}){also}."
