"""What a run would do: its prompts, its commands, and what depends on answers. Nothing is started or kept."""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from orchestra.brief.context_pack import ContextPack
from orchestra.brief.target import Target
from orchestra.crew.crew import Crew
from orchestra.crew.deciding import Deciding
from orchestra.crew.planning import Plan, PlannedWorker, Planning, Unwritten, play
from orchestra.workers.engines.base import Engine
from orchestra.workers.task import AttemptFolder, WorkerTask

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
    prompt_limit: int | None,
    context: ContextPack,
) -> Plan:
    """Play the pattern as far as it gets without an answer; whatever it refuses, it refuses here."""
    target = next((value for value in inputs.values() if isinstance(value, Target)), None)
    journal = Unwritten()
    planning = Planning(
        project=project,
        root=target.root if target else project,
        prompt_limit=prompt_limit,
        context=context.render(),
    )
    crew = Crew(
        run=RUN,
        pattern=pattern,
        asked=asked,
        steps=steps,
        asking=planning,
        journal=journal,
        deciding=Deciding(journal),
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
    """The plan with the command of every worker. An engine writes files beside it; they are thrown away."""
    with tempfile.TemporaryDirectory(prefix="orchestra-plan-") as folder:
        place = Path(folder)
        shown = f"{project}/.orchestra/runs/{RUN}"

        def command(worker: PlannedWorker) -> PlannedWorker:
            task = WorkerTask(
                label=worker.label,
                run=RUN,
                prompt=worker.prompt,
                folder=AttemptFolder(place / "workers" / worker.label / "attempt-1").path,
                cwd=worker.cwd,
                scope=worker.scope,
                model=model,
                effort=effort,
                answer_schema=worker.answer_schema,
                web_search=worker.web_search,
            )
            argv = tuple(word.replace(folder, shown) for word in engine.command(task).argv)
            return worker.model_copy(update={"command": argv})

        return plan.model_copy(update={"workers": tuple(command(worker) for worker in plan.workers)})


def _after(step: str, steps: tuple[str, ...], workers: list[PlannedWorker]) -> tuple[str, ...]:
    """The steps after the last whose workers are known."""
    if step not in steps:
        return steps
    known = any(worker.step == step for worker in workers)
    return steps[steps.index(step) + known :]
