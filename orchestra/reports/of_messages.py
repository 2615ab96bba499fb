"""A report of messages that are there already: from earlier runs, from other tools."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from orchestra.brief.target import target
from orchestra.brief.texts import LinksOut
from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import ReviewMessage, Said
from orchestra.outcome import Outcome
from orchestra.reports.advice import advice
from orchestra.reports.excerpts import excerpts
from orchestra.reports.first_lines import counted_as
from orchestra.reports.report import Report, ReportState, WorkerLine


def report_of_messages(files: Mapping[Path, str], root: Path) -> Report:
    """Curate messages that are there already, each by its file; no worker is started, nothing is written.

    A report that was written as JSON stands for the workers it is made of: merged alone, it comes out as it was.
    """
    messages = {file.stem: text for file, text in files.items()}
    looked_at = target([root], root)
    # A target's paths begin at the top of its repository, a message's at the root.
    names = {file.path: str((looked_at.root / file.path).relative_to(root)) for file in looked_at.files}
    texts = {names[path]: text for path, text in looked_at.texts.items()}
    reports = {label: report for label, text in messages.items() if (report := _as_report(text, label, messages))}
    alone = [file for file in files if file.stem not in reports]
    told = [Message(worker=file.stem, message=files[file]) for file in alone]
    told += [message for report in reports.values() for message in _messages(report)]
    curated = curate(told, texts, LinksOut(root))
    known = tuple(line for report in reports.values() for line in report.workers)
    whole = not curated.partial and all(report.state is ReportState.COMPLETE for report in reports.values())
    said = Counter(one.worker for finding in curated.findings for one in finding.said_by)
    report = Report(
        run="",
        pattern="merge",
        asked=f"merge of {counted_as(len(messages), 'message')} about {root}",
        state=ReportState.COMPLETE if whole else ReportState.INCOMPLETE,
        started=datetime.now(UTC),
        seconds=0.0,
        next_step="",
        findings=curated.findings,
        excerpts=excerpts(curated.findings, texts),
        target_digests={names[file.path]: file.digest for file in looked_at.files},
        workers=(*(_line(file, files[file], said[file.stem], curated.partial) for file in alone), *known),
        looked_at=len(looked_at.files),
        not_looked_at=looked_at.left_out,
        notes=(*(f"{label}: {_IS_A_REPORT}" for label in reports), *curated.notes),
    )
    return report.model_copy(update={"next_step": advice(report)})


_IS_READ = "what is read are answers in JSON, and lists and headings in Markdown"
_IS_A_REPORT = "a report; what its workers said is merged anew, without what verifiers and people decided"


def _as_report(text: str, label: str, among: Collection[str]) -> Report | None:
    """The report a file holds, if it does; beside other messages its workers get its name before theirs."""
    if '"said_by"' not in text:
        return None
    try:
        report = Report.model_validate_json(text)
    except ValidationError:
        return None
    if len(among) == 1:
        return report
    lines = tuple(line.model_copy(update={"label": f"{label}/{line.label}"}) for line in report.workers)
    findings = tuple(
        finding.model_copy(
            update={
                "said_by": tuple(one.model_copy(update={"worker": f"{label}/{one.worker}"}) for one in finding.said_by)
            }
        )
        for finding in report.findings
    )
    return report.model_copy(update={"workers": lines, "findings": findings})


def _messages(report: Report) -> Iterator[Message]:
    """What each worker of a report said, in its own words and in its own order."""
    by_worker: dict[str, list[Said]] = {}
    for one in (one for finding in report.findings for one in finding.said_by):
        by_worker.setdefault(one.worker, []).append(one)
    for worker, told in sorted(by_worker.items()):
        in_order = sorted(told, key=lambda one: one.index)
        yield Message(
            worker=worker,
            lens=told[0].lens,
            complete=all(one.complete for one in told),
            message=ReviewMessage(summary="", findings=tuple(one.finding for one in in_order)),
        )


def _line(file: Path, text: str, findings: int, partial: Collection[str]) -> WorkerLine:
    outcome, reason = Outcome.ANSWERED, "read from a file"
    if file.stem in partial:
        outcome, reason = Outcome.MALFORMED, "its message is no full answer, read as far as it goes"
        if not findings:
            reason = f"nothing that looks like a finding was read in {file.name}; {_IS_READ}"
    if not text.strip():
        outcome, reason = Outcome.EMPTY, "its message is empty"
    return WorkerLine(
        label=file.stem, role="reviewer", outcome=outcome, reason=reason, given=file.name, findings=findings
    )
