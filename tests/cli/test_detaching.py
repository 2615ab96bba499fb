"""`--detach`: the id comes at once, the run goes on without its terminal, and whoever attaches may leave again."""

import json
import os
from pathlib import Path

import pexpect

from tests.cli.house import ONE_HIGH, ORCHESTRA, House, owners, until, without_signs

"""What every command has to load of other people's; a tenth of a second on an idle machine."""


def test_the_id_comes_at_once_and_the_run_goes_on_in_a_session_of_its_own(house: House) -> None:
    house.hold("risk")
    told = house.json("review", "src", "--lenses", "risk", "--detach")
    run = told["run"]
    assert house.json("status", run)["state"] == "running", "there was a moment in which nobody owned the run"
    (owner,) = owners(house.project)
    assert os.getsid(owner) == owner
    open_files = Path(f"/proc/{owner}/fd")
    assert (open_files / "0").readlink() == Path(os.devnull)
    assert (open_files / "1").readlink() == (open_files / "2").readlink() == Path(told["folder"]) / "owner.log"
    until(lambda: house.asked())
    house.let_go("risk")
    house.run("wait", run)
    until(lambda: not owners(house.project))
    log = (house.runs()[-1] / "owner.log").read_text().splitlines()
    assert log[0] == f"run {run}"
    assert log[-1].startswith("complete: 1 answered")


def test_closing_the_terminal_does_not_end_a_detached_run(house: House) -> None:
    house.hold("risk")
    shell = pexpect.spawn("sh", cwd=str(house.project), env=house.environment, encoding="utf-8", timeout=30)
    shell.sendline(f"{' '.join(ORCHESTRA)} ask --engine 'command:sh -c \"cat; sleep 1\"' hello --detach; echo the-end")
    shell.expect("the-end\r\n.*the-end", timeout=30)
    shell.close(force=True)
    assert owners(house.project)
    house.run("wait")
    assert "hello" in json.loads((house.runs()[-1] / "report.json").read_text())["answer"]


def test_a_worker_is_asked_again_while_nobody_waits(house: House) -> None:
    first = house.json("review", "src", "--lenses", "risk")
    refused = house.run("retry", first["run"], "w9", "--detach", exit=2)
    assert "w1-risk" in refused.stderr
    told = house.json("retry", first["run"], "w1", "--note", "Look twice.", "--detach")
    assert told["run"] == first["run"]
    house.run("wait", told["run"])
    assert "Look twice." in house.run("show", told["run"], "w1", "--prompt").stdout
    again = house.json("report", told["run"])
    assert again["workers"][0]["label"] == "w1-risk"
    assert len(list((house.runs()[-1] / "workers/w1-risk").glob("attempt-*"))) == 2


def test_stopping_a_run_that_was_detached_a_moment_ago(house: House) -> None:
    house.hold("risk")
    run = house.json("review", "src", "--lenses", "risk", "--detach")["run"]
    assert house.json("stop", run)["noticed"] is True
    house.run("wait", run, exit=130)


def test_what_can_be_known_to_fail_is_told_before_anything_is_written(house: House) -> None:
    said = house.run("review", "src", "--engine", "command:no-such-program", "--detach", exit=3)
    assert "no-such-program was not found" in said.stderr
    assert said.stdout == ""
    assert not (house.project / ".orchestra").exists()


def test_an_owner_that_fails_leaves_its_words(house: House) -> None:
    house.hold("risk")
    run = house.json("review", "src", "--lenses", "risk", "--detach")["run"]
    until(lambda: house.asked())
    os.kill(owners(house.project)[0], 9)
    until(lambda: not owners(house.project))
    said = house.run("attach", run, exit=130)
    assert said.stdout == ""
    assert "Its process is gone, and it wrote no end." in said.stderr
    assert said.stderr.splitlines()[-1] == f"go on: orchestra resume {run}"

    house.let_go("risk")
    house.run("resume", run, "--detach")
    house.run("wait", run)


def test_whoever_attaches_leaves_with_control_c_and_the_run_goes_on(house: House) -> None:
    house.says(ONE_HIGH)
    house.hold("risk")
    run = house.json("review", "src", "--lenses", "risk,clarity", "--detach")["run"]
    attached = house.at_a_terminal("attach", run)
    attached.expect("w1-risk[^\n]*running")
    attached.expect_exact("^C leaves; the run goes on")
    attached.sendintr()
    attached.expect_exact("Left. The run goes on")
    attached.expect(pexpect.EOF)
    attached.close()
    assert attached.exitstatus == 130
    assert house.json("status", run)["state"] == "running"

    attached = house.at_a_terminal("attach", run, "--fail-on", "high")
    attached.expect("w1-risk[^\n]*running")
    house.let_go("risk")
    attached.expect(pexpect.EOF)
    attached.close()
    assert attached.exitstatus == 1
    assert "Complete: all 2 workers answered." in without_signs(str(attached.before))
