"""Jobs in the settings: what is understood, what is refused and where, what is listed, what is written."""

import tomllib
from pathlib import Path

import pytest

from orchestra.errors import UnknownName, UsageError
from orchestra.nightly import sample
from orchestra.nightly.amounts import bytes_of
from orchestra.nightly.job import Job, chosen, jobs_of
from orchestra.settings import load
from tests.cli.house import House
from tests.cli.test_completing import offered
from tests.nightly.stage import JOB, describe


def job_of(project: Path, lines: str, file: str = "orchestra.toml", head: str = "[jobs.docs]") -> Job:
    (project / file).write_text(f"# settings\n{head}\n{lines}")
    return jobs_of(project)[0]


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        ('targtes = ["src"]', 3, "There is no setting 'jobs.docs.targtes'. Did you mean 'targets'?"),
        ("lensse = 'risk'", 3, "'jobs.docs.lensse'. Did you mean 'lenses'?"),
        ("\nat_onec = 3", 4, "'jobs.docs.at_onec'. Did you mean 'at_once'?"),
        ("at_once = 0", 3, "jobs.docs.at_once should be 1 or more, not 0."),
        ("deadlines = {wall = 'x'}", 3, "jobs.docs.deadlines.wall should "),
        ("deadlines = {wlal = 3}", 3, "'jobs.docs.deadlines.wlal'. Did you mean 'wall'?"),
        ("[jobs.docs.deadlines]\nwlal = 3", 4, "'jobs.docs.deadlines.wlal'. Did you mean 'wall'?"),
        ("pattern = 'reviw'", 3, "There is no pattern 'reviw'. Did you mean 'review'?"),
        ("fail_on = 'new:hgih'", 3, "jobs.docs.fail_on: 'new:hgih' is no gate."),
        ("min_support = true", 3, "jobs.docs.min_support: Should be a number, not true"),
        ("on_end_within = 0", 3, "jobs.docs.on_end_within should "),
        ("min_support = 0", 3, "jobs.docs.min_support should "),
        ("formats = ['htlm']", 3, "jobs.docs.formats: There is no format 'htlm'. Did you mean 'html'?"),
        ("formats = {html = '{jop}.html'}", 3, "{jop} in '{jop}.html' stands for nothing; there are {job}"),
        ("formats = {html = 3}", 3, "jobs.docs.formats.html should "),
        ("keep = {nihgts = 3}", 3, "'jobs.docs.keep.nihgts'. Did you mean 'nights'?"),
        ("keep = {bytes = '2 gigs'}", 3, "jobs.docs.keep.bytes: '2 gigs' is no size. Say it like 500MB"),
        ("keep = {nights = 0}", 3, "jobs.docs.keep.nights should "),
        ("max_reuse_age = '30 days'", 3, "jobs.docs.max_reuse_age: '30 days' is no span of time."),
        ("on_end = [['a'], 3]", 3, "jobs.docs.on_end.1 should be a list, not 3."),
        ("on_end = [[]]", 3, "jobs.docs.on_end.0 should "),
        ("verify_gate = true", 3, "jobs.docs.verify_gate: there is no gate; say fail_on"),
        ("verify_gate = true\nfail_on = 'high'\nverify = 'low'", 3, "the job says 'verify' already"),
        ("pattern = 'options'\nquestion = 'x'\ntargets = ['a']", 5, "runs 'options', which has no target"),
        ("target = 'a'\ntargets = ['a']", 4, "the job says 'target' already"),
        ("pattern = 'options'\nquestion = 'x'\ncount = 'many'", 5, "jobs.docs.count: 'count' of options"),
        ("curate = 'perhaps'", 3, "jobs.docs.curate: "),
        ("lenses = 'risk,securty'", 3, "jobs.docs.lenses: There is no lens 'securty'. Did you mean 'security'?"),
        ("lenses = 3", 3, "jobs.docs.lenses: 3 names no lenses."),
        ("lenses = ['risk', 3]", 3, "jobs.docs.lenses: ['risk', 3] names no lenses."),
    ],
)
def test_a_mistake_in_a_job_is_told_with_its_line_and_the_nearest_key(
    lines: str, line: int, told: str, tmp_path: Path
) -> None:
    job = job_of(tmp_path, lines)
    assert job.trouble is not None
    assert told in job.trouble.what
    assert job.trouble.where == f"{tmp_path}/orchestra.toml:{line}"
    assert job.trouble.exit_code == 2
    assert load(tmp_path, environment={}).values.at_once == 4, "a job's mistake is nobody else's"


