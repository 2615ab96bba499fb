"""The face of orchestra for programs: start a pattern, wait for its report, look at a run, resume it."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from shutil import rmtree
from typing import Any, Unpack

from pydantic import ValidationError

import orchestra
from orchestra.crew import run_folder, runs
from orchestra.crew.events import Kind, now
from orchestra.crew.journal import Journal, last_number
from orchestra.crew.lineage import Lineage
from orchestra.crew.owner import Owner
from orchestra.crew.planning import Plan
from orchestra.crew.run import AsyncRun, Run
from orchestra.crew.run_folder import Lock, RunFolder, RunRecord
from orchestra.errors import NestedRun, StateUnusable, UnknownName
from orchestra.patterns import catalogue, inputs
from orchestra.patterns.calls import Lenses, Names, OfATarget, OfFix, OfOptions, OfReview, Options
from orchestra.patterns.catalogue import Pattern
from orchestra.patterns.prepared import Prepared as Prepared
from orchestra.patterns.prepared import prepare as prepare
from orchestra.rehearsal import Rehearsal
from orchestra.reports.report import Report
from orchestra.settings import Settings, Sourced, project_root
from orchestra.usage import Usage
from orchestra.workers import capacity
from orchestra.workers.engines import catalogue as engines
from orchestra.workers.engines.base import Engine
from orchestra.workers.engines.environment import KEYS

Begun = tuple[Callable[[], Owner], RunFolder, Callable[[], None]]
"""Makes the owner, where the run lies, and what closes everything afterwards."""
LEARNT_FROM = 10
"""Earlier runs a budget looks at."""


def review(target: Names, *, lenses: Lenses | None = None, **options: Unpack[OfReview]) -> Report:
    """Review files and folders through several lenses; blocks until the report is there.

    `options` are further inputs of the pattern (`verify="high"`, `curate=True`, `base="main"`), settings by name
    (`model="..."`, `at_once=2`), `context=` a Context Pack, its file or its values, and `rehearse=True`.
    """
    return start("review", target=target, lenses=lenses, **options).wait()


def fix(target: Names | None = None, *, from_run: str | None = None, **options: Unpack[OfFix]) -> Report:
    """Review, have one writer mend the worst findings in a tree of its own, and verify; or mend those of a run.

    `only=[...]` names findings by their ids, `top=` says how many of the first, `rounds=` how often there is a try.
    With `only` and no run the findings are those of the newest run that has any.
    """
    newest = "last" if options.get("only") else None
    return start("fix", target=target, from_run=from_run or newest, **options).wait()


def act(goal: str, *, new: str | None = None, **options: Unpack[Options]) -> Report:
    """Scout, write and verify until the goal is reached; what is to be made goes to `new`, where that is said."""
    return start("act", goal=goal, new=new, **options).wait()


def split(target: Names, *, task: str, write: bool = False, **options: Unpack[OfATarget]) -> Report:
    """One task for every section of the target at once, and one result."""
    return start("split", target=target, task=task, write=write, **options).wait()


def research(question: str, *, angles: Sequence[str] | None = None, **options: Unpack[Options]) -> Report:
    """Researchers by angle, and one brief in which every claim cites a source."""
    return start("research", question=question, angles=angles, **options).wait()


def options(question: str, *, count: int | None = None, **options: Unpack[OfOptions]) -> Report:
    """Options from different stances, scored by `criteria`; one is chosen and refined."""
    return start("options", question=question, count=count, **options).wait()


async def review_async(target: Names, *, lenses: Lenses | None = None, **options: Unpack[OfReview]) -> Report:
    """The same as `review` on a running event loop; for the other patterns use `run_async`."""
    return await run_async("review", target=target, lenses=lenses, **options)


async def run_async(pattern: str | Callable[..., Any], **given: Any) -> Report:
    """Run any pattern on a running event loop and await its report."""
    async with open_run(pattern, **given) as run:
        return await run.wait()


def start(pattern: str | Callable[..., Any], **given: Any) -> Run:
    """Start a pattern and return a handle at once: `poll()`, `wait(timeout)`, `stop()`, `report()`."""
    return Run(*_prepared(pattern, given))


def begin(ready: Prepared) -> Run:
    """Start what `prepare` made ready; it is not read and checked a second time."""
    return Run(*_ready_begun(ready))


def open_run(pattern: str | Callable[..., Any], **given: Any) -> AsyncRun:
    """The same for asynchronous code: `async with open_run("review", target="src/") as run: await run.wait()`."""
    return AsyncRun(*_prepared(pattern, given))


def resume(
    run: str | Path = "last",
    *,
    at_once: int | None = None,
    max_tokens: int | None = None,
    project: Path | None = None,
    person: bool = False,
    ending: bool = False,
) -> Run:
    """Take up a run that was stopped, interrupted or out of budget. Sealed answers are not asked again.

    `at_once` and `max_tokens` may be others than the run began with: neither decides an answer. `ending` starts
    nobody: what was finished is sealed, and the run ends as one that was stopped.
    """
    changed = {"at_once": at_once, "max_tokens": max_tokens}
    return Run(*_taken_up(find(run, project=project), person=person, changed=changed, ending=ending))


def own(folder: RunFolder, lock: Lock) -> Run:
    """Take up a run whose lock another process handed over: the owner behind `--detach`."""
    return Run(*_taken_up(folder, lock))


def retry(run: str | Path, worker: str, note: str = "", *, project: Path | None = None) -> Run:
    """Ask one worker of a run that ended again, with a note in its prompt; the old attempt is kept.

    Whatever was built on the old answer is asked again too; everything else is not paid twice.
    """
    folder = find(run, project=project)
    if worker not in folder.labels():
        raise UnknownName("worker", worker, folder.labels())
    lock = folder.lock()
    try:
        begun = _taken_up(folder, lock)
        ask_again(folder, worker, note)
    except BaseException:
        lock.release()
        raise
    return Run(*begun)


def ask_again(folder: RunFolder, worker: str, note: str) -> None:
    """Write down that a worker is to be asked again; for whoever holds the run's lock, before the run is taken up."""
    _write_down(folder, Kind.RETRY, worker=worker, text=note)


