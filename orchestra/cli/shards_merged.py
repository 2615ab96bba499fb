"""Merge the runs of shards and print their one report."""

from pathlib import Path

from orchestra.cli.following import follow
from orchestra.cli.printing import check_out, print_report
from orchestra.cli.saying import say
from orchestra.cli.which import found, here
from orchestra.nightly import shards
from orchestra.reports.gate import exit_code, gate
from orchestra.reports.renderers.catalogue import renderer


def merge_and_report(runs: list[str], ask: bool, form: str, out: Path | None, fail_on: str) -> int:
    """Play the pattern again with the answers of these runs; the exit status is the gate's."""
    failing = gate(fail_on)
    renderer(form)
    check_out(out)
    folders = [found(run).path for run in runs]
    run = shards.merge_runs(folders, ask=ask, project=here())
    report = follow(run)
    print_report(report, form, out, failing)
    if lacking := shards.missing([found(run.name).record() for run in folders]):
        say(f"not among these runs: shard {', '.join(lacking)}")
    if report.unanswered:
        named = " ".join(folder.name for folder in folders)
        say(f"go on: orchestra {f'resume {report.run}' if ask else f'merge-runs {named} --ask'}")
    return exit_code(report, failing)
