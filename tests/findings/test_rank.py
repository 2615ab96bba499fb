"""The order of a report: severity, independent support, confidence, anchor; and the reasons."""

from typing import Any

import pytest

from orchestra.findings.finding import Anchor, MergedFinding, Place, Said, Severity, Standing
from orchestra.findings.headline import merged, severity_of
from orchestra.findings.rank import ranked
from tests.findings.tellings import said


def by(*severities: str, **words: Any) -> list[Said]:
    """Several workers, each with a severity of its own."""
    return [said(f"w{number}", severity=severity, **words) for number, severity in enumerate(severities, 1)]


@pytest.mark.parametrize(
    ("severities", "level"),
    [
        (["critical"], "critical"),
        (["critical", "high"], "critical"),
        (["critical", "high", "high"], "high"),
        (["critical", "medium"], "high"),
        (["critical", "low", "low", "low"], "medium"),
        (["high", "medium"], "high"),
        (["high", "low"], "medium"),
        (["medium", "low"], "medium"),
        (["low", "low", "medium"], "low"),
    ],
)
def test_one_voice_that_shouts_does_not_decide_for_all(severities: list[str], level: str) -> None:
    assert severity_of(by(*severities)) is Severity(level)


def test_a_worker_that_says_it_twice_has_one_voice() -> None:
    told = [said("w1", 1, severity="critical"), said("w1", 2, severity="critical"), said("w2", 1, severity="low")]
    assert severity_of(told) is Severity.HIGH
    assert merged(told).support == 2


def finding(*severities: str, **words: Any) -> MergedFinding:
    return merged(by(*severities, **words))


def at(anchor: Anchor, line: int = 3, quote: str = "q") -> tuple[Place, ...]:
    return (Place(path="a.py", start_line=line, end_line=line, quote=quote, anchor=anchor),)


ORDERED = [
    ("worse first", finding("high"), finding("medium")),
    (
        "the worse of two levels that are both high",
        finding("critical", "high", "high"),
        finding("high", "high", "high"),
    ),
    ("more independent workers", finding("high", "high"), finding("high", confidence=1.0)),
    ("more confidence", finding("high", confidence=0.9), finding("high", confidence=0.8)),
    ("better anchor", finding("high", places=at(Anchor.EXACT)), finding("high", places=at(Anchor.LOOSE))),
    ("what is there before what is not", finding("low"), finding("critical", places=at(Anchor.ABSENT))),
    ("answers before what was salvaged", finding("low"), finding("critical", "critical", complete=False)),
]


@pytest.mark.parametrize(("first", "second"), [row[1:] for row in ORDERED], ids=[row[0] for row in ORDERED])
def test_what_comes_first(first: MergedFinding, second: MergedFinding) -> None:
    for order in ((first, second), (second, first)):
        assert [one.said_by for one in ranked(order)] == [first.said_by, second.said_by]


def test_a_finding_that_was_refuted_since_moves_back() -> None:
    refuted = finding("critical").model_copy(
        update={"standing": Standing.WITHDRAWN, "standing_reason": "it is guarded"}
    )
    assert [one.standing for one in ranked([refuted, finding("low")])] == [Standing.OPEN, Standing.WITHDRAWN]
    assert ranked([refuted])[0].why_here[0] == "withdrawn: it is guarded"


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        (
            finding("critical", "high", "high", confidence=0.97),
            (
                "high: critical say 1, high say 2",
                "3 workers say so independently",
                "confidence 0.97",
                "the quote is where it says",
            ),
        ),
        (
            finding("low", places=at(Anchor.MOVED)),
            ("low", "one worker says so", "confidence 0.80", "the quote is there, its lines were corrected"),
        ),
        (
            finding("low", places=(*at(Anchor.MOVED), *at(Anchor.EXACT, line=9))),
            (
                "low",
                "one worker says so",
                "confidence 0.80",
                "a quote is where it says, another is there and its lines were corrected",
            ),
        ),
        (
            finding("high", complete=False),
            (
                "partial: it stands only in messages that were no full answer",
                "high",
                "no full answer says so",
                "confidence 0.80",
                "the quote is where it says",
            ),
        ),
        (
            finding("high", places=at(Anchor.OUTSIDE)),
            (
                "unanchored: it names no place inside the target",
                "high",
                "one worker says so",
                "confidence 0.80",
                "the place is outside the target",
            ),
        ),
    ],
)
def test_each_can_say_why_it_stands_where_it_stands(given: MergedFinding, reasons: tuple[str, ...]) -> None:
    assert ranked([given])[0].why_here == reasons


QUOTED, LINES = at(Anchor.ABSENT) + at(Anchor.ABSENT, line=4), at(Anchor.ABSENT, line=90, quote="")
OUTSIDE = at(Anchor.OUTSIDE, line=5)


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ((), "it names no place"),
        (OUTSIDE, "it names no place inside the target"),
        (QUOTED, "what it quotes is nowhere in the target"),
        (LINES, "the lines it names are nowhere in the target"),
        (LINES + QUOTED, "what it quotes and the lines it names are nowhere in the target"),
        (OUTSIDE + QUOTED, "what it quotes is nowhere in the target, and a place it names is outside"),
        (LINES + OUTSIDE, "the lines it names are nowhere in the target, and a place it names is outside"),
        (
            LINES + OUTSIDE + QUOTED,
            "what it quotes and the lines it names are nowhere in the target, and a place it names is outside",
        ),
        (OUTSIDE + QUOTED + at(Anchor.LINES, line=6, quote=""), None),
    ],
)
def test_why_nothing_of_it_is_there_names_every_kind_once(places: tuple[Place, ...], why: str | None) -> None:
    assert finding("high", places=places).standing_reason == why


def test_a_salvaged_message_does_not_change_what_full_answers_say() -> None:
    told = [*by("medium"), said("w9", severity="critical", confidence=1.0, complete=False)]
    both = merged(told)
    assert (both.severity, both.confidence, both.support, both.standing) == (Severity.MEDIUM, 0.8, 1, Standing.OPEN)


def test_places_are_each_listed_once_the_found_and_most_named_first() -> None:
    def place(line: int, anchor: Anchor) -> Place:
        return Place(path="a.py", start_line=line, end_line=line, quote="q", anchor=anchor)

    told = [
        said("w1", places=(place(1, Anchor.ABSENT), place(5, Anchor.EXACT))),
        said("w2", places=(place(9, Anchor.LOOSE), place(1, Anchor.ABSENT))),
        said("w3", places=(place(9, Anchor.EXACT), place(1, Anchor.ABSENT))),
    ]
    assert [(one.start_line, one.anchor) for one in merged(told).places] == [
        (9, Anchor.EXACT),
        (5, Anchor.EXACT),
        (1, Anchor.ABSENT),
    ]


def test_the_rewrite_and_the_category_of_the_many() -> None:
    told = [
        said("w1", category="Race", rewrite=None),
        said("w2", category="locking", rewrite="with lock:"),
        said("w3", category="race", rewrite="x"),
    ]
    assert (merged(told).rewrite, merged(told).category) == ("with lock:", "Race")
