"""What a run would do: its prompts, its commands, and what depends on answers. Nothing is started or kept."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from orchestra.brief.context_pack import ContextPack
from orchestra.brief.target import Target
from orchestra.crew.crew import Crew
from orchestra.crew.deciding import Deciding
from orchestra.crew.planning import Plan, PlannedWorker, Planning, Unwritten, play
from orchestra.errors import EngineMissing
from orchestra.workers.engines.base import Engine
from orchestra.workers.task import WorkerTask

RUN = "RUN"
"""Stands for the id of the run there is not."""


def plan(
    *,
    pattern: str,
    asked: str,
    function: Callable[..., Awaitable[Any]],
    steps: tuple[str, ...],
    inputs: Mapping[str, Any],
    project: Path,
    rules: Path,
    prompt_limit: int | None,
    context: ContextPack,
) -> Plan:
    """Play the pattern as far as it gets without an answer; whatever it refuses, it refuses here."""
    target = next((value for value in inputs.values() if isinstance(value, Target)), None)
    journal = Unwritten()
    root = target.root if target else project
    planning = Planning(rules=rules, root=root, prompt_limit=prompt_limit, context=context.render())
    crew = Crew(
        run=RUN,
        pattern=pattern,
        asked=asked,
        steps=steps,
        asking=planning,
        journal=journal,
        deciding=Deciding(journal),
        root=root,
        context=context,
        target=target,
    )
    play(lambda: function(crew, **inputs))
    return Plan(
        pattern=pattern,
        asked=asked,
        steps=steps,
        workers=tuple(planning.workers),
        depends=_after(journal.step, steps, planning.workers),
    )


def with_commands(plan: Plan, engine: Engine, project: Path, model: str | None, effort: str | None) -> Plan:
    """The plan with the command of every worker, in the folder of a run that is never made.

    The rest of it is known without the program they would run.
    """
    workers = project / ".orchestra/runs" / RUN / "workers"

    def command(worker: PlannedWorker) -> PlannedWorker:
        task = WorkerTask(
            label=worker.label,
            run=RUN,
            prompt=worker.prompt,
            folder=workers / worker.label / "attempt-1",
            cwd=worker.cwd,
            scope=worker.scope,
            model=model,
            effort=effort,
            answer_schema=worker.answer_schema,
            web_search=worker.web_search,
        )
        return worker.model_copy(update={"command": engine.command_line(task)})

    try:
        return plan.model_copy(update={"workers": tuple(command(worker) for worker in plan.workers)})
    except EngineMissing as missing:
        return plan.model_copy(update={"no_commands": f"{missing.what} {missing.next_step}"})


def _after(step: str, steps: tuple[str, ...], workers: list[PlannedWorker]) -> tuple[str, ...]:
    """The steps after the last whose workers are known."""
    if step not in steps:
        return steps
    known = any(worker.step == step for worker in workers)
    return steps[steps.index(step) + known :]
