"""What people decided about findings, and which findings of a report that is about. Pure functions over values.

A decision rests on the lines it was made about. When they change, when their file is gone or its time is over, it
lapses, and the finding counts again. Lines that have moved or are indented anew are the same lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from orchestra.findings.anchor import Anchors
from orchestra.findings.finding import (
    Anchor,
    Finding,
    Location,
    MergedFinding,
    Place,
    Said,
    Severity,
    Standing,
)
from orchestra.findings.name import same_again
from orchestra.reports.excerpts import Excerpts
from orchestra.reports.lifecycle import under_other_ids, with_findings
from orchestra.reports.report import Report
from orchestra.value import Value


class DecidedPlace(Value):
    """Lines a decision rests on, as they stood in the file."""

    path: str = Field(min_length=1)
    line: int = Field(1, ge=1)
    """Where they stood then; they may move."""
    lines: tuple[str, ...] = ()


class FindingDecision(Value):
    """What a person decided about one finding, and enough of it to know it again in another run."""

    decision: Literal["accepted", "dismissed"]
    """accepted: we live with it. dismissed: it is no problem."""
    title: str
    reason: str = Field(min_length=1)
    by: str
    on: date
    until: date | None = None
    """The last day it holds."""
    severity: Severity
    category: str = ""
    problem: str = ""
    run: str = ""
    """The run it was read in."""
    places: tuple[DecidedPlace, ...] = ()

    @property
    def in_words(self) -> str:
        """`accepted by Ada on 2026-11-20 until 2027-01-01: behind the VPN only`."""
        until = f" until {self.until}" if self.until else ""
        return f"{self.decision} by {self.by} on {self.on}{until}: {' '.join(self.reason.split())}"

    def lapsed(self, lying: Mapping[str, str], today: date, also_at: Iterable[str] = ()) -> str:
        """Why it holds no longer; empty while it does. `also_at` are paths a renamed file may have now."""
        if self.until and today > self.until:
            return f"{self.decision} until {self.until}"
        for place in self.places:
            there = [path for path in ((place.path,) if place.path in lying else also_at) if path in lying]
            if not there:
                return f"what it rested on changed: {place.path} is gone"
            if not any(_stand(place.lines, lying[path]) for path in there):
                return f"what it rested on changed: {place.path}:{place.line}"
        return ""


Decisions = Mapping[str, FindingDecision]
"""By the id of the finding."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A report under the decisions there are, and why some of them hold no longer, by the finding's id."""

    report: Report
    lapsed: Mapping[str, str]


def decide(
    finding: MergedFinding,
    report: Report,
    decision: Literal["accepted", "dismissed"],
    *,
    reason: str,
    by: str,
    on: date,
    until: date | None = None,
    lying: Mapping[str, str],
) -> FindingDecision:
    """A decision about a finding as a report has it; `lying` is asked for lines the report did not keep."""
    excerpts = Excerpts(report.excerpts)
    found = [place for place in finding.places if place.anchor.found]
    return FindingDecision(
        decision=decision,
        title=finding.title,
        reason=reason,
        by=by,
        on=on,
        until=until,
        severity=finding.severity,
        category=finding.category,
        problem=finding.problem,
        run=report.run,
        places=tuple(dict.fromkeys(_rested_on(place, excerpts, lying) for place in found)),
    )


def decided(
    report: Report, decisions: Decisions, *, lying: Mapping[str, str], today: date, rename: bool = False
) -> Decided:
    """The report under these decisions: who is accepted or dismissed, and why.

    With `rename` a finding gets the id its decision knows it by: in a run that knows no earlier one.
    """
    if not decisions or not report.findings:
        return Decided(report, {})
    about = _about(report.findings, decisions)
    if rename:
        ids = {number: name for number, name in about.items() if name not in {one.id for one in report.findings}}
        report = under_other_ids(report, _renamed(report.findings, ids))
    findings, ended = _set_apart(report.findings, about, decisions, lying, today)
    for number, why in ended.items():
        said = f"{decisions[about[number]].in_words}; it lapsed: {why}"
        findings[number] = _told(findings[number], why_here=(*findings[number].why_here, said))
    lapsed = {findings[number].id: why for number, why in ended.items()}
    return Decided(with_findings(report, _open_first(findings)), lapsed)


def set_apart(
    findings: Sequence[MergedFinding], decisions: Decisions, *, lying: Mapping[str, str], today: date
) -> tuple[MergedFinding, ...]:
    """The findings while their run still goes on: nobody is asked about those about which a decision holds."""
    if not decisions or not findings:
        return tuple(findings)
    return tuple(_open_first(_set_apart(findings, _about(findings, decisions), decisions, lying, today)[0]))


