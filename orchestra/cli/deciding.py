"""`accept`, `dismiss`, `reopen`, `decisions`: what people say of findings, kept for every run to come."""

import getpass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from orchestra.brief.git import GitFailed, git, repository
from orchestra.cli.printing import colour, put, width
from orchestra.cli.saved_reports import read
from orchestra.cli.saying import print_json, say
from orchestra.cli.which import here
from orchestra.crew.decision_file import FILE, change, decisions_of
from orchestra.crew.kept import kept_reports, lying_where, report_with
from orchestra.crew.remembering import Lying
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.runs import runs_folder
from orchestra.errors import UnknownName, UsageError
from orchestra.findings.finding import MergedFinding
from orchestra.reports import decision_text
from orchestra.reports.decisions import FindingDecision, decide, decision_about
from orchestra.reports.first_lines import counted_as
from orchestra.reports.plain import one_line, plain
from orchestra.reports.renderers.lives_text import Listed, every_decision
from orchestra.reports.report import Report

TITLE = 100


def decide_and_say(
    what: Literal["accepted", "dismissed"],
    name: str,
    reason: str,
    until: str | None,
    by: str | None,
    run: str | None,
    as_json: bool,
) -> None:
    """Write the decision down; say what it rests on."""
    if not reason.strip():
        raise UsageError(
            "A decision needs a reason.", next_step='Say it, for example `--reason "behind the VPN only"`.'
        )
    last_day, today = _day(until), datetime.now(UTC).date()
    if last_day and last_day < today:
        raise UsageError(
            f"{last_day} is over; a decision holds until a day to come.",
            next_step="Name a later day, or leave --until out: then it holds for good.",
        )
    report, finding = _found(name, run)
    lying = _lying(report.run)
    decision = decide(
        finding,
        report,
        what,
        reason=reason.strip(),
        by=(by or "").strip() or _whoever(here()),
        on=today,
        until=last_day,
        lying=lying,
    )
    known = decisions_of(here())
    kept_as = decision_about(finding, known) or name
    before = known.get(kept_as)
    change(here(), lambda text: decision_text.put(text, kept_as, decision))
    lapsed = decision.lapsed(lying, today)
    if as_json:
        instead = {"instead_of": before.model_dump(mode="json") if before else None}
        print_json({**_told(kept_as, decision, lapsed), **instead})
    say(plain(f"{kept_as} is {decision.in_words}"))
    if before:
        say(plain(f"  It was {before.in_words}; that is replaced."))
    say(plain(f"  {one_line(decision.title, TITLE)}"))
    say(plain(f"  {_rests_on(decision, lapsed)} Kept in {FILE}; it applies from the next run on."))


def reopen_and_say(name: str, run: str | None, as_json: bool) -> None:
    """Take the decision out of the file."""
    known = decisions_of(here())
    if not known:
        raise UsageError(
            "Nothing was decided about any finding yet.",
            where=here() / FILE,
            next_step="`orchestra accept FINDING --reason TEXT` decides about one.",
        )
    meant = name if name in known and run is None else None
    if meant is None and (found := _look_for(name, run)):
        meant = decision_about(found[1], known)
    if meant is None:
        raise UnknownName("decision about", name, known, next_step="`orchestra decisions` lists them.")
    change(here(), lambda text: decision_text.without(text, meant))
    if as_json:
        print_json({"finding": meant, "reopened": True})
    say(plain(f"{meant} counts again from the next run on; it was {known[meant].in_words}"))


def list_decisions(as_json: bool) -> None:
    """Each with what it is about; those that hold no longer say why."""
    today = datetime.now(UTC).date()
    known = [
        Listed(name, one, one.lapsed(_lying(one.run), today)) for name, one in sorted(decisions_of(here()).items())
    ]
    if as_json:
        print_json({"decisions": [_told(one.finding, one.decision, one.lapsed) for one in known]})
        return
    if not known:
        say("Nothing was decided about any finding yet: `orchestra accept FINDING --reason TEXT`")
    put(every_decision(known, width=width(), colour=colour()), None)


# ── which finding, who, until when ───────────────────────────────────────────────────────────────────────────────────


def _found(name: str, run: str | None) -> tuple[Report, MergedFinding]:
    if found := _look_for(name, run):
        return found
    every = [kept.report for kept in kept_reports(here())] if run is None else []
    reports = every or [read(run or "last")]  # which says so where there are none
    raise UnknownName(
        "finding",
        name,
        [one.id for report in reports for one in report.findings],
        next_step="`orchestra history` lists every finding there was.",
        within=f"in {reports[0].run if run else 'any run'}",
    )


def _look_for(name: str, run: str | None) -> tuple[Report, MergedFinding] | None:
    """The finding in the run that was named, else in the newest that has it."""
    report = read(run) if run else report_with(here(), name)
    found = [one for one in report.findings if one.id == name] if report else []
    return (report, found[0]) if report and found else None


def _lying(run: str) -> Lying:
    folder = RunFolder(runs_folder(here()) / run) if run else None
    if folder and folder.record_file.exists():
        return lying_where(folder)
    return Lying(repository(here()) or here())


def _whoever(project: Path) -> str:
    try:
        name = git(project, "config", "user.name", accepted=(0, 1)).decode("utf-8", "replace").strip()
    except GitFailed:
        name = ""
    try:
        return name or getpass.getuser()
    except (OSError, KeyError):
        raise UsageError("Nobody can tell who you are.", next_step="Say it: --by NAME.") from None


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said) if said is not None else None
    except ValueError:
        raise UsageError(f"{said!r} is no date.", next_step="Say it like 2027-01-31.") from None


# ── in words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _rests_on(decision: FindingDecision, lapsed: str) -> str:
    if lapsed:
        return f"It holds no longer: {lapsed}."
    if not decision.places:
        return "It names no line, so no change ends it."
    lines = sum(len(place.lines) for place in decision.places)
    files = ", ".join(dict.fromkeys(one_line(place.path, TITLE) for place in decision.places))
    return f"It rests on {counted_as(lines, 'line')} of {files}: when they change, it counts again."


def _told(name: str, decision: FindingDecision, lapsed: str) -> dict[str, Any]:
    return {"finding": name, **decision.model_dump(mode="json"), "holds": not lapsed, "lapsed": lapsed}
