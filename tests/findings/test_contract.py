"""The reviewer's answer type is the contract that reviewers are given, and a quick rewrite."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestra.answer import read, schema_of
from orchestra.findings.finding import ReviewMessage
from tests.findings.tellings import entry, message
from tests.gold.cases import NAMES, case

CONTRACT = json.loads((Path(__file__).parent.parent / "gold" / "message.schema.json").read_text(encoding="utf-8"))


def plain(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema with its references resolved, without words about the schema itself."""
    if isinstance(schema, list):
        return [plain(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return plain(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    dropped = {"$defs", "$schema"} | {key for key in ("title", "description") if isinstance(schema.get(key), str)}
    return {key: plain(value, definitions) for key, value in schema.items() if key not in dropped}


def test_the_schema_is_the_contract_with_an_optional_rewrite() -> None:
    ours = schema_of(ReviewMessage)
    resolved = plain(ours, ours["$defs"])
    of_a_finding = resolved["properties"]["findings"]["items"]
    assert of_a_finding["properties"].pop("rewrite") == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    of_a_finding["required"].remove("rewrite")
    of_a_finding["properties"]["severity"].pop("type")
    assert resolved == plain(CONTRACT, {})


def test_strict_mode_finds_what_it_wants_on_every_object() -> None:
    def objects(node: Any) -> Any:
        if isinstance(node, dict):
            if "properties" in node:
                yield node
            for value in node.values():
                yield from objects(value)
        elif isinstance(node, list):
            for item in node:
                yield from objects(item)

    for one in objects(schema_of(ReviewMessage)):
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])


@pytest.mark.parametrize("name", NAMES)
def test_real_messages_are_read_without_a_note_and_fit_both_schemas(name: str) -> None:
    for text in case(name).messages.values():
        reading = read(text, ReviewMessage)
        assert reading.notes == ()
        written = reading.value.model_dump(mode="json")
        jsonschema.validate(json.loads(text), CONTRACT)
        jsonschema.validate(written, schema_of(ReviewMessage))
        for one in written["findings"]:
            del one["rewrite"]
        assert written == json.loads(text)


def test_a_rewrite_is_kept() -> None:
    reading = read(message(entry(rewrite="with open(path) as f:")), ReviewMessage)
    assert reading.value.findings[0].rewrite == "with open(path) as f:"
    assert reading.notes == ()


def test_what_was_read_is_read_again_to_the_same() -> None:
    once = read(message(entry(severity="SEVERE", confidence="70 %", locations="a.py:3-5")), ReviewMessage)
    again = read(once.value.model_dump_json(), ReviewMessage)
    assert again.value == once.value
    assert again.notes == ()
