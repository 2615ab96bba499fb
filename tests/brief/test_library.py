"""Sources of several researchers as one list, and no claim without one."""

from orchestra.brief.answers import ResearchBrief, ResearchNotes
from orchestra.brief.library import library


def notes(*sources: tuple[int, str, str], cites: list[int]) -> ResearchNotes:
    return ResearchNotes.model_validate(
        {
            "synthesis": [{"text": "a point", "sources": cites}],
            "sources": [{"number": number, "title": title, "link": link} for number, title, link in sources],
            "disagreements": [{"about": "x", "sides": [{"text": "yes", "sources": [99]}]}],
        }
    )


FOUND = library(
    [
        ("w1", notes((1, "Paper", "https://www.example.org/p/?utm_source=x"), (2, "Book", ""), cites=[1, 2])),
        (
            "w2",
            notes((7, "The paper", "http://example.org/p#section"), (8, "book", ""), (9, "[", "http://["), cites=[7]),
        ),
        ("w3", notes((1, "Other", "https://example.org/p?id=2"), cites=[5])),
    ]
)


def test_the_same_source_of_two_workers_is_one() -> None:
    assert [(source.id, source.title, source.said_by) for source in FOUND.sources] == [
        ("s1", "Paper", ("w1", "w2")),
        ("s2", "Book", ("w1", "w2")),
        ("s3", "[", ("w2",)),
        ("s4", "Other", ("w3",)),
    ]
    assert [note["points"][0]["sources"] for note in FOUND.notes] == [["s1", "s2"], ["s1"], []]


def test_what_a_researcher_cites_and_did_not_give_is_removed_and_reported() -> None:
    assert [(one.cited, one.claim) for one in FOUND.removed] == [
        ("99", "yes"), ("99", "yes"), ("5", "a point"), ("99", "yes"),
    ]  # fmt: skip


def test_a_brief_cites_nothing_that_nobody_gave() -> None:
    brief = ResearchBrief.model_validate(
        {
            "claims": [
                {"text": "good", "sources": ["s1", "[S2]", "s1"]},
                {"text": "half", "sources": ["s4", "s77"]},
                {"text": "made up", "sources": ["https://example.org/p"]},
                {"text": "bare"},
            ],
            "disagreements": [{"about": "x", "sides": [{"text": "yes", "sources": ["s9", "s3"]}]}],
            "uncertainty": ["open"],
        }
    )
    kept, removed = FOUND.checked(brief)
    assert [(claim.text, claim.sources) for claim in kept.claims] == [("good", ("s1", "s2")), ("half", ("s4",))]
    assert [(one.cited, one.claim) for one in removed] == [
        ("s77", "half"), ("https://example.org/p", "made up"), ("s9", "yes"),
    ]  # fmt: skip
    assert kept.disagreements[0].sides[0].sources == ("s3",)
    assert kept.uncertainty == ("open", "No source was given for: made up", "No source was given for: bare")
    assert FOUND.checked(kept)[1] == ()
