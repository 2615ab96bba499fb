"""Shell completion: bash, zsh and fish get the same values, and get them at once."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.house import ORCHESTRA, House
from tests.cli.warm import Warm


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[House]:
    """A house with one run and a lens of its own."""
    with House(tmp_path_factory.mktemp("past"), warm).emptied() as house:
        house.review()
        own = house.project / ".orchestra/prompts/lenses"
        own.mkdir(parents=True)
        (own / "riddles.md").write_text("---\nmeaning: What is a riddle?\n---\nLook for riddles.\n")
        yield house


def offered(house: House, line: str, shell: str = "bash", check: str = "") -> list[str]:
    """What the shell is told for a line on which TAB was pressed."""
    words = line.split(" ")
    environment = {
        **house.environment,
        "_ORCHESTRA_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    command = ORCHESTRA if not check else [sys.executable, "-P", "-c", check]
    done = subprocess.run(command, cwd=house.project, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return [word for word in done.stdout.split("\n") if word]


def test_runs_workers_lenses_and_formats(past: House) -> None:
    run = past.runs()[0].name
    assert offered(past, "orchestra show ") == ["last", run]
    assert offered(past, f"orchestra resume {run[:6]}") == [run]
    assert offered(past, "orchestra show last ") == ["w1-risk", "w2-clarity"]
    assert offered(past, f"orchestra retry {run} w2") == ["w2-clarity"]
    assert offered(past, "orchestra review src --lenses correctness,ri") == ["correctness,riddles", "correctness,risk"]
    assert "json" in offered(past, "orchestra review src --format ")
    assert "new:high" in offered(past, "orchestra report last --fail-on ")
    assert "new:high" not in offered(past, "orchestra merge a.json --fail-on ")
    assert "new:high" not in offered(past, "orchestra review --fail-on ")


def test_the_lenses_offered_are_those_there_are(past: House) -> None:
    known = [lens["name"] for lens in json.loads(past.run("lenses", "--json").stdout)["lenses"]]
    assert offered(past, "orchestra review src --lenses ") == known
    assert "riddles" in known


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_every_shell(past: House, shell: str) -> None:
    said = "\n".join(offered(past, "orchestra show last ", shell))
    assert "w1-risk" in said
    assert "w2-clarity" in said


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_a_shell_wants(past: House, shell: str) -> None:
    environment = {**past.environment, "_ORCHESTRA_COMPLETE": f"source_{shell}"}
    done = subprocess.run(ORCHESTRA, cwd=past.project, env=environment, capture_output=True, text=True, check=False)
    assert "_ORCHESTRA_COMPLETE" in done.stdout or "_orchestra_completion" in done.stdout


def test_a_shell_nobody_completes_in_is_told_and_is_no_finding(house: House) -> None:
    line = f"{shlex.join(ORCHESTRA)} --show-completion; exit $?"
    done = subprocess.run(["sh", "-c", line], env=house.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done
    assert "Say it in bash, zsh or fish." in done.stderr


def test_a_home_nobody_can_write_is_told_like_every_error(house: House) -> None:
    line = f"{shlex.join(ORCHESTRA)} --install-completion; exit $?"
    environment = {**house.environment, "HOME": "/proc"}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done
    assert "Completion cannot be installed: " in done.stderr
    assert "where: /proc/" in done.stderr
    assert "Errno" not in done.stderr


def test_a_disk_that_is_full_is_told_without_a_place_nobody_knows(house: House, tmp_path: Path) -> None:
    (tmp_path / ".bashrc").symlink_to("/dev/full")
    line = f"{shlex.join(ORCHESTRA)} --install-completion; exit $?"
    environment = {**house.environment, "HOME": str(tmp_path)}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done
    assert "Completion cannot be installed: No space left on device." in done.stderr
    assert "None" not in done.stderr

    line = f"{shlex.join(ORCHESTRA)} --show-completion >/dev/full; exit $?"
    done = subprocess.run(["bash", "-c", line], env=house.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done
    assert "orchestra: No space left on device." in done.stderr, "nothing was to be installed"


def test_completing_loads_nothing_heavy(past: House) -> None:
    loaded = (
        "import sys, atexit; atexit.register(lambda: print('LOADED', *sys.modules))\n"
        "sys.argv = ['orchestra']\n"
        "from orchestra.__main__ import main; main()"
    )
    said = offered(past, "orchestra show last ", check=loaded)
    assert said[:2] == ["w1-risk", "w2-clarity"]
    modules = set(said[-1].split())
    assert "typer" in modules
    # Not pydantic: newer versions of typer load it themselves. None of our own models are built.
    assert not {"asyncio", "jinja2", "rapidfuzz", "pexpect", "orchestra.value", "orchestra.settings"} & modules


def test_no_project_and_no_runs_offer_nothing(house: House) -> None:
    assert offered(house, "orchestra status ") == ["last"]
    assert offered(house, "orchestra show last ") == []
