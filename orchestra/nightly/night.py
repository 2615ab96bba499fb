"""A night: jobs one after the other, under one budget. One that fails does not stop the next."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from orchestra import api
from orchestra.crew import runs
from orchestra.crew.events import Event, Kind
from orchestra.crew.lineage import Lineage, Shard
from orchestra.crew.owner import events_of
from orchestra.crew.run import Run
from orchestra.crew.run_folder import RunRecord
from orchestra.crew.status import RunState
from orchestra.errors import OrchestraError, UsageError
from orchestra.nightly import outputs
from orchestra.nightly.job import Job
from orchestra.nightly.keeping import keep
from orchestra.nightly.past import LeftAlone, Past, alike, alone, facts_of, has_report, refuse_running, runs_of_job
from orchestra.nightly.tale import JobEnd, State, told
from orchestra.patterns import inputs
from orchestra.patterns.begun import begun
from orchestra.patterns.prepared import Prepared, prepare
from orchestra.reports.gate import exit_code
from orchestra.reports.report import Report
from orchestra.settings import load
from orchestra.value import Value

WORST_FIRST = (130, 2, 3, 4, 5, 1, 0)
"""Exit codes, as they win over each other when several hold."""
_DECIDES_NOTHING = ("at_once", "max_tokens", "deadlines")
"""Settings that may be others when a run is taken up: no answer depends on them."""


class Said(Value):
    """What the night was told; it wins over what the jobs say."""

    fresh: bool = False
    since: str | None = None
    shard: Shard | None = None
    max_tokens: int | None = None
    """All jobs together."""
    rehearse: bool = False
    fail_on: str | None = None


class Watcher(Protocol):
    """Whoever started the night."""

    def follow(self, run: Run) -> Report:
        """See a run through to its report; raises the run's own error."""

    def say(self, text: str) -> None:
        """A line about what goes on."""

    def failed(self, error: Exception) -> None:
        """A job has no report; what it was is told in the summary, too."""

    @property
    def stops(self) -> int:
        """How often somebody asked for the end: once is orderly, twice is at once."""


def night(project: Path, jobs: Sequence[Job], said: Said, watcher: Watcher) -> list[JobEnd]:
    """Run them; how each ended comes back, whatever happened."""
    left = said.max_tokens or load(project).values.max_tokens
    ends = []
    for job in jobs:
        if watcher.stops:
            ends.append(JobEnd(job=job.name, state=State.NOT_RUN, exit_code=130, why="the night was ended before it"))
            continue
        watcher.say(f"job {job.name}")
        end = _one(project, job, said, left, watcher)
        if left is not None:
            left = max(0, left - end.tokens)
        ends.append(end)
    return ends


def worst(codes: Sequence[int]) -> int:
    """The exit code of them all."""
    return next((code for code in WORST_FIRST if code in codes), max(codes, default=0))


def _one(project: Path, job: Job, said: Said, left: int | None, watcher: Watcher) -> JobEnd:
    if job.trouble is not None:
        return _failed(job, job.trouble, watcher)
    try:
        with alone(project, job.name, said.shard):
            end, report = _run(project, job, said, left, watcher)
            end = outputs.after(project, job, end, report, watcher)
            return keep(project, job, end)
    except LeftAlone as error:
        return JobEnd(job=job.name, state=State.LEFT_ALONE, why=error.what)
    except Exception as error:  # on a full disk there is not even a lock; who is to be told hears of it all the same
        return outputs.after(project, job, _failed(job, error, watcher), None, watcher)


def _run(project: Path, job: Job, said: Said, left: int | None, watcher: Watcher) -> tuple[JobEnd, Report | None]:
    """The job's run of this night: the one that was interrupted, or a new one."""
    run, before = None, 0
    try:
        past = alike(runs_of_job(project, job.name), rehearsed=said.rehearse, shard=said.shard)
        refuse_running(past)
        gate = job.gate(said.fail_on)
        ready = _ready(project, job, said, left)
        run, before = _begun(project, past, ready, watcher)
        with suppress(OSError):
            run.folder.untold.touch(mode=0o600)
        report = watcher.follow(run)
        paid = _paid(run.events(before))
        return told(job, run, report, gate, exit_code(report, gate), paid, resumed=before > 0), report
    except LeftAlone:
        raise
    except Exception as error:
        end = _failed(job, error, watcher)
        spent = {"run": run.id, "tokens": sum(_paid(run.events(before)).values())} if run else {}
        return end.model_copy(update=spent), None


def _ready(project: Path, job: Job, said: Said, left: int | None) -> Prepared:
    """The run as it would be begun now; what it was refused for names the job's place in the settings."""
    given = job.given(project, said.fail_on)
    limits = [limit for limit in (job.settings.get("max_tokens"), left) if limit is not None]
    # With nothing left, what costs nothing is still done.
    given |= {"max_tokens": max(1, min(limits))} if limits else {}
    given |= {"rehearse": said.rehearse, "lineage": _lineage(project, job, said)}
    try:
        return prepare(job.terms.pattern, given)
    except UsageError as error:
        if error.where is None:
            error.where = job.where
        raise


