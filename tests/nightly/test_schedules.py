"""What starts a job: read by whoever will read it, and run for real without anybody's shell around it."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestra.errors import OrchestraError, UnknownName, UsageError
from orchestra.nightly.job import chosen, jobs_of
from orchestra.nightly.schedules.catalogue import STARTERS, files_for
from orchestra.nightly.schedules.schedule import Schedule, ScheduleFile, time_of
from tests.absent import absent

CHECKOUT = Path(__file__).parents[2]
WORKER = """cat > /dev/null
env > "$(dirname "$0")/environment"
cat "$(dirname "$0")/message"
"""
FINDING = {
    "title": "The constant is wrong",
    "severity": "high",
    "confidence": 0.9,
    "category": "value",
    "locations": [{"path": "src/a.py", "start_line": 1, "end_line": 1, "quote": "a = 1"}],
    "problem": "It is 1.",
    "recommendation": "Say 2.",
    "rewrite": None,
}
STRANGE = ["my shop", "50% off", 'the "shop"', "it's", "$HOME", "käse", "a;touch pwned", "#1"]
FORGES = [("github", False), ("github", True), ("gitlab", False), ("gitlab", True)]


def needed(program: str) -> None:
    """A reader that judges what is written."""
    if shutil.which(program) is None and importlib.util.find_spec(program.replace("-", "_")) is None:
        absent(f"{program} is not there")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a job whose workers find one thing."""
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / "src/a.py").write_text("a = 1\n")
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "worker.sh").write_text(WORKER)
    (stage / "message").write_text(json.dumps({"summary": "Not fine.", "findings": [FINDING]}))
    engine = json.dumps(["sh", str(stage / "worker.sh")])
    (folder / "orchestra.toml").write_text(
        f'engine = "stub"\nengines.stub = {engine}\n'
        '[jobs.nightly]\ntargets = ["src"]\nlenses = ["risk"]\nfail_on = "new:high"\n'
    )
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "begin")
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with a program `orchestra`, as pip would put it there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "orchestra"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={CHECKOUT} exec {sys.executable} -P -m orchestra "$@"\n')
    program.chmod(0o755)
    return folder


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", folder, *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def bare(
    command: list[str], folder: Path, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run it as a machine does: no terminal, no HOME, no PATH, in a session of its own."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment or {},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
        check=False,
    )


def of(project: Path, programs: Path | None = None, **more: Any) -> Schedule:
    program = (str(programs / "orchestra"),) if programs else ("/usr/bin/true",)
    return Schedule(**{"job": "nightly", "project": project, "at": time(2, 36), "program": program} | more)


def made(project: Path, starter: str, change: bool = False, **more: Any) -> str:
    """What is printed for the project's own job."""
    job = chosen(jobs_of(project), ["nightly"])[0]
    return "\n".join(file.text for file in files_for(starter, job, project, change=change, **more))


def only_report(project: Path) -> Any:
    reports = list((project / ".orchestra/runs").glob("*/report.json"))
    assert len(reports) == 1
    return json.loads(reports[0].read_text())


# ── systemd ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", STRANGE)
def test_systemd_reads_its_units(name: str, tmp_path: Path) -> None:
    """Systemd looks for the program itself, so a path that it read otherwise would be missed."""
    needed("systemd-analyze")
    folder = tmp_path / name
    folder.mkdir()
    program = folder / "orchestra"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    files = STARTERS["systemd"](of(folder, folder, environment={"CODEX_HOME": str(folder)}))
    units = tmp_path / "units"
    assert _verified(units, files) == ""
    program.unlink()
    if "/usr/bin/env" not in files[0].text:
        assert "is not executable" in _verified(units, files), "the verification sees nothing"


