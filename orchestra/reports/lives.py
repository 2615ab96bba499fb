"""What the reports that are kept tell of findings: every one ever known, and the life of one, run by run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.reports.history import Departed, Lived
from orchestra.reports.places import spots
from orchestra.reports.report import Report
from orchestra.value import Value

GONE, NOT_SEEN, ALONE = "gone", "not seen", "not compared"
"""States besides those of `Life`; the last one in a run that stands alone."""


Line = tuple[str | None, bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """A report, and the job its run belonged to."""

    job: str | None
    report: Report

    @property
    def line(self) -> Line:
        """Which reports tell one story: the nights of a job, its rehearsals apart; those that stand alone likewise."""
        return self.job, self.report.rehearsed


class OneLife(Value):
    """A finding as the newest report that knows it has it."""

    id: str
    title: str
    severity: Severity
    state: str
    """A word of `Life`, gone, not seen, or not compared."""
    standing: Standing | None = None
    """As it was last reported."""
    place: str = ""
    job: str | None = None
    rehearsed: bool = False
    """No model said it."""
    first_seen: str
    first_seen_at: datetime | None = None
    last_seen: str
    runs_seen: int
    why: str = ""


class Night(Value):
    """What one run says of a finding."""

    run: str
    at: datetime
    job: str | None = None
    rehearsed: bool = False
    state: str
    why: str = ""
    severity: Severity
    standing: Standing | None = None
    decision: str = ""
    """What a person decided, as it held when the run ended."""
    places: tuple[str, ...] = ()
    said_by: tuple[str, ...] = ()
    title: str


def every_life(kept: Sequence[Kept]) -> tuple[OneLife, ...]:
    """Every finding these reports know, oldest report first; what the newest one of its line says of it.

    A rehearsal neither brings back nor ends what a model reported, nor the other way round. What a run that stood alone
    says of a finding that a job still has is told with its life, not here. Those that are there come first, then what
    was not seen, then what is gone; the worst first in each.
    """
    lives: dict[tuple[Line, str], OneLife] = {}
    alone: dict[tuple[Line, str], list[str]] = {}
    for one in kept:
        for life in _lives_in(one):
            if life.state == ALONE:
                runs = alone.setdefault((one.line, life.id), [])
                runs.append(one.report.run)
                life = life.model_copy(update={"first_seen": runs[0], "runs_seen": len(runs)})
            lives[one.line, life.id] = life
    newest = {one.line: one.report for one in kept}
    told = [
        life if life.state in (GONE, NOT_SEEN, ALONE) or _is_in(newest[line], life.id) else _let_go(life)
        for (line, _), life in lives.items()
    ]
    there = {(life.rehearsed, life.id) for life in told if life.job is not None and life.state not in (GONE, NOT_SEEN)}
    told = [life for life in told if life.job is not None or (life.rehearsed, life.id) not in there]
    order = {NOT_SEEN: 1, GONE: 2}
    return tuple(sorted(told, key=lambda life: (order.get(life.state, 0), -life.severity.weight, life.id)))


def life_of(finding: str, kept: Iterable[Kept]) -> tuple[Night, ...]:
    """What each of these reports says of a finding, as far as it knows it."""
    return tuple(night for one in kept if (night := _night(finding, one)))


def _lives_in(kept: Kept) -> Iterator[OneLife]:
    report = kept.report
    for finding in report.findings:
        lived = report.history.lived.get(finding.id) if report.history else None
        yield OneLife(
            id=finding.id,
            title=finding.title,
            severity=finding.severity,
            state=lived.life.value if lived else ALONE,
            standing=finding.standing,
            place=_place(finding),
            job=kept.job,
            rehearsed=report.rehearsed,
            first_seen=lived.first_seen if lived else report.run,
            first_seen_at=lived.first_seen_at if lived else report.started,
            last_seen=report.run,
            runs_seen=lived.runs_seen if lived else 1,
            why=lived.why if lived else "",
        )
    for one in report.history.departed if report.history else ():
        yield OneLife(
            id=one.id,
            title=one.title,
            severity=Severity(one.severity),
            state=_state(one),
            standing=one.finding.standing if one.finding else None,
            place=_place(one.finding) if one.finding else one.path,
            job=kept.job,
            rehearsed=report.rehearsed,
            first_seen=one.first_seen,
            first_seen_at=one.first_seen_at,
            last_seen=one.last_seen,
            runs_seen=one.runs_seen,
            why=one.why,
        )


def _night(finding: str, kept: Kept) -> Night | None:
    report = kept.report
    told = {"run": report.run, "at": report.started, "job": kept.job, "rehearsed": report.rehearsed}
    for one in report.findings:
        if one.id == finding:
            lived = report.history.lived.get(finding) if report.history else None
            return Night.model_validate({**told, **_of_finding(one, lived)})
    for departed in report.history.departed if report.history else ():
        if departed.id == finding:
            about = {"state": _state(departed), "why": departed.why, "title": departed.title}
            return Night.model_validate({**told, **about, "severity": departed.severity})
    return None


def _of_finding(finding: MergedFinding, lived: Lived | None) -> dict[str, object]:
    return {
        "state": lived.life.value if lived else ALONE,
        "why": lived.why if lived else "",
        "severity": finding.severity,
        "standing": finding.standing,
        "decision": (finding.standing_reason or "") if finding.standing.is_decided else "",
        "places": tuple(spot.in_words for spot in spots(finding)),
        "said_by": tuple(dict.fromkeys(said.worker for said in finding.said_by)),
        "title": finding.title,
    }


def _is_in(report: Report, finding: str) -> bool:
    return any(one.id == finding for one in report.findings)


def _let_go(life: OneLife) -> OneLife:
    """The newest report of the job knows it no more: it had been gone for so long that it is carried no further."""
    return life.model_copy(update={"state": GONE, "standing": None, "why": "carried no more"})


def _state(departed: Departed) -> str:
    return GONE if departed.looked_again else NOT_SEEN


def _place(finding: MergedFinding) -> str:
    where = spots(finding)
    return where[0].in_words if where else ""
