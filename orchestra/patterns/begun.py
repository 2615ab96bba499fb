"""From a run that could begin, or lies there already, to one that has an owner: its folder, its engine, its record."""

import os
import platform
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from itertools import takewhile
from shutil import rmtree
from typing import Any

from pydantic import ValidationError

from orchestra import __version__
from orchestra.crew import run_folder, runs
from orchestra.crew.events import now
from orchestra.crew.lineage import Lineage
from orchestra.crew.owner import Owner
from orchestra.crew.run_folder import Lock, RunFolder, RunRecord
from orchestra.errors import NestedRun, StateUnusable
from orchestra.patterns import catalogue, inputs
from orchestra.patterns.catalogue import Pattern
from orchestra.patterns.prepared import Prepared
from orchestra.rehearsal import Rehearsal
from orchestra.reports.report import Report
from orchestra.settings import Settings, Sourced
from orchestra.usage import Usage
from orchestra.workers import capacity
from orchestra.workers.engines import catalogue as engines
from orchestra.workers.engines.base import Engine
from orchestra.workers.engines.environment import KEYS

Begun = tuple[Callable[[], Owner], RunFolder, Callable[[], None]]
"""Makes the owner, where the run lies, and what closes everything afterwards."""
LEARNT_FROM = 10
"""Earlier runs a budget looks at."""


def begun(ready: Prepared, person: bool = False) -> Begun:
    """A run that is new."""
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
        versions={"orchestra": __version__, "python": platform.python_version()},
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


def check(settings: Sourced, rehearse: bool) -> None:
    """Raise when no worker could answer here; starts nothing that stays."""
    engine_to_look_at(settings, rehearse).check()


def engine_to_look_at(settings: Sourced, rehearse: bool) -> Engine:
    """The engine as its commands and its state tell of it; it starts nobody."""
    # A rehearsal needs a codex and no login: any key says that the model is asked elsewhere.
    played = {KEYS[0]: "rehearsal"} if rehearse else {}
    return engines.engine(settings, {**os.environ, **played})


def taken_up(
    folder: RunFolder,
    lock: Lock | None = None,
    person: bool = False,
    changed: Mapping[str, Any] | None = None,
    ending: bool = False,
) -> Begun:
    """A run whose folder lies there already."""
    if os.environ.get("ORCHESTRA_WORKER"):
        raise NestedRun
    record = folder.record()
    pattern = catalogue.load(record.function)
    others = {name: value for name, value in (changed or {}).items() if value is not None}
    if "deadlines" in others:  # one of them, and the others stay
        others["deadlines"] = {**record.settings.get("deadlines", {}), **others["deadlines"]}
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
            most = settings.values.at_once
            capacity.ensure(min(most, pattern.workers or most), memory_each=engine.memory)
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
    before = list(takewhile(lambda run: run.id != folder.id, runs.all_runs(folder.project)))
    reports = [run.report for run in before[-LEARNT_FROM:]]
    found = []
    for file in reports:
        with suppress(OSError, ValidationError):
            lines = Report.model_validate_json(file.read_bytes()).workers
            found += [(line.role, line.usage) for line in lines if line.usage]
    return found
