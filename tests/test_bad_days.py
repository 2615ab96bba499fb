"""Bad input and bad days, as a stranger meets them: streams that are gone, settings with mistakes, things not there."""

import importlib.util
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from orchestra.errors import SettingsInvalid
from orchestra.settings import load
from tests.absent import absent

ORCHESTRA = shlex.join([sys.executable, "-P", "-m", "orchestra"])
ASK = f"{ORCHESTRA} ask hello --engine command:cat"


def typed(line: str, project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What somebody types, in a shell, in a project of theirs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRA")}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=project,
        env=kept | {"HOME": str(project), "XDG_CONFIG_HOME": str(project / "config")} | environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
    )


@pytest.mark.parametrize(
    ("line", "status", "told"),
    [
        (f"{ASK} <&-", 0, "TASK: hello"),
        (f"{ASK} >&-", 0, "complete: 1 answered"),
        (f"{ASK} 2>&-", 0, "TASK: hello"),
        (f"{ASK} <&- >&- 2>&-", 0, ""),
        (f"{ASK} 2>/dev/full", 0, "TASK: hello"),
        (f"{ASK} >/dev/full", 3, "No space left on device"),
        (f"{ASK} >/dev/full 2>/dev/full", 3, ""),
        (f"{ORCHESTRA} lenses >/dev/full", 3, "No space left on device"),
        (f"{ORCHESTRA} lenses >&-", 0, ""),
        (f"{ORCHESTRA} lenses | true", 141, ""),
        (f"{ORCHESTRA} doctor | true", 141, ""),
        (f"{ORCHESTRA} ask - --engine command:cat <&-", 2, "The prompt is empty."),
        (rf"printf 'a\377b' | {ORCHESTRA} ask - --engine command:cat", 2, "not UTF-8 text from character 2 on"),
        (rf"{ORCHESTRA} ask $'a\377b' --engine command:cat", 2, "not UTF-8 text from character 2 on"),
        (f"{ASK} --cwd nowhere", 2, "The folder of --cwd is not there."),
        (f"{ASK} --cwd /etc/passwd", 2, "--cwd is no folder."),
        (f"mkdir gone; cd gone; rmdir ../gone; {ASK}", 2, "The folder you are in is not there any more."),
        (f"exec 251>/dev/null; ulimit -n 64; {ASK}", 0, "TASK: hello"),  # a number above the limit, inherited
        (f"ulimit -n 45; {ASK}", 0, "TASK: hello"),  # room for one worker of the usual four, and one is all it asks for
        (f"echo '{{\"type\": 5}}' >s; {ASK} --schema s", 2, "The schema is no JSON schema"),
        (f"{ORCHESTRA} review '' --engine command:cat", 2, "The name of a target is empty."),
    ],
)
def test_what_is_typed_ends_with_its_own_status_and_a_sentence(
    line: str, status: int, told: str, tmp_path: Path
) -> None:
    ended = typed(line, tmp_path)
    assert (ended.returncode, told in ended.stdout + ended.stderr) == (status, True), ended
    assert "Traceback" not in ended.stderr
    assert "mistake in orchestra" not in ended.stderr


def test_a_terminal_that_speaks_no_unicode_gets_the_answer_as_far_as_it_goes(tmp_path: Path) -> None:
    ended = typed(
        f"printf 'caf\\303\\251' | {ORCHESTRA} ask - --engine command:cat", tmp_path, PYTHONIOENCODING="ascii"
    )
    assert ended.returncode == 0, ended
    assert "TASK: caf?" in ended.stdout


def test_what_a_run_keeps_is_private_whatever_the_umask(tmp_path: Path) -> None:
    ended = typed(f"umask 000; {ASK}", tmp_path)
    assert ended.returncode == 0, ended
    kept = list((tmp_path / ".orchestra/runs").rglob("*"))
    assert len(kept) > 5
    assert [str(path) for path in kept if path.stat().st_mode & 0o077] == []


def test_a_codex_that_cannot_read_its_configuration_is_told_once(tmp_path: Path) -> None:
    if importlib.util.find_spec("codex_cli_bin") is None:
        absent("the wheel openai-codex-cli-bin is not installed")
    (tmp_path / "config.toml").write_text("this is [not toml")
    doctor = typed(f"{ORCHESTRA} doctor", tmp_path, CODEX_HOME=str(tmp_path))
    assert doctor.returncode == 3
    assert "NO   config" in doctor.stdout, doctor.stdout
    assert "user namespaces" not in doctor.stdout


def test_the_doctor_says_that_git_refuses_the_repository(tmp_path: Path) -> None:
    """`git --version` works all the same; the first who hears of it would be a run."""
    made = typed(f"git init -q && {ORCHESTRA} doctor", tmp_path)
    assert "ok   git" in made.stdout, made
    refused = typed(f"echo '[core' >> .git/config; {ORCHESTRA} doctor", tmp_path).stdout
    assert "note git" in refused
    assert "bad config" in " ".join(refused.split())


def test_a_repository_of_somebody_else_is_told_with_a_command_that_can_be_pasted(tmp_path: Path) -> None:
    shop = tmp_path / "a shop"
    shop.mkdir()
    (shop / "cart.py").write_text("total = 0\n")
    assert typed("git init -q && chown -R 12345 .", shop).returncode == 0
    environment = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    trust = f"git config --global --add safe.directory '{shop}'"
    for line in ("doctor", "review --uncommitted", "fix . --dry-run --engine command:cat"):
        told = typed(f"{ORCHESTRA} {line}", shop, **environment)
        assert trust in " ".join((told.stdout + told.stderr).split()), told
    assert typed(trust, shop, **environment).returncode == 0
    planned = typed(f"{ORCHESTRA} review --uncommitted --dry-run --engine command:cat", shop, **environment)
    assert "Nothing was started." in planned.stdout, planned


