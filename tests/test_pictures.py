"""The README's pictures can be made again, and nothing in them is loaded from anywhere."""

import re
from pathlib import Path
from xml.etree import ElementTree

from tests import pictures


def words(file: Path) -> str:
    """What a reader sees, with plain spaces."""
    root = ElementTree.fromstring(file.read_text("utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return " ".join(" ".join(root.itertext()).replace("\xa0", " ").split())


def test_they_are_made_from_a_run_and_say_what_it_found(tmp_path: Path) -> None:
    board, report = pictures.main(tmp_path)
    assert all(said in words(board) for said in ("Review through each lens", "w4-clarity", "answered", "tokens"))
    assert pictures.PLANTED in words(report)
    assert "Rehearsed: an understudy" in words(report)


def test_those_in_the_readme_are_such_pictures_and_load_nothing() -> None:
    readme = (pictures.PICTURES.parent.parent / "README.md").read_text("utf-8")
    shown = re.findall(r"!\[[^\]]+\]\((\.github/pictures/[\w-]+\.svg)\)", readme)
    assert shown
    for name in shown:
        file = pictures.PICTURES.parent.parent / name
        assert "orchestra" in words(file)
        text = file.read_text("utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|@import|@font-face|<script|href=|url\((?!#)", text)
