"""Every format takes every report: nothing breaks, nothing is lost without a word, no word does anything."""

import re
from functools import cache

import pytest

from orchestra.reports.first_lines import headline
from orchestra.reports.renderers.catalogue import FORMATS, renderer
from orchestra.reports.report import Report
from tests.reports.stories import HOSTILE, STORIES, merged, report, worker

FOR_PEOPLE = {"terminal", "markdown", "html"}
ONLY_OPEN = {"github", "rdjsonl", "gitlab"}
COMMAND = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE)

every_format = pytest.mark.parametrize("form", FORMATS)
every_story = pytest.mark.parametrize("story", STORIES)


@cache
def made(story: str) -> Report:
    return STORIES[story]()


@cache
def rendered(form: str, story: str) -> str:
    return renderer(form)(made(story))


@every_format
@every_story
def test_a_format_takes_a_report_and_gives_the_same_text_again(form: str, story: str) -> None:
    text = rendered(form, story)
    assert text.endswith("\n") or text == ""
    if story != "2000 findings":  # a second time would double the minutes and show nothing the others do not
        before = made(story).model_dump_json()
        assert renderer(form)(made(story)) == text
        assert made(story).model_dump_json() == before


@every_format
@every_story
def test_no_sign_in_the_text_steers_a_terminal_or_turns_a_line_around(form: str, story: str) -> None:
    strange = {sign for sign in rendered(form, story) if not sign.isprintable() and sign not in "\n\u200d"}
    assert strange <= {"\t"} if form == "html" else not strange


@every_format
@every_story
def test_no_line_is_a_command_of_a_ci_service(form: str, story: str) -> None:
    lines = rendered(form, story).split("\n")
    if form == "github":
        ours = re.compile(r"::(error|warning|notice) [^:]*::[^\n]")
        assert all(ours.match(line) for line in lines if COMMAND.search(line))
        return
    assert not [line for line in lines if COMMAND.search(line)]


@every_format
@every_story
def test_no_finding_is_lost(form: str, story: str) -> None:
    report, text = made(story), rendered(form, story)
    found = report.open if form in ONLY_OPEN else report.findings
    told = set(re.findall(r"f-[0-9a-f]{4,}", text))
    missing = [finding.id for finding in found if finding.id not in told]
    if form == "github" and missing:
        assert re.search(r"more (error|warning|notice)s? not shown here", text)
    elif form not in ("rdjsonl", "gitlab"):
        assert not missing
    else:
        assert len(found) <= text.count("\n") if form == "rdjsonl" else not missing


@pytest.mark.parametrize("form", sorted(FOR_PEOPLE))
@every_story
def test_a_person_reads_the_state_first(form: str, story: str) -> None:
    words = [word for word in re.split(r"\W+", headline(made(story)))[:6] if word]
    first = re.sub(r"<(style|script)>.*?</\1>", "", rendered(form, story), flags=re.DOTALL)[:6000]
    assert re.search(r"\W+".join(words), first)


@every_format
def test_where_nobody_answered_nothing_sounds_like_a_clean_bill(form: str) -> None:
    text = rendered(form, "everybody silent")
    assert "no open findings" not in text.lower()
    assert "Nothing to mend" not in text
    assert "w2-security" in text
    assert "w1-risk" in text


@every_format
@pytest.mark.parametrize("story", ["one silent", "everybody silent", "nobody asked"])
def test_a_report_that_lacks_somebody_is_never_an_empty_file(form: str, story: str) -> None:
    assert len(rendered(form, story).strip()) > 20


@every_format
def test_a_rehearsal_is_said_to_be_one(form: str) -> None:
    if form in {*FOR_PEOPLE, "github", "sarif"}:
        assert "Rehearsed: an understudy" in rendered(form, "rehearsed")
        assert "Rehearsed" not in rendered(form, "real")
    if form in ("json", "sarif"):
        assert '"rehearsed": true' in rendered(form, "rehearsed")


@pytest.mark.parametrize("form", [*sorted(FOR_PEOPLE), "github", "sarif"])
def test_a_reader_is_warned_of_what_must_not_be_believed_at_once(form: str) -> None:
    meddler = worker("w2-risk", scope="read", files_changed=("src/a.py",))
    text = renderer(form)(report([], [worker("w1-risk"), meddler], changed_meanwhile=("src/b.py",)))
    assert "w2-risk was to read only, and changed files: src/a.py." in " ".join(text.split())
    assert "Changed while the workers read: src/b.py." in " ".join(text.split())


@pytest.mark.parametrize("form", sorted(FOR_PEOPLE))
def test_every_part_a_pattern_can_bring_is_told(form: str) -> None:
    text = rendered(form, "every part")
    for said in (
        "The lock is taken now.",
        "Which Python?",
        "assumed",
        "The lock is taken before the look.",
        "with lock: look()",
        "orchestra integrate",
        "slower under load",
        "Round 2: pass",
        "1 failed,",
        "It waits for ever",
        "beyond --top 1",
        "A is faster.",
        "https://example.org/q?a=1",
        "latency",
        "nobody measured restarts",
        "C is dead.",
        "Write it anew.",
        "speed x2",
        "the tests first",
        "Measure restarts",
        "docs",
        "timed",
        "It leaked",
        "Not seen this time",
    ):
        assert said in re.sub(r"&amp;", "&", text), said


@pytest.mark.parametrize("form", sorted(FOR_PEOPLE))
def test_findings_that_do_not_count_stand_apart_with_their_reason(form: str) -> None:
    text = rendered(form, "all standings")
    apart = text.index("Apart, not counted") if form != "html" else text.index('id="apart"')
    for finding in made("all standings").apart:
        assert text.index(f"{finding.id}", apart) > apart
        assert (finding.standing_reason or "")[:20] in text


@every_format
def test_what_is_hostile_can_still_be_read(form: str) -> None:
    """It is made harmless, not silently dropped."""
    text = rendered(form, "hostile")
    assert "alert" in text
    if form in ("terminal", "json", "csv"):
        assert "onerror=alert(2)" in text
    assert HOSTILE not in text


REPEATED = [
    "`",
    "a",
    "a@",
    "a.",
    "a/",
    "[",
    "(",
    "&",
    "<",
    "::",
    "##[",
    "$",
    "_",
    "`a",
    "``` ",
    "x://",
    "\\",
    "#1",
    "\n",
    "\u202e",
]


@every_format
@pytest.mark.timeout(120)
def test_no_text_takes_for_ever(form: str) -> None:
    """Patterns that look for marks must not try everything from everywhere."""
    found = [
        merged(number, title=sign * 20_000, problem=sign * 20_000, quote=sign * 2000, category=sign * 2000)
        for number, sign in enumerate(REPEATED, 1)
    ]
    assert renderer(form)(report(found))
