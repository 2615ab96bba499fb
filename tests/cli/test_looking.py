"""Looking at runs that are over: what the commands say, and that looking changes nothing."""

import json
import os
from collections.abc import Iterator

import pexpect
import pytest

from tests.cli.house import ONE_HIGH, House, without_signs
from tests.cli.warm import Warm


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Iterator[House]:
    """A house with two runs: one complete, with a finding, and a newer one in which a worker failed."""
    with House(tmp_path_factory.mktemp("past"), warm).emptied() as house:
        house.says(ONE_HIGH)
        house.review()
        house.fails("risk", "first line\nthe disk \x1b[31mis full\x1b[0m\n")
        house.review("--at-once", "1", exit=4)
        before = house.snapshot()
        yield house
        assert house.snapshot() == before, "looking changed something"


def test_the_list_tells_age_pattern_state_workers_findings_and_tokens(past: House) -> None:
    first, second = (run.name for run in past.runs())
    lines = past.run("runs").stdout.splitlines()
    assert lines[0].split() == ["RUN", "AGE", "PATTERN", "STATE", "WORKERS", "FINDINGS", "TOKENS"]
    assert [line.split()[0] for line in lines[1:]] == [second, first]
    assert lines[1].split()[2:] == ["review", "incomplete", "1/2", "1", "0"]
    assert lines[2].split()[2:] == ["review", "complete", "2/2", "1", "0"]

    told = past.json("runs")["runs"]
    assert [run["run"] for run in told] == [second, first]
    assert told[0]["workers"] == {"asked": 2, "failed": 1, "answered": 1}
    assert told[0]["asked"] == "review of src through risk, clarity"
    assert told[1]["state"] == "complete"
    assert told[1]["findings"] == 1
    assert 0 < told[1]["age_seconds"] < 1000


def test_how_a_run_stands_in_json(past: House) -> None:
    told = past.json("status")
    assert told["state"] == "incomplete"
    assert {step["state"] for step in told["steps"]} == {"done"}
    assert told["counts"] == {"asked": 2, "failed": 1, "answered": 1}
    assert [worker["state"] for worker in told["workers"]] == ["failed", "answered"]
    assert told["folder"].endswith(told["run"])


def test_the_page_of_a_worker_that_did_not_answer(past: House) -> None:
    run = past.runs()[-1].name
    page = past.run("show", "last", "w1").stdout
    assert page.startswith("w1-risk  failed after ")
    assert "why       sh exited with 3" in page
    assert "asked as  reviewer, risk, section src" in page
    assert "\x1b" not in page
    assert "stderr    first line" in page
    assert f"runs/{run}/workers/w1-risk/attempt-1" in page
    assert f"ask again orchestra resume {run}" in page

    told = past.json("show", run, "w1-risk")["worker"]
    assert told["state"] == "failed"
    assert told["attempts"][0]["outcome"] == "failed"
    assert told["attempts"][0]["exit_status"] == 3


def test_the_page_of_a_worker_that_answered_says_how_to_read_its_answer(past: House) -> None:
    command = next(line for line in past.run("show", "last", "w2").stdout.splitlines() if "it said" in line).split()[2:]
    assert past.run(*command[1:]).stdout == past.run("show", "last", "w2", "--message").stdout


@pytest.mark.parametrize(
    ("part", "beginning"), [("prompt", "CONTEXT: WORKER"), ("message", '{"summary"'), ("events", "\n{"), ("stderr", "")]
)
def test_what_a_worker_left(past: House, part: str, beginning: str) -> None:
    said = past.run("show", "last", "w2", f"--{part}")
    assert said.stdout.lstrip().startswith(beginning.strip())
    assert ("w2-clarity left no stderr (answered)." in said.stderr) is (part == "stderr")
    told = past.json("show", "last", "w2", f"--{part}")
    assert told["part"] == part
    assert told["attempt"] == 1
    assert told["text"].strip() == said.stdout.strip()


def test_the_page_of_a_run(past: House) -> None:
    run = past.runs()[-1].name
    page = past.run("show").stdout
    assert "settings  at_once 1 (command line), engine stub" in page
    assert f"why       orchestra show {run} w1-risk" in page
    told = past.json("show")
    assert told["settings"]["at_once"] == 1
    assert told["origins"]["at_once"] == "command line"
    assert told["report"] is True


def test_the_facts_of_a_run_stand_in_one_column_in_colours_too(past: House) -> None:
    page = past.at_a_terminal("show", columns=120)
    page.expect(pexpect.EOF)
    page.close()
    told = without_signs(str(page.before)).split("settings", 1)[1].splitlines()[1:]
    assert {line[9] for line in told} == {" "}, told
    assert " " not in {line[10] for line in told}, told


@pytest.mark.parametrize("words", ["runs", "status", "show"])
def test_who_asks_for_columns_gets_no_more_of_them_also_in_a_pipe(past: House, words: str) -> None:
    past.environment["COLUMNS"] = "60"
    narrow = past.run(words).stdout
    del past.environment["COLUMNS"]
    table = [line for line in narrow.splitlines() if "answered" in line or "complete" in line]
    assert table
    assert max(map(len, table)) <= 60
    assert narrow != past.run(words).stdout


