"""What a finished report owes to what was known before: ids, decisions, and the life of each finding."""

import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from orchestra.brief.target import Target
from orchestra.crew.decision_file import FILE, decisions_of
from orchestra.crew.lineage import Lineage
from orchestra.crew.runs import runs_folder
from orchestra.errors import OrchestraError
from orchestra.findings.anchor import leads_out
from orchestra.findings.curate import Curated
from orchestra.reports.decisions import Decided, decided, set_apart
from orchestra.reports.lifecycle import Known, known_from, under_known_ids, with_history
from orchestra.reports.report import Report
from orchestra.reports.saved import read_report

LARGEST = 20_000_000
"""Bytes of a file that is looked into; no target holds a larger one."""


def remembered(report: Report, lineage: Lineage, project: Path, rules: Path, target: Target | None) -> Report:
    """The report under the ids its findings are known by, with their lives, and under the decisions there are.

    Earlier runs are those of the project, decisions those that stand in `rules`. Whatever of that cannot be read is
    said in a note; the run is not lost for it, and nothing is said to be gone.
    """
    earlier, notes = _earlier(lineage, project)
    lying = Lying(target.root, target) if target else {}
    known: tuple[Known, ...] = ()
    if earlier:
        known = known_from(earlier, report)
        report = under_known_ids(report, known, earlier.history.let_go if earlier.history else ())
    compared = lineage.job is not None or lineage.since is not None
    now = under_decisions(report, rules, lying, rename=not compared)
    report = with_history(now.report, earlier, known, lying=lying, lapsed=now.lapsed) if compared else now.report
    return _noting(report, notes)


def under_decisions(report: Report, rules: Path, lying: Mapping[str, str], *, rename: bool = False) -> Decided:
    """The report under the decisions that stand in `rules` now; a note where they cannot be read."""
    try:
        decisions = decisions_of(rules)
    except OrchestraError as error:
        why = f"No decision was applied, {FILE} cannot be read: {error.what} ({error.where})"
        return Decided(_noting(report, (why,)), {})
    return decided(report, decisions, lying=lying, today=datetime.now(UTC).date(), rename=rename)


def set_apart_now(found: Curated, rules: Path, target: Target) -> Curated:
    """The findings of a run that goes on, under the decisions that stand in `rules`; none where they cannot be read."""
    try:
        decisions = decisions_of(rules)
    except OrchestraError:
        return found  # the report says so when it is finished
    findings = set_apart(found.findings, decisions, lying=Lying(target.root, target), today=datetime.now(UTC).date())
    return found.model_copy(update={"findings": findings})


def _earlier(lineage: Lineage, project: Path) -> tuple[Report | None, tuple[str, ...]]:
    if lineage.since is None:
        return None, ()
    file = runs_folder(project) / lineage.since / "report.json"
    try:
        return read_report(file), ()
    except OrchestraError as error:
        return None, (
            f"The report of {lineage.since}, which this run goes on from, cannot be read: every finding counts as new, "
            f"and none is said to be gone. {error.what}",
        )


def _noting(report: Report, notes: tuple[str, ...]) -> Report:
    return report.model_copy(update={"notes": (*report.notes, *notes)}) if notes else report


class Lying(Mapping[str, str]):
    """The text of whatever lies under a folder now, by path, of the target or not; read when it is asked for.

    Only what is really not there is missing. What cannot be read is there, and empty.
    """

    def __init__(self, root: Path, target: Target | None = None) -> None:
        self._root = root.resolve()
        self._read: dict[str, str | None] = {}
        if target is not None and target.given is not None:
            self._read = {file.path: target.given for file in target.files}

    def __getitem__(self, path: str) -> str:
        if path not in self._read:
            self._read[path] = None if leads_out(path) else self._text(self._root / path)
        text = self._read[path]
        if text is None:
            raise KeyError(path)
        return text

    def __iter__(self) -> Iterator[str]:
        return (path for path, text in self._read.items() if text is not None)

    def __len__(self) -> int:
        return sum(text is not None for text in self._read.values())

    def _text(self, file: Path) -> str | None:
        try:
            facts = file.stat()
            inside = file.resolve().is_relative_to(self._root)
            if not inside or not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
                return ""
            return file.read_bytes().decode("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError):
            return None if self._root.is_dir() else ""
        except (OSError, ValueError):
            return ""