def _lineage(project: Path, job: Job, said: Said) -> Lineage:
    """What it goes on from: the newest complete run, and the answers of every run there is.

    Also of one that did not get all it asked for: a sealed answer is a whole answer, and it is paid.
    """
    past = [run for run in runs_of_job(project, job.name) if run.rehearsed is said.rehearse]
    since = said.since or job.terms.since or "last"
    # What is new has to be told once, so what nobody was told of is still new.
    bases = [run.folder for run in past if run.is_base and run.told]
    # A disk that lost the newest report has older ones, and they tell the same.
    newest = next((folder.id for folder in bases if has_report(folder)), bases[0].id if bases else None)
    reuse = [run.folder.id for run in past]
    if since == "last":
        base = newest
    else:
        folder = runs.find(project, since)
        base = folder.id
        known = facts_of(folder.record_file)
        # Of another job too: whoever renames one names its last run, and has paid for its answers.
        if base not in reuse and known is not None and known.rehearse is said.rehearse:
            reuse.append(base)
    fresh = said.fresh or job.terms.fresh
    return Lineage(
        job=job.name,
        since=base,
        reuse=() if fresh else tuple(reuse),
        max_reuse_age=job.terms.max_reuse_age,
        shard=said.shard,
    )


def _begun(project: Path, past: Sequence[Past], ready: Prepared, watcher: Watcher) -> tuple[Run, int]:
    """The run of this night, and the number of its last event before it.

    What was interrupted is taken up first. If the same would be asked today, its report is that of this night.
    Otherwise what its workers had finished is sealed and it ends; a new run finds those answers, and asks the rest
    of what lies there now: nobody is paid for a look at what is no more.
    """
    left = next((run for run in past if run.state is RunState.INTERRUPTED or run.is_base), None)
    if left is not None and left.state is RunState.INTERRUPTED:
        try:
            same = _asks_the_same(left.folder.record(), ready)
            values = ready.settings.values
            most = values.max_tokens
            log = events_of(left.folder)
            if most is not None:  # a run counts what it used in its earlier lives, and this night did not pay that
                most += sum(_paid(log).values())
            deadlines = values.deadlines.model_dump()
            run = api.resume(
                left.folder.path, at_once=values.at_once, max_tokens=most, deadlines=deadlines, ending=not same
            )
            if same:
                watcher.say(f"{run.id} was interrupted and is taken up")
                return run, log[-1].n if log else 0
            run.wait()
            watcher.say(
                f"{run.id} was interrupted and is ended with what was answered: tonight something else is asked"
            )
        except OrchestraError as error:
            if left.folder.owned():
                raise LeftAlone(f"its run {left.folder.id} was taken up by somebody else") from error
            # A run nobody can take up must not stand in the way of every night to come.
            watcher.say(f"{left.folder.id} was interrupted and cannot be taken up: {error.what}")
    return Run(*begun(ready)), 0


def _asks_the_same(record: RunRecord, ready: Prepared) -> bool:
    settings = ready.settings.values.model_dump(mode="json")
    return (
        record.function == ready.pattern.path
        and record.inputs == inputs.to_json(ready.inputs, ready.project)
        and record.context == ready.context
        and (record.rules and record.rules.commit) == (ready.rules and ready.rules.commit)
        and record.lineage.since == ready.lineage.since
        and (bool(ready.lineage.reuse) or not record.lineage.reuse)
        and all(record.settings.get(name) == settings[name] for name in settings if name not in _DECIDES_NOTHING)
    )


def _paid(events: Iterable[Event]) -> dict[str, int]:
    """Worker -> the tokens of all its attempts; who was not started, or answered before, is not in it."""
    paid: dict[str, int] = {}
    for event in events:
        if event.kind is Kind.ENDED and event.worker and event.attempt is not None:
            paid[event.worker] = paid.get(event.worker, 0) + (event.usage.total if event.usage else 0)
    return paid


def _failed(job: Job, error: Exception, watcher: Watcher) -> JobEnd:
    watcher.failed(error)
    if isinstance(error, OrchestraError):
        next_step, where = error.next_step or "", str(error.where or "")
        return JobEnd(
            job=job.name,
            state=State.FAILED,
            exit_code=error.exit_code,
            why=error.what,
            where=where,
            next_step=next_step,
        )
    if isinstance(error, OSError):
        return JobEnd(job=job.name, state=State.FAILED, exit_code=3, why=f"{error}.")
    why = f"{type(error).__name__}: {error}. This is a mistake in orchestra or in a pattern."
    return JobEnd(
        job=job.name,
        state=State.FAILED,
        exit_code=3,
        why=why,
        next_step=f"`orchestra --debug nightly {job.name}` shows where.",
    )
