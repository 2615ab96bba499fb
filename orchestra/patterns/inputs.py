"""What a pattern is called with: said as text or plain values, read by its function's types, kept as JSON.

A target is said as names of files, a lens by its name, findings by the run that has them; the rest pydantic reads.
"""

import inspect
import json
import types
import typing
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from orchestra.brief import lenses as lens_book
from orchestra.brief.context_pack import ContextPack
from orchestra.brief.lenses import Lens
from orchestra.brief.place import Place, place
from orchestra.brief.target import Target, target
from orchestra.errors import TargetInvalid, UnknownName, UsageError
from orchestra.findings.curate import Curated
from orchestra.misread import sentence
from orchestra.patterns import catalogue, earlier
from orchestra.patterns.catalogue import Pattern

Inputs = dict[str, Any]

OF_A_TARGET = ("uncommitted", "base", "commit", "include", "exclude")
"""What can be said besides the names of a target."""
_SAID_ELSEWHERE = {
    "fail_on": 'Ask the report: report.failing("high").',
    "format": 'Ask the report: report.render("html").',
    "out": 'Ask the report: Path("report.html").write_text(report.render("html")).',
    "dry_run": "Call orchestra.plan instead, with the same words.",
    "detach": "Call orchestra.start instead, which returns at once.",
}
"""Options of the command line that are no inputs."""


def read(pattern: Pattern, given: Mapping[str, Any], *, start: Path, project: Path, rules: Path) -> Inputs:
    """The inputs of a new run, from what a person or a program said. Relative targets begin at `start`.

    Earlier runs are those of the project, lenses those of the `rules`.
    """
    types = types_of(pattern)
    said = {name: value for name, value in given.items() if value is not None}
    which = {name: said.pop(name) for name in options_of(pattern) if name in said}
    for name in ("include", "exclude"):
        if isinstance(which.get(name), str):
            which[name] = [which[name]]
    if isinstance(which.get("uncommitted"), str):
        which["uncommitted"] = which["uncommitted"] == "true"
    for name in said:
        if name not in types:
            raise _unknown(pattern, name)
    run = next((said[name] for name, wanted in types.items() if bare(wanted) is Curated and name in said), None)
    read: Inputs = {}
    for name, wanted in types.items():
        value = said.get(name)
        if wanted is Target and (value is not None or any(which.values())):
            read[name] = value if isinstance(value, Target) else target(_several(value), start, **which)
        elif wanted is Target and isinstance(run, str | Path):
            read[name] = earlier.target_of(run, project)
        elif wanted is Target and _required(pattern, name):
            raise _no_target(pattern, name)
        elif is_chosen(wanted):
            read[name] = _lenses(value, read, rules)
        elif bare(wanted) is Curated and isinstance(value, str | Path):
            read[name] = earlier.findings_of(value, project)
        elif value is not None:
            read[name] = _value(pattern, name, wanted, value)
            if is_place(wanted):
                read[name] = place(read[name], start, _root_of(read, project))
        elif _required(pattern, name):
            raise UsageError(
                f"{pattern.name} needs {name!r}.",
                next_step=f"`orchestra run {pattern.name} --help` shows what can be said.",
            )
    return read


def check(pattern: Pattern, name: str, said: Any, rules: Path) -> None:
    """Raise where this could not be an input; what has to be looked for (targets, runs) is left to `read`."""
    wanted = types_of(pattern).get(name)
    if is_chosen(wanted):
        _lenses(said, {}, rules)
    elif wanted is not None and bare(wanted) not in (Target, Curated):
        _value(pattern, name, wanted, said)


def to_json(inputs: Inputs, project: Path) -> dict[str, Any]:
    """For `run.json`; a target inside the project is kept relative to it, so that the whole may be moved."""
    kept = {}
    for name, value in inputs.items():
        kept[name] = TypeAdapter(type(value)).dump_python(value, mode="json")
        if isinstance(value, Target) and value.root.is_relative_to(project):
            kept[name]["root"] = str(value.root.relative_to(project))
    return kept


