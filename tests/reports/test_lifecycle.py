"""The life of findings, night after night: what is new, still there, changed, back; what is gone and what is not."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.findings.finding import Standing
from orchestra.reports import lifecycle
from orchestra.reports.history import Life
from orchestra.reports.look import looked
from orchestra.reports.report import Report
from tests.reports.nights import CODE, IN_OTHER_WORDS, SAID, Nights

Step = dict[str, Any]
ALL = ("leak", "race", "secret")


def fixed(nights: Nights) -> None:
    nights.code["a.py"] = CODE["a.py"].replace("f = open(path)", "f = pathlib.Path(path)")


def moved(nights: Nights) -> None:
    nights.code["a.py"] = "import sys\n\n\n" + CODE["a.py"]


def indented(nights: Nights) -> None:
    nights.code["a.py"] = CODE["a.py"].replace("    ", "\t\t")


def renamed(nights: Nights) -> None:
    nights.code["new/place.py"] = nights.code.pop("a.py")


def deleted(nights: Nights) -> None:
    del nights.code["a.py"]


@pytest.mark.parametrize(
    ("steps", "states"),
    [
        pytest.param([{"told": ["leak"]}], {"leak": "new"}, id="the first night"),
        pytest.param([{"told": ["leak"]}] * 2, {"leak": "still there"}, id="the same again"),
        pytest.param(
            [{"told": ["leak"]}, {"told": ["race", "leak"]}], {"leak": "still there", "race": "new"}, id="a second one"
        ),
        pytest.param([{"told": ["leak"]}, {"do": fixed}], {"leak": "gone"}, id="mended"),
        pytest.param([{"told": ["leak"]}, {}], {"leak": "gone"}, id="looked at again and not reported"),
        pytest.param([{"told": ["leak"]}, {}, {}, {"told": ["leak"]}], {"leak": "back"}, id="back after two nights"),
        pytest.param(
            [{"told": ["leak"]}, {}, {"told": ["leak"]}, {"told": ["leak"]}],
            {"leak": "still there"},
            id="back and there",
        ),
        pytest.param([{"told": ["leak"]}, {"silent": ["risk"]}], {"leak": "not seen"}, id="its reviewer was lost"),
        pytest.param([{"told": ["leak"]}, {"silent": ["security"]}], {"leak": "gone"}, id="another reviewer was lost"),
        pytest.param(
            [{"told": ["leak"]}, {"silent": ["risk", "security"]}], {"leak": "not seen"}, id="everybody was lost"
        ),
        pytest.param(
            [{"told": ["leak"]}, {"silent": ["risk"]}, {"told": ["leak"]}],
            {"leak": "still there"},
            id="seen again after a night that could not see it",
        ),
        pytest.param(
            [{"told": ["leak"]}, {"silent": ["risk"]}, {}], {"leak": "gone"}, id="gone only once somebody looked"
        ),
        pytest.param(
            [{"told": ["leak"]}, {}, {"silent": ["risk"]}],
            {"leak": "gone"},
            id="gone stays gone in a bad night",
        ),
        pytest.param([{"told": ["leak"]}, {"lenses": ["security"]}], {"leak": "not seen"}, id="nobody with that lens"),
        pytest.param([{"told": ["leak"]}, {"target": ["b.py"]}], {"leak": "not seen"}, id="another part of the target"),
        pytest.param([{"told": ["leak"]}, {"do": deleted}], {"leak": "gone"}, id="its file is gone"),
        pytest.param(
            [{"told": ["leak"]}, {"do": deleted, "silent": ["risk"]}],
            {"leak": "gone"},
            id="its file is gone, whoever was lost",
        ),
        pytest.param(
            [{"told": ["leak"]}, {"changes_only": True}], {"leak": "not seen"}, id="only changes, and its lines did not"
        ),
        pytest.param(
            [{"told": ["leak"]}, {"do": fixed, "changes_only": True}],
            {"leak": "gone"},
            id="only changes; mended",
        ),
        pytest.param([{"told": ["leak"]}, {"do": moved, "told": ["leak"]}], {"leak": "still there"}, id="moved"),
        pytest.param([{"told": ["leak"]}, {"do": indented, "told": ["leak"]}], {"leak": "still there"}, id="indented"),
        pytest.param([{"told": ["leak"]}, {"do": renamed, "told": ["leak"]}], {"leak": "still there"}, id="renamed"),
        pytest.param([{"told": ["leak"]}, {"do": renamed}], {"leak": "gone"}, id="renamed, and looked at again there"),
        pytest.param(
            [{"told": ["leak"]}, {"do": renamed, "silent": ["risk"]}], {"leak": "not seen"}, id="renamed in a bad night"
        ),
        pytest.param(
            [{"told": ["leak"]}, {"told": ["leak"], "differently": IN_OTHER_WORDS}],
            {"leak": "still there"},
            id="in other words",
        ),
        pytest.param(
            [{"told": ["leak"]}, {"told": ["leak"], "differently": {"leak": {"severity": "low"}}}],
            {"leak": "changed"},
            id="milder",
        ),
        pytest.param([{"told": ["leak"]}, {"do": fixed, "told": ["leak"]}], {"leak": "changed"}, id="mended in vain"),
        pytest.param(
            [{"told": ALL}, {"told": ALL, "together": ("race", "leak")}],
            {"leak": "not seen", "race": "still there", "secret": "still there"},
            id="told with another: nothing is gone",
        ),
        pytest.param(
            [{"told": ALL}, *[{"told": ALL, "together": ("race", "leak")}] * 3],
            {"leak": "not seen", "race": "still there", "secret": "still there"},
            id="told with another for three nights",
        ),
        pytest.param(
            [{"told": ALL}, *[{"told": ALL, "together": ("race", "leak")}] * 2, {"told": ALL}],
            {"leak": "still there", "race": "still there", "secret": "still there"},
            id="told with another and apart again: nothing is back",
        ),
        pytest.param(
            [{"told": ALL}, *[{"told": ALL, "together": ("race", "leak")}] * 2, {"told": ["race", "secret"]}],
            {"leak": "gone", "race": "still there", "secret": "still there"},
            id="told with another, and then gone",
        ),
        pytest.param(
            [{"told": ALL, "together": ("race", "leak")}, {"told": ALL}],
            {"leak": "still there", "race": "still there", "secret": "still there"},
            id="told with another until now: nothing is new",
        ),
        pytest.param(
            [{"told": ALL}, {"told": ["race", "secret"]}, {"told": ["leak", "secret"], "silent": []}],
            {"leak": "back", "race": "gone", "secret": "still there"},
            id="three that come and go",
        ),
    ],
)
def test_what_is_said_of_a_finding(steps: list[Step], states: dict[str, str]) -> None:
    nights = Nights()
    for step in steps:
        told = dict(step)
        change: Callable[[Nights], None] | None = told.pop("do", None)
        if change:
            change(nights)
        nights.night(**told)
    assert nights.states() == states
    assert len({one.id for one in nights.reports[-1].findings}) == len(nights.reports[-1].findings)


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({"silent": ["risk"]}, "w1-risk did not answer"),
        ({"target": ["b.py"]}, "a.py was not part of the target"),
        ({"lenses": ["security"]}, "nobody looked at a.py through risk"),
        ({"changes_only": True}, "only what changed was looked at, and its lines did not"),
        ({}, "looked at again and not reported, though its file did not change"),
    ],
)
def test_what_is_not_there_says_how_that_is_known(step: Step, why: str) -> None:
    nights = Nights()
    nights.night(["leak"])
    nights.night(**step)
    assert nights.why("leak") == why


def test_a_file_that_goes_while_the_night_runs_is_looked_at_by_who_answered() -> None:
    """It may have gone elsewhere; before the night its going is plain."""
    nights = Nights()
    report = nights.night(["leak"])
    (finding,), (answered,) = report.findings, report.looks
    lost = answered.model_copy(update={"answered": {}, "silent": answered.answered})
    assert looked(finding, [answered], report.target_digests, lying={}).again
    assert looked(finding, [lost], report.target_digests, lying={}).why == "w1-risk did not answer"
    assert looked(finding, [lost], {}, lying={}).why == "a.py is gone"


def test_nights_are_counted_only_when_it_was_seen_and_the_first_is_never_forgotten() -> None:
    nights = Nights()
    for told, silent in ((["leak"], []), ([], ["risk"]), (["leak"], []), ([], []), ([], []), (["leak"], [])):
        nights.night(told, silent=silent)
    history = nights.reports[-1].history
    assert history is not None
    lived = history.lived[nights.ids["leak"]]
    assert (lived.life, lived.runs_seen, lived.first_seen) == (Life.BACK, 3, nights.reports[0].run)
    assert lived.first_seen_at == nights.reports[0].started
    assert lived.why == f"gone since {nights.reports[3].run}"
    assert (history.since, history.runs) == (nights.reports[4].run, 6)


def test_what_only_a_broken_message_said_is_new_when_it_counts_for_the_first_time() -> None:
    nights = Nights()
    first = nights.night(["leak"])
    partial = [one.model_copy(update={"standing": Standing.PARTIAL}) for one in first.findings]
    nights.reports[0] = first.model_copy(update={"findings": tuple(partial)})
    nights.night(["leak"])
    assert nights.states() == {"leak": "new"}
    assert nights.why("leak") == "it was partial until now"


def test_a_renamed_file_is_followed_only_where_it_is_clear_which_is_which() -> None:
    nights = Nights(code={**CODE, "copy.py": CODE["a.py"]})
    nights.night(["leak"])
    before = nights.reports[0].target_digests
    twins = {"x.py": before["a.py"], "y.py": before["a.py"], "b.py": before["b.py"]}
    assert lifecycle._renamed(before, twins) == {}
    assert lifecycle._renamed(before, {**before, "z.py": before["a.py"]}) == {}


def test_those_gone_the_longest_are_let_go_with_a_note_and_nobody_gets_their_ids() -> None:
    nights = Nights(room=1)
    nights.night(ALL)
    nights.night(["race", "secret"])
    last = nights.night(["secret"])
    assert last.history is not None
    assert [one.id for one in last.history.departed] == [nights.ids["race"]]
    assert last.history.let_go == (nights.ids["leak"],)
    assert "No longer carried, gone the longest: 1 finding." in last.notes[-1]
    back = nights.night(["leak", "secret"])
    assert back.history is not None
    assert nights.ids["leak"] not in {one.id for one in back.findings}
    assert sorted(lived.life.value for lived in back.history.lived.values()) == ["new", "still there"]


def test_a_report_says_of_its_findings_by_the_ids_they_have_in_it() -> None:
    nights = Nights()
    nights.night(["leak"])
    again = nights.night(["leak"], differently=IN_OTHER_WORDS)
    assert again.next_step.startswith(f"Look at {nights.ids['leak']} first")


# ── the law ──────────────────────────────────────────────────────────────────────────────────────────────────────────

A_NIGHT = st.fixed_dictionaries(
    {
        "told": st.lists(st.sampled_from(ALL), unique=True),
        "silent": st.lists(st.sampled_from(["risk", "security"]), unique=True),
        "target": st.one_of(st.none(), st.lists(st.sampled_from(sorted(CODE)), min_size=1, unique=True)),
        "changes_only": st.booleans(),
        "differently": st.sampled_from([None, IN_OTHER_WORDS]),
        "change": st.sampled_from([None, fixed, moved, indented, renamed]),
    }
)


def play(steps: list[Step]) -> Nights:
    nights = Nights()
    for step in steps:
        told = dict(step)
        change = told.pop("change")
        if change and "a.py" in nights.code:
            change(nights)
        nights.night(**told)
    return nights


def in_all(report: Report) -> list[str]:
    assert report.history is not None
    return [*(one.id for one in report.findings), *(one.id for one in report.history.departed)]


@settings(max_examples=60, deadline=None)
@given(st.lists(A_NIGHT, min_size=2, max_size=5))
def test_no_finding_is_lost_doubled_or_called_otherwise(steps: list[Step]) -> None:
    nights = play(steps)
    known: set[str] = set()
    meaning: dict[str, str] = {}
    for made in nights.reports:
        told = in_all(made)
        assert len(told) == len(set(told)), "nobody is in it twice"
        assert known <= set(told), "whoever was known is still known"
        known = set(told)
        assert made.history is not None
        assert set(made.history.lived) == {one.id for one in made.findings}
        for one in made.findings:
            assert meaning.setdefault(one.id, one.category) == one.category, "an id means one problem"


@settings(max_examples=60, deadline=None)
@given(st.lists(A_NIGHT, min_size=2, max_size=5))
def test_nothing_is_gone_in_a_night_whose_workers_were_lost(steps: list[Step]) -> None:
    nights = play([*steps, {**steps[-1], "told": [], "silent": ["risk", "security"], "change": None}])
    before, last = nights.reports[-2].history, nights.reports[-1]
    assert before is not None
    assert last.history is not None
    gone_before, gone = ({one.id for one in told.departed if one.looked_again} for told in (before, last.history))
    assert gone == gone_before


@settings(max_examples=40, deadline=None)
@given(st.lists(A_NIGHT, min_size=2, max_size=4), st.integers(0, 1000))
def test_the_order_of_findings_does_not_matter(steps: list[Step], seed: int) -> None:
    nights = play(steps)
    earlier, made = nights.reports[-2:]
    shuffled = list(earlier.findings)
    random.Random(seed).shuffle(shuffled)
    assert earlier.history is not None
    departed = list(earlier.history.departed)
    random.Random(seed).shuffle(departed)
    other = earlier.model_copy(
        update={
            "findings": tuple(shuffled),
            "history": earlier.history.model_copy(update={"departed": tuple(departed)}),
        }
    )
    bare = made.model_copy(update={"history": None})
    for base in (earlier, other):
        known = lifecycle.known_from(base, bare)
        again = lifecycle.with_history(lifecycle.under_known_ids(bare, known), base, known, lying=nights.code)
        assert again.history == made.history


def test_the_stories_are_about_different_problems() -> None:
    assert len({said["category"] for said in SAID.values()}) == len(SAID)
