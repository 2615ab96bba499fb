"""Bad input: what becomes of it. Lenient where the meaning is plain, partial where not, nothing lost without a line."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.answer import Unreadable, read
from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import Anchor, Finding, ReviewMessage, Severity, Standing
from orchestra.findings.parse import parse
from tests.findings.tellings import ORDINARY, entry, message

TEXTS = {"a.py": "import os\n\nf = open(path)\nparse(f)\n"}


@dataclass(frozen=True)
class Story:
    """What a worker wrote, and what is read."""

    name: str
    wrote: str
    read: dict[str, Any]
    """What the first finding has become; `count` of them."""
    noted: str | None = None
    """A part of the one note that says so; None: there is nothing to note."""


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in entry().items() if key not in keys}


def place(**said: Any) -> list[dict[str, Any]]:
    return [{**ORDINARY["locations"][0], **said}]


THERE = {
    "physicalLocation": {
        "artifactLocation": {"uri": "a.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "endLine": 4, "snippet": {"text": "f = open(path)"}},
    }
}


def sarif(*results: dict[str, Any]) -> str:
    rules = [
        {"id": "B7", "helpUri": "https://x.org/B7"},
        {"id": "S1", "messageStrings": {"m": {"text": "{0} leaks."}}, "properties": {"security-severity": "9.4"}},
    ]
    run = {"tool": {"driver": {"name": "lint", "rules": rules}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]})


PLAIN = [
    Story("as asked for", message(entry()), {"severity": "high", "count": 1}),
    Story("no findings", message(), {"count": 0}),
    Story("findings are null", json.dumps({"summary": "s", "findings": None}), {"count": 0}, "there are none"),
    Story("in a Markdown fence", f"```json\n{message(entry())}\n```", {"count": 1}, "fence"),
    Story("after a sentence of prose", f"Here you are:\n{message(entry())}\nBye.", {"count": 1}, "prose"),
    Story("a bare list", json.dumps([entry()]), {"count": 1}, "bare list"),
    Story("a single finding", json.dumps(entry()), {"count": 1}, "single finding"),
    Story("under another name", json.dumps({"summary": "", "issues": [entry()]}), {"count": 1}, "'issues'"),
    Story("more than was asked for", message(entry(), verdict="no go"), {"count": 1}, "verdict: no go"),
    Story("empty entries", message(entry(), None, {}), {"count": 1}, "2 of the 3 entries"),
    Story("confidence as text", message(entry(confidence="0.7")), {"confidence": 0.7}, "'0.7' is read as 0.7"),
    Story("confidence in percent", message(entry(confidence="70 %")), {"confidence": 0.7}, "'70 %' is read as 0.7"),
    Story("confidence of 70", message(entry(confidence=70)), {"confidence": 0.7}, "70 is read as 0.7"),
    Story("confidence of 7", message(entry(confidence=7)), {"confidence": 0.7}, "7 is read as 0.7"),
    Story("confidence of 700", message(entry(confidence=700)), {"confidence": 0.5}, "'700' is read as 0.5"),
    Story("confidence below nothing", message(entry(confidence=-1)), {"confidence": 0.5}, "'-1' is read as 0.5"),
    Story("confidence in a word", message(entry(confidence="high")), {"confidence": 0.9}, "'high' is read as 0.9"),
    Story("confidence NaN", message(entry(confidence=float("nan"))), {"confidence": 0.5}, "is read as 0.5"),
    Story("confidence missing", message(without("confidence")), {"confidence": 0.5}, "no confidence was given"),
    Story("no category", message(without("category")), {"category": "other"}, "no category was given"),
    Story("no recommendation", message(without("recommendation")), {"recommendation": ""}, "no recommendation"),
    Story(
        "no title", message(without("title")), {"title": "The handle stays open when parsing fails."}, "first sentence"
    ),
    Story("no locations", message(without("locations")), {"locations": ()}, "no location was given"),
    Story("only a title", message(without("problem")), {"problem": ORDINARY["title"]}, "no text but the title"),
    Story("another key", message({**without("problem"), "description": "D"}), {"problem": "D"}, "'description'"),
    Story("a key too many", message(entry(cwe="CWE-772")), {"problem": f"{ORDINARY['problem']}\ncwe: CWE-772"}, "cwe"),
    Story("lines as text", message(entry(locations=place(start_line="3", end_line="4"))), {"lines": (3, 4)}, "3 to 4"),
    Story(
        "a range as text",
        message(entry(locations=[{"path": "a.py", "line": "L3-4", "quote": "q"}])),
        {"lines": (3, 4)},
        "'line'",
    ),
    Story(
        "reversed lines",
        message(entry(locations=place(start_line=9, end_line=3))),
        {"lines": (3, 9)},
        "9 to 3 are read",
    ),
    Story("line 0", message(entry(locations=place(start_line=0, end_line=0))), {"lines": (1, 1)}, "0 to 0 are read"),
    Story("a negative line", message(entry(locations=place(start_line=-4, end_line=2))), {"lines": (1, 2)}, "-4 to 2"),
    Story(
        "an enormous line", message(entry(locations=place(end_line=10**30))), {"lines": (3, 3)}, "are read as 3 to 3"
    ),
    Story(
        "no last line",
        message(entry(locations=[{"path": "a.py", "start_line": 3, "quote": "q"}])),
        {"lines": (3, 3)},
        "3 are read",
    ),
    Story("no line", message(entry(locations=[{"path": "a.py", "quote": "q"}])), {"lines": (1, 1)}, "names no line"),
    Story("no quote", message(entry(locations=[{"path": "a.py", "start_line": 3}])), {"quote": ""}, "no quote"),
    Story("a location as text", message(entry(locations=["a.py:3-4"])), {"lines": (3, 4)}, "no quote"),
    Story(
        "a location beside", message({**without("locations"), "file": "b.py", "line": 7}), {"lines": (7, 7)}, "'file'"
    ),
    Story("one location, no list", message(entry(locations=place()[0])), {"lines": (3, 3)}, "outside a list"),
    Story("half of a surrogate pair", message(entry(title="bad \ud83d end")), {"title": "bad ? end"}, "not plain text"),
    Story(
        "a linter's SARIF",
        sarif(
            {"ruleId": "B7", "ruleIndex": 0, "level": "error", "message": {"text": "It leaks."}, "locations": [THERE]}
        ),
        {"severity": "high", "lines": (3, 4), "category": "B7", "recommendation": "See https://x.org/B7", "count": 1},
        "the message is SARIF",
    ),
    Story(
        "SARIF of a scanner that scores and has its texts in its rules",
        sarif({"ruleId": "S1", "message": {"id": "m", "arguments": ["open"]}, "locations": [THERE], "rank": 80}),
        {"severity": "critical", "title": "open leaks.", "confidence": 0.8, "count": 1},
        "the message is SARIF",
    ),
    Story(
        "SARIF with what is no finding",
        sarif(
            {"message": {"text": "Fine."}, "kind": "pass"},
            {"message": {"text": "Known."}, "suppressions": [{"kind": "inSource"}]},
            {"message": {"text": "It leaks."}, "level": "note"},
        ),
        {"severity": "low", "title": "It leaks.", "locations": (), "count": 1},
        "1 of its results left out: suppressed there",
    ),
    Story(
        "a linter's JSON",
        json.dumps(
            [
                {
                    "code": "B7",
                    "filename": "/w/a.py",
                    "location": {"row": 3, "column": 5},
                    "message": "It leaks.",
                    "severity": "error",
                }
            ]
        ),
        {"severity": "high", "lines": (3, 3), "category": "B7", "title": "It leaks."},
        "the name of a rule",
    ),
    Story(
        "codex's own review",
        json.dumps(
            {
                "findings": [
                    {
                        "title": "[P1] Close it",
                        "body": "It leaks.",
                        "confidence_score": 0.9,
                        "priority": 1,
                        "code_location": {"absolute_file_path": "/w/a.py", "line_range": {"start": 3, "end": 4}},
                    }
                ],
                "overall_correctness": "patch is incorrect",
                "overall_explanation": "One leak.",
                "overall_confidence_score": 0.8,
            }
        ),
        {"severity": "high", "confidence": 0.9, "lines": (3, 4), "problem": "It leaks."},
        "overall_correctness: patch is incorrect",
    ),
]
SEVERITIES = {
    "critical": ("SEVERE", "Critical", "BLOCKER", "P0", "[P0]", "sev1", "kritisch", "schwerwiegend", "critique"),
    "high": ("HIGH", "major", "P1", "hoch", "élevée", "alta", "wysoki", "высокий", "High (CVSS 8.1)", "8.1", 8.1),
    "medium": ("Moderate", "warning", "P2", "mittel", "moyenne", "media", "średni", "средняя", "5.0"),
    "low": ("minor", "info", "nit", "P3", "niedrig", "faible", "baja", "niski", "низкий", "🟢 Low", "1.2"),
}
IN_OTHER_SCRIPTS = {
    "critical": ("严重", "致命的", "치명적"),
    "high": ("高", "严重性: 高", "높음"),
    "low": ("低", "낮음"),
}


@pytest.mark.parametrize("story", PLAIN, ids=lambda story: story.name)
def test_plain_meaning_is_read_and_noted(story: Story) -> None:
    reading = read(story.wrote, ReviewMessage)
    findings = reading.value.findings
    for key, value in story.read.items():
        if key == "count":
            assert len(findings) == value
        elif key == "lines":
            assert (findings[0].locations[0].start_line, findings[0].locations[0].end_line) == value
        elif key == "quote":
            assert findings[0].locations[0].quote == value
        else:
            assert getattr(findings[0], key) == value
    if story.noted is None:
        assert not reading.notes
    else:
        assert sum(story.noted in note for note in reading.notes) == 1, reading.notes
    assert parse(story.wrote).complete


@pytest.mark.parametrize(
    ("word", "level"),
    [(word, level) for words in (SEVERITIES, IN_OTHER_SCRIPTS) for level, said in words.items() for word in said],
)
def test_severities_in_other_words_and_languages(word: object, level: str) -> None:
    reading = read(message(entry(severity=word)), ReviewMessage)
    assert reading.value.findings[0].severity == level
    assert [note for note in reading.notes if f"is read as {level}" in note]


@pytest.mark.parametrize("severity", ["purple", "", 2, None, ["high"], True])
def test_a_severity_without_plain_meaning_is_asked_for_again_and_salvaged_meanwhile(severity: object) -> None:
    wrote = message(entry(severity=severity))
    with pytest.raises(Unreadable, match="severity"):
        read(wrote, ReviewMessage)
    parsed = parse(wrote)
    assert not parsed.complete
    assert [(one.severity, one.title) for one in parsed.findings] == [(Severity.MEDIUM, ORDINARY["title"])]
    assert any("its own words are kept" in note for note in parsed.notes)


WHOLE = message(entry(title="One"), entry(title="Two"), entry(title="Three"))
SALVAGED = [
    ("cut in the third", WHOLE[: WHOLE.index("Three") + 3], ["One", "Two", "Thr"], "breaks off"),
    ("cut after the second", WHOLE[: WHOLE.index("Three") - 12], ["One", "Two"], None),
    ("cut within a key", WHOLE[: WHOLE.index("Three") + 12], ["One", "Two", "Three"], "breaks off"),
    ("cut in an open fence", "```json\n" + WHOLE[: WHOLE.index("Three") + 20], ["One", "Two", "Three"], "breaks off"),
    ("broken in the second", WHOLE.replace('"Two"', '"Two" oops'), ["One", None, "Three"], "broken at"),
    ("a finding that is a text", message(entry(title="One"), "Two is wrong"), ["One", "Two is wrong"], "Two is wrong"),
    ("a finding that is a number", message(entry(title="One"), 7), ["One", "7"], "kept: 7"),
    ("a finding without words", message(entry(title="One"), {"x": 1}), ["One", '{"x": 1}'], '{"x": 1}'),
    ("lines without meaning", message(entry(title="One", locations=place(path=["a"]))), ["One"], "kept"),
]


@pytest.mark.parametrize(("wrote", "titles", "noted"), [row[1:] for row in SALVAGED], ids=[row[0] for row in SALVAGED])
def test_what_is_whole_in_a_broken_message_is_salvaged(wrote: str, titles: list[str | None], noted: str | None) -> None:
    parsed = parse(wrote)
    assert not parsed.complete
    assert len(parsed.findings) == len(titles)
    assert all(title in (None, one.title) for one, title in zip(parsed.findings, titles, strict=True))
    assert any("support nothing" in note for note in parsed.notes)
    if noted:
        assert any(noted in note for note in parsed.notes), parsed.notes


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 41))
def test_wherever_it_is_cut_no_whole_finding_is_lost(cut: int) -> None:
    parsed = parse(WHOLE[:cut])
    whole = sum(WHOLE[:cut].count(json.dumps(entry(title=title))) for title in ("One", "Two", "Three"))
    assert len(parsed.findings) >= whole
    assert parsed.notes


NOTHING = [
    "",
    "   \n",
    "\ufeff",
    "null",
    "42",
    '"done"',
    "{}",
    "[]",
    "[[]]",
    "Looks good to me.",
    "[" * 100_000,
    "9" * 10_000,
]


@pytest.mark.parametrize("wrote", NOTHING, ids=lambda text: repr(text[:12]))
def test_nothing_to_read_is_said(wrote: str) -> None:
    parsed = parse(wrote)
    assert parsed.findings == ()
    if wrote in ("[]", "[[]]"):
        assert parsed.complete
    else:
        assert not parsed.complete
    assert parsed.notes


def test_five_thousand_findings_have_few_notes() -> None:
    parsed = parse(message(*[without("confidence", "category") for _ in range(5000)]))
    assert len(parsed.findings) == 5000
    assert parsed.notes == (
        "findings 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4,990 more: no category was given",
        "findings 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4,990 more: no confidence was given",
    )


# ── what becomes of it in the report ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "anchor"),
    [
        ("../../etc/passwd", Anchor.OUTSIDE),
        ("/etc/passwd", Anchor.OUTSIDE),
        ("src/../../a.py", Anchor.OUTSIDE),
        ("C:\\Windows\\win.ini", Anchor.OUTSIDE),
        ("file:///etc/passwd", Anchor.OUTSIDE),
        ("~/.ssh/id_rsa", Anchor.OUTSIDE),
        ("a.py\0.txt", Anchor.OUTSIDE),
        ("link/etc/passwd", Anchor.OUTSIDE),
        ("./src/../link", Anchor.OUTSIDE),
        ("link.py", Anchor.ABSENT),
        ("b.py", Anchor.ABSENT),
        ("", Anchor.ABSENT),
        ("./a.py", Anchor.EXACT),
        ("/tmp/copy/of/it/a.py", Anchor.EXACT),
    ],
)
def test_a_path_that_leads_out_is_kept_and_marked(path: str, anchor: Anchor) -> None:
    curated = curate([Message(worker="w1", message=message(entry(locations=place(path=path))))], TEXTS, {"link"})
    (finding,) = curated.findings
    assert finding.places[0].anchor is anchor
    assert finding.said_by[0].finding.locations[0].path == path
    assert finding.standing is (Standing.OPEN if anchor is Anchor.EXACT else Standing.UNANCHORED)
    assert finding.standing_reason is None if anchor is Anchor.EXACT else finding.standing_reason


def test_lines_beyond_the_end() -> None:
    curated = curate(
        [Message(worker="w1", message=message(entry(locations=place(start_line=400, end_line=410))))], TEXTS
    )
    (place_found,) = curated.findings[0].places
    assert (place_found.start_line, place_found.anchor) == (3, Anchor.MOVED)
    beyond = place(start_line=400, end_line=410, quote="")
    curated = curate([Message(worker="w1", message=message(entry(locations=beyond)))], TEXTS)
    assert curated.findings[0].places[0].anchor is Anchor.ABSENT
    assert curated.findings[0].standing is Standing.UNANCHORED
    assert curated.findings[0].standing_reason == "the lines it names are nowhere in the target"


def test_a_quote_of_100_kilobytes_is_whole_in_the_words_of_the_worker() -> None:
    quote = "x = 1\n" * 17_000
    curated = curate([Message(worker="w1", message=message(entry(locations=place(quote=quote))))], {"a.py": quote})
    (finding,) = curated.findings
    assert finding.places[0].anchor is Anchor.MOVED
    assert len(finding.places[0].quote) < 2100
    assert finding.said_by[0].finding.locations[0].quote == quote


def test_a_title_of_10000_characters_is_cut_in_the_headline_only() -> None:
    title = "An endless\ntitle " * 600
    (finding,) = curate([Message(worker="w1", message=message(entry(title=title)))], TEXTS).findings
    assert 110 < len(finding.title) <= 120
    assert finding.title.endswith("…")
    assert "\n" not in finding.title
    assert finding.said_by[0].finding.title == title


def test_control_characters_and_bidi_overrides_stay_in_the_data() -> None:
    odd = "\x1b[31mred\x07 \u202egnp.exe\u2066 \x00 \x85"
    wrote = message(entry(title=odd, problem=odd, locations=place(quote=odd)))
    (finding,) = curate([Message(worker="w1", message=wrote)], {"a.py": f"1\n2\n{odd}\n"}).findings
    assert finding.places[0].anchor is Anchor.EXACT
    assert finding.problem == odd
    assert finding.said_by[0].finding.title == odd
    assert json.loads(finding.model_dump_json())["problem"] == odd


def test_the_same_message_twice() -> None:
    once = Message(worker="w1", message=message(entry()))
    curated = curate([once, once], TEXTS)
    assert [(one.worker, one.index) for finding in curated.findings for one in finding.said_by] == [("w1", 1)]
    assert curated.notes == ("w1: the same message came 2 times; it is read once",)


def test_two_messages_under_one_label_are_told_apart() -> None:
    messages = [Message(worker="w1", message=message(entry(title=title))) for title in ("Here", "There")]
    for order in (messages, messages[::-1]):
        curated = curate(order, TEXTS)
        assert {one.worker for finding in curated.findings for one in finding.said_by} == {"w1", "w1~2"}
        assert "w1~2: another message came under the label w1; it is called w1~2" in curated.notes


def test_two_workers_with_one_text_are_one_voice() -> None:
    curated = curate([Message(worker=worker, message=message(entry())) for worker in ("w1", "w2")], TEXTS)
    (finding,) = curated.findings
    assert [one.worker for one in finding.said_by] == ["w1", "w2"]
    assert finding.support == 1
    assert curated.notes == ("w2: word for word what w1 says; together they count as one voice",)


def test_a_partial_message_stands_apart_and_supports_nothing() -> None:
    cut = message(entry(), entry(title="Another thing", problem="Elsewhere, something else.", locations=[]))
    curated = curate(
        [Message(worker="w1", message=message(entry())), Message(worker="w2", message=cut[:-5] + "oops")], TEXTS
    )
    standing = {finding.title: (finding.standing, finding.support) for finding in curated.findings}
    assert standing == {ORDINARY["title"]: (Standing.OPEN, 1), "Another thing": (Standing.PARTIAL, 0)}


def test_a_worker_that_did_not_answer_in_full_is_partial_though_its_json_is_whole() -> None:
    (finding,) = curate([Message(worker="w1", message=message(entry()), complete=False)], TEXTS).findings
    assert finding.standing is Standing.PARTIAL
    assert finding.support == 0


def test_no_messages() -> None:
    curated = curate([], TEXTS)
    assert curated.findings == ()
    assert curated.notes == ()


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*ORDINARY, "path", "line", "start_line", "findings", "summary", "x"]), inner)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_no_json_breaks_the_reading(data: Any) -> None:
    parsed = parse(json.dumps(data))
    assert parsed.complete or parsed.notes
    for one in parsed.findings:
        assert Finding.model_validate_json(one.model_dump_json()) == one


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    parsed = parse(text)
    assert parsed.notes
    curate([Message(worker="w1", message=text)], TEXTS)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from([*ORDINARY, "description", "file"]), JSON, min_size=1), min_size=1, max_size=4
    )
)
def test_an_entry_with_a_word_in_it_is_never_lost(entries: list[dict[str, Any]]) -> None:
    speaking = [{**one, "title": f"number {number}"} for number, one in enumerate(entries)]
    parsed = parse(json.dumps({"summary": "", "findings": speaking}))
    assert len(parsed.findings) == len(speaking)
