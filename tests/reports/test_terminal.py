"""The report at a prompt: what stands first, what can be copied, what fits."""

import re
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from orchestra.outcome import Outcome
from orchestra.reports.renderers.terminal import render
from orchestra.reports.report_parts import SectionResult
from tests.reports.stories import RUN, STORIES, many, merged, real, report, worker

WIDTHS = [40, 60, 80, 100, 200]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("story", STORIES)
def test_only_what_cannot_be_broken_is_wider_than_the_terminal(story: str, width: int) -> None:
    """A word, a command between backticks, or one fact of a line of its own: they can be copied."""
    made = many(100) if story == "2000 findings" else STORIES[story]()
    for line in render(made, width=width).split("\n"):
        before = re.sub(r"(`[^`]+`\S*|\S+)$", "", line)
        one_fact = "  " not in line.strip()
        assert cell_len(line) <= width or cell_len(before.rstrip()) <= width or one_fact, line


@pytest.mark.parametrize("width", WIDTHS)
def test_ids_places_and_commands_can_be_copied_whole(width: int) -> None:
    made = real()
    text = render(made, width=width)
    for finding in made.open:
        place = finding.places[0]
        assert finding.id in text
        assert f"{place.path}:{place.start_line}" in text or f"{place.path}:" in text
    assert str(made.workers[0].continue_command) in text
    silent = render(STORIES["everybody silent"](), width=width)
    assert f"`orchestra show {RUN} w1-risk`" in silent
    assert f"`orchestra resume {RUN}`" in silent


@pytest.mark.parametrize("width", [60, 200])
def test_the_first_lines_say_what_was_asked_the_state_and_the_next_step(width: int) -> None:
    first = " ".join(render(STORIES["one silent"](), width=width).split())[:400]
    asked, state, step = (first.index(word) for word in ("review of src", "Incomplete: 1 of 2", "Next: Look at f-0001"))
    assert asked < state < step


@pytest.mark.parametrize("width", [60, 200])
def test_a_long_report_says_at_its_end_again_how_it_stands_and_what_to_do(width: int) -> None:
    """Who scrolled through a hundred findings sees the lowest last; the verdict and the next step are far above."""
    reading = [worker("w1-risk", scope="read", files_changed=("a.py",)), worker("w2-security", Outcome.TIMED_OUT)]
    text = render(report([merged(number) for number in range(1, 101)], reading), width=width)
    head = text[: text.index("\n\n")].split("\n")
    assert text.rstrip("\n").split("\n\n")[-1].split("\n") == head[1:]
    told = " ".join(head)
    assert "Incomplete: 1 of 2" in told
    assert "w1-risk was to read only" in told
    assert "Next: " in told
    assert render(STORIES["one silent"](), width=width).count("Next: ") == 1, "what fits on a screen is said once"


@pytest.mark.parametrize("width", [40, 60])
def test_many_lines_of_one_file_are_broken_between_two_of_them(width: int) -> None:
    places = tuple(place for line in range(100, 3100, 100) for place in merged(1, path="src/a.py", line=line).places)
    told = [line.strip() for line in render(report([merged(1, places=places)]), width=width).split("\n")]
    lines = told[told.index("f-0001") + 1 :]
    broken = lines[: next(number for number, line in enumerate(lines) if not line.endswith(",")) + 1]
    assert " ".join(broken).startswith("src/a.py:100-101, 200-201, ")
    assert " ".join(broken).endswith(", 3000-3001")
    assert len(broken) > 4
    assert max(map(len, broken)) <= width - 5


def test_a_verifier_s_long_reason_hides_no_other() -> None:
    reasons = ("high", f"confirmed by w2-refute: {'it is so, ' * 200}", "put here by the curator: it is on today")
    told = " ".join(render(report([merged(1, why_here=reasons)])).split())
    assert "confirmed by w2-refute: it is so" in told
    assert "put here by the curator: it is on today" in told


def test_one_section_that_is_the_whole_answer_is_told_once() -> None:
    section = SectionResult(name="src", worker="w1-section", files=1, outcome=Outcome.ANSWERED, text="All renamed.")
    other = section.model_copy(update={"name": "docs", "worker": "w2-section", "text": "Nothing to rename."})
    alone = render(report(answer="src: All renamed.", sections=(section,)))
    assert alone.count("All renamed.") == 1
    both = render(report(answer="All renamed.", sections=(section, other)))
    assert both.count("All renamed.") == 2, "who said it is told where there are several"


def test_what_has_no_spaces_between_words_is_wrapped_too() -> None:
    said = "`add_row`は列が足りないとき黙って列を追加する。" * 5
    text = render(report([merged(1, title=said, problem=said)]), width=60)
    assert max(cell_len(line) for line in text.split("\n") if re.search("[\u3040-\u9fff]", line)) <= 60
    assert "".join(text.split()).count(said) >= 2, "every sign is there, in its order"
    assert not re.search(r"^\s*[、。]", text, re.MULTILINE), "no line begins with a full stop"


def test_colour_changes_nothing_but_colour() -> None:
    plain, coloured = render(real(), width=80), render(real(), width=80, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_colour_carries_no_sequence_of_a_model() -> None:
    coloured = render(STORIES["hostile"](), width=80, colour=True)
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured).replace("\n", "").replace("\u200d", "").isprintable()


def test_the_worst_are_told_whole_and_the_rest_in_two_lines() -> None:
    text = render(many(100), width=100)
    assert text.count("Do: ") == 40
    assert "The other 60 in short" in text
    assert f"orchestra report {RUN} --format html" in text


def test_many_workers_do_not_drown_the_findings() -> None:
    crowd = [worker(f"w{number}-risk") for number in range(200)] + [worker("w200-security", Outcome.TIMED_OUT)]
    text = render(report([merged(1)], crowd), width=80)
    assert "w200-security  timed out" in text
    assert "200 x risk" in text
    assert len(text.splitlines()) < 25


def test_the_lines_of_the_file_are_shown_with_their_numbers_where_they_were_kept() -> None:
    text = render(real(), width=100)
    assert re.search(r"^ +158 │ await self\._slots\.acquire\(\)$", text, re.MULTILINE)


def test_a_report_a_hundred_years_old_still_renders() -> None:
    assert "review" in render(report(started=datetime(1926, 1, 1, tzinfo=UTC)))