def _set_apart(
    findings: Sequence[MergedFinding],
    about: Mapping[int, str],
    decisions: Decisions,
    lying: Mapping[str, str],
    today: date,
) -> tuple[list[MergedFinding], dict[int, str]]:
    """The findings as they stand under the decisions that hold; and of the others, by number, why they do not."""
    told, ended = list(findings), {}
    for number, name in about.items():
        finding, decision = told[number], decisions[name]
        if why := decision.lapsed(lying, today, dict.fromkeys(place.path for place in finding.places)):
            ended[number] = why
        else:
            standing = Standing(decision.decision)
            told[number] = _told(finding, standing=standing, standing_reason=decision.in_words)
    return told, ended


def decision_about(finding: MergedFinding, decisions: Decisions) -> str | None:
    """The id under which there is a decision about a finding."""
    return _about([finding], decisions).get(0)


def _about(findings: Sequence[MergedFinding], decisions: Decisions) -> Mapping[int, str]:
    """Number of a finding -> the id its decision stands under; by its id, else by what it says."""
    known = {name: as_finding(name, decision) for name, decision in decisions.items()}
    about = {
        number: finding.id
        for number, finding in enumerate(findings)
        if finding.id in known and _meet(finding, known[finding.id])
    }
    rest = [number for number in range(len(findings)) if number not in about]
    names = sorted(name for name in known if name not in about.values())
    again = same_again([known[name] for name in names], [findings[number] for number in rest])
    return dict(sorted({**about, **{rest[new]: names[old] for new, old in again.items()}}.items()))


def _meet(finding: MergedFinding, known: MergedFinding) -> bool:
    """An id is four letters; of two runs that know nothing of each other it can mean two problems.

    They are one where the words, a file or a line is the same: a file is renamed, and a model finds other words.
    """
    same_words = (finding.title, finding.category) == (known.title, known.category)
    files = {place.path for place in known.places}
    lines = {line for place in known.places for line in _squeezed(place.quote.split("\n"))}
    here = {line for place in finding.places for line in _squeezed(place.quote.split("\n"))}
    same_file = not files.isdisjoint(place.path for place in finding.places)
    return same_words or not files or same_file or not lines.isdisjoint(here)


def as_finding(name: str, decision: FindingDecision) -> MergedFinding:
    """What a decision remembers of its finding, as a finding that can be compared."""
    quotes = [(place, "\n".join(place.lines)) for place in decision.places]
    locations = [Location(path=one.path, start_line=one.line, end_line=one.line, quote=quote) for one, quote in quotes]
    places = [
        Place(path=one.path, start_line=one.line, end_line=one.line, quote=quote, anchor=Anchor.UNCHECKED)
        for one, quote in quotes
    ]
    words = {"title": decision.title, "severity": decision.severity, "category": decision.category}
    told = {**words, "problem": decision.problem, "recommendation": "", "confidence": 1.0}
    finding = Finding.model_validate({**told, "locations": locations})
    said = Said(worker="decision", index=1, finding=finding, places=tuple(places))
    return MergedFinding.model_validate(
        {**told, "id": name, "places": places, "said_by": (said,), "support": 1, "standing": Standing.OPEN}
    )


def _told(finding: MergedFinding, **said: object) -> MergedFinding:
    return finding.model_copy(update=said)


def _renamed(findings: Sequence[MergedFinding], ids: Mapping[int, str]) -> list[MergedFinding]:
    return [
        finding.model_copy(update={"id": ids[number]}) if number in ids else finding
        for number, finding in enumerate(findings)
    ]


def _open_first(findings: Iterable[MergedFinding]) -> list[MergedFinding]:
    """As they stood, those that count before those that do not."""
    order = list(Standing)
    return sorted(findings, key=lambda finding: order.index(finding.standing))


def _rested_on(place: Place, excerpts: Excerpts, lying: Mapping[str, str]) -> DecidedPlace:
    """The whole lines that were quoted, as they were in the file; the quote itself where nobody has them any more."""
    kept = excerpts.lines(place.path, [(place.start_line, place.end_line)], around=0)
    first = next(iter(kept), 1)
    lines = list(kept.values()) or lying.get(place.path, "").split("\n")
    if place.quote.strip():
        # One line only: an anchor keeps a stretch of lines that is wider than the quote.
        named = max(place.start_line - first + 1, 1)
        quoted = Anchors({"": "\n".join(lines)}).place(
            Location(path="", start_line=named, end_line=named, quote=place.quote)
        )
        if quoted.anchor.found:
            whole = lines[quoted.start_line - 1 : quoted.end_line]
            return DecidedPlace(path=place.path, line=first + quoted.start_line - 1, lines=tuple(whole))
    lines = list(kept.values()) or place.quote.strip("\n").split("\n")
    return DecidedPlace(path=place.path, line=place.start_line, lines=tuple(lines))


def _stand(lines: Sequence[str], text: str) -> bool:
    """These lines, one after the other, whatever white space is in them and between them."""
    wanted, there = _squeezed(lines), _squeezed(text.split("\n"))
    first = wanted[0] if wanted else ""
    return not wanted or any(
        line == first and there[number : number + len(wanted)] == wanted for number, line in enumerate(there)
    )


def _squeezed(lines: Iterable[str]) -> list[str]:
    return [squeezed for line in lines if (squeezed := "".join(line.split()))]
