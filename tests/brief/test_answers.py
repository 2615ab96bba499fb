"""Answers: strict in what is asked for, lenient where the meaning is plain, with a note each time."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.answer import Unreadable, read, schema_of
from orchestra.brief import answers
from orchestra.brief.lenience import Answer
from orchestra.rehearsal.instance import instance_of

ALL = [getattr(answers, name) for name in answers.__all__]
WHOLE: dict[str, dict[str, Any]] = {
    "Verdict": {
        "verdict": "fail",
        "summary": "It breaks.",
        "checks": [{"command": "pytest", "result": "failed", "evidence": "1 failed"}],
        "issues": [{"problem": "x", "repro_steps": ["run it"]}],
        "suggested_fixes": ["mend"],
    },
    "Refutations": {"judgements": [{"number": 1, "verdict": "refuted", "evidence": "a.py:1", "reason": "no"}]},
    "ScoutMap": {
        "map": "Small.",
        "key_files": [{"path": "a.py", "why": "door"}],
        "facts": [{"fact": "f", "seen_in": "a.py:1"}],
        "unknowns": ["u"],
        "ambiguities": [{"term": "t", "readings": ["a", "b"], "question": "a or b?", "assumption": "a"}],
    },
    "Scores": {
        "scores": [{"option": 1, "criterion": "fit", "points": 7.5, "why": "w"}],
        "chosen": 1,
        "because": "b",
        "best_ideas": [{"option": 2, "idea": "i"}],
        "alike": [{"options": [1, 2], "why": "same"}],
    },
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_said_as_asked_is_read_without_a_note(name: str) -> None:
    reading = read(json.dumps(WHOLE[name]), getattr(answers, name))
    assert reading.notes == ()
    assert reading.value.model_dump(mode="json") == WHOLE[name]


MEANT: list[tuple[str, Any, Any, str]] = [
    ("Verdict", {"verdict": "PASSED"}, {"verdict": "pass"}, "'PASSED' is read as pass"),
    ("Verdict", {"result": "reject"}, {"verdict": "fail"}, "calls its verdict 'result'"),
    ("Verdict", {"Verdict": "inconclusive"}, {"verdict": "incomplete"}, "read as incomplete"),
    (
        "Verdict",
        {"verdict": "pass", "checks": [{"check": "make", "passed": True}]},
        {"checks": [{"command": "make", "result": "passed", "evidence": ""}]},
        "'true' is read as passed",
    ),
    ("Verdict", {"verdict": "pass", "issues": "none"}, {"issues": []}, "a text stands where a list"),
    (
        "Verdict",
        {"verdict": "fail", "issues": ["It leaks"]},
        {"issues": [{"problem": "It leaks", "repro_steps": []}]},
        "Issue: a text is read as its problem",
    ),
    (
        "Verdict",
        {"verdict": "fail", "suggested_fixes": "- one\n- two"},
        {"suggested_fixes": ["one", "two"]},
        "a text stands where a list",
    ),
    ("Verdict", {"verdict": "pass", "mood": "good"}, {"verdict": "pass"}, "also says mood: good"),
    (
        "Refutations",
        [{"id": "#3", "verdict": "False positive", "why": "x"}],
        {"judgements": [{"number": 3, "verdict": "refuted", "evidence": "", "reason": "x"}]},
        "a bare list",
    ),
    ("Scores", {"scores": [], "choice": "2"}, {"chosen": 2}, "'2' is read as 2"),
    (
        "Scores",
        {"chosen": 1, "scores": [{"option": 1, "criterion": "fit", "score": "7/10"}]},
        {"scores": [{"option": 1, "criterion": "fit", "points": 7.0, "why": ""}]},
        "'7/10' is read as 7",
    ),
    ("ResearchNotes", {"points": [{"claim": "c", "sources": [1]}]}, {"synthesis": [{"text": "c", "sources": [1]}]}, ""),
    ("Implementation", {"summary": ["one", "two"]}, {"summary": "one\ntwo"}, ""),
    ("ScoutMap", {"overview": "m", "unknowns": None}, {"map": "m", "unknowns": []}, "calls its map 'overview'"),
]


@pytest.mark.parametrize(
    ("name", "said", "meant", "note"), MEANT, ids=[f"{m[0]} {json.dumps(m[1])[:50]}" for m in MEANT]
)
def test_what_is_plainly_meant_is_read_with_a_note(name: str, said: Any, meant: dict[str, Any], note: str) -> None:
    reading = read(json.dumps(said), getattr(answers, name))
    found = reading.value.model_dump(mode="json")
    assert {key: found[key] for key in meant} == meant
    assert note in "\n".join(reading.notes)


REFUSED: list[tuple[str, Any]] = [
    ("Verdict", {"summary": "fine"}),
    ("Verdict", {"verdict": "perhaps"}),
    ("Refutations", {"judgements": [{"number": "first", "verdict": "confirmed"}]}),
    ("Refutations", {"judgements": [{"number": 1, "verdict": "real or not"}]}),
    ("Scores", {"scores": [{"option": 1, "criterion": "fit", "points": 70}], "chosen": 1}),
    ("Option", {"name": "x"}),
    ("ScoutMap", [1, 2]),
    ("Curation", "all fine"),
]


@pytest.mark.parametrize(("name", "said"), REFUSED, ids=[f"{one[0]} {json.dumps(one[1])[:50]}" for one in REFUSED])
def test_what_is_not_plain_goes_back_to_its_worker(name: str, said: Any) -> None:
    with pytest.raises(Unreadable):
        read(json.dumps(said), getattr(answers, name))


@pytest.mark.parametrize("model", ALL, ids=answers.__all__)
def test_schemas_are_what_strict_mode_takes(model: type[Answer]) -> None:
    schema = schema_of(model)
    assert schema["title"] == model.__name__

    def check(node: Any) -> None:
        if isinstance(node, list):
            for part in node:
                check(part)
        if not isinstance(node, dict):
            return
        assert "$ref" not in node or set(node) == {"$ref"}, f"strict mode takes nothing beside a reference: {node}"
        assert "default" not in node
        assert "prefixItems" not in node
        if "properties" in node:
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        for part in node.values():
            check(part)

    check(schema)
    least = instance_of(schema, "nothing is claimed")
    assert read(json.dumps(least), model).notes == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["verdict", "checks", "map", "number", "summary", "claims", "x", "text", "sources"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values, st.sampled_from(ALL))
def test_whatever_comes_is_an_answer_or_unreadable(said: Any, model: type[Answer]) -> None:
    try:
        reading = read(json.dumps(said), model)
    except Unreadable:
        return
    assert read(reading.value.model_dump_json(), model).value == reading.value