def going_on(folder: RunFolder) -> None:
    """Write down that a run is taken up; for whoever holds its lock and hands it to another process."""
    _write_down(folder, Kind.RUN_RESUMED)


def find(run: str | Path = "last", *, project: Path | None = None) -> RunFolder:
    """The folder of a run: by its id, a unique part of it, `last`, or its path."""
    if isinstance(run, Path):
        return RunFolder(run.absolute())
    return runs.find(project or project_root(Path.cwd()), run)


def plan(pattern: str | Callable[..., Any], **given: Any) -> Plan:
    """What a run would do: each prompt and command that can be known before anybody answered. Nothing is started."""
    ready = prepare(pattern, given)
    return ready.with_commands(_engine_to_look_at(ready.settings, ready.rehearse))


def check(settings: Sourced, rehearse: bool) -> None:
    """Raise when no worker could answer here; starts nothing that stays."""
    _engine_to_look_at(settings, rehearse).check()


def _engine_to_look_at(settings: Sourced, rehearse: bool) -> Engine:
    # A rehearsal needs a codex and no login: any key says that the model is asked elsewhere.
    played = {KEYS[0]: "rehearsal"} if rehearse else {}
    return engines.engine(settings, {**os.environ, **played})


def _prepared(pattern: str | Callable[..., Any], given: Mapping[str, Any]) -> Begun:
    said = dict(given)
    person = bool(said.pop("person", False))
    return _ready_begun(prepare(pattern, said), person)


def _ready_begun(ready: Prepared, person: bool = False) -> Begun:
    return _begun(
        lambda: create(ready), ready.pattern, ready.inputs, ready.settings, ready.rehearse, ready.lineage, person=person
    )


