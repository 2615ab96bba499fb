"""What an editor is told of the calls is what they take."""

import inspect
from typing import Any

import pytest

from orchestra import api
from orchestra.errors import UsageError
from orchestra.patterns import calls, catalogue, inputs
from orchestra.settings import Settings

OF = {
    "review": calls.OfReview, "fix": calls.OfFix, "act": calls.Options, "split": calls.OfATarget,
    "research": calls.Options, "options": calls.OfOptions,
    "ask": calls.Options,
}  # fmt: skip


def test_every_setting_is_an_option_and_nothing_else() -> None:
    assert set(calls.Options.__annotations__) == {*Settings.model_fields, "context", "rehearse", "start"}
    assert set(calls.OfATarget.__annotations__) - set(calls.Options.__annotations__) == set(inputs.OF_A_TARGET)


@pytest.mark.parametrize("name", OF)
def test_every_input_of_a_pattern_can_be_said(name: str) -> None:
    pattern = catalogue.find(name)
    first = {word for word in inspect.signature(getattr(api, name)).parameters if word != "options"}
    told = set(OF[name].__annotations__) - set(calls.Options.__annotations__)
    assert first | told == {*inputs.types_of(pattern), *inputs.options_of(pattern)}


@pytest.mark.parametrize("name", ["model", "context", "rehearse"])
def test_a_pattern_has_no_input_that_every_call_takes_for_itself(name: str) -> None:
    said: dict[str, Any] = {}
    exec(f"async def poll(crew, {name}=None): ...", said)
    with pytest.raises(UsageError, match=f"has a parameter '{name}', which every call takes for itself"):
        catalogue.pattern("poll", steps=("Ask",))(said["poll"])
