"""Research: one source from two researchers is one, a citation of nothing is removed, disagreement is shown."""

from collections.abc import Callable

from orchestra.rehearsal import Fail, Say, Script, asked_for, when
from tests.patterns.theatre import Stage

COST = {
    "synthesis": [{"text": "It costs ten.", "sources": [1]}, {"text": "Nobody says how long.", "sources": [9]}],
    "sources": [{"number": 1, "title": "Prices", "link": "https://example.org/prices?utm_source=x", "date": "2026"}],
    "disagreements": [
        {"about": "the price in 2027", "sides": [{"text": "Ten.", "sources": [1]}, {"text": "Twenty.", "sources": [1]}]}
    ],
    "uncertainty": ["Taxes."],
}
USE = {
    "synthesis": [{"text": "It works.", "sources": [1, 2]}],
    "sources": [
        {"number": 1, "title": "A report", "link": "https://example.org/report"},
        {"number": 2, "title": "The prices", "link": "http://www.example.org/prices/"},
    ],
    "disagreements": [],
    "uncertainty": [],
}
BRIEF = {
    "claims": [
        {"text": "It works and costs ten.", "sources": ["s1", "s2", "s7"]},
        {"text": "Everybody loves it.", "sources": ["s99"]},
    ],
    "disagreements": [],
    "uncertainty": ["Taxes."],
    "next_actions": [{"what": "Ask for an offer.", "why": "Prices change."}],
}
ASK = ("research", "Should we buy it?", "--angle", "cost", "--angle", "use", "--angle", "law", "--json")


def test_every_claim_cites_a_source_a_researcher_gave(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(
        Script(
            when("from this angle: cost", Say(COST)),
            when("from this angle: use", Say(USE)),
            when("from this angle: law", Say()),  # answers nothing
            when(asked_for("ResearchBrief"), Say(BRIEF)),
        )
    )
    report = stage.plays(*ASK, status=4).report
    brief = report.brief
    assert brief is not None
    assert [worker.label for worker in report.unanswered] == ["w3-law"]

    # The same page from two researchers is one source, whatever its address was dressed in.
    assert {source.title: source.said_by for source in brief.sources} == {
        "Prices": ("w1-cost", "w2-use"),
        "A report": ("w2-use",),
    }
    known = {source.id for source in brief.sources}
    assert [claim.text for claim in brief.claims] == ["It works and costs ten."]
    assert all(claim.sources and set(claim.sources) <= known for claim in brief.claims)

    # What cites nothing is removed, and the report says so: the synthesis' two, and a researcher's own.
    assert {(one.cited, one.claim) for one in brief.removed} == {
        ("s7", "It works and costs ten."),
        ("s99", "Everybody loves it."),
        ("9", "Nobody says how long."),
    }
    assert "No source was given for: Everybody loves it." in brief.uncertain

    # The synthesis passed over a disagreement; the brief does not.
    assert [(one.about, [side.text for side in one.sides]) for one in brief.disagreements] == [
        ("the price in 2027", ["Ten.", "Twenty."])
    ]
    assert report.actions[0].what == "Ask for an offer."
    assert report.next_step == "Ask for an offer."


def test_without_a_synthesis_what_was_found_still_stands(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(
        Script(
            when("from this angle: cost", Say(COST)),
            when(asked_for("ResearchNotes"), Say(USE)),
            when(asked_for("ResearchBrief"), Fail(400)),
        )
    )
    report = stage.plays(*ASK, status=4).report
    assert report.brief is not None
    assert {claim.text for claim in report.brief.claims} == {"It costs ten.", "It works."}
    assert report.brief.disagreements


def test_where_nobody_answers_nobody_is_asked_to_sum_it_up(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(Script(Fail(400)))
    report = stage.plays(*ASK, status=4).report
    assert len(report.workers) == 3
    assert report.brief is not None
    assert not report.brief.claims
    assert report.next_step.startswith("Nobody answered")
