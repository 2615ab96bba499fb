"""What makes text harmless: laws over any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.reports.plain import no_command, one_line, plain, web_address
from orchestra.reports.renderers.json_text import harmless, json_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXT)
def test_plain_text_has_nothing_unseen_and_stays_what_it_is(text: str) -> None:
    told = plain(text, lines=True)
    assert plain(told, lines=True) == told
    assert "\n" not in plain(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", told)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("a\x1b[31mb", "a�[31mb"),
        ("x\u202ey", "x�y"),
        ("a\r\nb\tc", "a b c"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("ab\u200dcd", "ab�cd"),
        ("\ufffe", "�"),
        ("tag\U000e0041", "tag�"),
    ],
)
def test_signs_that_draw_nothing_become_visible(said: str, told: str) -> None:
    assert plain(said) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("::error::x", ": :error::x"),
        ("  ::set-output name=a::b", "  : :set-output name=a::b"),
        ("\x1b[1m::warning::x", "\x1b[1m: :warning::x"),
        ("std::vector", "std::vector"),
        ("see ##[add-path]x", "see # #[add-path]x"),
        ("##vso[task.complete]", "# #vso[task.complete]"),
        ("## [a]", "## [a]"),
        ("#[derive(Debug)]", "#[derive(Debug)]"),
    ],
)
def test_a_command_of_a_ci_service_is_taken_apart(said: str, told: str) -> None:
    assert no_command(said) == told


@given(st.text(alphabet=":#[vso teamcity\n\t a\x1b[1m"))
def test_no_text_keeps_a_command(text: str) -> None:
    told = no_command(text)
    assert no_command(told) == told
    assert not re.search(r"^\s*::|##\[|##vso\[|##teamcity\[", told, re.MULTILINE)


@given(TEXT, st.integers(1, 50))
def test_one_line_is_one_and_not_too_long(text: str, longest: int) -> None:
    assert len(one_line(text, longest)) <= longest
    assert "\n" not in one_line(text)


@given(st.recursive(TEXT | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))
def test_harmless_json_says_the_same(data: object) -> None:
    import json

    text = json_text(data)
    assert json.loads(text) == data
    assert harmless(text) == text
    assert all(sign.isprintable() or sign == "\n" for sign in text)


@pytest.mark.parametrize(
    ("said", "safe"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        ('https://x" onmouseover="y', False),
        ("https://x\n::error::", False),
        ("https://ex\u202eample.org", False),
        ("//example.org", False),
        ("data:text/html,x", False),
        ("https://x\x00y", False),
    ],
)
def test_only_plain_web_addresses_become_links(said: str, safe: bool) -> None:
    assert (web_address(said) == said) is safe
