"""Several runs that shared the asks of one become one report, as if it had been one run."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestra.brief.rules import Rules
from orchestra.crew import runs
from orchestra.crew.lineage import Lineage
from orchestra.crew.planning import Plan
from orchestra.crew.run import Run
from orchestra.crew.run_folder import RunFolder, RunRecord
from orchestra.crew.status import RunState
from orchestra.crew.view import Watch
from orchestra.errors import UsageError
from orchestra.patterns import catalogue, inputs
from orchestra.patterns.begun import begun
from orchestra.patterns.prepared import Prepared
from orchestra.settings import Settings, Sourced, project_root

DECIDES = ("engine", "model", "effort")
"""Settings that are part of every key."""
_OF_A_TARGET = ("files", "compared", "given")
"""What of a target decides the answers; where it lay and what was left out does not."""
NAMED = 3
"""Files a sentence names."""


def merge_runs(said: Sequence[str | Path], *, ask: bool = False, project: Path | None = None) -> Run:
    """Play the pattern of these runs once more, with their answers: a new run, which makes their one report.

    It starts nobody; what none of the runs answered stands in the report as that. With `ask` that is asked: what later
    steps ask depends on the answers of all of them, such as whether findings can be refuted.
    """
    root = project or project_root(Path.cwd())
    folders = list({folder.id: folder for folder in (runs.find(root, run) for run in said)}.values())
    records = [folder.record() for folder in folders]
    if not records:
        raise UsageError("There is nothing to merge.", next_step="Name the runs of all shards.")
    for folder, record in zip(folders, records, strict=True):
        if Watch(folder).look().state is RunState.RUNNING:
            raise UsageError(
                f"{folder.id} is still running.", next_step=f"Wait for it first: `orchestra wait {folder.id}`."
            )
        if unlike := next(differences(records[0], record), None):
            raise UsageError(
                f"{folder.id} was not asked the same as {folders[0].id}: {unlike}.",
                next_step="Merge the shards of one job over one state of the files.",
            )
    return Run(*begun(_once_more(folders[0], records[0], _lineage(records, ask))))


def missing(runs: Sequence[RunRecord]) -> tuple[str, ...]:
    """The shards that are not among these runs: `3 of 5`."""
    shards = [record.lineage.shard for record in runs if record.lineage.shard]
    there = {shard.number for shard in shards}
    of = max((shard.of for shard in shards), default=0)
    return tuple(f"{number} of {of}" for number in range(1, of + 1) if number not in there)


def differences(one: RunRecord, other: RunRecord) -> Iterator[str]:
    """What was asked differently, in so far as it decides the answers; each in words."""
    if one.function != other.function:
        yield f"its pattern is {other.pattern}, not {one.pattern}"
        return
    if one.rehearse != other.rehearse:
        yield "one of them was rehearsed, the other was not"
    for name in DECIDES:
        mine, its = one.settings.get(name), other.settings.get(name)
        if mine != its:
            yield f"its {name} is {its or 'the usual one'}, not {mine or 'the usual one'}"
        elif name == "engine" and _program(one) != _program(other):
            yield f"the engine {mine} was another program"
    if one.context != other.context:
        yield "its context is another"
    if (one.rules and one.rules.commit) != (other.rules and other.rules.commit):
        yield "its rules are those of another commit"
    for name in {**one.inputs, **other.inputs}:
        yield from _of_input(name, one.inputs.get(name), other.inputs.get(name))


def _of_input(name: str, mine: Any, its: Any) -> Iterator[str]:
    if not (_is_target(mine) and _is_target(its)):
        if mine != its:
            yield f"its {name!r} is {_said(its)}, not {_said(mine)}"
        return
    before, after = ({file["path"]: file["digest"] for file in target["files"]} for target in (mine, its))
    changed = sorted(path for path in {**before, **after} if before.get(path) != after.get(path))
    if changed:
        more = f" and {len(changed) - NAMED:,} more" if len(changed) > NAMED else ""
        yield f"it looked at other contents of {', '.join(changed[:NAMED])}{more}"
    elif any(mine.get(part) != its.get(part) for part in _OF_A_TARGET):
        yield f"its {name} is compared with something else"


def _said(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(one, Mapping) and "name" in one for one in value):
        return ",".join(str(one["name"]) for one in value)
    text = "left out" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _is_target(value: Any) -> bool:
    return isinstance(value, Mapping) and {"root", "files", "asked"} <= value.keys()


def _program(record: RunRecord) -> Any:
    return record.settings.get("engines", {}).get(record.settings.get("engine"))


def _lineage(records: Sequence[RunRecord], ask: bool) -> Lineage:
    first = records[0].lineage
    parts = tuple(record.id for record in records)
    reuse = dict.fromkeys(run for record in records for run in record.lineage.reuse if run not in parts)
    return Lineage(
        job=first.job,
        since=first.since,
        reuse=tuple(reuse),
        max_reuse_age=first.max_reuse_age,
        parts=parts,
        only_reuse=not ask,
    )


def _once_more(folder: RunFolder, record: RunRecord, lineage: Lineage) -> Prepared:
    """The same run as it was asked, of the files as they were then."""
    pattern = catalogue.load(record.function)
    read = inputs.from_json(pattern, record.inputs, folder.project)
    steps = pattern.plan(read)
    return Prepared(
        pattern=pattern,
        inputs=read,
        settings=Sourced(values=Settings.model_validate(record.settings), origins=record.origins),
        context=record.context,
        project=folder.project,
        rules=_laid(folder, record.rules),
        rehearse=record.rehearse,
        lineage=lineage,
        asked=record.asked,
        plan=Plan(pattern=record.pattern, asked=record.asked, steps=steps, workers=(), depends=steps),
    )


def _laid(folder: RunFolder, rules: Rules | None) -> Rules | None:
    """The rules with their files, as they lie in the run's folder."""
    laid = folder.laid_rules
    files = {file.relative_to(laid).as_posix(): file.read_bytes() for file in laid.rglob("*") if file.is_file()}
    return rules.model_copy(update={"files": files}) if rules else None