def test_the_log_tells_everything_in_order(past: House) -> None:
    said = [line.split("  ", 1)[1].strip() for line in past.run("logs").stdout.splitlines()]
    assert said[:4] == ["started", "Review through each lens", "w1-risk  queued", "w2-clarity  queued"]
    assert said[-1].startswith("incomplete: ")
    events = [json.loads(line) for line in past.run("logs", "last", "--json").stdout.splitlines()]
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    assert {event["schema_version"] for event in events} == {1}
    of_worker = [json.loads(line) for line in past.run("logs", "last", "w1", "--json").stdout.splitlines()]
    assert {event.get("worker") for event in of_worker} == {"w1-risk", None}
    assert of_worker == [event for event in events if event.get("worker") == "w1-risk" or event["kind"] == "run_ended"]


@pytest.mark.parametrize(
    ("run", "words", "status"),
    [
        ("complete", (), 0),
        ("complete", ("--fail-on", "critical"), 0),
        ("complete", ("--fail-on", "high"), 1),
        ("incomplete", (), 4),
        ("incomplete", ("--fail-on", "high", "--timeout", "1m"), 4),
    ],
)
def test_waiting_ends_with_the_exit_status_of_the_run(
    past: House, run: str, words: tuple[str, ...], status: int
) -> None:
    id = past.runs()[0 if run == "complete" else 1].name
    assert past.run("wait", id, *words, exit=status).stderr.startswith(f"{run}: ")


def test_attaching_to_a_run_that_is_over_prints_its_report(past: House) -> None:
    said = past.run("attach", "--json", exit=4)
    assert json.loads(said.stdout)["state"] == "incomplete"
    assert said.stderr.splitlines()[-1] == f"go on: orchestra resume {past.runs()[-1].name}"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("wait", "--timeout", "soon"), "'soon' is no span of time."),
        (("wait", "--timeout", "1h30"), "'1h30' lacks a unit."),
        (("wait", "--fail-on", "ugly"), "'ugly' is no gate."),
        (("show", "last", "w1", "--prompt", "--events"), "One thing at a time: --prompt, --events."),
        (("show", "last", "--prompt"), "That is a worker's: name one."),
        (("show", "last", "w1", "--attempt", "7"), "w1-risk has no attempt 7; there are: 1."),
        (("show", "last", "w9"), "There is no worker 'w9'. There are: w1-risk, w2-clarity."),
        (("show", "last", "w"), "'w' could be any of: w1-risk, w2-clarity."),
        (("logs", "last", "nobody"), "There is no worker 'nobody'."),
        (("prune",), "Neither --older-than nor --keep was said."),
        (("prune", "--older-than", "long"), "'long' is no span of time."),
        (("retry", "last", "w9"), "There is no worker 'w9'."),
        (("review", "src", "--detach", "--fail-on", "high"), "--fail-on cannot go with --detach"),
        (("attach", "--out", "nowhere/report.md"), "The folder of --out is not there."),
        (("resume", "--out", "src"), "--out is a folder"),
        (("review", "src", "--out", "src"), "--out is a folder"),
        (("review", "nowhere", "--detach"), "The target 'nowhere' does not exist."),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_done(past: House, words: tuple[str, ...], complaint: str) -> None:
    assert complaint in past.run(*words, exit=2).stderr
    assert len(past.runs()) == 2


@pytest.mark.parametrize("name", ["status", "show", "logs", "wait", "stop", "resume", "attach"])
def test_an_unknown_or_ambiguous_run_lists_the_candidates(past: House, name: str) -> None:
    first, second = (run.name for run in past.runs())
    if name in ("status", "resume"):  # one way in is enough for the other half of the story
        there = ", ".join(sorted([first, second]))
        assert f"There is no run 'nosuch'. There are: {there}." in past.run(name, "nosuch", exit=2).stderr
    said = past.run(name, first[:8], exit=2).stderr
    assert f"'{first[:8]}' could be any of: {first}, {second}." in said
    assert "next:  Say more of the id." in said


def test_a_unique_beginning_or_end_is_enough(past: House) -> None:
    first, second = (run.name for run in past.runs())
    assert past.json("status", second[-4:])["run"] == second
    stem = next(second[:end] for end in range(1, len(second)) if not first.startswith(second[:end]))
    assert past.json("status", stem)["run"] == second


def test_of_two_runs_that_began_in_one_second_the_last_is_the_later_one(house: House) -> None:
    runs = house.project / ".orchestra/runs"
    for place, mark in enumerate("0fa5"):
        folder = runs / f"20261120-120000-review-{mark * 4}"
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}")
        os.utime(folder / "run.json", ns=(place, place))
    told = [run["run"][-4:] for run in house.json("runs")["runs"]]
    assert told == ["5555", "aaaa", "ffff", "0000"]
