"""From one report to the next: which findings are new, still there, changed or back, and which are gone.

The law: every finding of the earlier report is in the new one under its id, or departed, exactly once; no id is given
to another problem; the order of the findings does not matter. Pure: reports in, report out.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestra.findings.finding import MergedFinding, Place, Standing
from orchestra.findings.name import carry_ids, wording
from orchestra.reports.advice import advice
from orchestra.reports.first_lines import counted_as
from orchestra.reports.history import Departed, History, Life, Lived
from orchestra.reports.look import Looked, looked, stand
from orchestra.reports.report import Report
from orchestra.reports.retold import joined, split

MOST_GONE = 1000
"""Findings that are gone and still carried, so that they are known when they come back: some 2 MB of report.json."""
MOST_WORDINGS = 3
"""Wordings a departed finding is carried with: enough to recognise it by."""
_ID = re.compile(r"\bf-[0-9a-f]{4,}\b")


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of the reports before: as it was last reported, and what is known of it."""

    finding: MergedFinding
    lived: Lived
    departed: Departed | None = None
    """The earlier report has it not, or no more."""

    @property
    def is_open(self) -> bool:
        return self.finding.standing is Standing.OPEN


def known_from(earlier: Report, report: Report) -> tuple[Known, ...]:
    """Everything the earlier report knows; where a file was renamed, its findings have gone with it."""
    moved = _renamed(earlier.target_digests, report.target_digests)
    history = earlier.history or History(lived={})
    first = Lived(life=Life.NEW, first_seen=earlier.run, first_seen_at=earlier.started)
    there = [Known(_followed(one, moved), history.lived.get(one.id, first)) for one in earlier.findings]
    return (*there, *(_of_departed(one, moved) for one in history.departed if one.finding))


def under_known_ids(report: Report, known: Sequence[Known], taken: Sequence[str] = ()) -> Report:
    """The report with each finding under the id by which it is known from earlier runs."""
    return under_other_ids(report, carry_ids([one.finding for one in known], report.findings, taken))


def under_other_ids(report: Report, findings: Sequence[MergedFinding]) -> Report:
    """The report with the same findings under other ids, and whatever it says of them by their ids."""
    names = {old.id: new.id for old, new in zip(report.findings, findings, strict=True) if old.id != new.id}
    return with_findings(report, findings, names) if names else report


def with_findings(report: Report, findings: Sequence[MergedFinding], names: Mapping[str, str] | None = None) -> Report:
    """The report with its findings in other clothes. `names` are ids that are others now, old to new."""
    ids = names or {}
    dressed = report.model_copy(update={"findings": tuple(findings)})

    def told(text: str) -> str:
        return _ID.sub(lambda found: ids.get(found[0], found[0]), text)

    return dressed.model_copy(
        update={
            "next_step": advice(dressed) if report.next_step == advice(report) else told(report.next_step),
            "notes": tuple(map(told, report.notes)),
            "not_taken": tuple(
                one.model_copy(update={"finding": ids.get(one.finding, one.finding)}) for one in report.not_taken
            ),
        }
    )


def with_history(
    report: Report,
    earlier: Report | None,
    known: Sequence[Known] = (),
    *,
    lying: Mapping[str, str],
    lapsed: Mapping[str, str] | None = None,
    room: int = MOST_GONE,
) -> Report:
    """The report with the life of each finding. `lying` is the text of whatever lies in the target's folder now.

    `lapsed` says of findings, by id, why a decision about them holds no longer.
    """
    before = {one.finding.id: one for one in known}
    unchanged = _unchanged(earlier, report)
    there = [one.finding for one in known if one.departed is None]
    parts = {new: before[old] for new, old in split(there, report.findings).items() if before[old].is_open}
    lived = {
        finding.id: _part(parts[finding.id])
        if finding.id in parts
        else _lived(finding, before.get(finding.id), report, lapsed or {}, unchanged, lying)
        for finding in report.findings
    }
    together = {**joined(there, report.findings), **_still_together(known, report)}
    was = (earlier.history if earlier else None) or History(lived={})
    gone = [
        _departed(one, earlier, report, together.get(one.finding.id), unchanged, lying)
        for one in known
        if one.finding.id not in lived
    ]
    gone += [one for one in was.departed if one.finding is None and one.id not in lived]
    kept, let_go = _bounded(gone, room)
    if let_go:
        note = f"No longer carried, gone the longest: {counted_as(len(let_go), 'finding')}. Back again, it is new."
        report = report.model_copy(update={"notes": (*report.notes, note)})
    history = History(
        since=earlier.run if earlier else None,
        runs=was.runs + 1 if earlier else 1,
        lived=lived,
        departed=kept,
        let_go=(*was.let_go, *let_go),
    )
    return report.model_copy(update={"history": history})


