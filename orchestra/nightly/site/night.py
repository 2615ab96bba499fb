"""A run as the project's page tells it: what it found, what it lacks, what it cost. The short of its report."""

from datetime import datetime

from orchestra.crew.run_folder import RunFolder
from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.nightly.past import facts_of
from orchestra.reports.backdrop import Backdrop
from orchestra.reports.first_lines import counted_as, headline
from orchestra.reports.gate import Gate, Judgement
from orchestra.reports.history import Life, Lived
from orchestra.reports.places import spots
from orchestra.reports.plain import one_line
from orchestra.reports.report import Report, ReportState
from orchestra.value import Value

PLACES = 3
"""Files of a finding that a line of its history names."""


class Belonging(Value):
    """Which line of nights a run belongs to."""

    job: str | None = None
    """As the settings call it."""
    line: str | None = None
    part: str = ""


class Sighting(Value):
    """A finding as one night reported it."""

    id: str
    title: str
    severity: Severity
    standing: Standing
    reason: str
    """Why it is not open: a decision, a refutation."""
    life: Life | None
    why: str
    first_seen: str
    runs_seen: int
    places: str
    support: str
    """`2 of 5 say so`."""
    said_by: tuple[str, ...]


class Missing(Value):
    """A finding of an earlier night that this one has not."""

    id: str
    title: str
    severity: str
    path: str
    looked_again: bool
    """It is gone; otherwise only not seen."""
    why: str
    """How that is known."""
    first_seen: str
    runs_seen: int
    last_seen: str
    gone_since: str
    """The run that first said so."""


class Night(Value):
    """One run with a report."""

    run: str
    line: str | None
    """The name its line of nights goes by; None: it stands alone."""
    part: str
    """`shard 2 of 5 of nightly`, where it is not the whole of what was asked."""
    pattern: str
    asked: str
    started: datetime
    seconds: float
    state: ReportState
    rehearsed: bool
    headline: str
    workers: int
    silent: int
    """Workers that did not answer."""
    paid: int
    """Workers that were started, and not answered by an earlier run."""
    tokens: int
    compared: bool
    """It says what is new."""
    since: str | None
    """The run it is compared with; None: there was none before it."""
    gate: str
    """What its job asks, as a gate is said."""
    judged: str
    """What the gate says: `passed`, `failed by 2`."""
    gate_passed: bool | None
    """None: there is no gate, or nobody answered."""
    seen: tuple[Sighting, ...]
    missing: tuple[Missing, ...]

    @property
    def whole(self) -> bool:
        """Everybody who was asked answered."""
        return self.state is ReportState.COMPLETE and not self.silent and self.workers > 0

    @property
    def lacks(self) -> str:
        """`2 of 6 workers did not answer`; nothing where everybody did."""
        if not self.workers:
            return "nobody was asked"
        if self.silent:
            return f"{self.silent:,} of {counted_as(self.workers, 'worker')} did not answer"
        return "" if self.state is ReportState.COMPLETE else self.state.value

    @property
    def open(self) -> tuple[Sighting, ...]:
        """What counts."""
        return tuple(one for one in self.seen if one.standing is Standing.OPEN)

    @property
    def apart(self) -> tuple[Sighting, ...]:
        """What does not count: accepted, refuted, not found in the target."""
        return tuple(one for one in self.seen if one.standing is not Standing.OPEN)

    def count(self, severity: Severity) -> int:
        """Open findings of one severity."""
        return sum(one.severity is severity for one in self.open)

    def lives(self, *lives: Life) -> int:
        """Findings with one of these lives."""
        return sum(one.life in lives for one in self.seen)

    @property
    def came(self) -> int:
        """What is new or back, as a gate counts it: in the first night all is new."""
        return self.lives(*(life for life in Life if life.is_news))

    @property
    def accepted(self) -> int:
        """Findings somebody decided to live with."""
        return sum(one.standing is Standing.ACCEPTED for one in self.seen)

    @property
    def dismissed(self) -> int:
        """Findings somebody decided are none."""
        return sum(one.standing is Standing.DISMISSED for one in self.seen)

    @property
    def gone(self) -> tuple[Missing, ...]:
        """What this night was the first to miss, although it looked."""
        return tuple(one for one in self.missing if one.looked_again and one.gone_since in ("", self.run))

    @property
    def unseen(self) -> tuple[Missing, ...]:
        """What it did not see, and did not look for."""
        return tuple(one for one in self.missing if not one.looked_again)


