"""Two reports compared: what is new, what is gone, and whose doing it is."""

from typing import Any

import pytest

from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.outcome import Outcome
from orchestra.reports.difference import TargetState, difference, recognised
from orchestra.reports.renderers.difference_text import json, terminal
from orchestra.reports.report import Report
from tests.reports.stories import STORIES, merged, real, report, worker

DIGESTS = {"src/part_1.py": "1", "src/part_2.py": "2", "src/part_3.py": "3"}


def ids(entries: Any) -> list[str]:
    return [entry.id for entry in entries]


def in_words(before: Report, after: Report) -> str:
    return " ".join(terminal(difference(before, after)).split())


def test_new_gone_and_still_there() -> None:
    one, two, three = real().findings[:3]
    told = difference(report([one, two]), report([two, three]))
    assert (ids(told.new), ids(told.gone), ids(told.still)) == ([three.id], [one.id], [two.id])


def test_a_report_differs_in_nothing_from_itself() -> None:
    told = difference(real(), real())
    assert (told.new, told.gone) == ((), ())
    assert ids(told.still) == [finding.id for finding in real().findings]


def test_a_problem_is_known_again_under_another_id() -> None:
    """The findings of a real review, all with other ids, lines moved: every one is the same problem."""
    later = [_later(finding) for finding in real().findings]
    again = recognised(real().findings, later)
    right = sum(again.get(finding.id) == finding.id.removeprefix("x") for finding in later)
    assert len(set(again.values())) == len(again)
    assert right >= 0.95 * len(later)


def test_what_only_one_side_has_is_not_taken_for_something_else() -> None:
    before, after = real().findings[:11], [_later(finding) for finding in real().findings[8:]]
    told = difference(report(before), report(after))
    assert len(told.still) == 3
    assert len(told.gone) == 8
    assert len(told.new) == len(after) - 3


@pytest.mark.parametrize(
    ("old", "new", "state", "said"),
    [
        (DIGESTS, DIGESTS, TargetState.SAME, "The target is the same in both"),
        ({}, DIGESTS, TargetState.UNKNOWN, "cannot be told"),
        (DIGESTS, {**DIGESTS, "src/part_1.py": "9"}, TargetState.CHANGED, "1 file of 3. 1 changed: src/part_1.py."),
        (DIGESTS, {**DIGESTS, "new.py": "9"}, TargetState.CHANGED, "1 file of 4. 1 added: new.py."),
        ({**DIGESTS, "old.py": "9"}, DIGESTS, TargetState.CHANGED, "1 removed: old.py."),
    ],
)
def test_whether_the_target_changed(old: dict[str, str], new: dict[str, str], state: TargetState, said: str) -> None:
    before, after = report([merged(1)], target_digests=old), report([merged(2)], target_digests=new)
    assert difference(before, after).target.state is state
    assert said in in_words(before, after)


def test_where_nothing_differs_nobody_is_blamed() -> None:
    same = report([merged(1)], target_digests=DIGESTS)
    assert "The target is the same in both. before" in in_words(same, same)


def test_a_change_of_mind_is_told_from_a_change_of_code() -> None:
    gone = merged(1, title="The socket stays open", problem="Nobody closes the connection after a timeout.")
    mood = merged(2, title="Names are cut", problem="A label longer than eight letters loses its end in the table.")
    code = merged(3, title="Wrong currency", problem="Euros are booked as dollars when the invoice is a draft.")
    before = report([gone], target_digests=DIGESTS)
    after = report([mood, code], target_digests={**DIGESTS, "src/part_3.py": "9"})
    told = difference(before, after)
    assert {entry.id: entry.touched for entry in (*told.new, *told.gone)} == {
        "f-0001": False,
        "f-0002": False,
        "f-0003": True,
    }
    words = in_words(before, after)
    assert words.count("though no file it is in changed") == 1
    assert words.count("though no file it was in changed") == 1


def test_what_somebody_did_not_look_at_is_not_called_gone_without_a_word() -> None:
    after = report([], [worker("w1-risk", Outcome.LOST)])
    assert "is incomplete: what it lacks may only be unseen." in in_words(report([merged(1)]), after)


def test_what_changed_about_a_finding_is_said() -> None:
    before = report([merged(1, severity=Severity.LOW), merged(2)])
    after = report([merged(1, severity=Severity.HIGH), merged(2, standing=Standing.ACCEPTED)], asked="review of docs")
    words = in_words(before, after)
    assert "was low" in words
    assert "accepted, was open" in words
    assert "were not asked the same" in words


@pytest.mark.parametrize("width", [60, 200])
@pytest.mark.parametrize("story", STORIES)
def test_any_two_reports_can_be_compared_and_told(story: str, width: int) -> None:
    made = STORIES[story]() if story != "2000 findings" else STORIES["all standings"]()
    for told in (difference(made, report([merged(1)])), difference(report([merged(1)]), made)):
        for text in (terminal(told, width=width), json(told)):
            assert all(sign.isprintable() or sign in "\n\u200d" for sign in text)
            assert "\n::" not in text


def _later(finding: MergedFinding) -> MergedFinding:
    """The same finding as another run says it: another id, seven lines further down."""
    said = tuple(
        one.model_copy(
            update={
                "places": tuple(
                    place.model_copy(update={"start_line": place.start_line + 7, "end_line": place.end_line + 7})
                    for place in one.places
                )
            }
        )
        for one in finding.said_by
    )
    return finding.model_copy(update={"id": f"x{finding.id}", "said_by": said})


def test_reports_of_merged_messages_have_no_names_and_are_told_apart_all_the_same() -> None:
    silent = report([merged(1)], [worker("w1"), worker("w2", Outcome.MALFORMED)], run="")
    told = difference(report([merged(1)], run=""), silent)
    assert told.incomplete == ("the later report",)
    lines = terminal(told).split("\n")
    assert "The later report is incomplete: what it lacks may only be unseen." in lines
    assert next(line for line in lines if line.startswith("after")).startswith("after   Incomplete")
