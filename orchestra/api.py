"""The face of orchestra for programs: start a pattern, wait for its report, look at a run, resume it."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

import orchestra
from orchestra.crew import run_folder, runs
from orchestra.crew.events import Kind, now
from orchestra.crew.journal import Journal, last_number
from orchestra.crew.owner import Owner
from orchestra.crew.run import AsyncRun, Run
from orchestra.crew.run_folder import Lock, RunFolder, RunRecord
from orchestra.errors import NestedRun, UnknownName, UsageError
from orchestra.outcome import Usage
from orchestra.patterns import catalogue, inputs
from orchestra.patterns.catalogue import Pattern
from orchestra.rehearsal import Rehearsal
from orchestra.reports.report import Report
from orchestra.settings import Settings, Sourced, load, project_root
from orchestra.workers import capacity
from orchestra.workers.engines import catalogue as engines
from orchestra.workers.engines.environment import KEYS

Begun = tuple[Callable[[], Owner], RunFolder, Callable[[], None]]
"""Makes the owner, where the run lies, and what closes everything afterwards."""
LEARNT_FROM = 10
"""Earlier runs a budget looks at."""
SETTINGS = tuple(Settings.model_fields)
"""What every call that starts a run takes besides the pattern's own inputs, and `rehearse` and `start`."""


def review(target: str | Path | Sequence[str | Path], *, lenses: Any = None, **options: Any) -> Report:
    """Review files and folders through several lenses; blocks until the report is there.

    `options` are settings by name (`model="..."`, `at_once=2`) and `rehearse=True`.
    """
    return start("review", target=target, lenses=lenses, **options).wait()


async def review_async(target: str | Path | Sequence[str | Path], *, lenses: Any = None, **options: Any) -> Report:
    """The same on a running event loop."""
    async with open_run("review", target=target, lenses=lenses, **options) as run:
        return await run.wait()


def start(pattern: str | Callable[..., Any], **given: Any) -> Run:
    """Start a pattern and return a handle at once: `poll()`, `wait(timeout)`, `stop()`, `report()`."""
    return Run(*_prepared(pattern, given))


def open_run(pattern: str | Callable[..., Any], **given: Any) -> AsyncRun:
    """The same for asynchronous code: `async with open_run("review", target="src/") as run: await run.wait()`."""
    return AsyncRun(*_prepared(pattern, given))


def resume(run: str | Path = "last", *, project: Path | None = None) -> Run:
    """Take up a run that was stopped or interrupted. Sealed answers are not asked again."""
    return Run(*_taken_up(find(run, project=project)))


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
        with closing(Journal(folder.events, lambda event: None, last=last_number(folder.events))) as journal:
            journal.write(Kind.RETRY, worker=worker, text=note)
    finally:
        lock.release()
    return Run(*_taken_up(folder))


def find(run: str | Path = "last", *, project: Path | None = None) -> RunFolder:
    """The folder of a run: by its id, a unique part of it, `last`, or its path."""
    if isinstance(run, Path):
        return RunFolder(run.absolute())
    return runs.find(project or project_root(Path.cwd()), run)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that could begin: everything is read, checked and found; nothing is started, nothing is written."""

    pattern: Pattern
    inputs: dict[str, Any]
    settings: Sourced
    project: Path
    rehearse: bool
    asked: str


def prepare(pattern: str | Callable[..., Any], given: Mapping[str, Any]) -> Prepared:
    """Read what was said: which pattern, its inputs, the settings."""
    if os.environ.get("ORCHESTRA_WORKER"):
        raise NestedRun
    said = dict(given)
    where = Path(said.pop("start", None) or Path.cwd()).resolve()
    rehearse = bool(said.pop("rehearse", False))
    project = project_root(where)
    found = catalogue.find(pattern) if isinstance(pattern, str) else catalogue.of_function(pattern)
    settings = load(project, {name: said.pop(name, None) for name in SETTINGS})
    if rehearse and settings.values.engine != "codex":
        raise UsageError(f"A rehearsal plays the model of codex; the engine {settings.values.engine!r} has none.")
    read = inputs.read(found, said, start=where, project=project)
    return Prepared(found, read, settings, project, rehearse, inputs.in_words(found, read))


def check(settings: Sourced, rehearse: bool) -> None:
    """Raise when no worker could answer here; starts nothing that stays."""
    # A rehearsal needs a codex and no login: any key says that the model is asked elsewhere.
    played = {KEYS[0]: "rehearsal"} if rehearse else {}
    engines.engine(settings, {**os.environ, **played}).check()


def _prepared(pattern: str | Callable[..., Any], given: Mapping[str, Any]) -> Begun:
    ready = prepare(pattern, given)
    return _begun(lambda: create(ready), ready.pattern, ready.inputs, ready.settings, ready.rehearse)


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
        rehearse=ready.rehearse,
        asked=ready.asked,
        versions={"orchestra": orchestra.__version__, "python": platform.python_version()},
        started=now(),
    )
    run_folder.write_whole(folder.record_file, record.model_dump_json(indent=1), sync=True)
    return folder


def _taken_up(folder: RunFolder, lock: Lock | None = None) -> Begun:
    if os.environ.get("ORCHESTRA_WORKER"):
        raise NestedRun
    record = folder.record()
    pattern = catalogue.load(record.function)
    settings = Sourced(values=Settings.model_validate(record.settings), origins=record.origins)
    read = inputs.from_json(pattern, record.inputs, folder.project)
    return _begun(lambda: folder, pattern, read, settings, record.rehearse, lock)


def _begun(
    folder_of: Callable[[], RunFolder],
    pattern: Pattern,
    read: dict[str, Any],
    settings: Sourced,
    rehearse: bool,
    lock: Lock | None = None,
) -> Begun:
    """What a handle needs, once it is sure that workers could answer; before that nothing is written."""
    with ExitStack() as leaving:
        environ = dict(os.environ)
        if rehearse:
            environ |= leaving.enter_context(Rehearsal()).environment
        engine = engines.engine(settings, environ)
        engine.check()
        capacity.ensure(settings.values.at_once, memory_each=engine.memory)
        folder = folder_of()

        def owner() -> Owner:
            return Owner(
                folder=folder,
                record=folder.record(),
                function=pattern.function,
                steps=pattern.steps,
                inputs=read,
                settings=settings.values,
                engine=engine,
                earlier=_earlier(folder) if settings.values.max_tokens else [],
                lock=lock,
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
