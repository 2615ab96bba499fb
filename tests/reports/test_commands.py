"""`orchestra report` and `orchestra diff`, typed in a project as a person would."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestra.crew.run_folder import RunRecord
from orchestra.outcome import Outcome
from orchestra.reports.renderers.catalogue import FORMATS
from orchestra.reports.report import Report
from tests.reports.stories import RUN, merged, real, report, worker

OTHER = "20261121-031500-review-aaaa"
KEPT = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}


class Project:
    """A folder with saved runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "orchestra.toml").write_text("")

    def keeps(self, made: Report, run: str = RUN) -> Path:
        """A run that ended with this report."""
        file = self.folder / ".orchestra" / "runs" / run / "report.json"
        file.parent.mkdir(parents=True)
        file.write_text(made.model_copy(update={"run": run}).model_dump_json(indent=1), encoding="utf-8")
        return file

    def types(self, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """The command, and everything it says."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "orchestra", *words],
            cwd=self.folder,
            env={**KEPT, **environment},
            capture_output=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize("form", FORMATS)
def test_a_saved_run_is_rendered_again_in_any_format(project: Project, form: str) -> None:
    project.keeps(real())
    said = project.types("report", "last", "--format", form)
    assert (said.returncode, said.stderr) == (0, b"")
    assert real().open[0].id in said.stdout.decode("utf-8")


@pytest.mark.parametrize("form", ["terminal", "html"])
def test_a_file_is_written_whole_and_nothing_else_is(project: Project, form: str) -> None:
    project.keeps(real())
    written = project.types("report", RUN, "--format", form, "--out", "told")
    assert (written.returncode, written.stdout, written.stderr) == (0, b"", b"written to told\n")
    assert (project.folder / "told").read_bytes() == project.types("report", RUN, "--format", form).stdout
    assert sorted(path.name for path in project.folder.iterdir()) == [".orchestra", "orchestra.toml", "told"]


def test_a_report_that_came_as_a_file_is_read_anywhere(tmp_path: Path) -> None:
    file = tmp_path / "artefact.json"
    file.write_text(real().model_dump_json(), encoding="utf-8")
    said = Project(tmp_path).types("report", "artefact.json")
    assert said.returncode == 0
    assert b"never gives back its concurrency slot" in said.stdout


@pytest.mark.parametrize(
    ("made", "words", "code", "told"),
    [
        (report([merged(1)]), [], 0, ""),
        (report([merged(1)]), ["--fail-on", "high"], 1, "Gate high: failed by 1 of 1 open finding: f-0001."),
        (report([merged(1)]), ["--fail-on", "critical"], 0, "Gate critical: passed; none of 1 open finding counts."),
        (report([merged(1)], [worker("w1", Outcome.LOST)]), [], 0, ""),
        (
            report([merged(1)], [worker("w1", Outcome.LOST), worker("w2")]),
            ["--fail-on", "low"],
            4,
            "Gate low: failed by 1 of 1 open finding: f-0001.",
        ),
        (report([merged(1)]), ["--fail-on", "high", "--min-confidence", "0.9"], 0, "(confidence 0.9 or more)"),
        (report([merged(1)]), ["--fail-on", "high", "--lens", "correctness, risk"], 1, "lens correctness or risk"),
        (report([merged(1)]), ["--fail-on", "high", "--lens", "security"], 0, "none of 0 open findings"),
    ],
)
def test_the_exit_status_is_the_gate_s_where_one_was_asked_for(
    project: Project, made: Report, words: list[str], code: int, told: str
) -> None:
    project.keeps(made)
    said = project.types("report", "last", "--json", *words)
    assert said.returncode == code
    assert told in said.stderr.decode()
    assert json.loads(said.stdout)["schema_version"] == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["report", "last", "--format", "sarf"], "Did you mean 'sarif'?"),
        (["report", "last", "--fail-on", "severe"], "is no gate"),
        (["report", "last", "--fail-on", "new:high"], "no history"),
        (["report", "last", "--lens", "beauty"], "There are: correctness, risk, security."),
        (["report", "last", "--min-confidence", "70"], "from 0 to 1"),
        (["report", "last", "--out", "no/such/folder/file"], "is not there"),
        (["report", "last", "--out", ".orchestra"], "is a folder"),
        (["report", "last", "--out", "x" * 300], "--out names no file: File name too long."),
        (["report", "last", "--out", "loop"], "it is a link that leads to itself"),
        (["report", "nosuchrun"], "no run 'nosuchrun'"),
        (["report", "orchestra.toml"], "not JSON"),
        (["diff", "last", "nosuchrun"], "no run 'nosuchrun'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence_and_nothing_is_printed(
    project: Project, words: list[str], told: str
) -> None:
    project.keeps(report([merged(1)]))
    (project.folder / "loop").symlink_to("loop")
    said = project.types(*words)
    assert (said.returncode, said.stdout) == (2, b"")
    assert told in said.stderr.decode()
    assert "Traceback" not in said.stderr.decode()


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        ("{", 2, "it is not JSON"),
        ("[]", 2, "it has no schema_version"),
        ('{"schema_version": 1}', 2, "The file holds no report: run is missing."),
        ('{"schema_version": 99}', 3, "written by a newer orchestra (schema 99"),
    ],
)
def test_a_file_that_is_no_report_says_what_it_is_not(project: Project, content: str, code: int, told: str) -> None:
    (project.folder / "told.json").write_text(content)
    said = project.types("report", "told.json")
    assert (said.returncode, said.stdout) == (code, b"")
    assert told in said.stderr.decode()


def test_a_report_that_was_cut_in_half_is_made_again(project: Project) -> None:
    (project.folder / "a.py").write_text("def f(x=[]):\n    return eval(x)\n")
    assert project.types("review", "a.py", "--rehearse", "--detach", "--json").returncode == 0
    assert project.types("wait", "last").returncode == 0
    whole = json.loads(project.types("report", "last", "--json").stdout)
    file = project.folder / ".orchestra" / "runs" / whole["run"] / "report.json"
    file.write_bytes(file.read_bytes()[:-1000])
    for words in (["report", "last"], ["diff", "last", "last"]):
        said = project.types(*words)
        assert (said.returncode, said.stdout) == (3, b"")
        assert f"The report of {whole['run']} is damaged." in said.stderr.decode()
        assert f"Remove it; `orchestra resume {whole['run']}`" in said.stderr.decode()
    file.unlink()
    assert project.types("resume", whole["run"]).returncode == 0
    again = json.loads(project.types("report", "last", "--json").stdout)
    assert again["findings"] == whole["findings"]
    assert again["usage"] == whole["usage"]
    assert whole["findings"]


def test_a_run_without_a_report_says_what_to_do(project: Project) -> None:
    folder = project.keeps(report()).parent
    (folder / "report.json").unlink()
    record = RunRecord(
        id=RUN,
        pattern="review",
        function="orchestra.patterns.triangulated_review:triangulated_review",
        inputs={},
        settings={},
        origins={},
        asked="review of src",
        versions={},
        started=datetime(2026, 11, 20, tzinfo=UTC),
    )
    (folder / "run.json").write_text(record.model_dump_json())
    said = project.types("report", "last")
    assert said.returncode == 2
    assert f"{RUN} has no report yet: it was interrupted." in said.stderr.decode()
    assert f"orchestra resume {RUN}" in said.stderr.decode()


def test_a_narrow_terminal_a_pager_and_a_wish_for_colour_are_heeded(project: Project) -> None:
    project.keeps(real())
    narrow = project.types("report", "last", COLUMNS="60").stdout.decode()
    assert max(len(line) for line in narrow.splitlines() if "codex exec" not in line) <= 60
    assert "\x1b" not in narrow
    assert "\x1b[" in project.types("report", "last", FORCE_COLOR="1").stdout.decode()
    assert "\x1b[" not in project.types("report", "last", FORCE_COLOR="1", NO_COLOR="1").stdout.decode()


def test_a_terminal_that_speaks_little_gets_what_it_can_show_and_data_stays_whole(project: Project) -> None:
    project.keeps(report([merged(1, title="Größe 😀")]))
    assert b"Gr??e" in project.types("report", "last", PYTHONIOENCODING="ascii").stdout
    told = project.types("report", "last", "--json", PYTHONIOENCODING="ascii").stdout
    assert json.loads(told)["findings"][0]["title"] == "Größe 😀"


def test_somebody_who_has_seen_enough_ends_it_quietly(project: Project) -> None:
    project.keeps(real())
    command = '"$0" -P -m orchestra report last --json | head -c 10'
    typed = ["sh", "-c", command, sys.executable]
    said = subprocess.run(typed, cwd=project.folder, env=KEPT, capture_output=True, check=False)
    assert said.stdout == b'{\n  "schem'
    assert said.stderr == b""


def test_two_runs_are_compared(project: Project) -> None:
    one, two, three = real().findings[:3]
    before, after = report([one, two]), report([two, three])
    digests = {f"src/part_{number}.py": "0" * 64 for number in range(4)}
    project.keeps(before.model_copy(update={"target_digests": digests}))
    project.keeps(after.model_copy(update={"target_digests": {**digests, "src/part_3.py": "1" * 64}}), OTHER)
    said = project.types("diff", RUN, "last")
    assert (said.returncode, said.stderr) == (0, b"")
    assert "1 new, 1 gone, 1 still there." in said.stdout.decode()
    assert "1 file of 4" in said.stdout.decode()
    told = json.loads(project.types("diff", RUN, OTHER, "--json").stdout)
    assert [entry["id"] for entry in told["new"]] == [three.id]
    assert [entry["id"] for entry in told["gone"]] == [one.id]
    assert told["target"]["changed"] == ["src/part_3.py"]
    assert project.types("diff", RUN, OTHER, "--out", "told.txt").returncode == 0
    assert (project.folder / "told.txt").read_bytes() == said.stdout
