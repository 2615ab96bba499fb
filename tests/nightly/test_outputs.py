"""Where a night's report goes: files, the project's page, commands. What fails is told and loses nothing."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import unwritable as unwritable
from tests.cli.house import ONE_HIGH, House, until
from tests.nightly.stage import JOB, describe, ended


def test_each_format_goes_where_it_was_sent(house: House) -> None:
    out = house.project.parent / "out"
    formats = (
        f'formats = {{ html = "public/{{job}}/{{run}}.html", sarif = "{out}/docs.sarif", json = "public/a.json" }}\n'
    )
    describe(house, docs=JOB + formats, plain=JOB + 'formats = ["markdown", "json", "junit"]\n')
    told = ended(house)
    docs, plain = house.runs()
    assert told["docs"]["report"] == f"public/docs/{docs.name}.html"
    assert told["plain"]["report"] == f".orchestra/runs/{plain.name}/report.md"
    assert "<html" in (house.project / told["docs"]["report"]).read_text()
    assert json.loads((out / "docs.sarif").read_text())["version"] == "2.1.0"
    assert (house.project / "public/a.json").read_text() == house.run("report", docs.name, "--json").stdout
    assert (plain / "report.xml").read_text().startswith("<?xml")
    assert (plain / "report.xml").stat().st_mode & 0o077 == 0
    assert sorted(file.name for file in out.iterdir()) == ["docs.sarif"], "no half file stays"


def test_a_place_that_cannot_be_written_is_told_and_loses_nothing(house: House) -> None:
    (house.project / "file").write_text("")
    describe(house, docs=JOB + 'formats = { sarif = "file/x.sarif", html = "here.html" }\n')
    done = house.run("nightly", exit=3)
    assert "sarif could not be written to file/x.sarif: " in done.stdout
    assert "complete" in done.stdout
    assert (house.project / "here.html").exists()
    assert house.json("status", "last")["state"] == "complete"


def test_behind_a_link_lies_what_is_meant(house: House) -> None:
    (house.project / "real.html").write_text("old")
    (house.project / "link.html").symlink_to("real.html")
    describe(house, docs=JOB + 'formats = { html = "link.html" }\n')
    house.run("nightly")
    assert (house.project / "link.html").is_symlink()
    assert "<html" in (house.project / "real.html").read_text()


def test_the_page_of_the_project_is_made_anew(house: House) -> None:
    describe(house, docs=JOB.replace("site = false", "site = true"), without=JOB)
    house.run("nightly", "without")
    assert not (house.project / ".orchestra/site").exists()
    house.run("nightly", "docs")
    assert (house.project / ".orchestra/site/index.html").exists()


TELL = """#!/bin/sh
read path
cat "$path" > ../stdin-$ORCHESTRA_JOB.json
env | grep ^ORCHESTRA_ | sort > ../environment-$ORCHESTRA_JOB
printf '%s\\n' "$@" > ../words-$ORCHESTRA_JOB
"""


def test_whoever_is_to_be_told_gets_the_path_of_the_report_and_how_it_ended(house: House) -> None:
    house.says(ONE_HIGH)
    tell = house.project.parent / "tell"
    tell.write_text(TELL)
    tell.chmod(0o700)
    commands = (
        f'on_end = [["{tell}", "a b", "$(touch shell)", "{{report}}"], ["sh", "-c", "echo $SECRET > ../secret"]]\n'
    )
    describe(house, docs=JOB + 'fail_on = "high"\n' + commands)
    house.environment["SECRET"] = "of the team's own webhook"
    house.run("nightly", exit=1)
    run = house.runs()[-1]
    said = {file.name: file.read_text() for file in house.project.parent.iterdir() if file.is_file()}
    assert json.loads(said["stdin-docs.json"])["run"] == run.name
    told = dict(line.split("=", 1) for line in said["environment-docs"].splitlines())
    assert told == told | {
        "ORCHESTRA_JOB": "docs",
        "ORCHESTRA_RUN": run.name,
        "ORCHESTRA_STATE": "complete",
        "ORCHESTRA_EXIT": "1",
        "ORCHESTRA_NEW": "1",
        "ORCHESTRA_OPEN": "1",
        "ORCHESTRA_REPORT": str(run / "report.json"),
    }
    assert said["words-docs"].splitlines() == ["a b", "$(touch shell)", str(run / "report.json")]
    assert not (house.project / "shell").exists()
    assert said["secret"] == "of the team's own webhook\n"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ('["no-such-program"]', "on_end no-such-program: No such file or directory"),
        ('["sh", "-c", "echo sorry >&2; exit 7"]', "on_end sh ended with 7: sorry"),
        ('["sh", "-c", "kill -9 $$"]', "on_end sh ended with -9"),
        ('["sh", "-c", "trap : TERM; sleep 100 & wait; sleep 100"]', "on_end sh: took longer than 0.5 s and was ended"),
        ('["true"]', ""),  # reads nothing of what it is given
    ],
)
def test_what_cannot_be_told_is_said_and_the_findings_stay(house: House, command: str, told: str) -> None:
    describe(house, docs=JOB + f'on_end = [{command}, ["touch", "../next"]]\non_end_within = "0.5s"\n')
    end = ended(house, exit=3 if told else 0)["docs"]
    assert end["state"] == "complete"
    assert end["problems"] == ([told] if told else [])
    assert (house.project.parent / "next").exists(), "the next one is told all the same"


def test_who_never_stops_talking_fills_no_memory_and_has_its_last_word(house: House) -> None:
    """It ends when next to nothing is held of what it said; blocks are of 512 bytes."""
    held = "$(stat -Lc %b /proc/self/fd/2)"
    talk = f"yes | head -c 30000000; until [ {held} -lt 4000 ]; do sleep 0.02; done; echo sorry; exit 7"
    describe(house, docs=JOB + f"on_end = {json.dumps(['sh', '-c', talk])}\n" + 'on_end_within = "30s"\n')
    assert ended(house, exit=3)["docs"]["problems"] == ["on_end sh ended with 7: sorry"]


def test_a_failing_night_is_told_too(house: House) -> None:
    tell = '["sh", "-c", "wc -c > ../stdin; echo $ORCHESTRA_STATE $ORCHESTRA_EXIT $ORCHESTRA_WHY > ../told"]'
    describe(house, docs=JOB.replace("src", "nowhere") + f"on_end = {tell}\n")
    house.run("nightly", exit=2)
    assert (house.project.parent / "told").read_text() == "failed 2 The target 'nowhere' does not exist.\n"
    assert (house.project.parent / "stdin").read_text().strip() == "0", "there is no report, so there is no path"


def test_who_is_told_has_an_end_with_the_night(house: House) -> None:
    """A command that hangs, with children of its own: the first signal waits for it, the second ends it."""
    describe(house, docs=JOB + 'on_end = ["sh", "-c", "touch ../hangs; sleep 100 & wait"]\n')
    child = house.start("nightly")
    until((house.project.parent / "hangs").exists)

    for number in (signal.SIGTERM, signal.SIGINT):  # two of one kind may be taken as one while none is looked at
        child.send_signal(number)
    out, _ = child.communicate(timeout=10)
    assert "on_end sh: ended with the night" in out
    assert child.returncode == 130


def test_what_a_killed_night_told_nobody_is_new_the_next_night(house: House) -> None:
    hold = house.project.parent / "hold"
    hold.touch()
    wait = "touch ../telling; while [ -e ../hold ]; do sleep 0.05; done"
    describe(house, docs=JOB + f'fail_on = "new:high"\non_end = ["sh", "-c", "{wait}"]\n')
    house.says(ONE_HIGH)
    child = house.start("nightly")
    until((house.project.parent / "telling").exists)
    child.kill()
    child.wait()
    hold.unlink()
    end = ended(house, exit=1)["docs"]
    assert (end["changes"]["new"], end["paid"]) == (1, 0)
    assert ended(house)["docs"]["changes"]["still"] == 1


def test_a_folder_that_cannot_be_written_is_told(house: House, unwritable: Callable[[Path], None]) -> None:
    sealed = house.project / "sealed"
    sealed.mkdir()
    unwritable(sealed)
    describe(house, docs=JOB + 'formats = { html = "sealed/a.html" }\n')
    assert "html could not be written to sealed/a.html" in house.run("nightly", exit=3).stdout
