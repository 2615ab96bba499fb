"""The curated result of a run: merged, ranked, with one recommended next step, and with who did NOT answer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from orchestra import __version__
from orchestra.brief.target import LeftOut
from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.outcome import Outcome, Usage
from orchestra.reports.excerpts import Excerpt
from orchestra.reports.report_parts import (
    Action,
    Brief,
    Change,
    Decision,
    History,
    Matrix,
    NotTaken,
    SectionResult,
    Verdict,
)
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
    reused_from: str | None = None
    """The earlier run that paid for this answer."""

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
    """Every other format is rendered from this one, also years later, at no cost."""

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
    changed_meanwhile: tuple[str, ...] = ()
    """Files that are no longer what the workers were given."""
    notes: tuple[str, ...] = ()
    usage: Usage = Usage()
    filtered: Filtered | None = None

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

    def could_say(self, finding: MergedFinding) -> int:
        """The `m` of `n of m say so`: reviewers that answered and were given the same section as those who say it."""
        speakers = {said.worker for said in (*finding.said_by, *finding.also_said_by)}
        sections = {worker.section for worker in self.workers if worker.label in speakers}
        return sum(
            worker.outcome is Outcome.ANSWERED and worker.section in sections
            for worker in self.workers
            if worker.findings is not None or worker.role == "reviewer"
        )

    def support_in_words(self, finding: MergedFinding) -> str:
        """`2 of 5 say so`."""
        could = self.could_say(finding)
        of = f"{finding.support:,} of {could:,}" if could >= finding.support > 0 else f"{finding.support:,}"
        return f"{of} {'says' if finding.support == 1 else 'say'} so"

    def count(self, severity: Severity) -> int:
        """Open findings of one severity."""
        return sum(finding.severity is severity for finding in self.open)


# ── the first lines ──────────────────────────────────────────────────────────────────────────────────────────────────

NAMED = 6
"""Silent workers the first line names; the others are in the list of workers."""
TITLE = 140
"""Characters of a title the next step repeats."""


def headline(report: Report) -> str:
    """The state of the report in one honest sentence: it never says `no findings` for workers that did not answer."""
    return " ".join(part for part in (_who_answered(report), _result(report)) if part)


def next_step(findings: Sequence[MergedFinding], workers: Sequence[WorkerLine], run: str) -> str:
    """The one recommended step: hear the silent first where nothing was heard, else mend the worst."""
    silent = [worker for worker in workers if worker.outcome is not Outcome.ANSWERED]
    counted = [finding for finding in findings if finding.standing is Standing.OPEN]
    if silent and len(silent) == len(workers):
        return _why_nobody(silent, run)
    if counted:
        worst = counted[0]
        place = f" ({worst.places[0].path}:{worst.places[0].start_line})" if worst.places else ""
        title = worst.title.strip().rstrip(".")
        title = title if len(title) <= TITLE else title[:TITLE].rstrip() + "…"
        return f"Look at {worst.id} first: {title}{place}."
    if silent:
        return f"Ask the {counted_as(len(silent), 'silent worker')} again: `orchestra resume {run}`."
    if findings:
        stands = "stands" if len(findings) == 1 else "stand"
        return f"Nothing open was found; read the {counted_as(len(findings), 'finding')} that {stands} apart."
    return "Nothing to mend was found." if workers else "Nobody was asked; name a target and run it again."


def counted_as(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def apart_in_words(report: Report) -> str:
    """`2 unanchored, 1 withdrawn`, or nothing."""
    counts = Counter(finding.standing for finding in report.apart)
    return ", ".join(f"{counts[standing]:,} {standing}" for standing in Standing if counts[standing])


def _who_answered(report: Report) -> str:
    asked, silent = len(report.workers), len(report.unanswered)
    state = report.state.capitalize()
    if not asked:
        return "Nobody was asked."
    if silent:
        names = ", ".join(f"{worker.label} ({worker.ended})" for worker in report.unanswered[:NAMED])
        more = f" and {silent - NAMED:,} more" if silent > NAMED else ""
        return f"{state}: {silent:,} of {counted_as(asked, 'worker')} did not answer: {names}{more}."
    return f"{state}: the worker answered." if asked == 1 else f"{state}: all {asked:,} workers answered."


def _result(report: Report) -> str:
    """What came out, of every part the report has."""
    answered = len(report.workers) - len(report.unanswered)
    told = list(_parts(report))
    if report.findings or report.filtered or not (told or report.answer is not None):
        told.append(_found(report, answered))
    return " ".join(told)


def _parts(report: Report) -> Sequence[str]:
    told = []
    if report.changes:
        files = len({file.path for change in report.changes for file in change.files})
        told.append(f"{counted_as(files, 'file')} changed.")
    if report.verdicts:
        last = report.verdicts[-1]
        told.append(f"Verdict{f' in round {last.round}' if last.round > 1 else ''}: {last.outcome}.")
    if report.sections:
        done = sum(section.outcome is Outcome.ANSWERED for section in report.sections)
        told.append(f"{done:,} of {counted_as(len(report.sections), 'section')} done.")
    if report.brief:
        claims, sources = counted_as(len(report.brief.claims), "point"), counted_as(len(report.brief.sources), "source")
        told.append(f"{claims} from {sources}.")
    if report.matrix:
        options = counted_as(len(report.matrix.options), "option")
        told.append(f"{report.matrix.chosen or 'None'} chosen out of {options}.")
    return told


def _found(report: Report, answered: int) -> str:
    parts = [f"{count:,} {severity}" for severity in Severity if (count := report.count(severity))]
    words = apart_in_words(report)
    apart = f"; not counted: {words}" if words else ""
    if parts:
        counted = counted_as(len(report.open), "finding").replace(" finding", " open finding")
        found = f"{counted} ({', '.join(parts)}){apart}."
    elif not answered and not report.findings:
        found = "Nothing can be said about findings."
    else:
        found = f"No open findings{f' from the {answered:,} that answered' if report.unanswered else ''}{apart}."
    if report.filtered:
        found += f" Filtered by {report.filtered.in_words}: {report.filtered.left_out:,} more are not shown."
    return found


def _why_nobody(silent: Sequence[WorkerLine], run: str) -> str:
    ends = {worker.outcome for worker in silent}
    again = f"`orchestra resume {run}`"
    if ends == {Outcome.UNAUTHORISED}:
        return f"Nobody answered for want of a login: `codex login`, then {again}."
    if ends == {Outcome.RATE_LIMITED}:
        return f"Nobody answered, the provider's limit was reached: wait for it to end, then {again}."
    return f"Nobody answered: see why with `orchestra show {run} {silent[0].label}`, then {again}."
