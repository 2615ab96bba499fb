"""A pattern of somebody else: the worked example of the README, taken from there, and one with every kind of input."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestra.rehearsal import Say, Script, when
from tests.patterns.theatre import CHECKOUT, Stage

BLOCK = re.compile(r"^```(python|toml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
POLL = '''
from collections.abc import Sequence
from typing import Annotated

from orchestra import Ask, Crew, Report, pattern

Loud = Annotated[bool, "Say it loudly."]


@pattern("poll", steps=("Ask everybody",))
async def poll(crew: Crew, question: str, people: Sequence[str], loud: Loud = False, times: int = 1) -> Report:
    """Everybody answers one question."""
    async with crew.step("Ask everybody"):
        asks = [Ask(role="voter", prompt=f"{who}: {question}{'!' * loud}", title=who) for who in people * times]
        votes = await crew.ask_all(asks)
    return crew.report(answer=" / ".join(votes.answers))
'''


def blocks() -> tuple[str, str, str]:
    """What the README shows of a pattern of one's own: the module, the call from Python, the entry point."""
    text = (CHECKOUT / "README.md").read_text()
    shown = text.split("## A pattern of your own", 1)[1].split("\n## ", 1)[0]
    module, call, toml = (block for _, block in BLOCK.findall(shown))
    return module, call, toml


@dataclass(frozen=True)
class Installed:
    """A stage on whose machine a package with patterns is installed."""

    stage: Stage
    site: Path

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Start Python as somebody does who installed both."""
        assert self.stage.model is not None
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ORCHESTRA")}
        return subprocess.run(
            [sys.executable, "-P", *words],
            cwd=self.stage.project,
            env={**kept, "PYTHONPATH": f"{CHECKOUT}:{self.site}", **self.stage.model.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def orchestra(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Type a command."""
        return self.python("-m", "orchestra", *words)


@pytest.fixture
def installed(scripted: Callable[[Script], Stage], tmp_path: Path) -> Installed:
    stage = scripted(
        Script(
            when("Name three things", Say("1. Ask them.")),
            when("You are the attacker", Say("I came in by the window.")),
            when("You are the", Say("Nobody `asked` me.")),
            when("anna: Tea?!", Say("yes")),
            when("bert: Tea?!", Say("no")),
        )
    )
    stage.write({"PLAN.md": "# Plan\n\nWe hope.\n"})
    module, _, toml = blocks()
    entries = tomllib.loads(toml)["project"]["entry-points"]["orchestra.patterns"]
    lines = [f"{name} = {place}" for name, place in {**entries, "poll": "polls:poll", "broken": "polls:none"}.items()]
    site = tmp_path / "site"
    info = site / "others-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "premortem.py").write_text(module)
    (site / "polls.py").write_text(POLL)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(["[orchestra.patterns]", *lines, ""]))
    return Installed(stage, site)


def test_the_example_of_the_readme_runs_by_its_name_and_from_python(installed: Installed) -> None:
    module, call, _ = blocks()
    assert len(module.splitlines()) < 25
    done = installed.orchestra("run", "premortem", "--plan", "PLAN.md", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["answer"] == "1. Ask them."
    assert [worker["label"] for worker in report["workers"]] == ["w1-user", "w2-operator", "w3-attacker", "w4-advice"]
    last = next(prompt for prompt in installed.stage.prompts if "Name three things" in prompt)
    assert "I came in by the window." in last
    called = installed.python("-c", call)
    assert called.stdout == "1. Ask them.\n", called.stderr
    assert len(installed.stage.runs) == 2


def test_the_example_of_the_readme_can_be_rehearsed(installed: Installed) -> None:
    planned = installed.orchestra("run", "premortem", "--plan", "PLAN.md", "--dry-run", "--rehearse", "--json")
    assert json.loads(planned.stdout)["depends"] == ["Say what to do today"]
    done = installed.orchestra("run", "premortem", "--plan", "PLAN.md", "--people", "nurse", "--rehearse")
    assert done.returncode == 0, done.stderr
    assert "Rehearsed" in done.stdout
    assert "w1-nurse" in done.stdout


def test_its_help_tells_every_input_and_an_example_that_can_be_typed(installed: Installed) -> None:
    page = installed.orchestra("run", "premortem", "--help").stdout
    assert page.startswith("Usage: orchestra run premortem [OPTIONS] --plan TARGET\n")
    assert "Several people tell how a plan failed a year from now" in page
    assert "--plan TARGET    Files and folders to look at. Can be said again. Needed." in page
    people = "--people TEXT A text. Can be said again. Default: user, operator, attacker."
    assert people in " ".join(page.split())
    assert "--uncommitted " in page
    assert "--at-once N" in page
    example = page.partition("Example:\n")[2].split("\n")[0].split()
    assert example[:3] == ["orchestra", "run", "premortem"]
    assert installed.orchestra(*example[1:-1], "--dry-run", "--rehearse").returncode == 2, "there is no src/ here"
    assert installed.orchestra(*[{"src/": "PLAN.md"}.get(word, word) for word in example[1:]]).returncode == 0
    other = installed.orchestra("run", "poll", "--help").stdout
    assert "--loud           Say it loudly." in other
    assert "--times N        A whole number. Default: 1." in other
    assert "Did you mean 'premortem'?" in installed.orchestra("run", "premortm", "--help").stderr


def test_what_it_needs_and_was_not_told_is_named_with_its_option(installed: Installed) -> None:
    told = installed.orchestra("run", "premortem").stderr
    assert "premortem needs 'plan': no target was named." in told
    assert "with `--plan`; `.` is the one you are in." in told


def test_inputs_of_every_kind_are_read_by_their_types(installed: Installed) -> None:
    listed = installed.orchestra("patterns").stdout
    assert "Several people tell how a plan failed a year from now" in listed
    assert "--question text (needed), --people text, several (needed), --loud yes or no, --times number" in listed
    assert "broken" in listed
    assert [line.count("cannot be loaded") for line in listed.split("\n") if "broken" in line] == [1]
    done = installed.orchestra(
        "run", "poll", "--question", "Tea?", "--people", "anna", "--people=bert", "--loud", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"] == "yes / no"
    wrong = installed.orchestra("run", "poll", "--question", "Tea?", "--people", "anna", "--times", "often")
    assert wrong.returncode == 2
    assert "'times' of poll" in wrong.stderr
    assert len(installed.stage.runs) == 1
