"""A final message read as a typed answer: what is plain is read, what is not is refused with a reason."""

import contextlib
import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from orchestra.answer import Unreadable, read, read_as, read_json, schema_of
from orchestra.brief.ask import Ask
from orchestra.errors import UsageError


class Part(BaseModel):
    name: str
    size: int = Field(0, ge=0)


class Whole(BaseModel):
    title: str
    first: Part
    """A note that pydantic puts beside the reference."""
    parts: tuple[Part, ...] = ()
    rewrite: str | None = None


GOOD: dict[str, Any] = {"title": "t", "first": {"name": "a", "size": 1}, "parts": [], "rewrite": None}
TEXT = json.dumps(GOOD)
READ = [
    ("bare", TEXT, 0),
    ("with white space around", f"\n\n {TEXT} \n", 0),
    ("with a byte order mark", f"\ufeff{TEXT}", 0),
    ("in a fence", f"```json\n{TEXT}\n```", 1),
    ("in a fence of tildes", f"~~~\n{TEXT}\n~~~", 1),
    ("in a fence after prose", f"Here it is:\n\n```json\n{TEXT}\n```\nDone.", 1),
    ("between prose", f"Here it is: {TEXT} That is all.", 1),
    ("a number as text", TEXT.replace('"size": 1', '"size": "1"'), 0),
    ("with a raw line break in a string", TEXT.replace('"t"', '"t\n"'), 0),
]
REFUSED = [
    ("nothing", "", "empty"),
    ("prose", "I found nothing to say.", "not JSON"),
    ("cut off", TEXT[:-5], "not JSON"),
    ("another shape", '{"verdict": "pass"}', "not a Whole: title"),
    ("a bare list", "[1, 2]", "not a Whole"),
    ("an inner object of a cut-off one", '{"title": "t", "first": {"name": "a"}', "not JSON"),
]


@pytest.mark.parametrize(("what", "message", "notes"), READ, ids=[row[0] for row in READ])
def test_what_is_plain_is_read(what: str, message: str, notes: int) -> None:
    reading = read(message, Whole)
    assert reading.value.first.size == 1
    assert len(reading.notes) == notes


@pytest.mark.parametrize(("what", "message", "why"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_not_plain_is_refused_with_a_reason(what: str, message: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(message, Whole)


def objects(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for item in node for found in objects(item)]
    if not isinstance(node, dict):
        return []
    return [node, *(found for value in node.values() for found in objects(value))]


def test_the_schema_is_strict() -> None:
    schema = schema_of(Whole)
    for node in objects(schema):
        if "properties" in node and isinstance(node.get("properties"), dict):
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        assert "default" not in node
        assert "$ref" not in node or set(node) == {"$ref"}
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD, schema)


def test_a_schema_somebody_brought_is_checked() -> None:
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    assert read_as('{"n": 3}', schema).value == {"n": 3}
    with pytest.raises(Unreadable, match="integer"):
        read_as('{"n": "three"}', schema)


NO_SCHEMAS: list[tuple[dict[str, Any], str]] = [
    ({"type": "strng"}, "'strng' in #/type is no type; did you mean 'string'?"),
    ({"type": 5}, "5 in #/type is no type; there are string, number, integer, boolean, object, array, null."),
    ({"type": {}}, "{} in #/type is no type"),
    (
        {"properties": {"type": {"items": {"type": ["null", "int"]}}}},
        "'int' in #/properties/type/items/type is no type",
    ),
    (
        {"properties": {"a/b": {"anyOf": [{}, {"type": "text"}]}}},
        "'text' in #/properties/a~1b/anyOf/1/type is no type",
    ),
    ({"$ref": "#/$defs/n", "$defs": {"n": {"type": "float"}}}, "'float' in #/$defs/n/type is no type"),
    ({"items": [{"const": {"type": "x"}}, {"type": "y"}]}, "'y' in #/items/1/type is no type"),
    ({"$ref": "#/far", "far": {"type": "x"}}, "Unknown type"),
    ({"properties": 5}, "has no attribute"),
    ({"required": "n"}, "must be an array"),
    ({"pattern": "(a"}, "unterminated subpattern"),
    ({"properties": {"n": {"$ref": "#/nowhere"}}}, "nowhere"),
    ({"$ref": "other.json"}, "other.json"),
    ({"$ref": "http://127.0.0.1:9/x.json"}, "which is not fetched"),
    ({"$ref": "file:///etc/hostname"}, "which is not fetched"),
]


@pytest.mark.parametrize(("schema", "why"), NO_SCHEMAS, ids=[str(row[0]) for row in NO_SCHEMAS])
def test_what_is_no_schema_is_refused_before_anybody_is_paid_for_it(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        Ask(role="worker", prompt="A number.", answer=schema)


def test_a_schema_that_refers_to_itself_without_end_makes_no_answer() -> None:
    with pytest.raises(Unreadable, match="refers to itself"):
        read_as("5", {"$ref": "#"})


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES = LEAVES | st.lists(LEAVES, max_size=4) | st.dictionaries(st.text(max_size=4), LEAVES, max_size=4)


@given(
    st.dictionaries(st.text(max_size=8), VALUES, min_size=1, max_size=6),
    st.sampled_from(["{}", "```json\n{}\n```", "{}\n", "\n\n{}"]),
)
def test_any_object_is_read_back_from_any_wrapping(value: dict[str, Any], wrapping: str) -> None:
    assert read_json(wrapping.replace("{}", json.dumps(value)))[0] == value


@given(st.text())
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read_json(text)