def from_json(pattern: Pattern, kept: Mapping[str, Any], project: Path) -> Inputs:
    """The inputs of a run that is taken up again."""
    types = types_of(pattern)
    inputs = {name: _value(pattern, name, types[name], value) for name, value in kept.items() if name in types}
    for name, value in inputs.items():
        if isinstance(value, Target):
            inputs[name] = value.model_copy(update={"root": (project / value.root).resolve()})
    return inputs


def named_of_target(pattern: Pattern, given: Mapping[str, Any]) -> Sequence[str | Path]:
    """The files and folders that were named as its target, before anything of them is looked at."""
    said = next((given.get(name) for name, wanted in types_of(pattern).items() if wanted is Target), None)
    return () if isinstance(said, Target) else _several(said)


def types_of(pattern: Pattern) -> dict[str, Any]:
    """The function's own parameters and their types; the first is the crew."""
    return {name: _without_words(hint) for name, hint in _hints(pattern).items()}


def about(pattern: Pattern) -> dict[str, str]:
    """What its inputs are for, where they say so: `plan: Annotated[Target, "The plan that may fail."]`."""
    found = {}
    for name, hint in _hints(pattern).items():
        if words := [word for word in getattr(hint, "__metadata__", ()) if isinstance(word, str)]:
            found[name] = words[0]
    return found


def needed(pattern: Pattern) -> dict[str, Any]:
    """The inputs without which it cannot begin, and their types."""
    types = types_of(pattern)
    return {name: wanted for name, wanted in types.items() if _required(pattern, name) and not is_chosen(wanted)}


def _hints(pattern: Pattern) -> dict[str, Any]:
    hints = typing.get_type_hints(pattern.function, include_extras=True)
    names = list(inspect.signature(pattern.function).parameters)[1:]
    return {name: hints.get(name, Any) for name in names}


def _without_words(hint: Any) -> Any:
    """The type alone: what is said for readers decides nothing."""
    if typing.get_origin(hint) is not typing.Annotated:
        return hint
    plain, *rest = typing.get_args(hint)
    rest = [one for one in rest if not isinstance(one, str)]
    return typing.Annotated[(plain, *rest)] if rest else plain


def options_of(pattern: Pattern) -> tuple[str, ...]:
    """What can be said of its target besides the names, if it has one."""
    types = types_of(pattern)
    return tuple(name for name in OF_A_TARGET if name not in types) if Target in types.values() else ()


def _unknown(pattern: Pattern, name: str) -> UnknownName:
    """The nearest of all that can be said; and what is said elsewhere than where the command line has it."""
    known = [*types_of(pattern), *options_of(pattern)]
    of_context = get_close_matches(name, ContextPack.model_fields, n=1, cutoff=0.8)
    what_then = _SAID_ELSEWHERE.get(name) or "Besides these: context=, rehearse=, and the settings by their names."
    if of_context:
        what_then = f'It belongs to the Context Pack: context={{"{of_context[0]}": ...}}.'
    return UnknownName(f"input of {pattern.name}", name, known, what_then, besides=catalogue.SAID_TO_ALL)


def _no_target(pattern: Pattern, name: str) -> TargetInvalid:
    """Nothing was named to look at: the input is, and the option it is on the command line."""
    option = "" if pattern.name in catalogue.OWN else f" with `--{name.replace('_', '-')}`"
    return TargetInvalid(
        f"{pattern.name} needs {name!r}: no target was named.",
        next_step=f"Name a file or a folder{option}; `.` is the one you are in.",
    )


def _required(pattern: Pattern, name: str) -> bool:
    return inspect.signature(pattern.function).parameters[name].default is inspect.Parameter.empty


def bare(wanted: Any) -> Any:
    """The type without `| None` and without annotations."""
    if typing.get_origin(wanted) is typing.Annotated:
        return bare(typing.get_args(wanted)[0])
    if typing.get_origin(wanted) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(wanted) if part is not type(None)]
        return bare(parts[0]) if len(parts) == 1 else wanted
    return wanted