@pytest.mark.parametrize(
    ("head", "told"),
    [("jobs = 3", "jobs should be a table of jobs, not 3"), ("[jobs]\ndocs = 3", "jobs.docs should be a table, not 3")],
)
def test_what_is_no_table_of_jobs_is_refused(head: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        raise job_of(tmp_path, "", head=head).trouble or AssertionError("it was understood")


@pytest.mark.parametrize("name", ["../../up", "a/b", "", "-x", "x" * 65, "a b", ".."])
def test_a_name_that_could_lead_elsewhere_is_no_name(name: str, tmp_path: Path) -> None:
    job = job_of(tmp_path, JOB, head=f'[jobs."{name}"]')
    assert job.trouble is not None
    assert "is no name for a job" in job.trouble.what
    with pytest.raises(UsageError, match="is no name for a job"):
        sample.append(tmp_path, name)


def test_everything_that_can_be_said_is_understood(tmp_path: Path) -> None:
    (tmp_path / "orchestra.toml").write_text("model = 'loud'\nmax_tokens = 9\n")
    lines = """
pattern = "review"
targets = "src"
include = ["*.py"]
lenses = "risk"
curate = true
model = "quiet"
at_once = 2
deadlines = { wall = 60 }
fail_on = "new:high"
min_support = 2
verify_gate = true
formats = { html = "out/{job}-{date}.html", sarif = "out/{run}.sarif" }
on_end = ["notify", "{report}"]
keep = { nights = 3, bytes = "1.5GiB" }
max_reuse_age = "30d"
fresh = true
since = "20260101-000000-review-0000"
site = false
[tool.orchestra.jobs.docs.context]
goal = "Nothing is lost."
"""
    job = job_of(tmp_path, lines, file="pyproject.toml", head="[tool.orchestra.jobs.docs]")
    assert job.trouble is None, job.trouble
    assert job.inputs == {"include": ["*.py"], "lenses": "risk", "curate": True, "target": ["src"]}
    assert job.settings == {"model": "quiet", "at_once": 2, "deadlines": {"wall": 60}}
    assert job.terms.on_end == (("notify", "{report}"),)
    assert (job.terms.keep.nights, job.terms.keep.bytes, job.terms.max_reuse_age) == (3, 1610612736, 30 * 86400)
    gate = job.gate()
    assert (gate.said, gate.min_support) == ("new:high", 2)
    said = job.given(tmp_path)
    assert (said["verify"], said["context"]) == ("high", {"goal": "Nothing is lost."})
    assert job.given(tmp_path, "critical")["verify"] == "critical", "what could fail the gate that holds"
    assert load(tmp_path, environment={}).values.model == "loud"


def test_orchestra_toml_wins_over_pyproject_a_whole_job_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.orchestra.jobs.a]\nfresh = true\n[tool.orchestra.jobs.b]\n")
    (tmp_path / "orchestra.toml").write_text("[jobs.a]\nmin_support = 2\n")
    a, b = jobs_of(tmp_path)
    assert (a.terms.fresh, a.terms.min_support, b.name) == (False, 2, "b")


def test_a_job_belongs_to_a_project_and_not_to_a_user(tmp_path: Path) -> None:
    (tmp_path / "orchestra").mkdir()
    (tmp_path / "orchestra/config.toml").write_text("[jobs.docs]\n")
    with pytest.raises(UsageError, match="There is no setting 'jobs'"):
        load(tmp_path, environment={"XDG_CONFIG_HOME": str(tmp_path)})


def test_jobs_are_chosen_by_name_and_each_once(tmp_path: Path) -> None:
    (tmp_path / "orchestra.toml").write_text("[jobs.a]\n[jobs.b]\n[jobs.c]\n")
    jobs = jobs_of(tmp_path)
    assert [job.name for job in chosen(jobs, [])] == ["a", "b", "c"]
    assert [job.name for job in chosen(jobs, ["c", "a", "c"])] == ["c", "a"]
    with pytest.raises(UnknownName, match=r"There is no job 'd'.*There are: a, b, c"):
        chosen(jobs, ["a", "d"])
    with pytest.raises(UsageError, match="has no jobs"):
        chosen([], [])


