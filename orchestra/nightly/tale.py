"""How a job ended this night, in one line's worth of facts."""

from collections.abc import Mapping
from enum import StrEnum

from orchestra.crew.run import Run
from orchestra.findings.finding import Severity
from orchestra.nightly.job import Job
from orchestra.reports.gate import Gate
from orchestra.reports.history import Life
from orchestra.reports.report import Report
from orchestra.value import Value


class State(StrEnum):
    """What a job can come to besides the states of a report."""

    LEFT_ALONE = "left alone"
    """Somebody else is at it."""
    NOT_RUN = "not run"
    """The night was ended before."""
    FAILED = "failed"
    """It has no report."""


class Changes(Value):
    """What the night tells of the job's findings, compared with the run before."""

    new: int = 0
    back: int = 0
    reopened: int = 0
    changed: int = 0
    still: int = 0
    gone: int = 0
    not_seen: int = 0
    """Not found this time, and not looked for either."""


class Named(Value):
    """A finding, told so that nobody need look it up."""

    id: str
    severity: Severity
    title: str


class JobEnd(Value):
    """One job of the night."""

    job: str
    state: str
    exit_code: int = 0
    run: str | None = None
    resumed: bool = False
    """It was interrupted another night, and this one took it up."""
    changes: Changes | None = None
    """None: nothing was compared."""
    open: int = 0
    paid: int = 0
    """Workers that were started this night, of those the run asked."""
    asked: int = 0
    answered: int = 0
    """Of those the run asked, today or in an earlier run."""
    tokens: int = 0
    gate: str = "never"
    failing: tuple[Named, ...] = ()
    """The findings the gate names."""
    report: str = ""
    """Where to read it."""
    why: str = ""
    where: str = ""
    next_step: str = ""
    problems: tuple[str, ...] = ()
    """What was to be done with the report and could not be."""
    removed: tuple[str, ...] = ()
    """Old runs that went."""


def told(
    job: Job, run: Run, report: Report, gate: Gate, exit_code: int, paid: Mapping[str, int], *, resumed: bool
) -> JobEnd:
    """The end of a job that has a report."""
    return JobEnd(
        job=job.name,
        state=report.state.value,
        exit_code=exit_code,
        run=run.id,
        resumed=resumed,
        changes=_changes(report),
        open=len(report.open),
        paid=len(paid),
        asked=len(report.workers),
        answered=len(report.workers) - len(report.unanswered),
        tokens=sum(paid.values()),
        gate=gate.said,
        failing=tuple(Named(id=one.id, severity=one.severity, title=one.title) for one in gate.names(report)),
        next_step=report.next_step,
    )


def _changes(report: Report) -> Changes | None:
    history = report.history
    if history is None:
        return None
    lives = [known.life for finding in report.findings if (known := history.lived.get(finding.id))]
    away = [gone for gone in history.departed if gone.gone_since in (None, report.run)]
    return Changes(
        new=lives.count(Life.NEW),
        back=lives.count(Life.BACK),
        reopened=lives.count(Life.REOPENED),
        changed=lives.count(Life.CHANGED),
        still=lives.count(Life.STILL_THERE),
        gone=sum(gone.looked_again for gone in away),
        not_seen=sum(not gone.looked_again for gone in away),
    )