def _verified(units: Path, files: tuple[ScheduleFile, ...]) -> str:
    units.mkdir(exist_ok=True)
    for file in files:
        (units / file.name).write_text(file.text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *(units / file.name for file in files)],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(units), "SYSTEMD_UNIT_PATH": f"{units}:/usr/lib/systemd/user"},
        check=False,
    )
    return done.stderr if done.returncode or str(units) in done.stderr else ""


def test_systemd_knows_when(project: Path) -> None:
    needed("systemd-analyze")
    said = re.findall(r"^OnCalendar=(.+)$", made(project, "systemd", at="23:05"), re.MULTILINE)
    told = subprocess.run(["systemd-analyze", "calendar", *said], capture_output=True, text=True, check=True).stdout
    assert "Normalized form: *-*-* 23:05:00" in told


def test_what_systemd_starts_needs_nothing_of_a_shell(project: Path, programs: Path) -> None:
    service = STARTERS["systemd"](of(project, programs))[0].text
    said = dict(line.split("=", 1) for line in service.splitlines() if re.match(r"[A-Z]\w+=", line))
    environment = dict([shlex.split(said["Environment"])[0].split("=", 1)])
    done = bare(shlex.split(said["ExecStart"]), Path(said["WorkingDirectory"]), environment)
    assert done.returncode == 1, done.stderr
    report = only_report(project)
    assert [finding["title"] for finding in report["findings"]] == ["The constant is wrong"]
    seen = (project.parent / "stage/environment").read_text()
    assert "PATH=/usr/local/bin:/usr/bin:/bin\n" in seen
    assert "HOME=" not in seen


def test_a_night_without_any_environment_sees_as_much(project: Path, programs: Path) -> None:
    """The real codex: no PATH and no HOME, and still its tools read the files."""
    (project / "src/a.py").write_text("def add(item, to=[]):\n    to.append(item)\n    return to\n")
    (project / "orchestra.toml").write_text("[jobs.nightly]\ntargets = ['src']\nlenses = ['correctness']\n")
    done = bare([str(programs / "orchestra"), "nightly", "nightly", "--rehearse"], project)
    assert done.returncode == 0, done.stderr
    assert [finding["title"] for finding in only_report(project)["findings"]] == ["Mutable default argument in add"]


# ── cron ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def as_cron_reads(line: str) -> tuple[list[str], str]:
    """The five fields, and the command up to the first `%` without a backslash before it."""
    *fields, command = line.split(None, 5)
    return fields, re.split(r"(?<!\\)%", command)[0].replace("\\%", "%")


