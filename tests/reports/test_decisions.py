"""Decisions about findings: what they rest on, when they lapse, whom they are about; and their file as text."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.errors import SettingsInvalid
from orchestra.findings.finding import Severity, Standing
from orchestra.reports import decision_text
from orchestra.reports.decisions import DecidedPlace, FindingDecision, decide, decided
from orchestra.reports.gate import gate
from orchestra.reports.history import Life
from tests.reports.nights import CODE, IN_OTHER_WORDS, Nights

ON = date(2026, 11, 2)


def accepted(nights: Nights, name: str = "leak", *, until: date | None = None, what: Any = "accepted") -> None:
    """Somebody decides about a finding of the last report."""
    last = nights.reports[-1]
    (finding,) = [one for one in last.findings if one.id == nights.ids[name]]
    decision = decide(finding, last, what, reason="behind the VPN", by="Ada", on=ON, until=until, lying=nights.code)
    nights.decisions = {**nights.decisions, finding.id: decision}


def last_of(nights: Nights, name: str = "leak") -> tuple[Standing, Life, str]:
    last = nights.reports[-1]
    (finding,) = [one for one in last.findings if one.id == nights.ids[name]]
    assert last.history is not None
    lived = last.history.lived[finding.id]
    return finding.standing, lived.life, lived.why


def test_what_was_accepted_stands_apart_is_counted_and_fails_no_gate() -> None:
    nights = Nights()
    nights.night(["leak", "secret"])
    accepted(nights, until=date(2026, 12, 1))
    last = nights.night(["leak", "secret"])
    assert last_of(nights) == (Standing.ACCEPTED, Life.STILL_THERE, "")
    assert [one.id for one in last.open] == [nights.ids["secret"]]
    assert last.findings[-1].standing_reason == "accepted by Ada on 2026-11-02 until 2026-12-01: behind the VPN"
    assert gate("high").judge(last).passed
    assert f"Not counted, accepted: {nights.ids['leak']}." in gate("high").judge(last).sentences
    assert last.next_step.startswith(f"Look at {nights.ids['secret']} first")
    nights.night(["leak", "secret"])
    assert last_of(nights) == (Standing.ACCEPTED, Life.STILL_THERE, "")


def test_dismissed_is_told_from_accepted() -> None:
    nights = Nights()
    nights.night(["leak"])
    accepted(nights, what="dismissed")
    last = nights.night(["leak"])
    assert last.findings[0].standing is Standing.DISMISSED
    assert last.findings[0].standing_reason == "dismissed by Ada on 2026-11-02: behind the VPN"
    assert gate("high").judge(last).passed


CHANGES: list[tuple[str, Callable[[str], str], str]] = [
    ("nothing", lambda text: text, ""),
    ("moved", lambda text: f"import sys\n\n{text}", ""),
    ("indented anew", lambda text: text.replace("    ", "\t"), ""),
    ("a line after it", lambda text: text.replace("    return parse(f)\n", "    return other(f)\n"), ""),
    ("the line itself", lambda text: text.replace("open(path)", "open(path, 'rb')"), "a.py:4"),
    ("the line longer", lambda text: text.replace("open(path)", "open(path) or None"), "a.py:4"),
    ("gone", lambda text: text.replace("    f = open(path)\n", ""), "a.py:4"),
]


@pytest.mark.parametrize(("change", "lapses"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_decision_rests_on_its_lines(change: Callable[[str], str], lapses: str) -> None:
    nights = Nights()
    nights.night(["leak"])
    accepted(nights)
    nights.night(["leak"])
    nights.code["a.py"] = change(CODE["a.py"])
    quote = next((line.strip() for line in nights.code["a.py"].split("\n") if "open(" in line), "f = open(path)")
    place = {"path": "a.py", "start_line": 4, "end_line": 4, "quote": quote}
    nights.night(["leak"], differently={"leak": {"locations": [place]}})
    standing, life, why = last_of(nights)
    if lapses:
        assert standing is not Standing.ACCEPTED
        assert (life, why) == (Life.REOPENED, f"what it rested on changed: {lapses}")
        assert f"it lapsed: {why}" in nights.reports[-1].findings[0].why_here[-1]
        nights.night(["leak"], differently={"leak": {"locations": [place]}})
        assert last_of(nights)[1] is Life.STILL_THERE, "reopened is said once"
    else:
        assert (standing, life) == (Standing.ACCEPTED, Life.STILL_THERE)


@pytest.mark.parametrize("words", [{}, IN_OTHER_WORDS], ids=["same words", "other words"])
def test_a_decision_follows_a_renamed_file_and_lapses_with_a_deleted_one(words: Mapping[str, Any]) -> None:
    nights = Nights()
    nights.night(["leak"])
    accepted(nights)
    nights.night(["leak"])
    nights.code["new.py"] = nights.code.pop("a.py")
    nights.night(["leak"], differently=words)
    assert last_of(nights)[0] is Standing.ACCEPTED
    (decision,) = nights.decisions.values()
    del nights.code["new.py"]
    assert decision.lapsed(nights.code, ON, ["new.py"]) == "what it rested on changed: a.py is gone"


@pytest.mark.parametrize(("today", "holds"), [(date(2026, 12, 1), True), (date(2026, 12, 2), False)])
def test_until_is_the_last_day_it_holds(today: date, holds: bool) -> None:
    nights = Nights()
    nights.night(["leak"])
    accepted(nights, until=date(2026, 12, 1))
    nights.night(["leak"])
    nights.night(["leak"], today=today)
    standing, life, why = last_of(nights)
    assert (standing is Standing.ACCEPTED) is holds
    if not holds:
        assert (life, why) == (Life.REOPENED, "accepted until 2026-12-01")
        assert not gate("new:high").judge(nights.reports[-1]).passed


def test_what_is_taken_back_is_reopened() -> None:
    nights = Nights()
    nights.night(["leak"])
    accepted(nights)
    nights.night(["leak"])
    nights.decisions = {}
    nights.night(["leak"])
    assert last_of(nights) == (Standing.OPEN, Life.REOPENED, "it is no longer accepted")


def test_an_accepted_finding_that_comes_back_is_still_accepted() -> None:
    nights = Nights()
    nights.night(["leak"])
    accepted(nights)
    nights.night(["leak"])
    nights.night([])
    nights.night(["leak"])
    assert last_of(nights)[:2] == (Standing.ACCEPTED, Life.BACK)


def test_a_run_that_knows_no_earlier_one_finds_its_decision_by_what_is_said() -> None:
    first, other = Nights(), Nights()
    first.night(["leak"])
    accepted(first)
    bare = other.night(["leak", "race"], differently=IN_OTHER_WORDS).model_copy(update={"history": None})
    assert other.ids["leak"] != first.ids["leak"]
    now = decided(bare, first.decisions, lying=CODE, today=ON, rename=True).report
    assert [(one.id, one.standing) for one in now.findings] == [
        (other.ids["race"], Standing.OPEN),
        (first.ids["leak"], Standing.ACCEPTED),
    ]


def test_an_id_alone_is_not_enough() -> None:
    nights = Nights()
    nights.night(["leak", "race"])
    accepted(nights)
    (decision,) = nights.decisions.values()
    now = decided(nights.reports[-1], {nights.ids["race"]: decision}, lying=CODE, today=ON).report
    assert {one.id: one.standing for one in now.findings} == {
        nights.ids["race"]: Standing.OPEN,
        nights.ids["leak"]: Standing.ACCEPTED,
    }


def test_it_rests_on_whole_lines_where_a_part_was_quoted() -> None:
    nights = Nights()
    place = {"path": "a.py", "start_line": 3, "end_line": 5, "quote": "open(path)"}
    nights.night(["leak"], differently={"leak": {"locations": [place]}})
    accepted(nights)
    (decision,) = nights.decisions.values()
    assert decision.places == (DecidedPlace(path="a.py", line=4, lines=("    f = open(path)",)),)
    nights.reports[-1] = nights.reports[-1].model_copy(update={"excerpts": ()})
    accepted(nights)
    assert next(iter(nights.decisions.values())).places == decision.places


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def decision(**said: Any) -> FindingDecision:
    place = DecidedPlace(path="a.py", line=4, lines=("    f = open(path)",))
    ordinary = {"decision": "accepted", "title": "T", "reason": "R", "by": "Ada", "on": ON, "severity": Severity.HIGH}
    return FindingDecision.model_validate({**ordinary, "places": (place,), **said})


BY_HAND = """\
# Our decisions.

