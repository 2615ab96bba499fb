"""`orchestra integrate`: a line for each writer, and after a conflict what to do."""

from orchestra.cli.saying import print_json, say, tell
from orchestra.cli.which import found
from orchestra.crew.integrate import Integration, State, TakenOver, integrate, writers_of
from orchestra.crew.view import find_worker, report_of
from orchestra.reports.plain import plain
from orchestra.reports.report_parts import Passed

CONFLICT = 4
"""Not everything that was asked for was done."""


def integrate_and_say(run: str, worker: str | None, dry_run: bool, as_json: bool) -> int:
    """Take over, tell, and return the exit status."""
    folder = found(run)
    writers = writers_of(folder)  # none at all is told by `integrate`, whoever was named
    label = find_worker(writers, worker) if worker is not None and writers else None
    done = integrate(folder, label, dry_run=dry_run)
    if as_json:
        print_json({"run": folder.id, "dry_run": dry_run, "taken": [one.model_dump(mode="json") for one in done]})
    else:
        for one in done:
            for writer in one.writers:
                tell(plain(f"{writer.worker}: {_words(one, writer, dry_run)}"))
    report = report_of(folder)
    if report is not None and report.verdicts and report.verdicts[-1].outcome is Passed.FAIL:
        last = report.verdicts[-1]
        say(plain(f"note: {last.worker} did not accept what was changed: {' '.join(last.summary.split())}"))
    for one in done:
        if (conflict := one.conflict) is not None:
            say(plain(f"{conflict.worker} and {one.into} changed the same lines; nothing of it was taken over."))
            say(plain(f"  next:  by hand: {conflict.by_hand}"))
    return CONFLICT if any(one.conflict for one in done) else 0


def _words(done: Integration, writer: TakenOver, dry_run: bool) -> str:
    match writer.state:
        case State.MERGED:
            files = "1 file" if len(writer.files) == 1 else f"{len(writer.files):,} files"
            how = "would be taken" if dry_run else "taken"
            commit = f" ({writer.merge[:10]})" if writer.merge and not dry_run else ""
            return f"{how} over into {done.into}: {files}{commit}"
        case State.CONFLICT:
            return f"conflict in {', '.join(writer.conflicts)}"
        case State.WITHIN:
            return f"comes with {writer.within}"
        case other:
            return str(other)
