"""The commands the README shows for the patterns are understood as they stand there."""

import re
import shlex

import pytest

from orchestra.patterns import catalogue
from tests.patterns.theatre import CHECKOUT, Stage

SECTION = (CHECKOUT / "README.md").read_text().split("## The patterns", 1)[1].split("\n## ", 1)[0]
LINES = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
COMMANDS = {line: shlex.split(line)[1:] for line in LINES}
RUNS = [line for line, words in COMMANDS.items() if words[0] in catalogue.OWN and "--only" not in words]


def test_every_pattern_is_shown() -> None:
    assert {COMMANDS[line][0] for line in RUNS} == set(catalogue.OWN) - {"ask"}


@pytest.mark.parametrize("line", RUNS)
def test_what_the_readme_shows_can_be_typed(line: str, stage: Stage) -> None:
    stage.write({"src/a.py": "x = 1\n", "docs/a.md": "# A\n"})
    stage.git("checkout", "-q", "-b", "mine")
    stage.write({"src/a.py": "x = 2\n"})
    plan = stage.plays(*COMMANDS[line], "--dry-run", "--rehearse", "--json").json
    assert plan["workers"]