def create(ready: Prepared) -> RunFolder:
    """Make the run's folder and write down what was asked."""
    folder = runs.create(ready.project, ready.pattern.name)
    record = RunRecord(
        id=folder.id,
        pattern=ready.pattern.name,
        function=ready.pattern.path,
        inputs=inputs.to_json(ready.inputs, ready.project),
        settings=ready.settings.values.model_dump(mode="json"),
        origins=ready.settings.origins,
        context=ready.context,
        rules=ready.rules,
        rehearse=ready.rehearse,
        lineage=ready.lineage,
        asked=ready.asked,
        versions={"orchestra": orchestra.__version__, "python": platform.python_version()},
        started=now(),
    )
    try:
        if ready.rules is not None:
            ready.rules.lay(folder.laid_rules)
        run_folder.write_whole(folder.record_file, record.model_dump_json(indent=1), sync=True)
    except OSError as error:
        rmtree(folder.path, ignore_errors=True)  # a folder without a record is no run, and nobody could remove it
        raise StateUnusable(f"The run could not be begun: {error.strerror or error}.", where=folder.path) from error
    return folder


def _write_down(folder: RunFolder, kind: Kind, **facts: Any) -> None:
    with closing(Journal(folder.events, lambda event: None, last=last_number(folder.events))) as journal:
        journal.write(kind, **facts)


def _taken_up(
    folder: RunFolder,
    lock: Lock | None = None,
    person: bool = False,
    changed: Mapping[str, Any] | None = None,
    ending: bool = False,
) -> Begun:
    if os.environ.get("ORCHESTRA_WORKER"):
        raise NestedRun
    record = folder.record()
    pattern = catalogue.load(record.function)
    others = {name: value for name, value in (changed or {}).items() if value is not None}
    settings = Sourced(values=Settings.model_validate(record.settings | others), origins=record.origins)
    read = inputs.from_json(pattern, record.inputs, folder.project)
    return _begun(
        lambda: folder,
        pattern,
        read,
        settings,
        record.rehearse,
        record.lineage,
        lock=lock,
        person=person,
        ending=ending,
    )


def _begun(
    folder_of: Callable[[], RunFolder],
    pattern: Pattern,
    read: dict[str, Any],
    settings: Sourced,
    rehearse: bool,
    lineage: Lineage,
    *,
    lock: Lock | None = None,
    person: bool = False,
    ending: bool = False,
) -> Begun:
    """What a handle needs, once it is sure that workers could answer; before that nothing is written."""
    with ExitStack() as leaving:
        environ = dict(os.environ)
        if rehearse and not lineage.only_reuse:
            environ |= leaving.enter_context(Rehearsal()).environment
        engine = engines.engine(settings, environ)
        if not lineage.only_reuse:  # it starts nobody, so nobody need be there who could answer
            engine.check()
            capacity.ensure(settings.values.at_once, memory_each=engine.memory)
        folder = folder_of()

        def owner() -> Owner:
            return Owner(
                folder=folder,
                record=folder.record(),
                function=pattern.function,
                steps=pattern.plan(read),
                inputs=read,
                settings=settings.values,
                engine=engine,
                earlier=_earlier(folder) if settings.values.max_tokens else [],
                lock=lock,
                person=person,
                ending=ending,
            )

        return owner, folder, leaving.pop_all().close


def _earlier(folder: RunFolder) -> list[tuple[str, Usage]]:
    """What workers of each role used in the last runs of the project: what a budget learns from."""
    reports = [run.report for run in runs.all_runs(folder.project) if run.id < folder.id][-LEARNT_FROM:]
    found = []
    for file in reports:
        with suppress(OSError, ValidationError):
            lines = Report.model_validate_json(file.read_bytes()).workers
            found += [(line.role, line.usage) for line in lines if line.usage]
    return found
