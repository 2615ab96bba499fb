"""What a pattern is called with: said as text or plain values, read by its function's types, kept as JSON.

A target is said as names of files, a lens by its name; everything else is read by pydantic.
"""

import inspect
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestra.brief import lenses as lens_book
from orchestra.brief.lenses import Lens
from orchestra.brief.target import Target, target
from orchestra.errors import UnknownName, UsageError
from orchestra.patterns.catalogue import Pattern

Inputs = dict[str, Any]


def read(pattern: Pattern, given: Mapping[str, Any], *, start: Path, project: Path) -> Inputs:
    """The inputs of a new run, from what a person or a program said. Relative targets begin at `start`."""
    types = _types(pattern)
    for name in given:
        if name not in types:
            raise UnknownName(f"input of {pattern.name}", name, types)
    read: Inputs = {}
    for name, wanted in types.items():
        said = given.get(name)
        if wanted is Target and said is not None:
            read[name] = said if isinstance(said, Target) else target(_several(said), start)
        elif _is_lenses(wanted):
            read[name] = _lenses(said, read, project)
        elif said is not None:
            read[name] = _value(pattern, name, wanted, said)
        elif inspect.signature(pattern.function).parameters[name].default is inspect.Parameter.empty:
            raise UsageError(f"{pattern.name} needs {name!r}.")
    return read


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
    types = _types(pattern)
    inputs = {name: _value(pattern, name, types[name], value) for name, value in kept.items() if name in types}
    for name, value in inputs.items():
        if isinstance(value, Target):
            inputs[name] = value.model_copy(update={"root": (project / value.root).resolve()})
    return inputs


def _types(pattern: Pattern) -> dict[str, Any]:
    """The function's own parameters and their types; the first is the crew."""
    hints = typing.get_type_hints(pattern.function)
    names = list(inspect.signature(pattern.function).parameters)[1:]
    return {name: hints.get(name, Any) for name in names}


def _is_lenses(wanted: Any) -> bool:
    return typing.get_args(wanted)[:1] == (Lens,)


def _lenses(said: Any, read: Inputs, project: Path) -> tuple[Lens, ...]:
    if said is None:
        looked_at = next((value for value in read.values() if isinstance(value, Target)), None)
        return lens_book.lenses(lens_book.usual(looked_at), project)
    several = (said,) if isinstance(said, Lens) else said
    if isinstance(several, str):
        return lens_book.lenses(several, project)
    return tuple(lens if isinstance(lens, Lens) else lens_book.lenses([lens], project)[0] for lens in several)


def _several(said: Any) -> Sequence[str | Path]:
    return [said] if isinstance(said, str | Path) else list(said)


def _value(pattern: Pattern, name: str, wanted: Any, said: Any) -> Any:
    try:
        return TypeAdapter(wanted).validate_python(said)
    except ValidationError as error:
        raise UsageError(f"{name!r} of {pattern.name}: {error.errors()[0]['msg']}, not {said!r}.") from error


def in_words(pattern: Pattern, inputs: Inputs) -> str:
    """What was asked, in one line: `review of src/ through correctness, risk`."""
    looked_at = [value.words for value in inputs.values() if isinstance(value, Target)]
    through = [
        ", ".join(lens.name for lens in value)
        for value in inputs.values()
        if isinstance(value, tuple) and value and isinstance(value[0], Lens)
    ]
    text = next((value for value in inputs.values() if isinstance(value, str)), "")
    parts = [pattern.name]
    if looked_at:
        parts.append(f"of {looked_at[0]}")
    if through:
        parts.append(f"through {through[0]}")
    if text:
        first = " ".join(text.split())
        parts.append(f"“{first[:80]}…”" if len(first) > 80 else f"“{first}”")
    return " ".join(parts)
