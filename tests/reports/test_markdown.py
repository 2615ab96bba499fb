"""Markdown: what others wrote is read as text by a real Markdown reader, and a step summary takes the whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from orchestra.reports.plain import one_line
from orchestra.reports.renderers.catalogue import renderer
from orchestra.reports.renderers.markdown_text import cell, code, fence, inline, prose
from tests.reports.stories import STORIES, merged, report

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = re.compile(
    r"</?(details|summary|b|code|sub)( open)?>|<details><summary>.*</summary>|</details>|&#8203;", re.DOTALL
)
SIGNS = st.text(alphabet="`*_[]()<>#|~$&!+-=.:/\\@ \n\tab1é", max_size=60)


def tokens(text: str) -> list[Token]:
    """Every token, those inside lines too."""
    found = []
    for token in READER.parse(text):
        found += [token, *(token.children or [])]
    return found


def shown(text: str) -> str:
    """What a reader of the page sees, without marks and blanks."""
    return "".join(token.content for token in tokens(text) if token.type in ("text", "code_inline", "text_special"))


@pytest.mark.parametrize("story", STORIES)
def test_a_reader_finds_no_link_image_or_html_of_somebody_else(story: str) -> None:
    text = renderer("markdown")(STORIES[story]())
    for token in tokens(text):
        assert token.type != "image"
        if token.type == "link_open":
            assert token.attrs["href"] == "https://example.org/q?a=1&b=2", "the one source with a web address"
        if token.type in ("html_inline", "html_block"):
            tags = re.sub(r"<summary>.*?</summary>", "", token.content, flags=re.DOTALL)
            assert re.fullmatch(r"(\s|</?details( open)?>|</?sub>|</?b>|[^<>]*)*", tags), token.content
            assert not re.search(r"<(?!/?(details|summary|b|code|sub)>)", token.content), token.content
        if token.type == "text":
            assert "://" not in token.content or story == "every part"
            assert not re.search(r"@\w|www\.", token.content)


@pytest.mark.parametrize("story", ["2000 findings", "hostile", "hostile parts", "a title of 10,000 characters"])
def test_a_step_summary_takes_it(story: str) -> None:
    text = renderer("markdown")(STORIES[story]())
    assert len(text.encode()) < 1024 * 1024
    html = "".join(token.content for token in tokens(text) if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>")
    assert "## Workers" in text


def test_what_does_not_fit_is_counted() -> None:
    found = [merged(number, title="long " * 60, problem="x " * 4000) for number in range(1, 3000)]
    text = renderer("markdown")(report(found))
    assert len(text.encode()) < 1024 * 1024
    whole, short = text.count("<details><summary><b>"), len(re.findall(r"^\* \*\*\w+\*\* `f-", text, re.MULTILINE))
    counted = re.search(r"and ([\d,]+) more, from number", text)
    assert counted
    assert whole + short + int(counted[1].replace(",", "")) == 2999


@given(SIGNS)
def test_one_line_reads_as_it_was_said(text: str) -> None:
    """Every sign is there again; only the ticks around code are a mark."""
    assert _bare(shown(inline(text))) == _bare(one_line(text))


@given(SIGNS)
def test_paragraphs_read_as_they_were_said(text: str) -> None:
    read = [token.type for token in tokens(prose(text))]
    assert set(read) <= {
        *("paragraph_open", "paragraph_close", "inline", "text", "text_special"),
        *("code_inline", "hardbreak", "softbreak"),
    }
    assert _bare(shown(prose(text))) == _bare(text)


@given(SIGNS)
def test_a_code_block_ends_where_it_ends(text: str) -> None:
    read = READER.parse(f"{fence(text)}\n\nafter")
    assert [token.type for token in read] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(SIGNS, SIGNS)
def test_a_cell_stays_in_its_column(text: str, other: str) -> None:
    row = f"| a | b |\n|---|---|\n| {cell(inline(text))} | {cell(code(other))} |\n"
    cells = [token for token in READER.parse(row) if token.type == "td_open"]
    assert len(cells) == 2


def _bare(text: str) -> str:
    return re.sub(r"[\s`\u200b]", "", text)
