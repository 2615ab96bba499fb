"""A run read from outside: quickly, the same as the fold says, and while somebody writes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.crew.events import Event, Kind
from orchestra.crew.journal import Journal
from orchestra.crew.run_folder import RunFolder, RunRecord
from orchestra.crew.status import Fold, RunState, fold
from orchestra.crew.view import Log, Watch, find_worker, skim
from orchestra.errors import StateUnusable, UnknownName, UsageError
from orchestra.outcome import Outcome
from orchestra.usage import Usage

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def line_of(event: Event) -> bytes:
    return event.model_dump_json(exclude_none=True).encode()


def made(project: Path, name: str = "20261120-120000-review-0001") -> RunFolder:
    """A run folder with a record and an empty log."""
    folder = RunFolder(project / ".orchestra/runs" / name)
    (folder.path / "workers").mkdir(parents=True)
    record = RunRecord(
        id=folder.id,
        pattern="review",
        function="orchestra.patterns.triangulated_review:triangulated_review",
        inputs={},
        settings={},
        origins={},
        asked="review of src",
        versions={},
        started=AT,
    )
    folder.record_file.write_text(record.model_dump_json())
    return folder


def big_log(workers: int, doings: int) -> Iterator[Event]:
    """What a run with so many workers leaves: each asked, started, at several things, ended."""
    number = 0

    def event(kind: Kind, **facts: object) -> Event:
        nonlocal number
        number += 1
        return Event(n=number, at=AT + timedelta(milliseconds=10 * number), kind=kind, **facts)

    yield event(Kind.RUN_STARTED, text="review", steps=("Review", "Merge"))
    yield event(Kind.STEP_STARTED, step="Review")
    labels = [f"w{n}-correctness" for n in range(1, workers + 1)]
    for n, label in enumerate(labels):
        yield event(Kind.ASKED, step="Review", worker=label, role="reviewer", lens="correctness", key=f"{n:064x}")
    for label in labels:
        yield event(Kind.STARTED, worker=label, attempt=1, pid=4711)
        for doing in range(doings):
            yield event(Kind.DOING, worker=label, text=f"running rg -n 'what {doing}' src/")
        usage = Usage(input_tokens=20_000, output_tokens=900)
        yield event(Kind.ENDED, worker=label, attempt=1, outcome=Outcome.ANSWERED, text="answered", usage=usage)


kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.DREW])


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    events = []
    chosen = draw(st.lists(kinds | st.just(Kind.DOING), max_size=60))
    for n, kind in enumerate(chosen, 1):
        facts: dict[str, object] = {}
        if kind in (Kind.ASKED, Kind.STARTED, Kind.DOING, Kind.ENDED, Kind.REUSED, Kind.RETRY):
            facts["worker"] = draw(st.sampled_from(["w1-a", "w2", "w3-b+c"]))
        if kind in (Kind.ENDED, Kind.REUSED):
            facts["outcome"] = draw(st.sampled_from(list(Outcome)))
        if kind in (Kind.DOING, Kind.ENDED):
            facts["text"] = draw(st.text(max_size=5))
            facts["usage"] = draw(st.none() | st.just(Usage(input_tokens=n)))
        if kind is Kind.STARTED:
            facts |= {"attempt": 1, "pid": n}
        if kind is Kind.RUN_ENDED:
            facts["state"] = "complete"
        if kind in (Kind.STEP_STARTED, Kind.STEP_ENDED):
            facts["step"] = draw(st.sampled_from(["one", "two"]))
        events.append(Event(n=n, at=AT + timedelta(seconds=n), kind=kind, **facts))
    return events


@settings(max_examples=200, deadline=None)
@given(histories())
def test_skimming_a_log_leaves_its_status_as_it_is(events: list[Event]) -> None:
    skimmed = [Event.model_validate_json(line) for line in skim(map(line_of, events))]
    assert fold("r", skimmed) == fold("r", events)
    assert [event.n for event in skimmed] == sorted(event.n for event in skimmed)


def test_who_was_under_way_when_its_orchestrator_died_is_at_work_no_more() -> None:
    """What is found of its answer in the next life was not in the making all the time between."""
    story = {Kind.RUN_STARTED: 0, Kind.STARTED: 1, Kind.RUN_RESUMED: 1000, Kind.ENDED: 1001, Kind.RUN_ENDED: 1002}
    status = fold(
        "r",
        [
            Event(n=n, at=AT + timedelta(seconds=at), kind=kind, worker="w1", outcome=Outcome.ANSWERED)
            for n, (kind, at) in enumerate(story.items(), 1)
        ],
    )
    assert status.workers[0].started is None
    assert status.seconds(AT) == 3


def test_a_long_log_is_mostly_skimmed() -> None:
    lines = [line_of(event) for event in big_log(workers=3, doings=50)]
    assert len(lines) == 161
    assert len(skim(lines)) == 17


def test_a_run_with_a_thousand_workers_is_looked_at(project: Path) -> None:
    """`tests/bench/crew.py` tells how long that takes."""
    folder = made(project)
    folder.events.write_bytes(b"\n".join(line_of(event) for event in big_log(workers=1000, doings=4)) + b"\n")
    status = Watch(folder).look()
    assert len(status.workers) == 1000
    assert status.count("answered") == 1000
    assert status.usage.total == 20_900_000


def test_looking_again_reads_only_what_is_new(project: Path) -> None:
    folder = made(project)
    folder.events.write_bytes(b"\n".join(line_of(event) for event in big_log(workers=1000, doings=4)) + b"\n")
    watch = Watch(folder)
    watch.look()
    assert len(watch.fresh) > 1000
    with folder.events.open("ab") as log:
        log.write(line_of(Event(n=10**6, at=AT, kind=Kind.RUN_ENDED, state="complete")) + b"\n")
    assert watch.look().state is RunState.COMPLETE
    assert [event.n for event in watch.fresh] == [10**6]
    watch.look()
    assert watch.fresh == []


def test_a_line_that_is_being_written_waits_for_its_end(project: Path) -> None:
    folder = made(project)
    first, second = (line_of(Event(n=n, at=AT, kind=Kind.NOTE, text="héllo")) for n in (1, 2))
    log = Log(folder.events)
    assert log.events() == []
    middle = second.index("é".encode()) + 1
    folder.events.write_bytes(first + b"\n" + second[:middle])
    assert [event.n for event in log.events()] == [1]
    with folder.events.open("ab") as file:
        file.write(second[middle:])
    assert log.events() == []
    with folder.events.open("ab") as file:
        file.write(b"\n")
    assert [event.n for event in log.events()] == [2]


def test_a_torn_line_is_passed_over(project: Path) -> None:
    folder = made(project)
    whole = line_of(Event(n=2, at=AT, kind=Kind.NOTE, text="whole"))
    folder.events.write_bytes(b'{"n":1,"at":"2026-\n' + whole + b"\n\x00\xff\n")
    assert [event.n for event in Log(folder.events).events()] == [2]


def test_a_run_somebody_owns_and_one_nobody_owns_any_more(project: Path) -> None:
    folder = made(project)
    lock = folder.lock()
    fold_of = Fold(folder.id)
    journal = Journal(folder.events, fold_of.take)
    journal.write(Kind.RUN_STARTED, text="review", steps=("Review", "Merge"))
    journal.write(Kind.STEP_STARTED, step="Review")
    journal.write(Kind.ASKED, worker="w1-a", role="reviewer")
    journal.write(Kind.ASKED, worker="w2-b", role="reviewer")
    journal.write(Kind.STARTED, worker="w1-a", attempt=1, pid=os.getpid())
    watch = Watch(folder)
    assert watch.look() == fold_of.status()
    lock.release()
    seen = watch.look()
    assert seen.state is RunState.INTERRUPTED
    assert [worker.state for worker in seen.workers] == ["interrupted", "queued"]
    assert {step.state for step in seen.steps} == {"to do"}
    lock = folder.lock()
    assert watch.look() == fold_of.status(), "taken up again"
    journal.write(Kind.RUN_ENDED, state=RunState.FAILED)
    assert [worker.state for worker in watch.look().workers] == ["interrupted", "queued"], "nobody runs in what is over"
    lock.release()
    journal.close()


def test_a_run_that_has_not_begun_is_what_its_record_says(project: Path) -> None:
    folder = made(project)
    lock = folder.lock()
    status = Watch(folder).look()
    lock.release()
    assert (status.state, status.pattern, status.started) == (RunState.RUNNING, "review", AT)


def test_a_run_that_is_removed_while_it_is_looked_at(project: Path) -> None:
    folder = made(project)
    folder.events.write_bytes(line_of(Event(n=1, at=AT, kind=Kind.NOTE, text="x")) + b"\n")
    watch = Watch(folder)
    watch.look()
    folder.path.rename(folder.path.with_name(".pruned"))
    with pytest.raises(StateUnusable, match="removed while it was looked at"):
        watch.look()


@pytest.mark.parametrize(
    ("name", "label"), [("w1-risk", "w1-risk"), ("w1", "w1-risk"), ("w12", "w12-clarity"), ("clar", "w12-clarity")]
)
def test_the_worker_somebody_means(name: str, label: str) -> None:
    assert find_worker(["w1-risk", "w12-clarity", "w2-risk"], name) == label


def test_a_worker_nobody_knows_or_that_could_be_several() -> None:
    with pytest.raises(UsageError, match="could be any of: w1-risk, w2-risk"):
        find_worker(["w1-risk", "w2-risk"], "risk")
    with pytest.raises(UnknownName, match="There is no worker ''"):
        find_worker(["w1-risk"], "")


def test_looking_takes_no_lock_away_from_whoever_takes_the_run_up(project: Path) -> None:
    """A look holds a shared lock for a moment; an owner that begins in that moment is not sent away."""
    folder = made(project)
    code = "import sys; from orchestra.crew.run_folder import RunFolder; from pathlib import Path\n"
    code += "folder = RunFolder(Path(sys.argv[1])); print(flush=True)\nwhile True: folder.owned()"
    with subprocess.Popen([sys.executable, "-c", code, folder.path], stdout=subprocess.PIPE) as looker:
        assert looker.stdout is not None
        folder.lock().release()
        looker.stdout.readline()
        for _ in range(300):
            folder.lock().release()
        looker.kill()