def is_chosen(wanted: Any) -> bool:
    """Lenses: where none are named they follow from the target."""
    return typing.get_args(wanted)[:1] == (Lens,)


def is_place(wanted: Any) -> bool:
    """Something still to be made, said from where one stands."""
    return Place in (wanted, *typing.get_args(wanted))


def _root_of(read: Inputs, project: Path) -> Path:
    return next((value.root for value in read.values() if isinstance(value, Target)), project)


def _lenses(said: Any, read: Inputs, rules: Path) -> tuple[Lens, ...]:
    if said is None:
        looked_at = next((value for value in read.values() if isinstance(value, Target)), None)
        return lens_book.lenses(lens_book.usual(looked_at), rules)
    several = (said,) if isinstance(said, Lens) else said
    if isinstance(several, str):
        return lens_book.lenses(several, rules)
    if not isinstance(several, Collection) or not all(isinstance(lens, str | Lens) for lens in several):
        raise UsageError(f"{said!r} names no lenses.", next_step="`orchestra lenses` lists them.")
    named = [part for lens in several for part in (lens.split(",") if isinstance(lens, str) else [lens])]
    return tuple(lens if isinstance(lens, Lens) else lens_book.lenses([lens], rules)[0] for lens in named)


def _several(said: Any) -> Sequence[str | Path]:
    if said is None:
        return ()
    return [said] if isinstance(said, str | Path) else list(said)


def _value(pattern: Pattern, name: str, wanted: Any, said: Any) -> Any:
    if isinstance(said, str) and not said.strip() and _required(pattern, name):  # a variable of a shell that is not set
        raise UsageError(f"{name!r} of {pattern.name} is empty.", next_step="Say in words what is wanted.")
    if isinstance(said, list | tuple) and any(isinstance(one, str) and not one.strip() for one in said):
        raise UsageError(f"One of {name!r} of {pattern.name} is empty.", next_step="Leave it out, or say it in words.")
    try:
        return TypeAdapter(wanted).validate_python(_meant(bare(wanted), said))
    except ValidationError as error:
        problem = error.errors()[0]
        inner = ".".join(str(part) for part in problem["loc"])
        raise UsageError(
            sentence(f"{name!r} of {pattern.name}{f' ({inner})' if inner else ''}", problem),
            next_step=f"`orchestra run {pattern.name} --help` shows what can be said.",
        ) from error


def _meant(wanted: Any, said: Any) -> Any:
    """Text as the command line says it: one of a list alone, a structure as JSON."""
    if not isinstance(said, str):
        return said
    origin = typing.get_origin(wanted)
    structure = wanted is dict or origin is dict or (isinstance(wanted, type) and issubclass(wanted, BaseModel))
    several = origin in (list, tuple, set, frozenset, Sequence)
    if (structure or several) and said.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(said)
        except ValueError:
            return said
    return (said,) if several else said


def in_words(pattern: Pattern, inputs: Inputs) -> str:
    """What was asked, in one line: `review of src/ through correctness, risk`."""
    looked_at = [value.words for value in inputs.values() if isinstance(value, Target)]
    through = [
        ", ".join(lens.name for lens in value)
        for value in inputs.values()
        if isinstance(value, tuple) and value and isinstance(value[0], Lens)
    ]
    known = next((value for value in inputs.values() if isinstance(value, Curated)), None)
    text = next((value for value in inputs.values() if type(value) is str), "")
    parts = [pattern.name]
    if looked_at:
        parts.append(f"of {looked_at[0]}")
    if known:
        parts.append("with the findings of an earlier run")
    elif through:
        parts.append(f"through {through[0]}")
    if text:
        first = " ".join(text.split())
        parts.append(f"“{first[:80]}…”" if len(first) > 80 else f"“{first}”")
    return " ".join(parts)
