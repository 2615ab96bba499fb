"""What is wrong with a value, in our words: pydantic speaks of inputs, parsing and strings."""

from collections.abc import Mapping
from typing import Any

_SHOULD = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "a text",
    "path_type": "the name of a file or a folder",
    "tuple_type": "a list",
    "list_type": "a list",
    "too_short": "a list that holds something",
    "dict_type": "a table",
    "model_type": "a table",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
}
_LONGEST = 80
"""Characters of a value that are repeated."""


def sentence(name: str, problem: Mapping[str, Any]) -> str:
    """`at_once should be a whole number, not 'many'.`, from one of `ValidationError.errors()`."""
    kind, said = problem["type"], problem["msg"]
    if kind == "value_error":  # a sentence of our own
        return f"{name}: {said.removeprefix('Value error, ').rstrip('.')}."
    if kind == "json_invalid":
        return f"{name} is not JSON."
    if kind == "missing":
        return f"{name} is missing."
    if kind == "string_too_short":
        return f"{name} should say something; leave it out altogether for the default."
    should = _SHOULD.get(kind)
    words = f"should be {should.format(**problem.get('ctx', {}))}" if should else said.removeprefix("Input ")
    return f"{name} {words[:1].lower()}{words[1:]}, not {_shown(problem['input'])}."


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
