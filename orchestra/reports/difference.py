"""What changed between two reports: new, gone, still there, and whether the target itself changed between them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.findings.name import same_again
from orchestra.reports.first_lines import headline
from orchestra.reports.places import spots
from orchestra.reports.report import Report
from orchestra.value import Value

SCHEMA_VERSION = 1


class TargetState(StrEnum):
    """What happened to the target between two runs."""

    SAME = "same"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    """One of the reports does not say what it looked at."""


class TargetChange(Value):
    """Which files are not what they were."""

    state: TargetState
    files: int = 0
    """Files that either run looked at."""
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    """Looked at by the later run only."""
    removed: tuple[str, ...] = ()
    """Looked at by the earlier run only."""

    @property
    def touched(self) -> frozenset[str]:
        """Every file that differs."""
        return frozenset((*self.changed, *self.added, *self.removed))


class Entry(Value):
    """One finding in a comparison."""

    id: str
    title: str
    severity: Severity
    standing: Standing
    places: tuple[str, ...]
    touched: bool | None = None
    """A file it is in changed between the runs; None: that cannot be told."""
    was_id: str | None = None
    was_severity: Severity | None = None
    was_standing: Standing | None = None


class Difference(Value):
    """Two reports side by side."""

    schema_version: int = SCHEMA_VERSION
    before: str
    """The earlier run."""
    after: str
    before_headline: str
    after_headline: str
    asked_alike: bool
    """Both were asked the same, in words."""
    incomplete: tuple[str, ...] = ()
    """The runs somebody did not answer in: what they lack may only be unseen. Merged messages have no run's name."""
    target: TargetChange
    new: tuple[Entry, ...] = ()
    gone: tuple[Entry, ...] = ()
    still: tuple[Entry, ...] = ()


def difference(before: Report, after: Report) -> Difference:
    """Compare two reports. Findings are the same where they report the same problem, whatever their ids."""
    target = _target(before, after)
    known = recognised(before.findings, after.findings)
    earlier = {finding.id: finding for finding in before.findings}
    met = set(known.values())
    return Difference(
        before=before.run,
        after=after.run,
        before_headline=headline(before),
        after_headline=headline(after),
        asked_alike=before.asked == after.asked,
        incomplete=tuple(
            report.run or unnamed
            for report, unnamed in ((before, "the earlier report"), (after, "the later report"))
            if report.unanswered or not report.workers
        ),
        target=target,
        new=tuple(_entry(finding, target) for finding in after.findings if finding.id not in known),
        gone=tuple(_entry(finding, target) for finding in before.findings if finding.id not in met),
        still=tuple(
            _entry(finding, target, earlier[known[finding.id]]) for finding in after.findings if finding.id in known
        ),
    )


def recognised(before: Sequence[MergedFinding], after: Sequence[MergedFinding]) -> Mapping[str, str]:
    """Later id -> earlier id: one that kept its id is the same, the others are found again by what they say."""
    shared = {finding.id for finding in before} & {finding.id for finding in after}
    earlier = [finding for finding in before if finding.id not in shared]
    later = [finding for finding in after if finding.id not in shared]
    again = same_again(earlier, later)
    return {name: name for name in shared} | {later[new].id: earlier[old].id for new, old in again.items()}


def _entry(finding: MergedFinding, target: TargetChange, was: MergedFinding | None = None) -> Entry:
    files = {place.path for place in (*finding.places, *(was.places if was else ()))}
    return Entry(
        id=finding.id,
        title=finding.title,
        severity=finding.severity,
        standing=finding.standing,
        places=tuple(spot.in_words for spot in spots(finding)),
        touched=None if target.state is TargetState.UNKNOWN else bool(files & target.touched),
        was_id=was.id if was else None,
        was_severity=was.severity if was else None,
        was_standing=was.standing if was else None,
    )


def _target(before: Report, after: Report) -> TargetChange:
    old, new = before.target_digests, after.target_digests
    if not old or not new:
        return TargetChange(state=TargetState.UNKNOWN, files=len({*old, *new}))
    changed = tuple(sorted(path for path in old.keys() & new.keys() if old[path] != new[path]))
    added, removed = tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys()))
    state = TargetState.CHANGED if changed or added or removed else TargetState.SAME
    return TargetChange(state=state, files=len({*old, *new}), changed=changed, added=added, removed=removed)
