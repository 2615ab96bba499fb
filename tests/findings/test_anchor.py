"""A quote is looked up in its file: exact, moved, loose or absent; no file is ever opened."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.findings.anchor import Anchors, leads_out
from orchestra.findings.finding import Anchor, Location
from tests.gold.cases import NAMES, case

TEXT = """\
def load(path):
    f = open(path)  # the “only” place
    return parse(f)


\tif cached:
        refresh()
        refresh()
last = 'line'
"""
ROWS = [
    ("the very line", "f = open(path)", (2, 2), Anchor.EXACT, (2, 2)),
    ("within more lines than it takes", "return parse(f)", (1, 5), Anchor.EXACT, (1, 5)),
    ("two lines", "def load(path):\n    f = open(path)", (1, 2), Anchor.EXACT, (1, 2)),
    ("two lines, indented otherwise", "def load(path):\nf = open(path)", (1, 2), Anchor.LOOSE, (1, 2)),
    (
        "two lines, one of them named",
        "f = open(path)  # the “only” place\n    return parse(f)",
        (2, 2),
        Anchor.MOVED,
        (2, 3),
    ),
    ("further down", "return parse(f)", (7, 7), Anchor.MOVED, (3, 3)),
    ("beyond the end", "return parse(f)", (700, 710), Anchor.MOVED, (3, 3)),
    ("the nearer of two", "refresh()", (9, 9), Anchor.MOVED, (8, 8)),
    ("the one that is named", "refresh()", (7, 7), Anchor.EXACT, (7, 7)),
    ("white space", "f=open( path )", (2, 2), Anchor.LOOSE, (2, 2)),
    ("other quotation marks", '# the "only" place', (2, 2), Anchor.LOOSE, (2, 2)),
    ("quotation marks around", "`return parse(f)`", (3, 3), Anchor.LOOSE, (3, 3)),
    ("an ellipsis", "def load(path):\n    ...\n    return parse(f)", (1, 3), Anchor.LOOSE, (1, 3)),
    ("an ellipsis at its end", "def load(…", (1, 1), Anchor.LOOSE, (1, 1)),
    ("an ellipsis in the wrong order", "return parse(f) ... def load", (1, 3), Anchor.ABSENT, (1, 3)),
    ("of a diff", "-def load(path):\n+    f = open(path)", (1, 2), Anchor.LOOSE, (1, 2)),
    ("with line numbers", "2 |     f = open(path)", (2, 2), Anchor.LOOSE, (2, 2)),
    ("in a fence", "```python\nreturn parse(f)\n```", (3, 3), Anchor.LOOSE, (3, 3)),
    ("with escapes", "def load(path):\\n    f = open(path)", (1, 2), Anchor.LOOSE, (1, 2)),
    ("CRLF", "def load(path):\r\n    f = open(path)", (1, 2), Anchor.EXACT, (1, 2)),
    ("nowhere", "f = open(other)", (2, 2), Anchor.ABSENT, (2, 2)),
    ("too short to look for", ")", (4, 4), Anchor.ABSENT, (4, 4)),
    ("short, but where it says", ")", (3, 3), Anchor.EXACT, (3, 3)),
    ("no quote, lines there", "", (9, 9), Anchor.LINES, (9, 9)),
    ("no quote, lines not there", "", (9, 10), Anchor.ABSENT, (9, 10)),
]


@pytest.mark.parametrize(("quote", "named", "anchor", "lines"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_where_a_quote_stands(
    quote: str, named: tuple[int, int], anchor: Anchor, lines: tuple[int, int], ending: str
) -> None:
    anchors = Anchors({"a.py": TEXT.replace("\n", ending)})
    place = anchors.place(Location(path="a.py", start_line=named[0], end_line=named[1], quote=quote))
    assert (place.anchor, (place.start_line, place.end_line)) == (anchor, lines)
    assert (place.path, place.quote) == ("a.py", quote)


PATHS = [
    ("src/a.py", "src/a.py"),
    ("./src/a.py", "src/a.py"),
    ("src//a.py", "src/a.py"),
    ("src\\a.py", "src/a.py"),
    ("lib/../src/a.py", "src/a.py"),
    ("/srv/copy/src/a.py", "src/a.py"),
    ("b/src/a.py", "src/a.py"),
    ("only.py", "deep/only.py"),
    ("a.py", None),
    ("rc/a.py", None),
    ("../src/a.py", None),
    ("src/a.py\0", None),
    ("", None),
    (".", None),
]


@pytest.mark.parametrize(("said", "meant"), PATHS)
def test_which_file_a_path_means(said: str, meant: str | None) -> None:
    anchors = Anchors({"src/a.py": "x = 1\n", "lib/a.py": "x = 1\n", "deep/only.py": "x = 1\n"})
    place = anchors.place(Location(path=said, start_line=1, end_line=1, quote="x = 1"))
    assert place.path == (meant or said)
    assert place.anchor.found is (meant is not None)
    assert (place.anchor is Anchor.OUTSIDE) is (meant is None and leads_out(said))


def test_a_file_outside_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x = 1\n")
    place = Anchors({"a.py": ""}).place(Location(path=str(secret), start_line=1, end_line=1, quote="x = 1"))
    assert place.anchor is Anchor.OUTSIDE


def test_without_texts_nothing_is_checked() -> None:
    place = Anchors(None).place(Location(path="../a.py", start_line=4, end_line=5, quote="x"))
    assert (place.anchor, place.start_line, place.end_line) == (Anchor.UNCHECKED, 4, 5)


def test_an_empty_file() -> None:
    place = Anchors({"a.py": ""}).place(Location(path="a.py", start_line=1, end_line=1, quote="x = 1"))
    assert place.anchor is Anchor.ABSENT


@pytest.mark.parametrize("name", NAMES)
def test_every_quote_of_real_reviewers_is_found(name: str) -> None:
    places = [place for one in case(name).said for place in one.places]
    assert {place.anchor for place in places} <= {Anchor.EXACT, Anchor.MOVED, Anchor.LOOSE}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=4), min_size=1, max_size=8),
    st.data(),
)
def test_a_line_of_the_text_is_always_found(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    there = text.removesuffix("\n").split("\n")
    at = data.draw(st.integers(0, len(there) - 1))
    quote = there[at]
    named = data.draw(st.integers(1, 20))
    place = Anchors({"a": text}).place(Location(path="a", start_line=named, end_line=named, quote=quote))
    if len("".join(quote.split())) >= 4:
        assert place.anchor.found
    right = Anchors({"a": text}).place(Location(path="a", start_line=at + 1, end_line=at + 1, quote=quote))
    assert right.anchor in (Anchor.EXACT, Anchor.LINES)
    assert (right.start_line, right.end_line) == (at + 1, at + 1)


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(), st.integers(1, 50), st.integers(1, 50))
def test_no_quote_breaks_the_search(text: str, quote: str, start: int, end: int) -> None:
    first, last = sorted((start, end))
    place = Anchors({"a": text}).place(Location(path="a", start_line=first, end_line=last, quote=quote))
    assert 1 <= place.start_line <= place.end_line


@pytest.mark.timeout(60)  # under a second on an idle machine
def test_a_thousand_findings_in_a_file_of_50000_lines() -> None:
    lines = [f"    value_{number} = compute({number % 977}, limit={number % 13})" for number in range(50_000)]
    anchors = Anchors({"a.py": "\n".join(lines)})
    quotes = [
        *((lines[at], at + 1, Anchor.EXACT) for at in range(0, 50_000, 150)),
        *((lines[at], max(1, at - 400), Anchor.MOVED) for at in range(500, 50_000, 150)),
        *((f"+{lines[at]}".replace(" ", "  "), at + 9, Anchor.LOOSE) for at in range(0, 49_950, 150)),
        *((f"{lines[at]} # gone", at + 1, Anchor.ABSENT) for at in range(0, 50_000, 5000)),
    ]
    places = [
        anchors.place(Location(path="a.py", start_line=line, end_line=line, quote=quote)) for quote, line, _ in quotes
    ]
    assert len(quotes) > 1000
    assert [place.anchor for place in places] == [anchor for _, _, anchor in quotes]


@pytest.mark.parametrize(
    ("text", "anchor"),
    [("a = 1\nb = 2\n", Anchor.MOVED), ("b = 2\na = 1\nb = 2\n", Anchor.ABSENT), ("a = 1\nbb = 21\n", Anchor.ABSENT)],
    ids=["a line of its own", "a line that stands twice", "a part of a line"],
)
def test_a_short_quote_is_found_elsewhere_if_it_is_one_whole_line(text: str, anchor: Anchor) -> None:
    found = Anchors({"a.py": text}).place(Location(path="a.py", start_line=9, end_line=9, quote="b = 2"))
    assert found.anchor is anchor


@pytest.mark.parametrize("quote", ["…", "...", "``` \n ```", "”", "> "])
def test_a_quote_without_words_is_nowhere(quote: str) -> None:
    found = Anchors({"a.py": "a = 1\n\nb = 2\n"}).place(Location(path="a.py", start_line=1, end_line=1, quote=quote))
    assert found.anchor is Anchor.ABSENT
