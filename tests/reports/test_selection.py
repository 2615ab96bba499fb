"""A part of a report says that it is one."""

import pytest

from orchestra.errors import UnknownName, UsageError
from orchestra.reports.first_lines import headline
from orchestra.reports.renderers.terminal import render
from orchestra.reports.selection import lenses_of, selected
from tests.reports.stories import merged, report, worker

MADE = report(
    [
        merged(1, confidence=0.9, workers=("w1-correctness",)),
        merged(2, confidence=0.5, workers=("w2-risk", "w1-correctness")),
        merged(3, confidence=0.2, workers=("w3-clarity+evidence",)),
    ],
    [worker("w1-correctness"), worker("w2-risk"), worker("w3-clarity+evidence"), worker("w4-security")],
)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({}, [1, 2, 3]),
        ({"min_confidence": 0.0}, [1, 2, 3]),
        ({"min_confidence": 0.5}, [1, 2]),
        ({"min_confidence": 1.0}, []),
        ({"lenses": ["risk"]}, [2]),
        ({"lenses": ["evidence"]}, [3]),
        ({"lenses": ["risk", "clarity"]}, [2, 3]),
        ({"lenses": ["security"]}, []),
        ({"lenses": ["correctness"], "min_confidence": 0.6}, [1]),
    ],
)
def test_a_selection_keeps_what_was_asked_for_and_counts_the_rest(asked: dict[str, object], kept: list[int]) -> None:
    part = selected(MADE, **asked)  # type: ignore[arg-type]  # a table of keyword arguments
    assert [finding.id for finding in part.findings] == [f"f-{number:04x}" for number in kept]
    assert part.filtered is None if not asked else part.filtered and part.filtered.left_out == 3 - len(kept)
    assert part.workers == MADE.workers
    assert part.state == MADE.state


def test_a_filtered_report_says_so_first_and_never_sounds_clean() -> None:
    part = selected(MADE, min_confidence=0.95, lenses=["risk"])
    assert headline(part).endswith("Filtered by confidence 0.95 or more, lens risk: 3 more are not shown.")
    assert "3 more are not shown" in " ".join(render(part).split())
    assert "Nothing to mend" not in render(part)


def test_the_next_step_leads_to_a_finding_that_is_shown() -> None:
    assert "f-0002" in selected(MADE, lenses=["risk"]).next_step
    named = MADE.model_copy(update={"next_step": "Merge it."})
    assert selected(named, lenses=["risk"]).next_step == "Merge it."


def test_a_selection_of_a_selection_counts_both() -> None:
    part = selected(selected(MADE, min_confidence=0.4), lenses=["risk"])
    assert part.filtered is not None
    assert part.filtered.left_out == 2


@pytest.mark.parametrize("said", [-0.1, 1.1, 70])
def test_a_confidence_beyond_the_scale_is_refused(said: float) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        selected(MADE, min_confidence=said)


def test_a_lens_nobody_looked_through_is_refused_with_those_that_were() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'security'"):
        selected(MADE, lenses=["securty"])
    assert lenses_of(MADE) == ["clarity", "correctness", "evidence", "risk", "security"]
