"""`orchestra run NAME --KEY VALUE ...` and `orchestra patterns`: every pattern, by its function's own parameters."""

import typing
from collections.abc import Collection, Sequence
from typing import Any

from orchestra.cli.saying import print_json, tell
from orchestra.errors import OrchestraError, UnknownName, UsageError
from orchestra.patterns import catalogue, inputs
from orchestra.patterns.catalogue import Pattern
from orchestra.reports.plain import plain


def inputs_of(name: str) -> Collection[str]:
    """What a pattern can be told."""
    return inputs.types_of(catalogue.find(name)).keys()


def inputs_said(name: str, words: Sequence[str]) -> dict[str, Any]:
    """What was said after the name: `--key value`, `--key=value`, `--flag`; a key said again is a list."""
    pattern = catalogue.find(name)
    known = [*inputs.types_of(pattern), *inputs.options_of(pattern)]
    said: dict[str, Any] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("--"):
            raise UsageError(
                f"{word!r} is no input of {name}.",
                next_step=f"Say --KEY VALUE: {_keys(known)}. `orchestra run {name} --help` tells about each.",
            )
        key, equals, value = word.removeprefix("--").partition("=")
        key = key.replace("-", "_")
        if key not in known:
            raise UnknownName(
                f"input of {name}",
                f"--{key.replace('_', '-')}",
                [f"--{one}" for one in _dashed(known)],
                next_step=f"`orchestra run {name} --help` tells about each.",
            )
        if not equals:
            value = left.pop(0) if left and not left[0].startswith("--") else "true"
        said[key] = value if key not in said else [*_several(said[key]), value]
    return said


def print_patterns(as_json: bool) -> None:
    """Every pattern that can be run, one that cannot be loaded included."""
    found: list[dict[str, Any]] = []
    known = catalogue.everything()
    for name in [*catalogue.OWN, *sorted(known.keys() - catalogue.OWN.keys())]:
        try:
            pattern = catalogue.load(known[name])
        except OrchestraError as error:
            found.append({"name": name, "meaning": error.what, "inputs": {}, "steps": []})
            continue
        steps = [step if isinstance(step, str) else step.step for step in pattern.steps]
        found.append({"name": name, "meaning": pattern.meaning, "inputs": _inputs(pattern), "steps": steps})
    if as_json:
        print_json({"patterns": found})
        return
    width = max(len(one["name"]) for one in found)
    for one in found:
        tell(plain(f"{one['name']:<{width}}  {one['meaning']}"), width + 2)
        told = [f"--{key.replace('_', '-')} {kind}" for key, kind in one["inputs"].items()]
        tell(plain(f"{'':<{width}}  {', '.join(told)}".rstrip()), width + 2)


def _inputs(pattern: Pattern) -> dict[str, str]:
    """Each input and its type in words; one that must be given says so."""
    needed = inputs.needed(pattern)
    return {
        name: _type(wanted) + (" (needed)" if name in needed else "")
        for name, wanted in inputs.types_of(pattern).items()
    }


def _type(wanted: Any) -> str:
    plain_type = inputs.bare(wanted)
    inner = [argument for argument in typing.get_args(plain_type) if argument is not Ellipsis]
    if typing.get_origin(plain_type) and inner and typing.get_origin(plain_type) is not dict:
        return f"{_type(inner[0])}, several"
    name = getattr(plain_type, "__name__", str(plain_type))
    return {"str": "text", "int": "number", "float": "number", "bool": "yes or no", "Curated": "run"}.get(
        name, name.lower()
    )


def _several(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def _dashed(names: Sequence[str]) -> list[str]:
    return [name.replace("_", "-") for name in names]


def _keys(names: Sequence[str]) -> str:
    return ", ".join(f"--{name}" for name in _dashed(names))
