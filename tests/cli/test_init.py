"""`orchestra init`: what it writes runs as it is, what is there stays, and nobody is asked who is not there."""

import tomllib

import pytest

from orchestra.brief.context_file import read
from orchestra.nightly import sample
from orchestra.nightly.job import jobs_of
from orchestra.settings import load
from tests.cli.house import House, without_signs

GATE = "Which findings fail a night"


@pytest.fixture
def fresh(house: House) -> House:
    """A project nobody has set up."""
    (house.project / "orchestra.toml").unlink()
    (house.project / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    return house


def test_what_it_writes_and_says_works(fresh: House) -> None:
    said = fresh.run("init").stderr
    assert "[" not in said, "nobody was there to be asked"
    (job,) = jobs_of(fresh.project)
    assert (job.trouble, job.terms.targets, job.terms.fail_on) == (None, ("src",), "new:high")
    pack = read(fresh.project / ".orchestra/context.toml")
    assert pack.success_check == "pytest"
    assert "languages: Python (2 files)" in (fresh.project / ".orchestra/context.toml").read_text()
    commands = [line.split("#")[0].split() for line in said.split("\n") if line.startswith("  orchestra ")]
    assert [words[1:] for words in commands] == [["nightly", "--rehearse"], ["nightly"], ["doctor"]]
    fresh.run(*commands[0][1:], exit=1)  # the shared list is found, and it is new
    assert '"success_check":"pytest"' in (fresh.runs()[-1] / "run.json").read_text().replace('": "', '":"')


def test_a_second_time_everything_stays(fresh: House) -> None:
    fresh.run("init")
    before = {file: file.read_bytes() for file in fresh.project.rglob("*") if file.is_file()}
    again = fresh.run("init").stderr
    assert again.count("kept ") == 2
    assert {file: file.read_bytes() for file in fresh.project.rglob("*") if file.is_file()} == before


def test_settings_that_are_there_stay_and_the_pack_is_written(house: House) -> None:
    before = (house.project / "orchestra.toml").read_bytes()
    said = house.run("init", "--yes").stderr
    assert (house.project / "orchestra.toml").read_bytes() == before
    assert "written  .orchestra/context.toml" in said
    [review] = [line.split("#")[0].split() for line in said.split("\n") if "--rehearse" in line]
    assert review[1:] == ["review", "src", "--context", ".orchestra/context.toml", "--rehearse"]
    house.run(*[word for word in review[1:] if word != "--rehearse"], "--lenses", "risk")


def test_a_command_it_names_can_be_copied_from_a_narrow_terminal(house: House) -> None:
    shown = without_signs(house.at_a_terminal("init", "--yes", columns=60).read()).replace("\r", "")
    rehearsed = shown.partition("account or a token\n")[2].partition("\n  #")[0]
    assert rehearsed.replace("\\\n", "").split()[-2:] == [".orchestra/context.toml", "--rehearse"]


def test_three_questions_at_a_terminal_and_each_is_heeded(fresh: House) -> None:
    child = fresh.at_a_terminal("init")
    child.expect_exact("What is looked at? [src] ")
    child.sendline("nowhere")
    child.expect_exact("There is no 'nowhere'")
    child.expect_exact("What is looked at? [src] ")
    child.sendline("src/a.py")
    child.expect_exact(GATE)
    child.sendline("hihg")
    child.expect_exact(GATE)
    child.sendline("any:critical")
    child.expect_exact("Which command shows that all is well? [pytest] ")
    child.sendline("")
    assert "?" not in without_signs(child.read())
    (job,) = jobs_of(fresh.project)
    assert (job.trouble, job.terms.targets, job.terms.fail_on) == (None, ("src/a.py",), "any:critical")
    assert read(fresh.project / ".orchestra/context.toml").success_check == "pytest"


def test_nothing_is_proposed_where_no_command_was_found(house: House) -> None:
    child = house.at_a_terminal("init")
    child.expect_exact("Which command shows that all is well? ")
    child.sendline("")
    assert "[" not in without_signs(child.read())
    assert read(house.project / ".orchestra/context.toml").success_check == ""


def test_yes_asks_nothing_at_a_terminal(fresh: House) -> None:
    said = without_signs(fresh.at_a_terminal("init", "--yes").read())
    assert "?" not in said
    assert "written  orchestra.toml" in said


def test_interrupted_at_a_question_nothing_is_written(fresh: House) -> None:
    child = fresh.at_a_terminal("init")
    child.expect_exact("[src] ")
    child.sendintr()
    child.read()
    child.close()
    assert child.exitstatus == 130
    assert not (fresh.project / "orchestra.toml").exists()
    assert not (fresh.project / ".orchestra/context.toml").exists()


def test_the_end_of_the_input_takes_what_is_proposed(fresh: House) -> None:
    child = fresh.at_a_terminal("init")
    for _ in range(3):
        child.expect_exact("? [")
        child.sendeof()
    child.read()
    assert jobs_of(fresh.project)[0].terms.targets == ("src",)


def test_a_project_with_jobs_elsewhere_gets_no_second_one(fresh: House) -> None:
    (fresh.project / "pyproject.toml").write_text('[tool.orchestra.jobs.docs]\ntargets = ["src"]\n')
    fresh.run("init")
    assert [job.name for job in jobs_of(fresh.project)] == ["docs"]
    assert load(fresh.project).values.at_once == 4


def test_every_setting_that_is_commented_out_can_be_said(fresh: House) -> None:
    text = sample.begin(fresh.project, "a b", "new:high", "c.toml").read_text()
    assert max(map(len, text.split("\n"))) <= 120
    settings = text.split("[jobs.")[0]
    keys = set()
    for line in settings.splitlines():
        key, equals, _ = line.removeprefix("# ").partition(" = ")
        if equals and key.isidentifier():
            keys.add(key)
            (fresh.project / "orchestra.toml").write_text(said := settings.replace(line, line.removeprefix("# ")))
            assert key in tomllib.loads(said)
            assert load(fresh.project).origins[key].endswith("orchestra.toml")
    assert keys == {"model", "effort", "at_once", "max_tokens", "deadlines", "environment", "codex"}
