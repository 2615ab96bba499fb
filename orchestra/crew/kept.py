"""The reports a project has kept, and what lies there now of what a run looked at."""

import json
from collections.abc import Iterator
from pathlib import Path

from orchestra.crew.remembering import Lying
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.view import runs_of
from orchestra.errors import OrchestraError
from orchestra.reports.lives import Kept
from orchestra.reports.report import Report
from orchestra.reports.saved import read_report


def kept_reports(project: Path, job: str | None = None) -> Iterator[Kept]:
    """Every report that is there and can be read, oldest first; with `job` only those of its runs."""
    for folder in runs_of(project):
        of = job_of(folder)
        if job is not None and of != job:
            continue
        if (report := _report(folder)) is not None:
            yield Kept(of, report)


def report_with(project: Path, finding: str) -> Report | None:
    """The newest report that has a finding of this id."""
    for folder in reversed(runs_of(project)):
        try:
            if f'"{finding}"'.encode() not in folder.report.read_bytes():
                continue
        except OSError:
            continue
        report = _report(folder)
        if report is not None and any(one.id == finding for one in report.findings):
            return report
    return None


def job_of(folder: RunFolder) -> str | None:
    """The job a run belongs to; of one whose record cannot be read, none."""
    try:
        job = json.loads(folder.record_file.read_bytes()).get("lineage", {}).get("job")
    except (OSError, ValueError, AttributeError):
        return None
    return job if isinstance(job, str) else None


def lying_where(folder: RunFolder) -> Lying:
    """What lies now where a run had its target; where that cannot be told, what lies in the project."""
    try:
        inputs = folder.record().inputs.values()
    except OrchestraError:
        inputs = {}.values()
    roots = [value["root"] for value in inputs if isinstance(value, dict) and {"root", "files"} <= value.keys()]
    return Lying((folder.project / str(roots[0])).resolve() if roots else folder.project)


def _report(folder: RunFolder) -> Report | None:
    try:
        return read_report(folder.report)
    except OrchestraError:
        return None
