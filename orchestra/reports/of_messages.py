"""A report of messages that are there already: from earlier runs, from other tools."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from orchestra.brief.target import target
from orchestra.findings.curate import Message, curate
from orchestra.outcome import Outcome
from orchestra.reports.advice import advice
from orchestra.reports.excerpts import excerpts
from orchestra.reports.report import Report, ReportState, WorkerLine


def report_of_messages(messages: Mapping[str, str], root: Path) -> Report:
    """Curate messages that are there already, by worker; no worker is started, nothing is written."""
    looked_at = target([root], root)
    # A target's paths begin at the top of its repository, a message's at the root.
    names = {file.path: str((looked_at.root / file.path).relative_to(root)) for file in looked_at.files}
    texts = {names[path]: text for path, text in looked_at.texts.items()}
    curated = curate([Message(worker=worker, message=text) for worker, text in messages.items()], texts)
    said = Counter(one.worker for finding in curated.findings for one in finding.said_by)
    report = Report(
        run="",
        pattern="merge",
        asked=f"merge of {len(messages)} messages about {root}",
        state=ReportState.COMPLETE,
        started=datetime.now(UTC),
        seconds=0.0,
        next_step="",
        findings=curated.findings,
        excerpts=excerpts(curated.findings, texts),
        target_digests={names[file.path]: file.digest for file in looked_at.files},
        workers=tuple(_line(worker, said[worker]) for worker in messages),
        looked_at=len(looked_at.files),
        not_looked_at=looked_at.left_out,
        notes=curated.notes,
    )
    return report.model_copy(update={"next_step": advice(report)})


def _line(worker: str, findings: int) -> WorkerLine:
    return WorkerLine(
        label=worker, role="reviewer", outcome=Outcome.ANSWERED, reason="read from a file", findings=findings
    )
