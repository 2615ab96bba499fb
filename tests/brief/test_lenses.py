"""What a reviewer looks for."""

import re
from pathlib import Path

import pytest

from orchestra.brief import lenses as book
from orchestra.brief.lenses import all_lenses, lens, lenses, usual
from orchestra.brief.target import Target, TargetFile
from orchestra.errors import TemplateBroken, UnknownName, UsageError

ASKED_FOR = {
    "clarity", "correctness", "risk", "consistency", "evidence", "practicality", "accessibility", "security",
    "performance", "compatibility",
}  # fmt: skip


def test_the_ten_are_there_and_each_says_how_to_judge(tmp_path: Path) -> None:
    found = {one.name: one for one in all_lenses(tmp_path)}
    assert found.keys() >= ASKED_FOR
    for one in found.values():
        assert re.fullmatch(r"[A-Z][^\n]{20,80}\?", one.meaning), one.name
        assert "ook for" in one.body
        for part in ("Prove it:", "No finding:"):
            assert re.search(rf"^{part}", one.body, re.MULTILINE), (one.name, part)
        assert not re.search(r"^(?:FILES|LENS)\b", one.body, re.MULTILINE), "would be read as a heading of the prompt"


SAID = [
    ("correctness,risk", ["correctness", "risk"]),
    (["correctness", "clarity+evidence"], ["correctness", "clarity+evidence"]),
    (" correctness , risk ,correctness,", ["correctness", "risk"]),
    ("clarity + evidence", ["clarity+evidence"]),
]


@pytest.mark.parametrize(("said", "names"), SAID)
def test_as_people_say_them(tmp_path: Path, said: str | list[str], names: list[str]) -> None:
    assert [one.name for one in lenses(said, tmp_path)] == names


def test_two_lenses_in_one_reviewer_are_told_apart(tmp_path: Path) -> None:
    both = lens("clarity+evidence", tmp_path)
    assert both.body.startswith("CLARITY:\n")
    assert "\n\nEVIDENCE:\n" in both.body
    assert lens("clarity", tmp_path).body in both.body


@pytest.mark.parametrize("said", ["", " , ", [], "a+b+c", "risk+risk", "risk + risk", "risk+", "+"])
def test_what_is_no_lens(tmp_path: Path, said: str | list[str]) -> None:
    with pytest.raises(UsageError):
        lenses(said, tmp_path)


def test_an_unknown_lens_lists_what_there_is_and_where_to_add_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownName) as raised:
        lenses("securty", tmp_path)
    assert "There is no lens 'securty'. Did you mean 'security'? There are: accessibility," in raised.value.what
    assert raised.value.next_step == (
        "Name one of these, or add one of your own as .orchestra/prompts/lenses/securty.md."
    )


def test_a_lens_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / ".orchestra/prompts/lenses/tone.md"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"---\r\nmeaning: Is it friendly?\r\n---\r\nLook for rudeness.\r\n")
    assert lens("tone", tmp_path).meaning == "Is it friendly?"
    assert "tone" in [one.name for one in all_lenses(tmp_path)]
    file.write_text("Look for rudeness.\n")
    with pytest.raises(TemplateBroken, match="'tone' does not begin with") as raised:
        lens("tone", tmp_path)
    assert raised.value.where == file


KINDS = [
    (["a.py", "b.go", "c.rs"], book.CODE),
    (["a.py", "b.py", "c.py", "README.md"], book.CODE),
    (["a.md", "b.tex", "c.rst"], book.DOCUMENTS),
    (["LICENSE", "README"], book.DOCUMENTS),
    (["Dockerfile", "deploy.sh", "pipeline.yml"], book.CONFIGURATION),
    (["main.tf", "vars.tfvars"], book.CONFIGURATION),
    (["a.py", "b.py", "guide.md", "manual.md"], book.MIXED),
    ([], book.CODE),
]


@pytest.mark.parametrize(("paths", "names"), KINDS, ids=[" ".join(kind[0]) or "nothing" for kind in KINDS])
def test_the_usual_lenses_depend_on_the_kind_of_target(
    tmp_path: Path, paths: list[str], names: tuple[str, ...]
) -> None:
    files = tuple(TargetFile(path=path, digest="0", lines=1, size=1) for path in paths)
    assert usual(Target(root=tmp_path, asked=(".",), files=files)) == names
    assert 2 <= len(names) <= 4
    assert len(lenses(list(names), tmp_path)) == len(names)
