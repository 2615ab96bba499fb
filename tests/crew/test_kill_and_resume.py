"""The orchestrator is killed; nothing that was finished is lost or paid twice."""

import json
import random
import time
from pathlib import Path

import pytest

from orchestra.rehearsal import StandIn
from tests.crew.theatre import (
    asked,
    bare,
    finished_prompts,
    killed,
    only_run,
    orchestrator,
    played,
    processes_of,
    until,
)

UNDISTURBED = 4.0
"""Seconds the run of twelve takes about; kills fall into this span."""
TWELVE = "orchestra.start(plays.twelve).wait()"
RESUME = "print(orchestra.resume().wait().state)"


def story(tmp_path: Path, model: StandIn, seed: int) -> dict[str, object]:
    """A run is killed at a random moment, resumed, and compared with one that was not."""
    projects = {name: tmp_path / name for name in ("undisturbed", "killed")}
    for folder in projects.values():
        (folder / ".orchestra").mkdir(parents=True)
    played(projects["undisturbed"], TWELVE, model)
    before = len(model.asks)
    moment = random.Random(seed).uniform(0.0, UNDISTURBED)
    with orchestrator(projects["killed"], TWELVE, model) as victim:
        run = only_run(projects["killed"])
        end = time.monotonic() + moment
        until(lambda: time.monotonic() > end or victim.poll() is not None)
        killed(victim, run)
    done = finished_prompts(run)

    assert played(projects["killed"], RESUME, model) == "complete"

    counts = asked(model, after=before)
    assert [counts[prompt] for prompt in done] == [1] * len(done)
    assert len(counts) == 12
    assert bare(run / "report.json") == bare(only_run(projects["undisturbed"]) / "report.json")
    assert not processes_of(run.name)
    return {"seed": seed, "killed after s": round(moment, 2), "finished": len(done), "threads": counts.total()}


@pytest.mark.parametrize("seed", range(5))
def test_what_was_finished_before_the_kill_is_asked_once(tmp_path: Path, parrot: StandIn, seed: int) -> None:
    story(tmp_path, parrot, seed)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_forty_kills(tmp_path: Path, parrot: StandIn) -> None:
    for seed in range(100, 140):
        print(json.dumps(story(tmp_path / str(seed), parrot, seed)))


def test_a_second_owner_is_told_who_owns_the_run(project: Path) -> None:
    endless = "orchestra.start(plays.many, number=1, engine=\"command:sh -c 'echo begun; sleep 100'\").wait()"
    with orchestrator(project, endless) as first:
        run = only_run(project)
        until(lambda: processes_of(run.name))
        with orchestrator(project, RESUME) as second:
            _, err = second.communicate(timeout=60)
        assert f"is owned by process {first.pid} on" in err
        assert processes_of(run.name)
        killed(first, run)


def test_a_run_with_a_torn_line_is_taken_up_in_another_place(project: Path, parrot: StandIn) -> None:
    with orchestrator(project, TWELVE, parrot) as victim:
        run = only_run(project)
        until(lambda: (run / "events.jsonl").read_text().count('"ended"') >= 2)
        killed(victim, run)
    with (run / "events.jsonl").open("a") as log:
        log.write('{"n": 99, "at": "2026-')
    moved = project.rename(project.parent / "elsewhere")
    run = only_run(moved)
    done = finished_prompts(run)
    assert played(moved, RESUME, parrot) == "complete"
    counts = asked(parrot)
    assert [counts[prompt] for prompt in done] == [1] * len(done)
    whole = [line for line in (run / "events.jsonl").read_text().splitlines() if line.endswith("}")]
    numbers = [json.loads(line)["n"] for line in whole]
    assert numbers == list(range(1, len(numbers) + 1))
