"""Long documents are cut at their headings, and every line is in exactly one part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.brief.headings import parts

FILLER = "word " * 60 + "\n"


def chapter(heading: str, lines: int = 30) -> str:
    return f"{heading}\n\n" + FILLER * lines + "\n"


FORMS = [
    ("guide.md", ["# One", "# Two", "# Three"], ["One", "Two", "Three"]),
    ("guide.md", ["One\n===", "Two\n===", "Three\n==="], ["One", "Two", "Three"]),
    ("guide.rst", ["===\nOne\n===", "===\nTwo\n===", "===\nThr\n==="], ["One", "Two", "Thr"]),
    ("paper.tex", ["\\section{One}", "\\section*{Two}", "\\section[x]{Three}"], ["One}", "Two}", "Three}"]),
    ("guide.adoc", ["== One", "== Two", "== Three"], ["One", "Two", "Three"]),
    ("notes.org", ["* One", "* Two", "* Three"], ["One", "Two", "Three"]),
    ("page.html", ["<h1>One</h1>", "<h1 id=x>Two</h1>", "<h1>Three</h1>"], ["One</h1>", "Two</h1>", "Three</h1>"]),
    ("big.py", ["def one():", "def two():", "def three():"], ["def one():", "def two():", "def three():"]),
]


@pytest.mark.parametrize(("path", "headings", "names"), FORMS, ids=[f"{form[0]} {form[1][0]}" for form in FORMS])
def test_each_form_of_heading_is_a_border(path: str, headings: list[str], names: list[str]) -> None:
    text = "".join(chapter(heading) for heading in headings)
    if path == "big.py":
        text = text.replace("\n\nword", "\n    word").replace("\nword", "\n    word")
    found = parts(path, text, heaviest=len(chapter("")) + 200)
    assert [part.name for part in found] == names
    lines = text.split("\n")
    starts = [part.lines.first for part in found]
    assert all(any(name.strip("}").split("<")[0] in line for line in lines[start - 1 : start + 2])
               for start, name in zip(starts, names, strict=True))  # fmt: skip


def test_higher_headings_are_stronger_than_lower_ones() -> None:
    text = "".join([chapter("# A"), chapter("## a1"), chapter("# B"), chapter("## b1")])
    assert [part.name for part in parts("x.md", text, heaviest=2 * len(chapter("## a1")) + 50)] == ["A", "B"]


def test_a_comment_in_an_example_is_no_heading() -> None:
    text = "# Real\n\n```sh\n# not a heading\n```\n\n" + FILLER * 20 + "\n# Also real\n\n" + FILLER * 20
    assert [part.name for part in parts("x.md", text, heaviest=len(FILLER) * 22)] == ["Real", "Also real"]


def test_chapters_of_one_name_are_told_apart() -> None:
    text = "".join(chapter("# Example") for _ in range(3))
    assert [part.name for part in parts("x.md", text, len(chapter("# Example")) + 9)] == [
        "Example", "Example (2)", "Example (3)",
    ]  # fmt: skip


def test_a_chapter_that_grows_moves_no_border_of_the_others() -> None:
    before = [chapter(f"# Chapter {number}") for number in range(9)]
    after = [*before[:4], chapter("# Chapter 4", lines=45), *before[5:]]
    heaviest = 3 * len(before[0])
    names = [{part.name for part in parts("x.md", "".join(text), heaviest)} for text in (before, after)]
    assert names[0] <= names[1]


blocks = st.lists(
    st.sampled_from(
        ["# H\n", "## h\n", "text\n", "\n", "```\n", "Title\n====\n", "- item\n", "   \n", "word " * 50 + "\n"]
    ),
    min_size=1,
    max_size=80,
)


@given(blocks, st.booleans(), st.integers(1, 400), st.sampled_from(["a.md", "a.rst", "a.py", "a.tex", "a"]))
def test_every_line_is_in_exactly_one_part(pieces: list[str], end: bool, heaviest: int, path: str) -> None:
    text = "".join(pieces)
    text = text if end else text.rstrip("\n") or "x"
    count = text.count("\n") + (not text.endswith("\n"))
    found = parts(path, text, heaviest)
    assert [line for part in found for line in range(part.lines.first, part.lines.last + 1)] == list(
        range(1, count + 1)
    )
    assert sum(part.size for part in found) in (len(text), len(text) + 1)
