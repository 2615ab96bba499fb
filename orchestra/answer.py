"""A final message read as a typed answer: strict in what is asked for, lenient where the meaning is plain.

codex checks neither the answer against the schema nor the schema itself, so both are done here.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Generic, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from orchestra.errors import UsageError

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)

_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
# The words of a JSON schema under which there are others: by name, in a list, and one.
_NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependencies", "dependentSchemas")
_LISTED = ("anyOf", "oneOf", "allOf", "items", "prefixItems")
_ALONE = ("items", "additionalItems", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")


class Unreadable(ValueError):
    """The message is not an answer of the type; the sentence says where it stops being one."""


@dataclass(frozen=True)
class Reading(Generic[T]):
    """An answer, and a note for each place where reading it had to be lenient."""

    value: T
    notes: tuple[str, ...] = ()


def read(message: str, model: type[M]) -> Reading[M]:
    """Read a final message as `model`, or raise `Unreadable` with a sentence a worker can act on.

    A model may note its own leniency: its validators find a list at `info.context["notes"]`.
    """
    data, notes = read_json(message)
    context: dict[str, list[str]] = {"notes": list(notes)}
    try:
        value = model.model_validate(data, context=context)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'the answer'}: {problem['msg']}"
            for problem in error.errors()[:5]
        )
        raise Unreadable(f"the message is JSON but not a {model.__name__}: {problems}") from error
    return Reading(value, tuple(context["notes"]))


def read_as(message: str, schema: dict[str, Any]) -> Reading[Any]:
    """Read a final message by a JSON schema somebody brought, or raise `Unreadable`."""
    import fastjsonschema

    check, (data, notes) = checker_of(schema), read_json(message)
    try:
        check(data)
    except fastjsonschema.JsonSchemaValueException as error:
        raise Unreadable(f"the message is JSON that does not fit the schema: {error.message}") from error
    except RecursionError as error:
        raise Unreadable("the message cannot be held against the schema, which refers to itself without end") from error
    return Reading(data, notes)


def checker_of(schema: dict[str, Any]) -> Callable[[Any], object]:
    """What checks data by a schema somebody brought; `UsageError` where it is none, before a worker is paid for it."""
    import fastjsonschema

    def elsewhere(address: str) -> NoReturn:
        raise ValueError(f"it refers to {address}, which is not fetched")

    try:
        check = fastjsonschema.compile(schema, handlers=dict.fromkeys(("http", "https", "ftp", "file"), elsewhere))
    except Exception as error:  # a pattern that is no regular expression, a reference to nowhere: each has its own
        why = str(error)
        if isinstance(
            error, fastjsonschema.JsonSchemaDefinitionException | TypeError
        ):  # it says neither which nor where
            why = next(_no_types(schema), why)
        raise UsageError(
            f"The schema is no JSON schema: {why or type(error).__name__}",
            next_step="Mend it; everything it refers to has to stand in it.",
        ) from error
    return check


def _no_types(schema: Any, where: str = "#") -> Iterator[str]:
    """A sentence for each word that is no type of JSON, with its place as a `$ref` names it."""
    if not isinstance(schema, dict):
        return
    said = schema.get("type", [])
    for word in said if isinstance(said, list) else [said]:
        if word not in _TYPES:
            near = get_close_matches(str(word), _TYPES, n=1)
            guess = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(_TYPES)}"
            yield f"{word!r} in {where}/type is no type{guess}"
    for key, value in schema.items():
        below = f"{where}/{key}"
        if key in _NAMED and isinstance(value, dict):
            for name, one in value.items():
                yield from _no_types(one, f"{below}/{str(name).replace('~', '~0').replace('/', '~1')}")
        elif key in _LISTED and isinstance(value, list):
            for number, one in enumerate(value):
                yield from _no_types(one, f"{below}/{number}")
        elif key in _ALONE:
            yield from _no_types(value, below)


def read_json(message: str) -> tuple[Any, tuple[str, ...]]:
    """The JSON object or array of a message, and notes: bare, inside a fence, or with prose around it."""
    text = message.strip().removeprefix("\ufeff")
    if not text:
        raise Unreadable("the message is empty")
    try:
        return json.loads(text, strict=False), ()
    except json.JSONDecodeError as error:
        first = error
    for fence in _FENCE.finditer(text):
        try:
            return json.loads(fence.group(2), strict=False), ("the JSON stood inside a Markdown fence",)
        except json.JSONDecodeError:
            continue
    for start in re.finditer(r"[{\[]", text):
        try:
            data, end = json.JSONDecoder(strict=False).raw_decode(text, start.start())
        except json.JSONDecodeError:
            break  # the outermost bracket never closes: what stands inside it is not the answer
        if isinstance(data, dict | list) and data:
            around = len(text) - (end - start.start())
            return data, (f"the JSON stood between {around} characters of prose",)
    what = first.msg.removesuffix(" at")
    raise Unreadable(f"the message is not JSON: {what} at line {first.lineno}, column {first.colno}")


@functools.cache  # 8 ms each; a run of 240 asks wants it 500 times
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model in the API's strict mode. Everybody who asks gets the same one: read it only.

    Strict mode wants `additionalProperties: false` and every key in `required` on every object; an optional field
    is nullable instead. It knows no defaults, and nothing beside a `$ref`.
    """
    return dict(_strict(model.model_json_schema()))


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:  # strict mode refuses anything beside a reference
        return {"$ref": node["$ref"]}
    kept = {key: _strict(value) for key, value in node.items() if key != "default"}
    if isinstance(kept.get("properties"), dict):
        kept["additionalProperties"] = False
        kept["required"] = list(kept["properties"])
    return kept
