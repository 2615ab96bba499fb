"""Runs that go on while other processes look at them, wait for them, stop them and take them up."""

import json
import re
import signal

import pytest

from tests.cli.house import House, until
from tests.crew.theatre import a_day_earlier


def test_a_run_in_progress_seen_from_another_process(house: House) -> None:
    child, run = house.running("clarity")
    told = house.json("status", run)
    assert told["state"] == "running"
    assert [step["state"] for step in told["steps"]] == ["in progress", "to do"]
    assert told["counts"] == {"asked": 2, "answered": 1, "running": 1}
    worker = told["workers"][1]
    assert worker["label"] == "w2-clarity"
    assert worker["doing"].startswith("running sh")
    page = house.run("status", run).stdout
    assert "▸ Review through each lens\n· Merge the findings\n" in page
    assert "1 running, 1 answered" in page
    assert "running for" in house.run("show", run, "clarity").stdout
    assert "is still running" in house.run("retry", run, "w1", exit=2).stderr

    assert "is still running after 0.3 s" in house.run("wait", run, "--timeout", "0.3s", exit=124).stderr
    waiting, following = house.start("wait", run), house.start("logs", run, "-f")
    watching = house.start("status", run, "--watch", "--json")
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["state"] == "running"
    house.let_go("clarity")
    assert child.wait(30) == 0
    assert waiting.wait(30) == 0
    assert following.communicate(timeout=30)[0].splitlines()[-1].endswith("Nothing to mend was found.")
    last = json.loads(watching.communicate(timeout=30)[0].splitlines()[-1])
    assert (last["state"], last["schema_version"]) == ("complete", 1)


def test_a_run_whose_process_was_killed_is_interrupted_and_is_taken_up(house: House) -> None:
    child, run = house.running("clarity")
    child.kill()
    child.wait()
    told = house.json("status", run)
    assert told["state"] == "interrupted"
    assert told["counts"] == {"asked": 2, "answered": 1, "interrupted": 1}
    assert {step["state"] for step in told["steps"]} == {"to do"}
    assert "Its process is gone, and it wrote no end." in house.run("wait", run, exit=130).stderr
    assert "Nothing to stop, its process is gone." in house.run("stop", run).stderr
    assert "was interrupted" in house.run("retry", run, "w1", exit=2).stderr

    a_day_earlier(house.runs()[-1])
    house.let_go("clarity")
    told = house.run("resume", run).stderr.splitlines()
    # What was told in its earlier life is not told as new.
    assert told[:2] == [f"run {run}", "resumed"]
    assert not any(line.startswith("  w1-risk") for line in told)
    assert house.json("status", run)["counts"] == {"asked": 2, "answered": 2}
    assert house.asked().count("risk") == 1, "a sealed answer was paid for twice"
    # Nobody was at it in between.
    assert re.search(r"^started 1d00h ago, took (\d+m)?\d+s$", house.run("status", run).stdout, re.MULTILINE)
    assert re.fullmatch(r"complete: .*, (\d+m)?\d+s", told[-1])


def test_two_that_take_up_one_run_the_second_is_told_who_owns_it(house: House) -> None:
    child, run = house.running("clarity")
    before = house.snapshot()
    told = house.run("resume", run, exit=3).stderr
    assert f"The run {run} is owned by process {child.pid} on " in told
    assert f"orchestra attach {run}" in told
    now = house.snapshot()  # its owner lives, so its logs may have grown meanwhile
    assert {file: (mode, now[file][1][: len(said)]) for file, (mode, said) in before.items()} == before
    assert sorted(house.asked()) == ["clarity", "risk"]


def test_stopping_from_another_process(house: House) -> None:
    child, run = house.running("clarity")
    told = house.json("stop", run)
    assert told["asked"] is True
    assert told["noticed"] is True
    assert child.wait(30) == 130
    assert house.json("status", run)["state"] == "stopped"
    house.run("wait", run, exit=130)
    report = json.loads((house.runs()[-1] / "report.json").read_text())
    assert {worker["label"]: worker["outcome"] for worker in report["workers"]} == {
        "w1-risk": "answered",
        "w2-clarity": "stopped",
    }
    again = house.run("stop", run)
    assert "Nothing to stop, it is over already: stopped." in again.stderr


def test_a_request_to_stop_that_nobody_waits_for(house: House) -> None:
    child, run = house.running("clarity")
    assert "Asked to stop." in house.run("stop", run, "--no-wait").stderr
    assert child.wait(30) == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_in_an_orderly_way(house: House, number: signal.Signals) -> None:
    child, run = house.running("clarity")
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "Stopping: the workers are asked to stop" in err
    assert err.splitlines()[-1] == f"go on: orchestra resume {run}"
    assert "Stopped: 1 of 2 workers did not answer: w2-clarity (stopped)." in out
    assert json.loads((house.runs()[-1] / "report.json").read_text())["state"] == "stopped"


def test_a_signal_that_was_ignored_before_stays_ignored(house: House) -> None:
    house.hold("risk")
    child = house.start(
        "review", "src", "--lenses", "risk", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    until(lambda: house.asked())
    child.send_signal(signal.SIGHUP)
    house.let_go("risk")
    assert child.wait(30) == 0


def test_a_worker_is_asked_again_with_a_note(house: House) -> None:
    run = house.review()
    house.run("retry", run, "clarity", "--note", "Look at b.py only.")
    assert sorted(house.asked()) == ["clarity", "clarity", "risk"]
    told = house.json("show", run, "w2")["worker"]
    assert [attempt["outcome"] for attempt in told["attempts"]] == ["answered", "answered"]
    assert "Look at b.py only." in house.run("show", run, "w2", "--prompt").stdout
    assert "Look at b.py only." not in house.run("show", run, "w2", "--prompt", "--attempt", "1").stdout
    assert "attempts  1  answered" in house.run("show", run, "w2").stdout


def test_resuming_what_failed_and_what_is_complete(house: House) -> None:
    house.fails("risk")
    run = house.review(exit=4)
    house.works("risk")
    house.run("resume")
    assert sorted(house.asked()) == ["clarity", "risk", "risk"]
    events = house.events(house.runs()[-1], "")
    said = house.run("resume", run)
    assert "is complete: everybody answered" in said.stderr
    assert "Complete: all 2 workers answered." in said.stdout
    assert house.events(house.runs()[-1], "") == events


def test_who_had_too_little_time_gets_more_or_less_of_it(house: House) -> None:
    """Asked again with the time that was too short, a worker would be paid for the same end."""
    house.fails("risk")
    run = house.review("--timeout", "600", exit=4)
    house.works("risk")
    house.hold("risk")
    house.run("resume", run, "--timeout", "1", exit=4)
    page = house.run("show", run, "w1").stdout
    assert "wall deadline, 1 s" in page
    assert f"ask again orchestra resume {run} --timeout SECONDS" in page
    house.let_go("risk")
    house.run("resume", run, "--timeout", "600")
    assert sorted(house.asked()) == ["clarity", "risk", "risk", "risk"]


def test_nobody_left_to_read_is_no_error(house: House) -> None:
    house.review(lenses="risk")
    child = house.start("logs")
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == ""
    assert child.wait(30) in (1, 141)
