"""Options: the whole matrix, the losers' best ideas, and options that are the same under two names."""

from collections.abc import Callable
from typing import Any

from orchestra.rehearsal import Fail, Say, Script, asked_for, when
from tests.patterns.theatre import Stage


def option(name: str, idea: str, *plan: str) -> dict[str, Any]:
    return {
        "name": name, "idea": idea, "plan": list(plan), "trade_offs": [], "cost": "a week", "risks": ["rain"],
        "would_change_its_mind": "a flood",
    }  # fmt: skip


BOAT = option("A boat", "Row over the lake with a small boat that two people can carry.", "Buy a boat", "Row")
BRIDGE = option("A bridge", "Build a bridge of stone that carts can use for a hundred years.", "Find stone", "Build")
SHIP = option("A ship", "Row over the lake with a small boat that two people can carry!", "Buy a boat", "Row it")
SCORES = {
    "scores": [
        {"option": number, "criterion": criterion, "points": points, "why": "so"}
        for number, criterion, points in [
            (1, "fit", 8), (1, "cost", 9), (2, "Fit", 9), (2, "cost", 1), (3, "fit", 8), (9, "fit", 10),
        ]
    ],
    "chosen": 1,
    "because": "Cheap.",
    "best_ideas": [{"option": 2, "idea": "Carts can use it."}],
    "alike": [],
}  # fmt: skip
ASK = ("options", "How do we cross?", "--criterion", "fit: how well", "--criterion", "cost: how much", "--json")


def proposals(*more: Any) -> Script:
    return Script(
        when("stance: simplest", Say(BOAT)),
        when("stance: lasting", Say(BRIDGE)),
        when("stance: unusual", Say(SHIP)),
        *more,
    )


def test_the_matrix_the_choice_and_what_is_worth_keeping(scripted: Callable[[Script], Stage]) -> None:
    refined = option("A boat", "Row, with a rope across for carts.", "Stretch a rope", "Row")
    stage = scripted(
        proposals(
            when("IDEAS of the other options", Say(refined)),
            when(asked_for("Scores"), Say(SCORES)),
        )
    )
    report = stage.plays(*ASK).report
    matrix = report.matrix
    assert matrix is not None
    assert [(one.name, one.stance, one.worker) for one in matrix.options] == [
        ("A boat", "simplest", "w1-simplest"),
        ("A bridge", "lasting", "w2-lasting"),
        ("A ship", "unusual", "w3-unusual"),
    ]
    assert [one.total(matrix.criteria) for one in matrix.options] == [17, 10, 8]
    assert matrix.chosen == "A boat"
    assert matrix.because == "Cheap."
    assert matrix.refined.startswith("Row, with a rope across for carts.")
    assert matrix.options[1].keep == ("Carts can use it.",)
    assert matrix.alike == (("A boat", "A ship"),)  # nobody said so; their words do
    assert "A ship has no score for cost." in report.notes
    # Proposers never see each other, and the refiner gets what is worth keeping.
    assert not any("stone" in prompt for prompt in stage.prompts if "stance: simplest" in prompt)
    assert any("Carts can use it." in prompt for prompt in stage.prompts if "IDEAS of the other" in prompt)


def test_without_scores_the_options_stand_side_by_side(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(proposals(when(asked_for("Scores"), Fail(400))))
    report = stage.plays(*ASK, status=4).report
    assert report.matrix is not None
    assert len(report.matrix.options) == 3
    assert report.matrix.chosen is None
    assert report.next_step.startswith("Choose yourself")


def test_a_choice_that_is_not_there_becomes_the_highest_sum(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(
        Script(
            when("stance: simplest", Say(BOAT)),
            when("stance: lasting", Say()),
            when("stance: unusual", Say(BRIDGE)),
            when("IDEAS of the other options", Say(BOAT)),
            when(asked_for("Scores"), Say({**SCORES, "chosen": 7})),
        )
    )
    report = stage.plays(*ASK, status=4).report
    assert report.matrix is not None
    assert [one.name for one in report.matrix.options] == ["A boat", "A bridge"]
    assert [(worker.label, worker.outcome) for worker in report.unanswered] == [("w2-lasting", "empty")]
    assert report.matrix.chosen == "A boat"
    assert any("Option 7 was chosen and is not there" in note for note in report.notes)
