"""Hundreds of workers, a third of them failing in every way: all end in a state, and the counts add up."""

import sys
from collections import Counter
from pathlib import Path

import pytest

import orchestra
from orchestra.outcome import Outcome
from tests.crew import plays
from tests.crew.theatre import processes_of, until

STUB = f"command:{sys.executable} -S {Path(__file__).parent / 'stub_worker.py'}"


def test_five_hundred_workers_all_end_in_a_state(project: Path) -> None:
    with orchestra.start(
        plays.many, number=500, engine=STUB, at_once=16, deadlines={"wall": 2.0}, start=project
    ) as run:
        report = run.wait(150)
        status = run.poll()
    ends = Counter(worker.outcome for worker in report.workers)
    assert ends.total() == 500
    assert set(ends) == {Outcome.ANSWERED, Outcome.EMPTY, Outcome.FAILED, Outcome.TIMED_OUT}
    assert report.state == "incomplete"
    assert report.answer == f"{ends[Outcome.ANSWERED]} answered, {500 - ends[Outcome.ANSWERED]} did not"
    assert Counter(worker.state for worker in status.workers) == Counter({str(way): n for way, n in ends.items()})
    assert all(worker.over for worker in status.workers)
    assert len(list(run.folder.seals())) == 500
    assert not processes_of(run.id)


@pytest.mark.parametrize("at_once", [1, 3])
def test_as_many_run_at_once_as_allowed_and_no_more(project: Path, at_once: int) -> None:
    """Nobody ends before the test says so, so whoever may start has started."""
    patient = "command:sh -c 'while [ ! -e go ]; do sleep 0.05; done; echo done'"
    with orchestra.start(plays.many, number=7, engine=patient, at_once=at_once, start=project) as run:
        until(lambda: run.poll().count("starting", "running") == at_once)
        (project / "go").touch()
        run.wait(60)
        running = peak = 0
        for event in run.events():
            running += {"started": 1, "ended": -1}.get(event.kind, 0)
            peak = max(peak, running)
    assert peak == at_once


def test_polling_from_another_thread_goes_on_while_workers_flood(project: Path) -> None:
    """How long a poll takes is measured in `tests/bench/crew.py`; here it is seen to be answered, and to move on."""
    flood = "command:sh -c 'head -c 1000000 /dev/zero | tr \"\\0\" x'"
    with orchestra.start(plays.many, number=64, engine=flood, at_once=64, start=project) as run:
        seen = {run.poll().count("starting", "running", "answered")}

        def over() -> bool:
            seen.add(run.poll().count("answered"))
            return run.poll().over

        until(over, 90)
        assert run.wait(1).state == "complete"
    assert 64 in seen
    assert len(seen) > 2
