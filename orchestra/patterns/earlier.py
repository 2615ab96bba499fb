"""What an earlier run of the project knows: its findings, and what it looked at."""

from pathlib import Path

from orchestra.brief.target import Target, target
from orchestra.crew import runs
from orchestra.crew.kept import lying_where
from orchestra.crew.remembering import under_decisions
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.view import report_of
from orchestra.errors import TargetInvalid, UsageError
from orchestra.findings.curate import Curated


def findings_of(run: str | Path, project: Path) -> Curated:
    """The findings in the report of a run, under today's decisions; `last` is the newest run that has any."""
    folder = _with_findings(run, project)
    report = report_of(folder)
    if report is None:
        raise UsageError(
            f"The run {folder.id} has no report yet.", next_step=f"End or resume it: `orchestra resume {folder.id}`."
        )
    if not report.findings:
        raise UsageError(f"The run {folder.id} has no findings.", next_step="`orchestra runs` lists the others.")
    findings = under_decisions(report, folder.project, lying_where(folder)).report.findings
    return Curated(findings=findings, notes=(f"The findings are those of {folder.id}.",))


def target_of(run: str | Path, project: Path) -> Target:
    """What a run looked at, as it lies there now."""
    folder = _with_findings(run, project)
    kept = next((value for value in folder.record().inputs.values() if _is_target(value)), None)
    if kept is None:
        raise UsageError(
            f"The run {folder.id} had no target.", next_step=f"Name one: `orchestra fix TARGET --from {folder.id}`."
        )
    root = (folder.project / kept["root"]).resolve()
    there = [root / file["path"] for file in kept["files"] if (root / file["path"]).is_file()]
    if kept.get("given") is not None or not there:
        raise TargetInvalid(
            f"What {folder.id} looked at lies nowhere any more.",
            next_step=f"Name a target: `orchestra fix TARGET --from {folder.id}`.",
        )
    return target(there, root).model_copy(update={"root": root, "asked": tuple(kept["asked"])})


def _with_findings(run: str | Path, project: Path) -> RunFolder:
    if isinstance(run, Path):
        return RunFolder(run.absolute())
    if run == "last":
        for folder in reversed(runs.all_runs(project)):
            report = report_of(folder)
            if report is not None and report.findings:
                return folder
        raise UsageError("No run of this project has findings.", next_step="`orchestra review TARGET` finds some.")
    return runs.find(project, run)


def _is_target(value: object) -> bool:
    return isinstance(value, dict) and {"root", "files", "asked"} <= value.keys()
