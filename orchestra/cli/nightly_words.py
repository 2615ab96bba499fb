"""`orchestra nightly` and `jobs`: a line for each job and what failed its gate, the last thing that is printed."""

import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from orchestra.cli.following import StopSignals, follow
from orchestra.cli.printing import width
from orchestra.cli.saying import print_json, say, tell
from orchestra.cli.telling import age
from orchestra.cli.which import here
from orchestra.crew.lineage import Shard
from orchestra.crew.run import Run
from orchestra.crew.status import RunState
from orchestra.errors import OrchestraError, UsageError
from orchestra.nightly import sample
from orchestra.nightly.job import Job, chosen, jobs_of
from orchestra.nightly.night import Said, night, worst
from orchestra.nightly.past import Past, runs_of_job
from orchestra.nightly.tale import JobEnd, State
from orchestra.reports.first_lines import counted_as
from orchestra.reports.gate import gate
from orchestra.reports.plain import no_command, one_line, plain
from orchestra.reports.report import Report

NAMED = 3  # findings that failed a gate, below the line of a job; its report has them all
_SHARD = re.compile(r"(\d+)/(\d+)")


class Watching:
    """At a prompt or under a timer: lines or a board on stderr; ^C ends the night, a second one at once."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self.signals = StopSignals(self._stop)

    @property
    def stops(self) -> int:
        return self.signals.count

    def say(self, text: str) -> None:
        say(plain(text))

    def failed(self, error: Exception) -> None:
        if os.environ.get("ORCHESTRA_DEBUG"):
            import traceback

            traceback.print_exception(error)
        say(plain(f"failed: {error.what if isinstance(error, OrchestraError) else error}"))

    def follow(self, run: Run) -> Report:
        self._run = run
        if self.stops:  # asked between two runs
            run.stop()
        try:
            return follow(run, self.signals)
        finally:
            self._run = None

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()


def run_and_tell(names: Sequence[str], options: dict[str, Any], as_json: bool) -> int:
    """The night; its exit status."""
    project = here()
    if options["fail_on"] is not None:
        gate(options["fail_on"])
    said = Said.model_validate({**options, "shard": _shard(options["shard"])})
    jobs = chosen(jobs_of(project), names)
    watching = Watching()
    with watching.signals:
        ends = night(project, jobs, said, watching)
    code = worst([*(end.exit_code for end in ends), *([130] if watching.stops else [])])
    if as_json:
        print_json({"exit": code, "jobs": [end.model_dump(mode="json") for end in ends]})
    else:
        _print_table([_line(end) for end in ends], below=[_named(end) for end in ends])
    return code


def list_jobs(as_json: bool) -> int:
    """Every job of the project; 2 where one is wrong."""
    project = here()
    jobs = jobs_of(project)
    past = {job.name: runs_of_job(project, job.name) for job in jobs}
    if as_json:
        print_json({"jobs": [_job_in_json(job, past[job.name]) for job in jobs]})
    elif jobs:
        rows = [_row(job, past[job.name]) for job in jobs]
        _print_table(rows, ("JOB", "PATTERN", "STATE", "AGE", "LAST RUN", "NEXT"))
    else:
        say("This project has no jobs. `orchestra job init` writes one that runs as it is.")
    return 2 if any(job.trouble for job in jobs) else 0


def show(name: str, as_json: bool) -> None:
    """One job as it is understood, and its runs."""
    project = here()
    job = chosen(jobs_of(project), [name])[0]
    if job.trouble is not None:
        raise job.trouble
    past = runs_of_job(project, name)
    if as_json:
        print_json(_job_in_json(job, past) | {"runs": [_past_in_json(run) for run in past]})
        return
    print(plain(f"{job.name}  {job.where}"))
    told = {**job.terms.model_dump(mode="json"), **job.inputs, **job.settings}
    for key, value in told.items():
        if value is not None:
            tell(plain(f"  {key} = {_as_toml(value)}"))
    for run in past:
        print(plain(f"{run.folder.id}  {run.state}{'  rehearsed' if run.rehearsed else ''}"))


def _as_toml(value: Any) -> str:
    """As it could stand in the settings."""
    if isinstance(value, dict) and value and set(value.values()) == {None}:
        value = list(value)  # formats without a place of their own
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_as_toml(one)}' for name, one in value.items() if one is not None)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_as_toml, value))}]"
    return json.dumps(value if isinstance(value, str | int | float | bool) else str(value), ensure_ascii=False)


def write_job(name: str) -> None:
    """Write one, and say how to try it."""
    file = sample.append(here(), name)
    say(f"written to {plain(str(file))}")
    say(f"try it without a token: orchestra nightly {name} --rehearse")


def _shard(said: str | None) -> Shard | None:
    if said is None:
        return None
    found = _SHARD.fullmatch(said.strip())
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"{said!r} is no part of a whole.", next_step="Say it like --shard 2/5.")
    return Shard(number=int(found[1]), of=int(found[2]))


# ── the summary ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _line(end: JobEnd) -> tuple[str, ...]:
    """Its name, how it ended, what is new, what was paid, the gate, where the report is."""
    if end.run is None or end.state == State.FAILED:
        why = " ".join(filter(None, (end.why, f"({end.where})" if end.where else "", end.next_step)))
        return end.job, end.state, one_line("; ".join(filter(None, (why, *end.problems))), 600)
    told = [end.report, *end.problems]
    taken_up = " (taken up)" if end.resumed else ""
    return (
        end.job,
        f"{end.state}{taken_up}",
        _findings(end),
        f"{end.paid:,} of {end.asked:,} workers paid",
        f"{end.tokens:,} tokens",
        _gate(end),
        one_line("; ".join(filter(None, told)), 600),
    )


def _findings(end: JobEnd) -> str:
    if end.changes is None:
        return f"{end.open:,} open"
    told = {name.replace("_", " "): count for name, count in end.changes.model_dump().items()}
    always = ("new", "gone", "still")
    words = {"still": "still there"}
    return ", ".join(f"{count:,} {words.get(name, name)}" for name, count in told.items() if count or name in always)


def _gate(end: JobEnd) -> str:
    if end.gate == "never":
        return "no gate"
    if end.failing:
        return f"gate {end.gate} failed by {counted_as(len(end.failing), 'finding')}"
    if not end.answered:
        return f"gate {end.gate} not judged, nobody {'answered' if end.asked else 'was asked'}"
    missing = f", as far as {end.answered:,} of {end.asked:,} answered" * (end.answered < end.asked)
    return f"gate {end.gate} passed{missing}"


def _named(end: JobEnd) -> list[str]:
    """What failed its gate, a line each: the id that other commands take, and the title, cut where the line ends."""
    if not end.failing:
        return []
    from orchestra.cli.picture import cell  # it loads rich, and most nights have nothing to name

    named, more = end.failing[:NAMED], len(end.failing) - NAMED
    longest = max(len(one.severity) for one in named)
    lines = []
    for one in named:
        head = f"    {one.id}  {one.severity:<{longest}}  "
        lines.append(head + cell(no_command(one.title), max(width() - len(head), 10)).rstrip())
    return [*lines, f"    and {more:,} more"] if more > 0 else lines


def _print_table(
    rows: Sequence[tuple[str, ...]], head: tuple[str, ...] | None = None, below: Sequence[Sequence[str]] | None = None
) -> None:
    """A line for each, and what belongs below it.

    At a terminal that is too narrow for the line, all but the name and the state stands below it, too.
    """
    lines = _columns([*([head] if head else []), *rows])
    below = below or [()] * len(rows)
    if sys.stdout.isatty() and max(map(len, lines)) > width():
        # A night under a timer has no use for rich.
        from rich.text import Text

        from orchestra.reports.renderers.terminal import drawn
        from orchestra.reports.renderers.terminal_blocks import Page

        page = Page(width())
        for row, more in zip(rows, below, strict=True):
            page.prose(Text(plain("  ".join(row[:2]))))
            page.prose(Text(plain("  ".join(row[2:]))), indent=4)
            page.lines += map(Text, more)
        print(drawn(page.lines, width(), colour=False), end="")
    else:
        under = [*([()] if head else []), *below]
        print("\n".join(text for line, more in zip(lines, under, strict=True) for text in (line, *more)))


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """As far as the rows have them; the last of each is never padded."""
    widths = [max((len(row[at]) for row in rows if len(row) > at + 1), default=0) for at in range(max(map(len, rows)))]
    padded = [[f"{cell:<{wide}}" for cell, wide in zip(row[:-1], widths, strict=False)] for row in rows]
    return [plain("  ".join([*cells, row[-1]]).rstrip()) for cells, row in zip(padded, rows, strict=True)]


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _row(job: Job, past: Sequence[Past]) -> tuple[str, ...]:
    last = past[0] if past else None
    seconds = (datetime.now(UTC) - last.started).total_seconds() if last and last.started else None
    return (
        job.name,
        job.terms.pattern if job.trouble is None else "?",
        _state(job, last),
        "-" if seconds is None else age(seconds),
        last.folder.id if last else "-",
        one_line(_next(job, last), 300),
    )


def _state(job: Job, last: Past | None) -> str:
    if job.trouble is not None:
        return "wrong"
    return str(last.state) if last else "never run"


def _next(job: Job, last: Past | None) -> str:
    """What to do now."""
    if job.trouble is not None:
        return f"{job.trouble.what} ({job.trouble.where})"
    if last is None:
        return f"orchestra nightly {job.name}"
    if last.state is RunState.INTERRUPTED:
        return f"Its process is gone; orchestra nightly {job.name} takes it up."
    if last.state is RunState.RUNNING:
        return f"orchestra attach {last.folder.id}"
    return last.next_step


def _job_in_json(job: Job, past: Sequence[Past]) -> dict[str, Any]:
    last = past[0] if past else None
    return {
        "job": job.name,
        "where": job.where,
        "state": _state(job, last),
        "next_step": _next(job, last),
        "last_run": _past_in_json(last) if last else None,
        "trouble": job.trouble.what if job.trouble else None,
        "terms": job.terms.model_dump(mode="json"),
        "inputs": dict(job.inputs),
        "settings": dict(job.settings),
    }


def _past_in_json(run: Past) -> dict[str, Any]:
    return {
        "run": run.folder.id,
        "state": run.state,
        "started": run.started.isoformat() if run.started else None,
        "rehearsed": run.rehearsed,
    }
