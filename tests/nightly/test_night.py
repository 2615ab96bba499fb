"""A night: jobs one after the other, under one budget; who is left alone, what is taken up, how it all ends."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from rich.cells import cell_len

from orchestra.nightly.night import worst
from orchestra.rehearsal import Say, Script, StandIn, Tokens, otherwise
from tests.cli.house import NOTHING, ONE_HIGH, House, until, without_signs
from tests.nightly.stage import JOB, describe, ended, lineage


def test_jobs_run_one_after_the_other_and_the_last_thing_printed_is_a_line_for_each(house: House) -> None:
    house.says(ONE_HIGH)
    gated = JOB + 'fail_on = "new:high"\nformats = ["html"]\n'
    describe(house, first=gated, broken="targtes = 3\n", lost=JOB.replace("src", "nowhere"), last=JOB)
    done = house.run("nightly", exit=2)
    first, named, broken, lost, last = done.stdout.splitlines()
    run = house.runs()[0].name
    high = json.loads((house.runs()[0] / "report.json").read_text())["findings"][0]["id"]
    assert (
        first.split()
        == (
            f"first complete 1 new, 0 still there, 0 gone 2 of 2 workers paid 0 tokens gate new:high failed by "
            f"1 finding "
            f".orchestra/runs/{run}/report.html"
        ).split()
    )
    assert named == f"    {high}  high  The list is shared"
    assert broken.startswith("broken  failed")
    assert "Did you mean 'targets'?" in broken
    assert "The target 'nowhere' does not exist." in lost
    assert "no gate" in last
    assert done.stderr.index("job first") < done.stderr.index("job broken") < done.stderr.index("job last")
    assert [lineage(run)["job"] for run in house.runs()] == ["first", "last"]
    house.run("nightly", "first")  # the next night nothing is new any more
    assert ended(house, "first")["first"]["changes"]["still"] == 1
    assert ended(house, "first", "--fail-on", "high", exit=1)["first"]["failing"] == [
        {"id": high, "severity": "high", "title": "The list is shared"}
    ]
    house.run("nightly", "first", "--fail-on", "hgih", exit=2)
    assert len(house.runs()) == 5, "a gate that is none is refused before anything is started"


@pytest.mark.parametrize(
    ("codes", "code"),
    [([], 0), ([0, 1], 1), ([1, 5], 5), ([5, 4, 1], 4), ([3, 4], 3), ([2, 3], 2), ([2, 130, 0], 130), ([0, 0], 0)],
)
def test_the_exit_code_is_the_worst_of_all(codes: list[int], code: int) -> None:
    assert worst(codes) == code


def test_a_worker_that_fails_makes_its_job_incomplete_and_the_others_go_on(house: House) -> None:
    describe(house, weak=JOB, strong='targets = ["src"]\nlenses = "clarity"\nsite = false\n')
    house.fails("risk")
    told = ended(house, exit=4)
    assert (told["weak"]["state"], told["strong"]["state"]) == ("incomplete", "complete")
    house.works("risk")
    told = ended(house)
    # What did not get all it asked for is nothing to compare with; its answers are taken all the same.
    weak, strong, _, _ = (run.name for run in house.runs())
    again = {lineage(run)["job"]: lineage(run) for run in house.runs()[2:]}
    assert (again["weak"]["since"], again["weak"]["reuse"]) == (None, [weak])
    assert (again["strong"]["since"], again["strong"]["reuse"]) == (strong, [strong])


def test_a_gate_says_how_much_it_could_see(house: House) -> None:
    describe(house, docs=JOB + 'fail_on = "new:high"\n')
    house.fails("risk")
    assert "gate new:high passed, as far as 1 of 2 answered" in house.run("nightly", exit=4).stdout
    house.fails("clarity")
    assert "gate new:high not judged, nobody answered" in house.run("nightly", "--fresh", exit=4).stdout


def test_what_a_night_goes_on_from_can_be_said(house: House) -> None:
    describe(house, docs=JOB + 'max_reuse_age = "10d"\n', other=JOB)
    house.run("nightly", "docs")
    house.run("nightly", "docs")
    first, second = (run.name for run in house.runs())
    house.run("nightly", "docs", "--since", first, "--fresh", "--shard", "1/1")
    assert lineage(house.runs()[-1]) == lineage(house.runs()[-1]) | {
        "since": first,
        "reuse": [],
        "max_reuse_age": 864000.0,
        "shard": {"number": 1, "of": 1},
    }
    house.run("nightly", "docs", "--since", "last")
    # A shard answers a part of the asks only: the next night takes its answers and compares with a whole run.
    assert lineage(house.runs()[-1])["since"] == second
    assert lineage(house.runs()[-1])["reuse"] == [run.name for run in house.runs()[2::-1]]
    assert "There is no run 'x'" in house.run("nightly", "docs", "--since", "x", exit=2).stdout
    for wrong in ("0/2", "3/2", "x", "1"):
        assert "--shard 2/5" in house.run("nightly", "--shard", wrong, exit=2).stderr


def test_a_job_of_another_name_goes_on_from_the_run_it_is_told(house: House) -> None:
    describe(house, docs=JOB)
    house.says(ONE_HIGH)
    house.run("nightly")
    last = house.runs()[-1].name
    settings = house.project / "orchestra.toml"
    settings.write_text(settings.read_text().replace("[jobs.docs]", "[jobs.papers]"))
    end = ended(house, "papers", "--since", last)["papers"]
    assert (end["paid"], end["changes"]["still"], end["changes"]["new"]) == (0, 1, 0)


def test_what_a_kept_report_tells_is_not_lost_with_the_rest(house: House) -> None:
    """Somebody cleared up and kept the reports; a disk lost the newest of them."""
    describe(house, docs=JOB)
    house.says(ONE_HIGH)
    for _ in range(2):
        house.run("nightly")
    first, second = house.runs()
    for run in (first, second):
        shutil.rmtree(run / "workers")
    (first / "events.jsonl").unlink()
    (second / "report.json").write_text("")
    end = ended(house)["docs"]
    assert lineage(house.runs()[-1])["since"] == first.name
    assert (end["paid"], end["changes"]["still"], end["changes"]["new"]) == (2, 1, 0)


def test_no_jobs_is_told_with_what_to_do(house: House) -> None:
    assert "`orchestra job init` writes one" in house.run("nightly", exit=2).stderr
    describe(house, docs=JOB)
    assert "There is no job 'dosc'. Did you mean 'docs'?" in house.run("nightly", "dosc", exit=2).stderr
    assert house.runs() == []


def test_one_budget_for_all_jobs_what_one_spent_is_not_there_for_the_next(house: House, tmp_path: Path) -> None:
    text = (house.project / "orchestra.toml").read_text()
    (house.project / "orchestra.toml").write_text("max_tokens = 25000\n" + text.replace('"stub"', '"codex"', 1))
    answer = Say(json.dumps(NOTHING), usage=Tokens(input=9000, output=1000))
    describe(house, first=JOB, second=JOB, third=JOB)
    with StandIn(Script(otherwise(answer)), home=tmp_path / "home") as model:
        house.environment |= model.environment
        told = ended(house, exit=5)
        assert [told[name]["tokens"] for name in ("first", "second", "third")] == [20_000, 0, 0]
        assert [told[name]["paid"] for name in ("first", "second", "third")] == [2, 0, 0]
        assert [told[name]["state"] for name in ("second", "third")] == ["budget reached"] * 2
        told = ended(house, "second", "--max-tokens", "100000")
        assert (told["second"]["state"], told["second"]["tokens"]) == ("complete", 20_000)


def test_a_job_whose_run_goes_on_is_left_alone_and_says_so(house: House) -> None:
    describe(house, docs=JOB)
    house.hold("clarity")
    first = house.start("nightly", "docs")
    until(lambda: sorted(house.asked()) == ["clarity", "risk"])
    second = house.run("nightly", "docs")
    assert second.stdout == "docs  left alone  another night is at it.\n"
    assert "running" in house.run("jobs").stdout
    assert f"orchestra attach {house.runs()[-1].name}" in house.run("jobs").stdout
    house.let_go("clarity")
    assert first.wait(30) == 0
    assert len(house.runs()) == 1

    # Also when it is not a night that is at it: somebody took the run up, or it was detached.
    house.fails("risk")
    house.run("nightly", "docs", "--fresh", exit=4)
    house.works("risk")
    house.hold("risk")
    somebody = house.start("resume", "last")
    until(lambda: "running" in house.run("jobs").stdout)
    assert "still goes on" in house.run("nightly", "docs").stdout
    house.let_go("risk")
    assert somebody.wait(30) == 0


def test_two_nights_that_start_at_once_start_each_job_once(house: House) -> None:
    describe(house, docs=JOB)
    house.hold("risk", "clarity")
    nights = [house.start("nightly", "docs") for _ in range(2)]
    until(lambda: sum(night.poll() is not None for night in nights) == 1)
    until(lambda: len(house.asked()) == 2)
    house.let_go("risk", "clarity")
    said = [night.communicate(timeout=30)[0] for night in nights]
    assert [night.returncode for night in nights] == [0, 0]
    assert sorted("left alone" in out for out in said) == [False, True]
    assert len(house.runs()) == 1
    assert sorted(house.asked()) == ["clarity", "risk"]


def interrupted(house: House) -> str:
    """A night is killed when one of its two workers has answered."""
    house.hold("clarity")
    child = house.start("nightly", "docs")
    until(lambda: house.runs() and house.events(house.runs()[-1], "ended") == 1 and "clarity" in house.asked())
    child.kill()
    child.wait()
    house.let_go("clarity")
    return house.runs()[-1].name


def test_the_night_after_a_killed_machine_takes_the_run_up_and_that_is_the_night(house: House) -> None:
    describe(house, docs=JOB)
    run = interrupted(house)
    assert "orchestra nightly docs takes it up" in house.run("jobs").stdout
    done = house.run("nightly", "docs", "--json")
    (told,) = json.loads(done.stdout)["jobs"]
    assert (told["run"], told["state"], told["resumed"]) == (run, "complete", True)
    assert (told["paid"], told["asked"]) == (1, 2)
    assert house.asked().count("risk") == 1, "a sealed answer was paid for twice"
    assert f"{run} was interrupted and is taken up" in done.stderr
    assert "(taken up)" not in house.run("nightly", "docs").stdout
    assert len(house.runs()) == 2


def test_a_run_that_is_taken_up_goes_by_the_deadlines_of_today(house: House) -> None:
    describe(house, docs=JOB + "deadlines = { wall = 600, linger = 7 }\n")
    run = interrupted(house)
    file = house.project / "orchestra.toml"
    file.write_text(file.read_text().replace("wall = 600, linger = 7", "wall = 1"))
    house.hold("clarity")
    assert ended(house, exit=4)["docs"]["run"] == run
    assert "wall deadline, 1 s" in house.run("show", run, "w2").stdout


def test_what_was_interrupted_and_asked_about_what_is_no_more_is_ended_and_its_answers_go_on(house: House) -> None:
    describe(house, docs=JOB)
    run = interrupted(house)
    (house.project / "src/b.py").write_text("print('c')\n")
    done = house.run("nightly", "docs", "--json")
    (told,) = json.loads(done.stdout)["jobs"]
    assert told["run"] != run
    assert (told["state"], told["resumed"]) == ("complete", False)
    assert "tonight something else is asked" in done.stderr
    assert house.json("status", run)["state"] == "stopped"
    (silent,) = (worker for worker in house.json("report", run)["workers"] if worker["outcome"] != "answered")
    assert "was at work when its orchestrator died" in silent["reason"]
    assert not silent["not_started"], "it was paid, and that is not hidden"
    assert house.asked().count("clarity") == 2, "nobody is asked about what is no more"
    assert lineage(house.runs()[-1])["reuse"] == [run]


def test_a_night_that_wants_everything_fresh_does_not_go_on_with_answers_of_others(house: House) -> None:
    describe(house, docs=JOB)
    house.run("nightly", "docs")
    (house.project / "src/b.py").write_text("print('c')\n")
    run = interrupted(house)
    end = ended(house, "docs", "--fresh")["docs"]
    assert (end["run"] != run, end["paid"]) == (True, 2)


def test_a_run_nobody_can_take_up_does_not_stand_in_the_way(house: House) -> None:
    describe(house, docs=JOB)
    run = interrupted(house)
    record = house.project / ".orchestra/runs" / run / "run.json"
    told = json.loads(record.read_text())
    record.write_text(json.dumps({**told, "function": "orchestra.patterns.gone:gone"}, indent=1))
    done = house.run("nightly", "docs")
    assert f"{run} was interrupted and cannot be taken up" in done.stderr
    assert "complete" in done.stdout


def test_a_signal_ends_the_night_in_an_orderly_way(house: House) -> None:
    describe(house, docs=JOB + 'on_end = ["sh", "-c", "echo $ORCHESTRA_STATE > ../told"]\n', other=JOB)
    house.hold("clarity")
    child = house.start("nightly")
    until(lambda: house.runs() and house.events(house.runs()[-1], "ended") == 1 and "clarity" in house.asked())
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    docs, other = out.splitlines()
    assert docs.startswith("docs   stopped")
    assert "1 of 2" not in docs
    assert other == "other  not run  the night was ended before it"
    assert "Stopping: the workers are asked to stop" in err
    assert (house.project.parent / "told").read_text() == "stopped\n"
    assert len(house.runs()) == 1


def test_a_second_signal_ends_it_at_once(house: House, tmp_path: Path) -> None:
    stubborn = tmp_path / "stubborn.py"
    stubborn.write_text(
        "import signal, sys, time\n"
        "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)\n"
        f"open({str(tmp_path / 'up')!r}, 'w').close()\ntime.sleep(100)\n"
    )
    engine = json.dumps(f"command:{sys.executable} {stubborn}")
    describe(house, docs=JOB.replace("risk,clarity", "risk") + f"engine = {engine}\n", other=JOB)
    child = house.start("nightly")
    until((tmp_path / "up").exists)
    child.send_signal(signal.SIGTERM)
    until(lambda: house.events(house.runs()[-1], "stop_asked") == 1)
    child.send_signal(signal.SIGTERM)
    out, _ = child.communicate(timeout=4)
    assert child.returncode == 130
    assert "other  not run" in out


def test_the_summary_alone_is_on_stdout_and_json_is_json(house: House) -> None:
    describe(house, docs=JOB)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "orchestra", "nightly", "--json"],
        cwd=house.project,
        env=house.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert (told["schema_version"], told["exit"], told["jobs"][0]["state"]) == (1, 0, "complete")


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_at_a_narrow_terminal_a_line_is_broken_between_its_words(house: House, columns: int) -> None:
    describe(house, docs=JOB, broken="targtes = 3\n")
    child = house.at_a_terminal("nightly", columns=columns)
    child.expect(pexpect.EOF)
    lines = without_signs(child.before or "").splitlines()
    summary = lines[next(number for number, line in enumerate(lines) if line.startswith("docs ")) :]
    report = f".orchestra/runs/{house.runs()[0].name}/report.json"
    assert sum(report in line for line in summary) == 1, "what is to be copied is in one piece"
    assert all(len(line) <= max(columns, *(4 + len(word) for word in line.split())) for line in summary)
    assert len([line for line in summary if line.startswith(("docs", "broken"))]) == 2
    assert (len(summary) == 2) == (columns == 200)


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_what_failed_a_gate_is_understood_without_looking_it_up(house: House, columns: int) -> None:
    titles = (
        "The list is shared",
        "一个列表在每次调用之间共享因此每个没有第二个参数的调用都写入同一个列表直到进程结束为止",
        "The handle stays open ##[error] when the disk is full and nobody looks at what the call gives back",
        "The lock is taken too late",
        "A retry repeats what was done",
    )
    lines = [f"def part_{number}(): return {number**9}\n" for number in range(len(titles))]
    (house.project / "src/a.py").write_text("\n\n".join(lines))
    found = []
    for title, line in zip(titles, lines, strict=True):
        said = {"title": title, "severity": "high", "confidence": 0.9, "category": "state", "problem": f"{title}."}
        place = {"path": "src/a.py", "start_line": 1, "end_line": 1, "quote": line.strip()}
        found.append({**said, "locations": [place], "recommendation": "Mend it.", "rewrite": None})
    house.says({"summary": "Not fine.", "findings": found})
    describe(house, docs=JOB + 'fail_on = "new:high"\n', quiet=JOB)
    child = house.at_a_terminal("nightly", columns=columns)
    child.expect(pexpect.EOF)
    shown = without_signs(child.before or "").splitlines()
    summary = shown[next(number for number, line in enumerate(shown) if line.startswith("docs ")) :]
    until_next = next(number for number, line in enumerate(summary) if line.startswith("quiet"))
    *named, more = [line for line in summary[:until_next] if line.startswith(("    f-", "    and"))]
    high = json.loads((house.runs()[0] / "report.json").read_text())["findings"]
    assert (len(high), more) == (5, "    and 2 more")
    assert "failed by 5 findings" in " ".join(" ".join(summary[:until_next]).split())
    for line, one in zip(named, high[:3], strict=True):
        head, title = line[:18], line[18:]
        assert head == f"    {one['id']}  high  "
        whole = one["title"].replace("##[", "# #[")  # which a CI service would obey
        assert whole.startswith(title.removesuffix("…").rstrip())
        assert title.endswith("…") == (len(head) + cell_len(whole) > columns)
        assert cell_len(line) <= columns


def test_a_rehearsed_night_is_no_night(house: House) -> None:
    """The real codex against the understudy, with the job `job init` writes."""
    file = house.project / "orchestra.toml"
    file.write_text("")
    house.run("job", "init", "docs")
    told = ended(house, "docs", "--rehearse", exit=1)["docs"]
    assert (told["state"], told["changes"]["new"] > 0, told["tokens"] > 0) == ("complete", True, True)
    again = ended(house, "docs", "--rehearse")["docs"]
    assert (again["changes"]["new"], again["changes"]["still"] > 0) == (0, True)
    file.write_text(file.read_text() + '\n[engines]\nstub = ["sh", "' + str(house.stage / "worker.sh") + '"]\n')
    file.write_text('engine = "stub"\n' + file.read_text())
    house.run("nightly", "docs")
    assert lineage(house.runs()[-1])["since"] is None
    assert lineage(house.runs()[-1])["reuse"] == []
