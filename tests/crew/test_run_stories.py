"""What happens to a run: stopped, over budget, limited, asked again, on a full disk, and looked at meanwhile."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import orchestra
from orchestra.crew.events import Kind
from orchestra.crew.owner import events_of
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.status import RunState
from orchestra.errors import NestedRun
from orchestra.rehearsal import Fail, Say, Script, StandIn, Tokens, otherwise, when
from tests.absent import absent
from tests.crew import plays
from tests.crew.theatre import Parrot, a_day_earlier, asked, only_run, played, processes_of, until

STUB = f"command:{sys.executable} -S {Path(__file__).parent / 'stub_worker.py'} --well"
SLEEPER = "command:sh -c 'echo begun; sleep 60'"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        absent(f"no tmpfs can be mounted, which needs root: {done.stderr!r}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_who_was_let_in_just_before_a_stop_is_not_started_after_it(project: Path) -> None:
    making, began = project.parent / "making", project.parent / "began"
    for words in (["init", "-q"], ["config", "filter.slow.smudge", f"touch {making}; sleep 0.5; cat"]):
        subprocess.run(["git", "-C", project, *words], check=True)
    (project / ".gitattributes").write_text("a.txt filter=slow\n")
    (project / "a.txt").write_text("a\n")
    worker = f"command:sh -c 'touch {began}; sleep 60'"
    run = orchestra.start("ask", prompt="Wait.", scope="scratch", cwd=project, start=project, engine=worker)
    until(making.exists)
    run.stop()
    report = run.wait(30)
    assert (report.state, report.workers[0].not_started) == ("stopped", True)
    assert not began.exists()
    assert not list(run.folder.path.rglob("tree"))


def test_a_stopped_run_keeps_what_was_answered_and_goes_on_later(project: Path, parrot: StandIn) -> None:
    code = """
import os
run = orchestra.start(plays.twelve, at_once=2)
while run.poll().count("answered") < 3:
    pass
run.stop()
report = run.wait(30)
print(report.state, sum(worker.outcome == "answered" for worker in report.workers) >= 3, run.poll().state)
"""
    assert played(project, code, parrot) == "stopped True stopped"
    run = only_run(project)
    before = json.loads((run / "report.json").read_text())
    kept = {worker["label"] for worker in before["workers"] if worker["outcome"] == "answered"}
    asked_first = asked(parrot)
    assert not processes_of(run.name)

    assert played(project, "print(orchestra.resume().wait().state)", parrot) == "complete"
    counts = asked(parrot)
    answered_once = [(run / "workers" / label / "attempt-1" / "prompt.md").read_text() for label in kept]
    assert all(counts[prompt] == asked_first[prompt] for prompt in answered_once)


def test_leaving_the_context_leaves_no_worker(project: Path) -> None:
    with orchestra.start(plays.many, number=3, engine=SLEEPER, start=project) as run:
        until(lambda: run.poll().count("starting", "running") == 3)
        with pytest.raises(TimeoutError, match="still running"):
            run.wait(0.01)
    assert run.poll().state is RunState.STOPPED
    assert not processes_of(run.id)


def test_leaving_the_interpreter_leaves_no_worker(project: Path) -> None:
    code = f"""
run = orchestra.start(plays.many, number=3, engine={SLEEPER!r})
while run.poll().count("starting", "running") < 3:
    pass
print(run.id)
"""
    run = played(project, code)
    assert not processes_of(run)
    assert json.loads((project / ".orchestra/runs" / run / "report.json").read_text())["state"] == "stopped"


def test_asynchronous_code_uses_its_own_loop(project: Path) -> None:
    async def story() -> str:
        async with orchestra.open_run(plays.many, number=3, engine=STUB, start=project) as run:
            with pytest.raises(TimeoutError):
                await run.wait(0.0)
            report = await run.wait(30)
            assert run.poll().state is RunState.COMPLETE
            assert run.events(after=3)[0].n == 4
        return report.state

    assert asyncio.run(story()) == "complete"


def test_another_process_asks_a_run_to_stop(project: Path) -> None:
    with orchestra.start(plays.many, number=2, engine=SLEEPER, start=project) as run:
        until(lambda: run.poll().count("starting", "running") == 2)
        run.folder.stop_request.write_text("")
        assert run.wait(30).state == "stopped"


def test_a_worker_the_pattern_cannot_do_without_leaves_a_report_of_what_there_is(project: Path, tmp_path: Path) -> None:
    script = Script(when("Build on them", Fail(400)), otherwise(Say("fine")))
    with StandIn(script, home=tmp_path / "home") as model:
        assert played(project, "print(orchestra.start(plays.needs).wait().state)", model) == "incomplete"
    run = only_run(project)
    lines = json.loads((run / "report.json").read_text())["workers"]
    assert [line["outcome"] for line in lines] == ["answered", "answered", "failed"]


def test_who_waits_for_another_attempt_when_the_run_is_stopped_says_how_the_last_one_ended(
    project: Path, tmp_path: Path
) -> None:
    script = Script(otherwise(Fail(429, "Rate limit reached. Please try again in 600s.", code="rate_limit_exceeded")))
    code = """
run = orchestra.start(plays.many, number=1, codex_config={
    "model_providers.rehearsal.request_max_retries": "0", "model_providers.rehearsal.stream_max_retries": "0"})