def test_the_doctor_counts_as_a_run_does(tmp_path: Path) -> None:
    """40 descriptors less those that are open and those orchestra keeps for itself leave no room for four workers."""
    doctor = typed(f"ulimit -n 40; {ORCHESTRA} doctor", tmp_path)
    run = typed(f"ulimit -n 40; {ORCHESTRA} review . --rehearse", tmp_path)
    assert doctor.returncode == 3
    assert "NO   room" in doctor.stdout, doctor.stdout
    assert run.returncode in (2, 3), run


def test_the_doctor_counts_the_memory_a_worker_of_this_engine_needs(tmp_path: Path) -> None:
    """Two hundred linters take no 30 GB."""
    (tmp_path / "orchestra.toml").write_text('engine = "command:cat"\nat_once = 200\n')
    doctor = typed(f"{ORCHESTRA} doctor", tmp_path)
    assert "ok   room" in doctor.stdout, doctor.stdout


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("\nat_onec = 3\n", 2, "'at_onec'. Did you mean 'at_once'?"),
        ('\n"at_onec" = 3\n', 2, "'at_onec'. Did you mean 'at_once'?"),
        ("# at_once = 1\nat_once = 0\n", 2, "at_once should be 1 or more, not 0."),
        ("[deadlines]\nidle = 3\nstrat = 3\n", 3, "'deadlines.strat'. Did you mean 'start'?"),
        ("[deadlnes]\nidle = 3\n", 1, "'deadlnes'. Did you mean 'deadlines'?"),
        ("\ndeadlines.idle = 'x'\n", 2, "deadlines.idle should be "),
        ("\ndeadlines = {wall = 'x'}\n", 2, "deadlines.wall should be "),
        ("\ndeadlines = 3\n", 2, "deadlines should be a table, not 3."),
        ("[engines]\nidle = ['x']\n\n[deadlines]\nidle = 'z'\n", 5, "deadlines.idle should be "),
        ("\n[engines]\nruff = ['a', 3]\n", 3, "engines.ruff.1 should be "),
        ("\nenvironment = ['A',\n  3]\n", 2, "environment.1 should be "),
        ("environment = 'A'\n", 1, "environment should be a list, not 'A'."),
        ("model = 3\nnosuch = 1\n", 2, "There is no setting 'nosuch'."),
        ("\n\nfoo\n", 3, "The settings are not TOML"),
        ("\nat_once = true\n", 2, "at_once: Should be a number, not true"),
        ("deadlines.wall = false\n", 1, "deadlines.wall: Should be a number, not false"),
        ("deadlines.wall = inf\n", 1, "deadlines.wall should be a finite number"),  # JSON has no such number
        ("model = ' '\n", 1, "model should say something"),
    ],
)
def test_a_mistake_in_the_settings_is_told_with_its_line(text: str, line: int, told: str, tmp_path: Path) -> None:
    (tmp_path / "orchestra.toml").write_text(text)
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, environment={})
    assert told in caught.value.what
    assert caught.value.where == f"{tmp_path}/orchestra.toml:{line}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("tool = 5\n", 1),
        ("[tool]\norchestra = 5\n", 2),
        ("[tool.other]\nat_onec = 3\n\n[tool.orchestra]\nat_onec = 3\n", 5),
        ("[tool.other]\nenvironment = 'x'\n\n[tool.orchestra]\nenvironment = 3\n", 5),
        ("[tool.orchestra.deadlines]\nidle = -1\n", 2),
    ],
)
def test_in_a_pyproject_it_is_our_table_that_is_named(text: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, environment={})
    assert caught.value.where == f"{tmp_path}/pyproject.toml:{line}"


def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, environment={"ORCHESTRA_AT_ONCE": "abc"})
    assert caught.value.where == "ORCHESTRA_AT_ONCE"
    assert load(tmp_path, environment={"ORCHESTRA_CODEX": "/x"}).origin("codex") == "ORCHESTRA_CODEX"
    assert load(tmp_path, environment={"MODEL": "somebody else's", "CODEX": "/x"}).origins == {}


@pytest.mark.parametrize("option", ["model", "effort", "engine"])
def test_an_option_from_a_variable_that_is_not_set_is_refused(option: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    done = typed(f"{ORCHESTRA} review a.py --rehearse --{option} ''", tmp_path)
    assert done.returncode == 2, done.stderr
    assert f"{option} should say something; leave it out" in done.stderr
    assert "where: command line" in done.stderr


def test_a_variable_nobody_reads_is_said_with_the_nearest_name(tmp_path: Path) -> None:
    said = {"ORCHESTRA_MODLE": "x", "ORCHESTRA_DEADLINES": "3", "ORCHESTRA_MODEL": "y"}
    done = typed(f"{ORCHESTRA} patterns", tmp_path, **said)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "orchestra: ORCHESTRA_DEADLINES is not read: a table is set in orchestra.toml, under [deadlines].",
        "orchestra: ORCHESTRA_MODLE is no setting and is not read. Did you mean ORCHESTRA_MODEL?",
    ]
