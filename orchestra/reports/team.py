"""Who worked on a report, in words: each alone where they are few, by lens where they are many."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestra.outcome import Outcome
from orchestra.reports.first_lines import counted_as
from orchestra.reports.report import Report, WorkerLine
from orchestra.usage import Usage

FEW = 8
"""Answered workers that are shown each in a line of their own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list of workers: one of them, or several that did the same."""

    who: str
    outcome: str
    findings: str = ""
    time: str = ""
    tokens: str = ""
    why: str = ""
    """Why it did not answer, and what it noted."""
    go_on: str = ""
    """The command that continues its thread."""
    answered: bool = True


def rows(report: Report, few: int = FEW) -> tuple[Row, ...]:
    """Those who did not answer first, each with the reason; then the others."""
    shared = set(noted_by_all(report))
    workers = [
        worker.model_copy(update={"notes": tuple(note for note in worker.notes if note not in shared)})
        for worker in report.workers
    ]
    answered = [worker for worker in workers if worker.outcome is Outcome.ANSWERED]
    told = [_row(worker, report.started) for worker in workers if worker.outcome is not Outcome.ANSWERED]
    several = len(answered) > few
    told += _together(answered, report.started) if several else [_row(worker, report.started) for worker in answered]
    return tuple(told)


def noted_by_all(report: Report) -> tuple[str, ...]:
    """Notes every worker has: they are said once, not once a worker."""
    if len(report.workers) < 2:
        return ()
    first, *others = (worker.notes for worker in report.workers)
    return tuple(note for note in dict.fromkeys(first) if all(note in notes for notes in others))


def cost(report: Report) -> str:
    """`5 workers, 221,500 tokens (100,000 of them cached), 6m 53s`."""
    cached = f" ({report.usage.cached_input_tokens:,} of them cached)" if report.usage.cached_input_tokens else ""
    used = f", {report.usage.total:,} tokens{cached}" if report.usage.total else ", no tokens"
    if not report.run and not report.usage.total:
        used = ""  # messages from files: nobody saw what they cost
    reused = sum(worker.reused_from is not None for worker in report.workers)
    then = sum(worker.cost_then.total for worker in report.workers if worker.cost_then)
    again = f", {counted_as(reused, 'answer')} of earlier runs" if reused else ""
    again += f" ({then:,} tokens then)" if then else ""
    took = f", {duration(report.seconds)}" if report.run or report.seconds else ""
    return f"{counted_as(len(report.workers), 'worker')}{used}{again}{took}"


def duration(seconds: float) -> str:
    """`4.2s`, `41s`, `6m 53s`, `2h 5m`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f}s" if seconds < 10 else f"{whole}s"
    return f"{whole // 60}m {whole % 60}s" if whole < 3600 else f"{whole // 3600}h {whole % 3600 // 60}m"


def age_in_words(seconds: float) -> str:
    """`3 days old`, `1 hour old`, `2 minutes old`."""
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return f"{counted_as(int(seconds // size), name)} old"
    return "less than a minute old"


def _row(worker: WorkerLine, now: datetime) -> Row:
    answered = worker.outcome is Outcome.ANSWERED
    notes = [] if answered else [worker.reason]
    notes += [f"answer of {worker.reused_from}{_old([worker], now)}"] if worker.reused_from else []
    return Row(
        who=worker.label,
        outcome=worker.ended,
        findings="" if worker.findings is None else counted_as(worker.findings, "finding"),
        time="" if worker.not_started or worker.reused_from or not worker.seconds else duration(worker.seconds),
        tokens=f"{worker.usage.total:,} tokens" if worker.usage else "",
        why="; ".join([*notes, *worker.notes]),
        go_on=worker.continue_command or "",
        answered=answered,
    )


def _together(workers: Iterable[WorkerLine], now: datetime) -> list[Row]:
    groups: dict[str, list[WorkerLine]] = {}
    for worker in workers:
        groups.setdefault(worker.lens or worker.role, []).append(worker)
    return [_group(name, group, now) for name, group in groups.items()]


def _group(name: str, workers: Sequence[WorkerLine], now: datetime) -> Row:
    if len(workers) == 1:
        return _row(workers[0], now)
    counted = [worker.findings for worker in workers if worker.findings is not None]
    usage = sum((worker.usage for worker in workers if worker.usage), Usage())
    reused = [worker for worker in workers if worker.reused_from]
    why = [f"{counted_as(len(reused), 'answer')} of earlier runs{_old(reused, now)}"] if reused else []
    longest = max(worker.seconds for worker in workers)
    noted = sum(bool(worker.notes) for worker in workers)
    why += [f"{noted:,} with notes"] if noted else []
    return Row(
        who=f"{len(workers):,} x {name}",
        outcome="answered",
        findings=counted_as(sum(counted), "finding") if counted else "",
        time=f"up to {duration(longest)}" if len(reused) < len(workers) and longest else "",
        tokens=f"{usage.total:,} tokens" if usage.total else "",
        why="; ".join(why),
    )


def _old(reused: Iterable[WorkerLine], now: datetime) -> str:
    """How old the oldest of these answers is."""
    ages = [(now - worker.answered_at).total_seconds() for worker in reused if worker.answered_at]
    up_to = "up to " if len(ages) > 1 else ""
    return f", {up_to}{age_in_words(max(ages))}" if ages else ""