# ── what is known from before ────────────────────────────────────────────────────────────────────────────────────────


def _of_departed(one: Departed, moved: Mapping[str, str]) -> Known:
    assert one.finding is not None
    lived = Lived(
        life=Life.STILL_THERE,
        first_seen=one.first_seen,
        first_seen_at=one.first_seen_at,
        runs_seen=one.runs_seen,
        most_support=one.most_support,
    )
    return Known(_followed(one.finding, moved), lived, one)


def _renamed(before: Mapping[str, str], now: Mapping[str, str]) -> Mapping[str, str]:
    """Files that lie under another path with the same content; of several alike nobody can say which is which."""
    left = {path: digest for path, digest in before.items() if path not in now}
    come = {path: digest for path, digest in now.items() if path not in before}
    single = {digest for digest, count in Counter(left.values()).items() if count == 1}
    single &= {digest for digest, count in Counter(come.values()).items() if count == 1}
    path_of = {digest: path for path, digest in come.items()}
    return {path: path_of[digest] for path, digest in left.items() if digest in single}


def _followed(finding: MergedFinding, moved: Mapping[str, str]) -> MergedFinding:
    """The finding with its places where its files lie now."""
    if not any(place.path in moved for place in finding.places):
        return finding
    said_by = tuple(said.model_copy(update={"places": _moved(said.places, moved)}) for said in finding.said_by)
    return finding.model_copy(update={"places": _moved(finding.places, moved), "said_by": said_by})


def _moved(places: Sequence[Place], moved: Mapping[str, str]) -> tuple[Place, ...]:
    return tuple(place.model_copy(update={"path": moved.get(place.path, place.path)}) for place in places)


def _unchanged(earlier: Report | None, report: Report) -> frozenset[str]:
    """Files that are as the earlier report saw them."""
    before = earlier.target_digests if earlier else {}
    return frozenset(path for path, digest in report.target_digests.items() if before.get(path) == digest)


# ── those that are there ─────────────────────────────────────────────────────────────────────────────────────────────


def _lived(
    finding: MergedFinding,
    known: Known | None,
    report: Report,
    lapsed: Mapping[str, str],
    unchanged: frozenset[str],
    lying: Mapping[str, str],
) -> Lived:
    if known is None:
        return Lived(life=Life.NEW, first_seen=report.run, first_seen_at=report.started)
    life, why = _life(finding, known, lapsed, unchanged, lying)
    return known.lived.model_copy(
        update={
            "life": life,
            "why": why,
            "runs_seen": known.lived.runs_seen + 1,
            "most_support": max(known.lived.most_support, known.finding.support),
        }
    )


def _part(whole: Known) -> Lived:
    """A finding of which every word stood under another one: nobody has to be told of it as news."""
    return whole.lived.model_copy(
        update={
            "life": Life.STILL_THERE,
            "why": f"told with {whole.finding.id} until now",
            "runs_seen": whole.lived.runs_seen + 1,
        }
    )


