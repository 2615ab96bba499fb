"""A report of messages that are there already: from earlier runs, from other tools."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

from orchestra.brief.target import target
from orchestra.findings.curate import Message, curate
from orchestra.outcome import Outcome
from orchestra.reports.advice import advice
from orchestra.reports.excerpts import excerpts
from orchestra.reports.first_lines import counted_as
from orchestra.reports.report import Report, ReportState, WorkerLine


def report_of_messages(messages: Mapping[str, str], root: Path) -> Report:
    """Curate messages that are there already, by worker; no worker is started, nothing is written."""
    looked_at = target([root], root)
    # A target's paths begin at the top of its repository, a message's at the root.
    names = {file.path: str((looked_at.root / file.path).relative_to(root)) for file in looked_at.files}
    texts = {names[path]: text for path, text in looked_at.texts.items()}
    links = {str((looked_at.root / link).relative_to(root)) for link in looked_at.leads_out}
    curated = curate([Message(worker=worker, message=text) for worker, text in messages.items()], texts, links)
    said = Counter(one.worker for finding in curated.findings for one in finding.said_by)
    report = Report(
        run="",
        pattern="merge",
        asked=f"merge of {counted_as(len(messages), 'message')} about {root}",
        state=ReportState.INCOMPLETE if curated.partial else ReportState.COMPLETE,
        started=datetime.now(UTC),
        seconds=0.0,
        next_step="",
        findings=curated.findings,
        excerpts=excerpts(curated.findings, texts),
        target_digests={names[file.path]: file.digest for file in looked_at.files},
        workers=tuple(_line(worker, text, said[worker], curated.partial) for worker, text in messages.items()),
        looked_at=len(looked_at.files),
        not_looked_at=looked_at.left_out,
        notes=curated.notes,
    )
    return report.model_copy(update={"next_step": advice(report)})


def _line(worker: str, text: str, findings: int, partial: Collection[str]) -> WorkerLine:
    outcome, reason = Outcome.ANSWERED, "read from a file"
    if worker in partial:
        outcome, reason = Outcome.MALFORMED, "its message is no full answer, read as far as it goes"
    if not text.strip():
        outcome, reason = Outcome.EMPTY, "its message is empty"
    return WorkerLine(label=worker, role="reviewer", outcome=outcome, reason=reason, findings=findings)
