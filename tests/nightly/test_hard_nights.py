"""Nights on bad machines: nothing but a Python, a clock that jumps back, a full disk. (Killed ones: test_night.)"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestra.crew import runs
from tests.cli.house import NOTHING, ONE_HIGH, House, until
from tests.cli.warm import Warm
from tests.nightly.stage import JOB, describe, ended, lineage

ANSWER = f"import sys; sys.stdin.read(); print({json.dumps(json.dumps(NOTHING))})"


def test_no_terminal_no_home_a_bare_path_and_no_git(tmp_path: Path) -> None:
    """As a timer may start it: no environment, no streams worth the name, a folder that is a git checkout."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("print('a')\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    worker = tmp_path / "worker.py"
    worker.write_text(ANSWER)
    engine = json.dumps(f"command:{sys.executable} -S {worker}")
    text = f'engine = {engine}\n[jobs.docs]\n{JOB.replace("false", "true")}on_end = ["{sys.executable}", "-c", ""]\n'
    (tmp_path / "orchestra.toml").write_text(text)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "orchestra", "nightly"],
            cwd=tmp_path,
            env={"PATH": "/nonexistent", **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            timeout=60,
        )
        assert done.returncode == 0, done
        assert "docs  complete" in done.stdout
    assert "0 of 2 workers paid" in done.stdout


def test_a_clock_that_jumped_back_does_not_turn_the_nights_around(house: House) -> None:
    describe(house, docs=JOB)
    house.says(ONE_HIGH)
    house.run("nightly")
    first = house.runs()[0]
    tomorrow = f"{datetime.now(UTC) + timedelta(days=400):%Y%m%d-%H%M%S}"
    later = first.rename(first.with_name(f"{tomorrow}{first.name[15:]}"))
    for file in (later / "run.json", later / "report.json"):
        file.write_text(file.read_text().replace(first.name, later.name))
        os.utime(file, (4e9, 4e9))  # it was written by that clock, too
    told = ended(house)["docs"]
    assert told["run"] > later.name
    assert told["changes"]["still"] == 1
    assert told["paid"] == 0
    second = later.with_name(told["run"])
    assert lineage(second)["since"] == later.name
    assert ended(house)["docs"]["run"] > second.name
    assert [run.id for run in runs.all_runs(house.project)][:2] == [later.name, second.name]
    assert house.json("jobs")["jobs"][0]["last_run"]["run"] not in (later.name, second.name)
    assert "Traceback" not in house.run("jobs").stdout


def fill(house: House) -> None:
    """To the last byte."""
    with (house.project / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(b"x" * 4096)


def test_a_full_disk_ends_the_night_with_a_sentence_and_loses_nothing(small_disk: Path, warm: Warm) -> None:
    with House(small_disk, warm).emptied() as house:
        heard = small_disk.parent / "heard"
        tell = f'on_end = ["sh", "-c", "echo $ORCHESTRA_JOB $ORCHESTRA_STATE >> {heard}"]\n'
        describe(house, docs=JOB + tell, other=JOB + tell)
        house.run("nightly", "docs")
        fill(house)
        done = house.run("nightly", exit=3)
        assert [line.split()[:2] for line in done.stdout.splitlines()] == [["docs", "failed"], ["other", "failed"]]
        assert done.stdout.count("No space left on device") == 2
        assert heard.read_text().splitlines()[-2:] == ["docs failed", "other failed"]
        (house.project / "ballast").unlink()
        again = ended(house)
        assert [(end["state"], end["paid"]) for end in again.values()] == [("complete", 0), ("complete", 2)]
        assert all((run / "run.json").exists() for run in (house.project / ".orchestra/runs").glob("[0-9]*"))


def test_a_disk_that_fills_up_in_a_night_ends_it_and_the_next_night_goes_on(small_disk: Path, warm: Warm) -> None:
    with House(small_disk, warm).emptied() as house:
        describe(house, docs=JOB)
        house.hold("clarity")
        child = house.start("nightly")
        until(lambda: house.runs() and house.events(house.runs()[-1], "ended") == 1 and "clarity" in house.asked())
        fill(house)
        house.let_go("clarity")
        out, _ = child.communicate(timeout=30)
        assert child.returncode == 3
        assert "No space left on device" in out
        (house.project / "ballast").unlink()
        end = ended(house)["docs"]
        assert (end["run"], end["state"], end["resumed"]) == (house.runs()[0].name, "complete", True)
        assert house.asked().count("risk") == 1
