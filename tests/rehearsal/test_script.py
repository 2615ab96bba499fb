"""The law of scripts: each request of a thread takes the next move of its rule, and the last one stays."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.rehearsal import Fail, Move, Request, Rule, Run, Say, Script, asked_for, otherwise, when
from orchestra.rehearsal.request import read_request
from orchestra.rehearsal.script import NoRule

MOVES = st.lists(st.sampled_from([Say("a"), Say("b"), Run("ls"), Fail(500), Fail(429)]), min_size=1, max_size=5)


def asking(thread: str, prompt: str = "Hello.", title: str = "") -> Request:
    body = {
        "input": [{"role": "user", "content": [{"type": "input_text", "text": prompt}]}],
        "text": {"format": {"schema": {"title": title}}},
    }
    return read_request(1, "POST", "/v1/responses", {"thread-id": thread}, json.dumps(body).encode())


@given(moves=MOVES, order=st.lists(st.sampled_from("abc"), max_size=30))
def test_each_thread_goes_through_the_moves_at_its_own_pace(moves: list[Move], order: list[str]) -> None:
    script = Script(*moves)
    taken = dict.fromkeys(order, 0)
    for thread in order:
        assert script.answer(asking(thread)) == moves[min(taken[thread], len(moves) - 1)]
        taken[thread] += 1


@pytest.mark.parametrize("make", [Script, otherwise, lambda move: when("prompt", Say("a"), move)])
def test_what_is_no_move_is_refused(make: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"'hello' is no move; a text is said with Say\('hello'\)"):
        make("hello")


def test_the_first_rule_that_fits_keeps_the_thread() -> None:
    script = Script(
        when("security", Say("first"), Say("second")),
        when(re.compile(r"(?i)SECUR\w+"), Say("pattern")),
        when(asked_for("ReviewMessage"), Say("title")),
        when(lambda request: request.thread_id == "t9", Say("question")),
        otherwise(Say("other")),
    )
    assert script.answer(asking("t1", "for security")) == Say("first")
    assert script.answer(asking("t1", "now something else")) == Say("second")
    assert script.answer(asking("t2", "Securely")) == Say("pattern")
    assert script.answer(asking("t3", "x", title="ReviewMessage")) == Say("title")
    assert script.answer(asking("t9")) == Say("question")
    assert script.answer(asking("t4")) == Say("other")


def test_a_rule_can_be_for_the_first_threads_only() -> None:
    script = Script(when("x", Fail(401), threads=2), otherwise(Say("fine")))
    answers = [script.answer(asking(thread, "x")) for thread in ("a", "b", "a", "c", "b")]
    assert answers == [Fail(401), Fail(401), Fail(401), Say("fine"), Fail(401)]


def test_bare_moves_are_for_everybody_else() -> None:
    script = Script(when("x", Say("x")), Say("y"))
    assert [script.answer(asking("a", "x")), script.answer(asking("b"))] == [Say("x"), Say("y")]


def test_what_no_rule_is_for_is_an_error() -> None:
    with pytest.raises(NoRule, match=r"fits the prompt that begins 'Hello\.'"):
        Script(when("x", Say("x"))).answer(asking("a"))


def test_a_rule_without_moves_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one move"):
        when("x")


def test_values_say_what_they_are() -> None:
    assert Say({"n": 1}) == Say('{"n": 1}')
    assert isinstance(otherwise(Say("x")), Rule)
    script = Script(Say("x"))
    script.answer(asking("a"))
    assert repr(script) == "<Script of 1 rules: 1 threads came>"
    assert repr(asking("a", "Hello.")) == "<Request 1 of thread a: 6 characters, 0 tool outputs>"