class NoReport(Value):
    """A run of which only this line can be told."""

    run: str
    line: str | None
    why: str


def night(report: Report, place: Belonging, run: str, gate: Gate | None) -> Night:
    """The short of a report."""
    backdrop = Backdrop(report)
    said, passed = _judged(report, gate)
    return Night(
        run=run,
        line=place.line,
        part=place.part,
        pattern=report.pattern,
        asked=one_line(report.asked, 300),
        started=report.started,
        seconds=report.seconds,
        state=report.state,
        rehearsed=report.rehearsed,
        headline=headline(report),
        workers=len(report.workers),
        silent=len(report.unanswered),
        paid=sum(not worker.not_started and worker.reused_from is None for worker in report.workers),
        tokens=report.usage.total,
        compared=report.history is not None,
        since=report.history.since if report.history else None,
        gate=gate.said if gate else "",
        judged=said,
        gate_passed=passed,
        seen=tuple(_sighting(finding, backdrop) for finding in report.findings),
        missing=_missing(report),
    )


def belonging(folder: RunFolder) -> Belonging:
    """The nights of a job are one line, its rehearsals another; a shard is no night. Who names no job stands alone."""
    known = facts_of(folder.record_file)
    job = known.lineage.job if known else None
    if known is None or job is None:
        return Belonging()
    line = f"{job}, rehearsed" if known.rehearse else job
    shard = known.lineage.shard
    return (
        Belonging(job=job, part=f"shard {shard.number} of {shard.of} of {line}")
        if shard
        else Belonging(job=job, line=line)
    )


def _sighting(finding: MergedFinding, backdrop: Backdrop) -> Sighting:
    lived: Lived | None = backdrop.lived(finding)
    where = spots(finding)
    more = f" and {counted_as(len(where) - PLACES, 'more file')}" if len(where) > PLACES else ""
    return Sighting(
        id=finding.id,
        title=one_line(finding.title, 300),
        severity=finding.severity,
        standing=finding.standing,
        reason=one_line(finding.standing_reason or "", 300),
        life=lived.life if lived else None,
        why=one_line(lived.why, 300) if lived else "",
        first_seen=lived.first_seen if lived else "",
        runs_seen=lived.runs_seen if lived else 1,
        places=", ".join(spot.in_words for spot in where[:PLACES]) + more,
        support=backdrop.support(finding),
        said_by=tuple(dict.fromkeys(one_line(said.worker, 80) for said in finding.said_by)),
    )


def _missing(report: Report) -> tuple[Missing, ...]:
    return tuple(
        Missing(
            id=one.id,
            title=one_line(one.title, 300),
            severity=one.severity,
            path=one_line(one.path, 300),
            looked_again=one.looked_again,
            why=one_line(one.why, 300),
            first_seen=one.first_seen,
            runs_seen=one.runs_seen,
            last_seen=one.last_seen,
            gone_since=one.gone_since or "",
        )
        for one in (report.history.departed if report.history else ())
    )


def _judged(report: Report, gate: Gate | None) -> tuple[str, bool | None]:
    """What its gate says, in a word or two."""
    if gate is None or gate.worst is None or (gate.only_new and report.history is None):
        return "", None
    told: Judgement = gate.judge(report)
    if told.failing:
        return f"failed by {len(told.failing):,}", False
    return ("cannot be judged", None) if told.silent == told.asked else ("passed", True)