while not any(event.kind == "held" for event in run.events()):
    pass
run.stop()
worker = run.wait(30).workers[0]
print(worker.ended, worker.reason)
"""
    with StandIn(script, home=tmp_path / "home") as model:
        told = played(project, code, model)
    assert told.startswith("stopped exceeded retry limit, last status: 429 Too Many Requests. ")
    assert told.endswith(" The run was asked to stop before it was started again.")


def test_a_rate_limit_holds_the_run_back_and_burns_nobody(project: Path, tmp_path: Path) -> None:
    limit = Fail(429, "Rate limit reached. Please try again in 1s.", code="rate_limit_exceeded")
    script = Script(when("Question 3", limit, threads=1), otherwise(Say("fine")))
    with StandIn(script, home=tmp_path / "home") as model:
        code = """
run = orchestra.start(plays.twelve, codex_config={
    "model_providers.rehearsal.request_max_retries": "0", "model_providers.rehearsal.stream_max_retries": "0"})
print(run.wait(60).state)
print(*[event.text for event in run.events() if event.kind == "held" and event.text])
"""
        state, held = played(project, code, model).split("\n")
    assert state == "complete"
    assert "then 2 at once" in held
    ends = [event for event in events_of(RunFolder(only_run(project))) if event.kind is Kind.ENDED]
    assert sum(event.outcome == "rate_limited" for event in ends) == 1


def test_a_bad_request_is_not_tried_again(project: Path, tmp_path: Path) -> None:
    with StandIn(Script(Fail(400)), home=tmp_path / "home") as model:
        assert played(project, "print(orchestra.start(plays.many, number=1).wait().state)", model) == "incomplete"
        assert asked(model).total() == 1


def test_a_budget_leaves_out_what_does_not_fit_and_names_it(project: Path, tmp_path: Path) -> None:
    script = Script(otherwise(Say("fine", usage=Tokens(input=900, output=100))))
    with StandIn(script, home=tmp_path / "home") as model:
        code = "print(orchestra.start(plays.many, number=6, at_once=1, max_tokens=3500).wait().state)"
        assert played(project, code, model) == "budget reached"
        assert asked(model).total() == 3
    lines = json.loads((only_run(project) / "report.json").read_text())["workers"]
    assert [line["not_started"] for line in lines] == [False] * 3 + [True] * 3
    assert "3,500 tokens" in lines[-1]["reason"]


def test_time_and_chance_are_the_same_when_a_run_is_resumed(project: Path, parrot: StandIn) -> None:
    played(project, "orchestra.start(plays.clockwork).wait()", parrot)
    played(project, "orchestra.resume().wait()", parrot)
    assert asked(parrot).total() == 1


def test_the_time_between_two_lives_is_not_counted(project: Path, parrot: StandIn) -> None:
    """A run that was taken up the day after took as long as somebody was at it."""
    for code in ("orchestra.start(plays.clockwork)", "orchestra.resume()"):
        played(project, f"{code}.wait()", parrot)
        a_day_earlier(only_run(project))
    played(project, "orchestra.retry('last', 'w1-scout', 'Once more.').wait()", parrot)
    report = json.loads((only_run(project) / "report.json").read_text())
    assert 0 < report["seconds"] < 12 * 3600


def test_a_worker_asked_again_with_a_note_and_what_was_built_on_it(project: Path, parrot: StandIn) -> None:
    played(project, "orchestra.start(plays.twelve).wait()", parrot)
    code = "print(orchestra.retry('last', 'w3-scout', 'Mind the gap.').wait().state)"
    before = len(parrot.asks)
    assert played(project, code, parrot) == "complete"
    again = asked(parrot, after=before)
    assert again.total() == 5  # itself, and the four that were given its answer
    assert sum("Mind the gap." in prompt for prompt in again) == 1
    run = only_run(project)
    assert (run / "workers/w3-scout/attempt-1/result.json").exists()
    assert (run / "workers/w3-scout/attempt-2/result.json").exists()


def test_a_full_disk_ends_the_run_with_a_sentence_and_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    project = small_disk / "project"
    (project / ".orchestra").mkdir(parents=True)
    with StandIn(Parrot(0.1), home=tmp_path / "home") as model:
        code = """
import pathlib
run = orchestra.start(plays.twelve, at_once=2)
while run.poll().count("answered") < 3:
    pass
ballast = pathlib.Path("ballast").open("wb", buffering=0)
try:
    while True:
        ballast.write(b"x" * 4096)
except OSError:
    pass
try:
    print(run.wait(60).state)
except orchestra.OrchestraError as error:
    print(type(error).__name__, error.exit_code)
"""
        assert played(project, code, model) == "StateUnusable 3"
        run = only_run(project)
        assert not processes_of(run.name)
        (project / "ballast").unlink()
        sealed = list(run.glob("workers/*/attempt-*/result.json"))
        assert len(sealed) >= 3
        prompts = [(seal.parent / "prompt.md").read_text() for seal in sealed]
        assert played(project, "print(orchestra.resume().wait().state)", model) == "complete"
        assert all(asked(model)[prompt] == 1 for prompt in prompts)


def test_a_worker_starts_no_run_of_its_own(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRA_WORKER", "x/w1-1")
    with pytest.raises(NestedRun):
        orchestra.start(plays.many, number=1, engine=STUB, start=project)
    assert not list((project / ".orchestra").iterdir())
