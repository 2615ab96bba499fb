"""What a pattern can be told, as its help says it: from its function's own parameters and docstring."""

import inspect
import typing
from collections.abc import Collection, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

from orchestra.brief.lenses import Lens
from orchestra.brief.target import Target
from orchestra.cli.help_page import EXAMPLE
from orchestra.findings.curate import Curated
from orchestra.patterns import inputs
from orchestra.patterns.catalogue import Pattern

_DOCTEST = "Example:\n"
"""What a docstring shows those who read it in Python, and is no command."""


def usage(pattern: Pattern) -> str:
    """`premortem [OPTIONS] --plan TARGET`."""
    return " ".join([pattern.name, "[OPTIONS]", *(_option(*one) for one in inputs.needed(pattern).items())])


def told(pattern: Pattern) -> str:
    """Its docstring, with an example; one that is made from its inputs where it has none."""
    written = inspect.cleandoc(pattern.function.__doc__ or "").split("\n\n")
    kept = [paragraph for paragraph in written if not paragraph.startswith(_DOCTEST)]
    if not any(paragraph.startswith(EXAMPLE) for paragraph in kept):
        kept.append(f"{EXAMPLE}{_example(pattern)}")
    return "\n\n".join(kept)


def rows(pattern: Pattern, elsewhere: typing.Mapping[str, str]) -> list[tuple[str, str]]:
    """A line for each input, and for what can be said of a target besides its name.

    `elsewhere` is what is said of some where they are options of a command of their own.
    """
    about, needed = inputs.about(pattern), inputs.needed(pattern)
    found = []
    for name, wanted in inputs.types_of(pattern).items():
        sentence = about.get(name) or elsewhere.get(name) or _by_type(wanted)
        ending = "" if sentence.endswith((".", "!", "?")) else "."
        again = " Can be said again." if _is_list(wanted) and "said again" not in sentence else ""
        found.append((_option(name, wanted), f"{sentence}{ending}{again}{_otherwise(pattern, name, needed)}"))
    return [*found, *_of_a_target(pattern)]


def _example(pattern: Pattern) -> str:
    said = [f"{_dashed(name)} {_sample(wanted)}" for name, wanted in inputs.needed(pattern).items()]
    return " ".join(["orchestra run", pattern.name, *said, "--rehearse"])


def _otherwise(pattern: Pattern, name: str, required: Collection[str]) -> str:
    """What holds where it is not said."""
    if name in required:
        return " Needed."
    value = inspect.signature(pattern.function).parameters[name].default
    if value is inspect.Parameter.empty:
        return " Default: by what the target is."  # lenses
    if value is None or value is False or value == () or value == "":
        return ""
    several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    words = [str(one.value if isinstance(one, Enum) else one) for one in several]
    between = "; " if any("," in one or ":" in one for one in words) else ", "
    return f" Default: {between.join(words)}."


def _of_a_target(pattern: Pattern) -> list[tuple[str, str]]:
    from orchestra.cli.option_groups import Which

    fields = typing.get_type_hints(Which, include_extras=True)
    rows = []
    for name in inputs.options_of(pattern):
        option = typing.get_args(fields[name])[1]
        rows.append((f"{_dashed(name)} {option.metavar or ''}".rstrip(), option.help))
    return rows


# ── in words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _option(name: str, wanted: Any) -> str:
    return f"{_dashed(name)} {_kind(wanted)}".rstrip()


def _dashed(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _is_list(wanted: Any) -> bool:
    plain = inputs.bare(wanted)
    origin = typing.get_origin(plain)
    return plain is Target or (isinstance(origin, type) and issubclass(origin, Sequence))


def _one(wanted: Any) -> Any:
    """Its type, or that of each of several."""
    plain = inputs.bare(wanted)
    origin = typing.get_origin(plain)
    return typing.get_args(plain)[0] if isinstance(origin, type) and issubclass(origin, Sequence) else plain


_KINDS: dict[Any, tuple[str, str, str]] = {
    str: ("TEXT", "A text.", '"..."'),
    int: ("N", "A whole number.", "3"),
    float: ("N", "A number.", "0.5"),
    bool: ("", "Yes, if it is said.", ""),
    Path: ("FILE", "A file or a folder.", "FILE"),
    Target: ("TARGET", "Files and folders to look at.", "src/"),
    Curated: ("RUN", "A run, whose findings are taken.", "last"),
    Lens: ("LENS,...", "Lenses, a reviewer each.", "risk"),
}
"""A type as an option is written, what it is, and how it may be said."""


def _kind(wanted: Any) -> str:
    one = _one(wanted)
    if one in _KINDS:
        return _KINDS[one][0]
    if choices := _choices(one):
        return "|".join(choices)
    return "JSON"


def _by_type(wanted: Any) -> str:
    one = _one(wanted)
    if choices := _choices(one):
        return f"One of {', '.join(choices)}."
    return _KINDS.get(one, ("", "As JSON.", ""))[1]


def _sample(wanted: Any) -> str:
    one = _one(wanted)
    if choices := _choices(one):
        return choices[0]
    return _KINDS.get(one, ("", "", "'{...}'"))[2]


def _choices(one: Any) -> list[str]:
    if isinstance(one, type) and issubclass(one, Enum):
        return [str(member.value) for member in one]
    return [str(choice) for choice in typing.get_args(one)] if typing.get_origin(one) is typing.Literal else []
