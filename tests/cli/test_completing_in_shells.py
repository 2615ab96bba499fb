"""TAB in the real shells, with the scripts that `--install-completion` writes for them."""

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator

import pexpect
import pytest

from tests.absent import absent
from tests.cli.house import House
from tests.cli.warm import Warm

BASH = r"""
eval "$(env _ORCHESTRA_COMPLETE=source_bash orchestra)"
for line; do
    read -ra COMP_WORDS <<< "$line"
    COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    _orchestra_completion orchestra
    echo "$line: ${COMPREPLY[*]}"
done
"""
FISH = """
env _ORCHESTRA_COMPLETE=source_fish orchestra | source
for line in $argv
    echo "$line:" (complete -C $line | string replace -r '\\t.*' '')
end
"""


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[House]:
    """A house with one run that found something, a job, and `orchestra` in the PATH."""
    with House(tmp_path_factory.mktemp("shells"), warm).emptied() as house:
        with (house.project / "orchestra.toml").open("a") as settings:
            settings.write('[jobs.every-night]\ntargets = ["src"]\n')
        house.review()
        found = {"f-0a1b": "one", "f-77fe": "two"}
        report = house.runs()[0] / "report.json"
        text = ", ".join(f'{{"id": "{name}", "headline": "{said}"}}' for name, said in found.items())
        report.write_text(f'{{"schema_version": 1, "findings": [{text}]}}')
        command = house.stage / "bin/orchestra"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m orchestra "$@"\n')
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        house.environment["PATH"] = f"{command.parent}:{house.environment['PATH']}"
        yield house


LINES = {
    "orchestra revi": ["review"],
    "orchestra review --verif": ["--verify"],
    "orchestra job sh": ["show"],
    "orchestra show last w2": ["w2-clarity"],
    "orchestra review src --lenses correctness,ri": ["correctness,risk"],
    "orchestra review src --format sa": ["sarif"],
    "orchestra review src --effort l": ["low"],
    "orchestra review src --verify cr": ["critical"],
    "orchestra wait last --fail-on nev": ["never"],
    "orchestra fix --only f-7": ["f-77fe"],
    "orchestra accept f-0": ["f-0a1b"],
    "orchestra history f-": ["f-0a1b", "f-77fe"],
    "orchestra run sp": ["split"],
    "orchestra nightly ev": ["every-night"],
    "orchestra schedule systemd ev": ["every-night"],
    "orchestra ask x --scope scr": ["scratch"],
    "orchestra prompts show lenses/sec": ["lenses/security"],
}


@pytest.mark.parametrize(("name", "script"), [("bash", ("--norc", "-c", BASH, "bash")), ("fish", ("-N", "-c", FISH))])
def test_every_kind_of_word(past: House, name: str, script: tuple[str, ...]) -> None:
    done = subprocess.run(
        [shell(name), *script, *LINES],
        cwd=past.project, env=past.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [f"{line}: {' '.join(offered)}" for line, offered in LINES.items()]
    assert done.stderr == ""


def test_in_bash_at_a_prompt(past: House) -> None:
    """The word is finished on the line, and a file's name is completed where nothing else is meant."""
    child = prompt(past, "bash", "--norc", "--noprofile", "-i")
    child.sendline('PS1="ready> "; eval "$(env _ORCHESTRA_COMPLETE=source_bash orchestra)"; echo set up')
    child.expect("set up\r\n")
    child.send("orchestra retry last w2\t")
    child.expect_exact("w2-clarity ")
    child.sendcontrol("u")
    child.send("orchestra review src/a\t")
    child.expect_exact("src/a.py ")


def test_in_zsh_at_a_prompt(past: House) -> None:
    child = prompt(past, "zsh", "-f", "-i")
    child.sendline("PS1='ready> '; autoload -U compinit; compinit -D -u; echo began")
    child.expect("began\r\n")
    child.sendline('eval "$(env _ORCHESTRA_COMPLETE=source_zsh orchestra)"; echo set up')
    child.expect("set up\r\n")
    for line, offered in {"orchestra retry last w2": "w2-clarity", "orchestra fix --only f-7": "f-77fe"}.items():
        child.send(f"{line}\t")
        child.expect_exact(offered)
        child.sendcontrol("u")


def prompt(house: House, name: str, *words: str) -> "pexpect.spawn[str]":
    child: pexpect.spawn[str] = pexpect.spawn(
        shell(name), [*words], cwd=str(house.project), env={**house.environment, "TERM": "xterm"}, encoding="utf-8",
        dimensions=(30, 100), timeout=30,
    )  # fmt: skip
    house.spawned(child)
    return child


def shell(name: str) -> str:
    """Where it is."""
    found = shutil.which(name)
    if found is None:
        absent(f"{name} is not installed")
    return found