@pytest.mark.parametrize(
    ("said", "size"),
    [("2GB", 2 * 10**9), ("500 mb", 5 * 10**8), ("1.5GiB", 3 * 2**29), ("4096", 4096), ("7B", 7), ("1k", 1000)],
)
def test_sizes_as_people_say_them(said: str, size: int) -> None:
    assert bytes_of(said) == size


def test_the_list_tells_the_last_run_its_state_and_what_to_do(house: House) -> None:
    assert "orchestra job init" in house.run("jobs").stderr
    describe(house, docs=JOB, other=JOB, wrong="targtes = 3\n")
    house.run("nightly", "docs")
    run = house.runs()[-1].name
    head, docs, other, wrong = house.run("jobs", exit=2).stdout.splitlines()
    assert head.split() == ["JOB", "PATTERN", "STATE", "AGE", "LAST", "RUN", "NEXT"]
    assert docs.split()[:3] == ["docs", "review", "complete"]
    assert run in docs
    assert docs.endswith("Nothing to mend was found.")
    assert other.endswith("never run  -    -                            orchestra nightly other")
    assert "Did you mean 'targets'?" in wrong
    assert "orchestra.toml:" in wrong
    told = house.json("jobs", exit=2)["jobs"]
    assert [job["state"] for job in told] == ["complete", "never run", "wrong"]
    assert told[0]["last_run"]["run"] == run
    shown = house.json("job", "show", "docs")
    assert shown["terms"]["targets"] == ["src"]
    assert [one["run"] for one in shown["runs"]] == [run]
    shown_as = house.run("job", "show", "docs").stdout
    assert '  lenses = "risk,clarity"\n' in shown_as
    assert not {"None", "True", "False"} & set(shown_as.split()), "as TOML says it, not as Python does"
    assert "Did you mean 'docs'?" in house.run("job", "show", "dcos", exit=2).stderr


def test_the_shell_completes_their_names(house: House) -> None:
    (house.project / "pyproject.toml").write_text('[tool.orchestra.jobs."do.it"]\n')
    describe(house, docs=JOB, other=JOB)
    assert offered(house, "orchestra nightly ") == ["docs", "other", "do.it"]
    assert offered(house, "orchestra job show do") == ["docs", "do.it"]


def test_what_job_init_writes_is_understood_and_runs_as_it_is(house: House) -> None:
    file = house.project / "orchestra.toml"
    before = file.read_bytes().rstrip(b"\n")
    file.write_bytes(before)
    file.chmod(0o640)
    said = house.run("job", "init").stderr
    assert "orchestra nightly nightly --rehearse" in said
    assert file.read_bytes().startswith(before + b"\n\n")
    assert file.stat().st_mode & 0o777 == 0o640
    (job,) = jobs_of(house.project)
    assert job.trouble is None
    assert job.terms.targets == ("src",)
    assert "There is a job 'nightly' already." in house.run("job", "init", exit=2).stderr
    house.run("job", "init", "a.second")
    house.run("nightly", "nightly", "a.second")
    assert all((run / "report.html").exists() for run in house.runs())


def test_every_line_of_the_sample_that_is_commented_out_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("")
    text = sample.append(tmp_path, "docs").read_text()
    for line in text.splitlines():
        key, equals, _ = line.removeprefix("# ").partition(" = ")
        if line.startswith("# ") and equals and key.isidentifier():
            said = text.replace(f"\n{key} = ", f"\n# {key} = ").replace(line, line.removeprefix("# "))
            (tmp_path / "orchestra.toml").write_text(said)
            tomllib.loads(said)
            (job,) = jobs_of(tmp_path)
            assert job.trouble is None, (line, job.trouble)


def test_job_init_never_breaks_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "orchestra.toml"
    file.write_text("jobs = { a = {} }\n")
    with pytest.raises(UsageError, match="cannot be written behind what stands there"):
        sample.append(tmp_path, "docs")
    assert file.read_text() == "jobs = { a = {} }\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["orchestra.toml"]


def test_a_mark_some_editors_begin_a_file_with_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "orchestra.toml"
    file.write_bytes(b'\xef\xbb\xbf[jobs.docs]\r\ntargets = ["src"]\r\n')
    sample.append(tmp_path, "second")
    assert [(job.name, job.trouble) for job in jobs_of(tmp_path)] == [("docs", None), ("second", None)]
    assert load(tmp_path).values.at_once == 4
    assert file.read_bytes().startswith(b"\xef\xbb\xbf[jobs.docs]\r\n"), "what stood there stays"