# Ask Grace before touching this one.
[f-2222]  # agreed in the meeting
decision = "dismissed"
title = "T"
reason = '''two
lines'''
by = "Grace"
on = 2026-01-02
severity = "low"

[[f-2222.places]]
path = "b.py"
lines = ["[f-9999]", "x = 1"]

# about the third
[f-3333]
decision = "accepted"
title = "T"
reason = "R"
by = "Ada"
on = 2026-01-02
severity = "low"
"""


def test_what_people_wrote_stays_where_it_is() -> None:
    between = decision_text.put(BY_HAND, "f-2fff", decision())
    head, tail = BY_HAND.split("# about the third")
    assert between.startswith(head)
    assert between.endswith(f"# about the third{tail}")
    assert list(decision_text.read(between, "")) == ["f-2222", "f-2fff", "f-3333"]
    assert decision_text.without(between, "f-2fff") == BY_HAND
    again = decision_text.put(BY_HAND, "f-2222", decision(reason="new"))
    assert "# Ask Grace before touching this one.\n[f-2222]\n" in again
    assert again.endswith(f"# about the third{tail}")
    without = decision_text.without(BY_HAND, "f-2222")
    assert without.startswith("# Our decisions.\n")
    assert "Grace" not in without


def test_the_order_is_that_of_the_ids_whoever_comes_first() -> None:
    names = ["f-3333", "f-1111", "f-2222"]
    texts = []
    for order in (names, sorted(names)):
        text = ""
        for name in order:
            text = decision_text.put(text, name, decision())
        texts.append(text)
    assert texts[0] == texts[1]
    assert list(decision_text.read(texts[0], "")) == sorted(names)


WORDS = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=100, deadline=None)
@given(WORDS, WORDS, st.lists(WORDS, max_size=4), st.sampled_from(["f-1111", "f-5555", "mine-0", "a b"]))
def test_whatever_is_said_is_read_as_it_was_written(title: str, reason: str, lines: list[str], name: str) -> None:
    said = decision(
        title=title, reason=f"r{reason}", places=[{"path": "a.py", "line": 1, "lines": lines}], until=date(2027, 1, 1)
    )
    text = decision_text.put(BY_HAND, name, said)
    assert decision_text.read(text, "")[name] == said
    assert decision_text.put(text, name, said) == text
    assert decision_text.without(text, name) == BY_HAND


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[f-1\n", 1, "not TOML"),
        (BY_HAND.replace("by = ", "buy = ", 1), 9, "Did you mean 'by'?"),
        (BY_HAND.replace('"dismissed"', '"denied"'), 5, "'accepted' or 'dismissed'"),
        (BY_HAND.replace("on = 2026-01-02", 'on = "soon"', 1), 10, "date"),
        (BY_HAND.replace('"b.py"', '"../../etc/passwd"'), 14, "leads out of the project"),
        ("x = 1\n", 1, "outside of the table"),
        (BY_HAND.replace("# about", "<<<<<<< ours\n=======\n# about") + ">>>>>>> theirs\n", 17, "a conflict begins"),
    ],
)
def test_a_file_that_says_what_it_cannot_mean_is_told_with_the_line(text: str, line: int, said: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        decision_text.read(text, "orchestra-decisions.toml")
    assert said in refused.value.what
    assert refused.value.where == f"orchestra-decisions.toml:{line}"
