"""The patterns there are: orchestra's own, and those other packages bring (entry point `orchestra.patterns`)."""

import importlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from operator import not_
from typing import Any, TypeVar

from orchestra.errors import UnknownName, UsageError
from orchestra.reports.report import Report
from orchestra.settings import Settings

SAID_TO_ALL = (*Settings.model_fields, "context", "rehearse", "start")
"""What every call that starts a run takes besides the pattern's own inputs."""
TAKEN = {*SAID_TO_ALL, "person", "besides", "lineage"}
"""What such a call takes for itself; no pattern can have an input of that name."""

F = TypeVar("F", bound=Callable[..., Awaitable[Report]])

OWN = {
    "review": "orchestra.patterns.triangulated_review:triangulated_review",
    "fix": "orchestra.patterns.review_and_fix:review_and_fix",
    "act": "orchestra.patterns.scout_and_act:scout_and_act",
    "split": "orchestra.patterns.split_and_merge:split_and_merge",
    "research": "orchestra.patterns.research_by_angle:research_by_angle",
    "options": "orchestra.patterns.options_compared:options_compared",
    "ask": "orchestra.patterns.one_ask:one_ask",
}
"""Name -> `module:function`; a further pattern is a file, its prompts, and a line here."""


@dataclass(frozen=True, slots=True)
class Sometimes:
    """A step that takes place only where one of the inputs says so."""

    step: str
    given: str
    """The name of the input."""
    holds: Callable[[Any], bool]
    """Whether there is the step with what was given; None where nothing was."""


def when(given: str, step: str, holds: Callable[[Any], bool] = bool) -> Sometimes:
    """A step of the plan where that input is given, and not false; or where something `holds` of it."""
    return Sometimes(step, given, holds)


def unless(given: str, step: str) -> Sometimes:
    """A step of the plan where that input is not given."""
    return Sometimes(step, given, not_)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A plain async function that asks and returns a report, with its name and its plan."""

    name: str
    steps: tuple[str | Sometimes, ...]
    function: Callable[..., Awaitable[Report]]
    workers: int | None = None
    """How many it has at one time at most, where that is known: no machine need have room for more."""

    def plan(self, inputs: Mapping[str, Any]) -> tuple[str, ...]:
        """The steps there are with these inputs."""
        return tuple(
            step if isinstance(step, str) else step.step
            for step in self.steps
            if isinstance(step, str) or step.holds(inputs.get(step.given))
        )

    @property
    def path(self) -> str:
        """`module:qualname`, as `run.json` names it."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    @property
    def meaning(self) -> str:
        """The first line of its docstring."""
        return (self.function.__doc__ or "").strip().split("\n")[0]


def pattern(name: str, *, steps: tuple[str | Sometimes, ...], workers: int | None = None) -> Callable[[F], F]:
    """Make an async function a pattern, with its name and its plan.

    The name is that of the command line; the plan has 3 to 6 steps of one sentence. A pattern that never has more
    than so many `workers` at one time needs no room for more.

    Example:
        >>> @orchestra.pattern("premortem", steps=("Imagine how it failed",))
        ... async def premortem(crew: orchestra.Crew, plan: orchestra.Target) -> orchestra.Report:
        ...     async with crew.step("Imagine how it failed"):
        ...         return crew.report(answer=await crew.ask(orchestra.Ask(role="user", prompt="How did it fail?")))
        >>> orchestra.start(premortem, plan="PLAN.md").wait().state.value
        'complete'
    """

    def mark(function: F) -> F:
        if taken := sorted(TAKEN & set(inspect.signature(function).parameters)):
            raise UsageError(
                f"The pattern {name!r} has a parameter {taken[0]!r}, which every call takes for itself.",
                next_step="Give it another name.",
            )
        function.__pattern__ = Pattern(name, steps, function, workers)  # type: ignore[attr-defined]  # a function has no slot for it
        return function

    return mark


def of_function(function: Callable[..., Awaitable[Report]]) -> Pattern:
    """The pattern a function was made."""
    found = getattr(function, "__pattern__", None)
    if not isinstance(found, Pattern):
        raise UsageError(f"{function!r} is not a pattern.", next_step="Decorate it with @pattern(NAME, steps=(...)).")
    return found


def find(name: str) -> Pattern:
    """The pattern of that name, one's own before somebody else's."""
    if name in OWN:  # who else brings some need not be asked: that opens a file of every package installed
        return load(OWN[name])
    known = everything()
    if name not in known:
        raise UnknownName("pattern", name, known, next_step="`orchestra patterns` tells what each does.")
    return load(known[name])


def everything() -> dict[str, str]:
    """Name -> `module:function` of every pattern that can be run by name."""
    return {entry.name: entry.value for entry in entry_points(group="orchestra.patterns")} | OWN


def load(path: str) -> Pattern:
    """The pattern at `module:qualname`."""
    module, _, name = path.partition(":")
    if module == "__main__":
        raise UsageError(
            f"The pattern {name!r} lives in a program of its own, so only that program can take up its runs.",
            next_step="Move it into a module that can be imported, or resume the run from that program.",
        )
    try:
        found = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"The pattern {path!r} cannot be loaded: {error}.", next_step="Mend or reinstall the package it comes from."
        ) from error
    return of_function(found)  # type: ignore[arg-type]  # of_function itself refuses what is no pattern
