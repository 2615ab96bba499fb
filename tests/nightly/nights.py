"""Nights to show: a month of reports as runs leave them, told so that each finding's life is known beforehand."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestra.findings.finding import MergedFinding, Standing
from orchestra.outcome import Outcome
from orchestra.reports.history import Departed, History, Life, Lived
from orchestra.reports.report import Report, WorkerLine
from tests.reports.stories import HOSTILE, merged, report, worker

FIRST = datetime(2026, 11, 1, 3, 15, tzinfo=UTC)
EVERYBODY = (worker("w1-correctness", reused_from="20261031-031500-review-0000"), worker("w2-risk"))
HALF = (worker("w1-correctness"), worker("w2-risk", Outcome.TIMED_OUT))
NEW, STILL, CHANGED, BACK = Life.NEW, Life.STILL_THERE, Life.CHANGED, Life.BACK

RACE = merged(1, id="f-0001", title="The lock is taken too late")
LEAK = merged(2, id="f-0002", title="The file stays open")
WILD = merged(
    3, id="f-0003", title=f"Wild: {HOSTILE}", problem=HOSTILE, recommendation=HOSTILE, quote=HOSTILE, category=HOSTILE
)
ACCEPTED = RACE.model_copy(
    update={"standing": Standing.ACCEPTED, "standing_reason": "accepted by Ada: <b>VPN</b> only"}
)


def run_id(number: int, pattern: str = "review") -> str:
    """The run of a night."""
    return f"{FIRST + timedelta(days=number):%Y%m%d-%H%M%S}-{pattern}-{number:04x}"


def lives(since: int | None, departed: Sequence[Departed] = (), **told: Life) -> History:
    """The history of a night; `f_0001=NEW`."""
    lived = {id.replace("_", "-"): Lived(life=life, first_seen=run_id(0), runs_seen=3) for id, life in told.items()}
    return History(since=None if since is None else run_id(since), lived=lived, departed=tuple(departed))


def left(finding: MergedFinding, gone_since: int | None) -> Departed:
    """A finding that is gone since that night, or was only not seen."""
    return Departed(
        id=finding.id,
        title=finding.title,
        severity=finding.severity,
        path=finding.places[0].path,
        looked_again=gone_since is not None,
        why="" if gone_since is not None else "its worker did not answer",
        last_seen=run_id(0),
        gone_since=None if gone_since is None else run_id(gone_since),
        finding=finding,
    )


def keep(project: Path, run: str, made: Report | str | None, lineage: Mapping[str, object], **record: object) -> Path:
    """What a run leaves: its record and its report."""
    folder = project / ".orchestra/runs" / run
    folder.mkdir(parents=True, mode=0o700)
    (folder / "run.json").write_text(json.dumps({"id": run, **record, "lineage": lineage}), "utf-8")
    if made is not None:
        text = made if isinstance(made, str) else made.model_dump_json(indent=1)
        (folder / "report.json").write_text(text, "utf-8", errors="surrogatepass")
    return folder


def told(number: int, *findings: MergedFinding, history: History, workers: Sequence[WorkerLine] = EVERYBODY) -> Report:
    """The report of a night."""
    return report(
        findings,
        workers,
        run=run_id(number),
        started=FIRST + timedelta(days=number),
        history=history,
    )


def a_week(project: Path) -> None:
    """Seven nights of one job, and around them a review, a shard, a rehearsal."""
    nights: list[Report | str] = [
        told(0, RACE, LEAK, history=lives(None, f_0001=NEW, f_0002=NEW)),
        told(1, RACE, history=lives(0, [left(LEAK, None)], f_0001=STILL), workers=HALF),
        told(2, ACCEPTED, LEAK, WILD, history=lives(0, f_0001=CHANGED, f_0002=STILL, f_0003=NEW)),
        "{torn",
        told(4, ACCEPTED, WILD, history=lives(2, [left(LEAK, 4)], f_0001=STILL, f_0003=STILL)),
        told(5, ACCEPTED, WILD, history=lives(4, [left(LEAK, 4)], f_0001=STILL, f_0003=STILL)),
        told(6, LEAK, ACCEPTED, WILD, history=lives(5, f_0001=STILL, f_0002=BACK, f_0003=STILL)),
    ]
    for number, made in enumerate(nights):
        keep(project, run_id(number), made, {"job": "docs & <code>"})
    keep(project, run_id(7, "fix"), report([merged(9, id="f-0009")], workers=HALF, asked="fix of <src>"), {})
    shard = {"job": "docs & <code>", "shard": {"number": 2, "of": 5}}
    keep(project, run_id(8), report(), shard)
    keep(project, run_id(9), report(rehearsed=True), {"job": "docs & <code>"}, rehearse=True)