def _life(
    finding: MergedFinding,
    known: Known,
    lapsed: Mapping[str, str],
    unchanged: frozenset[str],
    lying: Mapping[str, str],
) -> tuple[Life, str]:
    was = known.finding
    if was.standing.is_decided and not finding.standing.is_decided:
        return Life.REOPENED, lapsed.get(finding.id, f"it is no longer {was.standing}")
    if known.departed is not None and known.departed.looked_again:
        return Life.BACK, f"gone since {known.departed.gone_since}" if known.departed.gone_since else "it was gone"
    if finding.standing is Standing.OPEN and not (was.standing is Standing.OPEN or was.standing.is_decided):
        return Life.NEW, f"it was {was.standing} until now"
    changes = []
    if finding.severity is not was.severity:
        changes.append(f"{finding.severity}, was {was.severity}")
    if finding.standing is not was.standing and not finding.standing.is_decided:
        changes.append(f"{finding.standing}, was {was.standing}")
    if _lines_changed(was, unchanged if known.departed is None else frozenset(), lying):
        changes.append("its lines changed")
    return (Life.CHANGED, "; ".join(changes)) if changes else (Life.STILL_THERE, "")


def _lines_changed(was: MergedFinding, unchanged: frozenset[str], lying: Mapping[str, str]) -> bool:
    """What was quoted of a file is not there any more; lines that moved, or are indented anew, are the same."""
    places = [place for place in was.places if place.anchor.found and place.path not in unchanged]
    return not all(stand([place], lying[place.path]) if place.path in lying else False for place in places)


# ── those that are not ───────────────────────────────────────────────────────────────────────────────────────────────


def _still_together(known: Sequence[Known], report: Report) -> Mapping[str, str]:
    """Those that were told with another finding the last time, and are still."""
    now = {one.id: {wording(said) for said in one.said_by} for one in report.findings}
    return {
        one.finding.id: home
        for one in known
        if one.departed and (home := one.departed.told_with)
        if not now.get(home, set()).isdisjoint(map(wording, one.finding.said_by))
    }


def _departed(
    known: Known,
    earlier: Report | None,
    report: Report,
    told_with: str | None,
    unchanged: frozenset[str],
    lying: Mapping[str, str],
) -> Departed:
    """A finding this report has not. What is gone stays gone until somebody reports it again."""
    finding, before = known.finding, known.departed
    if before is not None and before.looked_again:
        return before.model_copy(update={"finding": finding})
    seen = _looked(finding, report, unchanged if before is None else frozenset(), lying)
    if told_with:
        seen = Looked(again=False, why=f"told with {told_with} now")
    return Departed(
        id=finding.id,
        title=finding.title,
        severity=finding.severity.value,
        path=finding.places[0].path if finding.places else "",
        looked_again=seen.again,
        why=seen.why,
        first_seen=known.lived.first_seen,
        first_seen_at=known.lived.first_seen_at,
        runs_seen=known.lived.runs_seen,
        last_seen=before.last_seen if before else earlier.run if earlier else "",
        gone_since=report.run if seen.again else None,
        most_support=max(known.lived.most_support, finding.support),
        told_with=told_with,
        finding=finding.model_copy(update={"said_by": finding.said_by[:MOST_WORDINGS], "rewrite": None}),
    )


def _looked(finding: MergedFinding, report: Report, unchanged: frozenset[str], lying: Mapping[str, str]) -> Looked:
    seen = looked(finding, report.looks, report.target_digests, lying)
    files = {place.path for place in finding.places}
    if seen.again and files and files <= unchanged:
        return seen.model_copy(update={"why": f"{seen.why}, though its file did not change"})
    return seen


def _bounded(departed: Sequence[Departed], room: int) -> tuple[tuple[Departed, ...], tuple[str, ...]]:
    """Those only not seen, all of them; then those that are gone, the last to go first, as far as there is room."""
    waiting = sorted((one for one in departed if not one.looked_again), key=lambda one: one.id)
    gone = sorted((one for one in departed if one.looked_again), key=lambda one: one.id)
    gone.sort(key=lambda one: one.gone_since or "", reverse=True)
    return (*waiting, *gone[:room]), tuple(one.id for one in gone[room:])
