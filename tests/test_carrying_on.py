"""What CONTRIBUTING.md says of adding a lens, a renderer, an engine and a pattern is done, word for word."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
ONE = re.compile(
    r"^\*\*An? (?P<what>\w+)\*\*.*?`(?P<file>\S+)`:\n\n```\w+\n(?P<content>.*?)^```\n"
    r"(?:\nand a line in `(?P<table>\w+)` of `(?P<catalogue>\S+)`:\n\n```python\n(?P<line>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)
ADDED = {found["what"]: found for found in ONE.finditer((CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with one of each added."""
    copy = tmp_path_factory.mktemp("house")
    for folder in ("orchestra", "prompts"):
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for added in ADDED.values():
        file = copy / added["file"]
        assert not file.exists()
        file.write_text(added["content"], encoding="utf-8")
        if added["line"]:
            catalogue = copy / added["catalogue"]
            begun = re.compile(rf"^{added['table']} = \{{\n", re.MULTILINE)
            text, times = begun.subn(lambda head: head[0] + added["line"], catalogue.read_text(encoding="utf-8"))  # noqa: B023  # called at once
            assert times == 1
            assert len(added["line"].splitlines()) == 1
            catalogue.write_text(text, encoding="utf-8")
    return copy


def said(house: Path, project: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRA")}
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "orchestra", *arguments],
        cwd=project,
        env=environment | {"PYTHONPATH": str(house), "HOME": str(project)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended
    return ended.stdout


def test_one_of_each_is_described() -> None:
    assert set(ADDED) == {"lens", "renderer", "engine", "pattern"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("lenses",), "Does it keep to itself what people entrust to it?"),
        (("ask", "hello", "--engine", "shout"), "TASK: HELLO"),
        (("patterns",), "Two workers answer the same question"),
        (("run", "second-opinion", "--question", "Well?", "--cwd", ".", "--engine", "shout", "--json"), "TASK: WELL?"),
    ],
)
def test_what_was_added_is_there(house: Path, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    assert told in said(house, tmp_path, *arguments)


def test_an_added_format_renders(house: Path, tmp_path: Path) -> None:
    case = CHECKOUT / "tests" / "gold" / "ratelimit"
    message, root = case / "messages" / "security.json", case / "reviewed"
    titles = said(house, tmp_path, "merge", str(message), "--root", str(root), "--format", "titles")
    assert re.match(r"(critical|high|medium|low): ", titles)
