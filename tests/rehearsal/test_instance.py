"""What the understudy answers where it has no trade: valid under the schema, and claiming nothing."""

import json
from enum import StrEnum
from typing import Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from orchestra.answer import read, schema_of
from orchestra.rehearsal.instance import fitted, instance_of

NOTE = "Rehearsal (understudy, not a model): nothing was looked at."


class Verdict(StrEnum):
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNCLEAR = "unclear"


class Part(BaseModel):
    name: str
    size: int = Field(ge=1)
    tags: list[str]


class Verification(BaseModel):
    verdict: Verdict
    confidence: float = Field(ge=0, le=1)
    why: str
    tests_run: list[str]
    part: Part
    spare: Part | None
    kind: Literal["build", "read"]
    done: bool
    short: str = Field(max_length=12)
    at_least_two: list[Part] = Field(min_length=2)


def test_an_instance_is_valid_and_modest() -> None:
    schema = schema_of(Verification)
    made = instance_of(schema, NOTE)
    jsonschema.validate(made, schema)
    answer = read(json.dumps(made), Verification).value
    assert answer.verdict is Verdict.UNCLEAR
    assert (answer.confidence, answer.done, answer.spare, answer.tests_run) == (0.0, False, None, [])
    assert (answer.why, answer.part.name, len(answer.at_least_two)) == (NOTE, NOTE, 2)


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        (["confirmed", "refuted", "unclear"], "unclear"),
        (["yes", "no", "not_tested"], "not_tested"),
        (["high", "low", None], None),
        (["accept", "reject"], "accept"),
        ([3, 4], 3),
    ],
)
def test_of_several_words_the_one_that_claims_least(values: list[object], chosen: object) -> None:
    assert instance_of({"enum": values}, NOTE) == chosen


def test_an_answer_is_fitted_to_what_was_asked_for() -> None:
    schema = {
        "properties": {"findings": {"type": "array", "items": {"$ref": "#/$defs/Finding"}}, "more": {"type": "string"}},
        "required": ["findings", "more"],
        "$defs": {
            "Finding": {
                "properties": {
                    "title": {"type": "string"},
                    "rewrite": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
                "required": ["title", "rewrite"],
            }
        },
    }
    said = {"findings": [{"title": "t", "severity": "low"}], "summary": "s"}
    assert fitted(said, schema, NOTE) == {"findings": [{"title": "t", "rewrite": None}], "more": NOTE}