@pytest.mark.parametrize("name", STRANGE)
def test_cron_starts_what_was_meant(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    program = folder / "orchestra"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$CODEX_HOME" "$@"\n')
    program.chmod(0o755)
    (file,) = STARTERS["cron"](of(folder, folder, environment={"CODEX_HOME": f"{folder}/codex"}))
    *comments, line = file.text.splitlines()
    assert all(comment.startswith("# ") for comment in comments)
    fields, command = as_cron_reads(line)
    assert fields == ["36", "2", "*", "*", "*"]
    done = bare(["/bin/sh", "-c", command], Path("/"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    said = (folder / ".orchestra/runs/nightly.log").read_text().splitlines()
    assert said == [str(folder), f"{folder}/codex", "nightly", "nightly"]
    assert not (tmp_path / "pwned").exists()
    assert not (folder / "pwned").exists()


def test_cron_runs_the_job_and_leaves_one_that_runs_alone(project: Path, programs: Path) -> None:
    needed("flock")
    (file,) = STARTERS["cron"](of(project, programs))
    _, command = as_cron_reads(file.text.splitlines()[-1])
    runs = project / ".orchestra/runs"
    runs.mkdir(parents=True)
    held = subprocess.Popen(
        ["flock", runs / "nightly.flock", "sh", "-c", "echo held; read x"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with held:
        assert held.stdout is not None
        assert held.stdout.readline() == "held\n"
        assert bare(["/bin/sh", "-c", command], Path("/")).returncode == 0
        assert not list(runs.glob("*/report.json"))
        held.communicate("\n")
    assert bare(["/bin/sh", "-c", command], Path("/")).returncode == 1
    assert only_report(project)["state"] == "complete"
    log = runs / "nightly.log"
    assert "nightly" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("name", "told"), [("a\\b", "backslash"), ("n" * 250 + "/" + "o" * 250, "cron takes 990")])
def test_what_no_crontab_can_hold_is_said(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{told}(?s:.*)`orchestra schedule systemd nightly`"):
        STARTERS["cron"](of(tmp_path / name, tmp_path / name, environment={"CODEX_HOME": str(tmp_path / name)}))


# ── forges ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps_of(text: str) -> list[dict[str, Any]]:
    (job,) = yaml.safe_load(text)["jobs"].values()
    return list(job["steps"])


def script(text: str, name: str) -> str:
    """What the step of that name runs."""
    return str(next(step["run"] for step in steps_of(text) if step.get("name") == name))


@pytest.mark.parametrize(("forge", "change"), FORGES)
def test_a_forge_can_read_it(forge: str, change: bool, project: Path, tmp_path: Path) -> None:
    """By the schema the forge's editors use, which `check-jsonschema` brings along."""
    needed("check-jsonschema")
    file = tmp_path / "ci.yml"
    file.write_text(made(project, forge, change))
    schema = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}[forge]
    words = ["--builtin-schema", schema, *(["--data-transform", "gitlab-ci"] if forge == "gitlab" else []), str(file)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "check_jsonschema", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("change", [False, True], ids=["night", "change"])
def test_a_workflow_may_do_little_and_tells_its_secret_to_one_step(change: bool, project: Path) -> None:
    text = made(project, "github", change)
    told = yaml.safe_load(text)
    assert told["permissions"] == {}
    (job,) = told["jobs"].values()
    assert job["permissions"] == {"contents": "read", "security-events": "write"}
    assert job["timeout-minutes"] < 360
    assert told["concurrency"]["cancel-in-progress"] is change
    knowing = [step["name"] for step in job["steps"] if "secrets." in json.dumps(step)]
    assert knowing == ["Judge the change" if change else "Run the job"]
    assert text.count("secrets.") == 1
    for step in job["steps"]:
        assert "${{" not in step.get("run", ""), "an expression would be put into the script as it is"
        assert re.fullmatch(r"[\w.-]+(/[\w.-]+)+@v\d+", step.get("uses", "a/b@v1"))
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
    assert "pull_request_target" not in text
    assert ("fork" in text) is change


def test_what_a_night_knows_is_kept_even_if_it_ends_red(project: Path) -> None:
    steps = {step.get("name"): step for step in steps_of(made(project, "github"))}
    back, kept = steps["Bring back what earlier nights know"], steps["Keep what this night knows"]
    assert back["with"]["path"] == kept["with"]["path"] == ".orchestra/runs"
    assert back["with"]["key"] == kept["with"]["key"]
    assert kept["with"]["key"].startswith(back["with"]["restore-keys"])
    assert kept["if"] == "always()"


def runner(project: Path, programs: Path) -> dict[str, str]:
    """What a step of a workflow finds around it."""
    place = project.parent / "runner"
    place.mkdir(exist_ok=True)
    return {
        "PATH": f"{programs}:/usr/bin:/bin",
        "RUNNER_TEMP": str(place),
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
        "GITHUB_OUTPUT": str(place / "output"),
        "GITHUB_BASE_REF": "main",
        "CODEX_API_KEY": "k",
    }


def test_the_steps_of_a_night_are_played(project: Path, programs: Path) -> None:
    text, around = made(project, "github"), runner(project, programs)
    place = Path(around["RUNNER_TEMP"])
    done = bare(["bash", "-e", "-c", script(text, "Run the job")], project, around)
    assert done.returncode == 1, done.stderr
    done = bare(["bash", "-e", "-c", script(text, "Write the reports")], project, around)
    assert done.returncode == 0, done.stderr
    assert "The constant is wrong" in (place / "summary").read_text()
    assert json.loads((place / "orchestra.sarif").read_text())["version"] == "2.1.0"
    assert "<html" in (place / "orchestra.html").read_text()
    assert (place / "output").read_text() == "written=yes\n"
    assert "::error file=src/a.py,line=1" in done.stdout

    (place / "begun").touch()  # another night, which wrote none
    (place / "output").unlink()
    done = bare(["bash", "-e", "-c", script(text, "Write the reports")], project, around)
    assert (done.returncode, (place / "output").exists()) == (0, False), "an older report is not that of this night"
    assert "wrote no report" in done.stdout


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_change_is_judged_by_the_rules_of_where_it_goes(forge: str, project: Path, programs: Path) -> None:
    text = made(project, forge, change=True)
    git(project, "update-ref", "refs/remotes/origin/main", "main")
    git(project, "switch", "-qc", "change")
    (project / "src/a.py").write_text("a = 1\nb = 2\n")
    (project / "orchestra.toml").write_text('engine = "command:touch evil"\n')
    git(project, "commit", "-qam", "change")
    around = runner(project, programs)
    if forge == "github":
        done = bare(["bash", "-e", "-c", script(text, "Judge the change")], project, around)
    else:
        git(project, "remote", "add", "origin", str(project))
        around |= {"CI_PROJECT_DIR": str(project), "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
        job = next(one for name, one in yaml.safe_load(text).items() if name.startswith("orchestra:"))
        lines = [*job["before_script"][1:], *job["script"]]  # all but the installation
        done = bare(["sh", "-e", "-c", "\n".join(lines)], project, around)
        after = bare(["sh", "-c", "\n".join(job["after_script"])], project, around)
        assert after.returncode == 0, after.stderr
        quality = json.loads((project / "orchestra-codequality.json").read_text())
        assert quality[0]["location"]["path"] == "src/a.py"
        assert "<testsuite" in (project / "orchestra-junit.xml").read_text()
        assert all((project / name).exists() for name in job["artifacts"]["reports"].values())
    assert done.returncode == 1, done.stderr
    assert not (project / "evil").exists()
    assert any("are those of refs/remotes/origin/main" in note for note in only_report(project)["notes"])


def test_a_project_below_the_top_is_found_there(project: Path) -> None:
    below = project / "services/my mail"
    below.mkdir(parents=True)
    (project / "orchestra.toml").rename(below / "orchestra.toml")
    (job,) = yaml.safe_load(made(below, "github"))["jobs"].values()
    assert job["defaults"]["run"]["working-directory"] == "services/my mail"
    told = next(one for name, one in yaml.safe_load(made(below, "gitlab")).items() if name.startswith("orchestra:"))
    assert told["cache"]["paths"] == ["services/my mail/.orchestra/runs"]
    assert "cd 'services/my mail'" in told["before_script"]


# ── what is said, and what is refused ────────────────────────────────────────────────────────────────────────────────


def test_a_time_of_its_own() -> None:
    times = {time_of(None, f"job{number}", Path("/shop")) for number in range(200)}
    assert len(times) > 100
    assert all(time(1, 3) <= one <= time(4, 56) and one.minute for one in times)
    assert time_of(None, "nightly", Path("/a/shop")) == time_of(None, "nightly", Path("/b/shop"))
    assert time_of("7:05", "nightly", Path("/shop")) == time(7, 5)


JOBS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("cron", "", "no time of the day", {"at": "24:00"}),
    ("cron", "", "no time of the day", {"at": "half past two"}),
    ("systemd", "", "sees no pull requests", {"change": True}),
    ("github", "", "'\\n', which no line", {"install": "orchestra\n- run: evil"}),
    ("github", "", "in the place of", {"install": "orchestra==${{ secrets.X }}"}),
    ("github", "targets = ['${{ github.token }}']", "in the place of", {"change": True}),
    ("github", "targets = ['a\\nb']".replace("'", '"'), "which no line", {"change": True}),
    ("github", "pattern = 'research'\nquestion = 'Why?'", "a change is judged by a review", {"change": True}),
    ("gitlab", "min_support = 2", "says 'min_support'", {"change": True}),
    ("gitlab", "uncommitted = true", "says 'uncommitted'", {"change": True}),
    ("gitlab", "context = {goal = 'x'}", "says 'context'", {"change": True}),
    ("github", "nonsense = 1", "no setting 'jobs.nightly.nonsense'", {}),
]


@pytest.mark.parametrize(("starter", "says", "told", "more"), JOBS, ids=[f"{one[0]} {one[2]}" for one in JOBS])
def test_what_cannot_be_said_is_refused(
    starter: str, says: str, told: str, more: dict[str, Any], project: Path
) -> None:
    (project / "orchestra.toml").write_text(f"[jobs.nightly]\n{says}\n")
    with pytest.raises(UsageError, match=re.escape(told)):
        made(project, starter, **more)


def test_everything_a_job_says_of_a_review_is_said(project: Path) -> None:
    (project / "orchestra.toml").write_text(
        "[jobs.nightly]\ntargets = ['src', 'my docs']\nlenses = ['risk', 'clarity+evidence']\nexclude = ['*.min.js']\n"
        "curate = true\nverify_gate = true\nfail_on = 'new:critical'\nmodel = 'm'\nat_once = 2\nbase = 'old'\n"
        "context = 'pack.toml'\n"
    )
    said = script(made(project, "github", change=True), "Judge the change").splitlines()[-1]
    assert shlex.split(said) == [
        *["orchestra", "review", "src", "my docs", "--lenses", "risk,clarity+evidence", "--exclude", "*.min.js"],
        *["--curate", "--model", "m", "--at-once", "2", "--verify=critical", "--context", "pack.toml"],
        *["--fail-on", "critical", "--base", "refs/remotes/origin/$GITHUB_BASE_REF"],
    ]


def test_it_is_printed_or_written_and_nothing_is_overwritten(project: Path, programs: Path, tmp_path: Path) -> None:
    around = {**runner(project, programs), "CODEX_HOME": str(tmp_path)}
    words = [str(programs / "orchestra"), "schedule", "systemd", "nightly", "--at", "03:33"]
    printed = bare(words, project, around)
    assert printed.returncode == 0, printed.stderr
    assert f'Environment="CODEX_HOME={tmp_path}"' in printed.stdout
    assert "CODEX_API_KEY" not in printed.stdout
    units = tmp_path / "units"
    for _ in range(2):
        assert bare([*words, "--out", str(units)], project, around).returncode == 0
    texts = [file.read_text() for file in sorted(units.iterdir())]
    assert "\n".join(texts) == printed.stdout
    assert [file.name for file in sorted(units.iterdir())] == [
        "orchestra-shop-nightly.service",
        "orchestra-shop-nightly.timer",
    ]
    (units / "orchestra-shop-nightly.timer").write_text("mine")
    refused = bare([*words, "--out", str(units)], project, around)
    assert (refused.returncode, "says something else" in refused.stderr) == (2, True)
    assert (units / "orchestra-shop-nightly.timer").read_text() == "mine"
    unknown = bare([*words[:3], "nihgtly"], project, around)
    assert (unknown.returncode, "Did you mean 'nightly'?" in unknown.stderr) == (2, True)


def test_an_unknown_starter_and_a_folder_without_a_repository(project: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="systemd"):
        made(project, "sysetmd")
    shutil.rmtree(project / ".git")
    with pytest.raises(OrchestraError, match="lies in no git repository"):
        made(project, "gitlab")
