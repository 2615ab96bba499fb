"""Shards: each does its own asks and says so; merged they are one report, as if it had been one run."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

import orchestra
from orchestra.crew.lineage import Lineage, Shard
from orchestra.crew.run import Run
from orchestra.errors import OrchestraError, UsageError
from orchestra.nightly.shards import merge_runs, missing
from orchestra.outcome import Outcome
from orchestra.reports.first_lines import headline
from orchestra.reports.gate import exit_code, gate
from orchestra.reports.report import Report, ReportState
from tests.crew.nights import LENSES, Nights

OF = 3
SECTIONS = 4
ASKS = SECTIONS * 3
TIMES_AND_IDS = {"run", "started", "seconds", "next_step", "continue_command", "first_seen", "first_seen_at"}
WHO_PAID = {"reused_from", "answered_at", "cost_then"}


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    project = Nights(tmp_path / "project", folders=SECTIONS)
    project.write("src/part01/file2.py", "shared_list = [BUG]")
    project.write("src/part03/file4.py", "timeout_seconds = retry(BUG)")
    return project


def sharded(nights: Nights, of: int = OF, **more: Any) -> list[Report]:
    numbers = range(1, of + 1)
    runs = [nights.start(Lineage(job="night", shard=Shard(number=number, of=of)), **more) for number in numbers]
    return [run.wait(120) for run in runs]


def merged(nights: Nights, shards: list[Report], **more: Any) -> Run:
    return merge_runs([nights.folder(shard.run) for shard in shards], project=nights.project, **more)


def bare(report: Report) -> object:
    """A report without times and ids, and without who paid."""

    def strip(node: object) -> object:
        if isinstance(node, dict):
            return {name: strip(value) for name, value in node.items() if name not in TIMES_AND_IDS | WHO_PAID}
        return [strip(item) for item in node] if isinstance(node, list) else node

    return strip(json.loads(report.model_dump_json()))


def test_merged_shards_are_what_one_run_is(nights: Nights) -> None:
    whole = nights.night()
    nights.asked()
    shards = sharded(nights)
    assert len(nights.asked()) == ASKS
    report = merged(nights, shards).wait(60)
    assert nights.asked() == []
    assert bare(report) == bare(whole)
    assert len(report.open) == 2
    assert {worker.reused_from for worker in report.workers} == {shard.run for shard in shards if shard.workers}
    assert nights.night(report.run).state is ReportState.COMPLETE
    assert nights.asked() == []


def test_a_shard_is_complete_without_what_others_do(nights: Nights) -> None:
    shards = sharded(nights)
    labels = [worker.label for shard in shards for worker in shard.workers]
    assert len(labels) == len(set(labels)) == ASKS
    for number, shard in enumerate(shards, 1):
        assert shard.state is ReportState.COMPLETE
        assert shard.share is not None
        assert (shard.share.number, shard.share.of, shard.share.left) == (number, OF, ASKS - len(shard.workers))
        assert f"Complete, shard {number} of {OF}: " in headline(shard)
        assert f"Left to the other shards: {shard.share.left} asks." in headline(shard)
        assert exit_code(shard, gate("never")) == 0
        assert f"merge-runs {shard.run}" in shard.next_step


def test_a_shard_that_has_nothing_to_do_says_so(nights: Nights) -> None:
    shards = sharded(nights, of=40)[:12]
    idle = next(shard for shard in shards if not shard.workers)
    assert headline(idle).startswith(
        f"Complete, {idle.share}: nobody was asked. Left to the other shards: {ASKS} asks."
    )


def test_a_shard_that_is_taken_up_does_no_more_than_its_own(nights: Nights) -> None:
    run = nights.start(Lineage(shard=Shard(number=1, of=2)))
    first = run.wait(60)
    asked = nights.asked()
    shutil.rmtree(nights.folder(run.id) / "workers" / first.workers[0].label)
    again = orchestra.resume(nights.folder(run.id)).wait(60)
    assert len(nights.asked()) == 1
    assert [worker.label for worker in again.workers] == [worker.label for worker in first.workers]
    assert run.poll().left == ASKS - len(asked)


def test_what_no_shard_answered_is_said_and_asked_on_demand(nights: Nights) -> None:
    shards = sharded(nights)
    lacking = len(shards[1].workers)
    nights.asked()
    there = [shards[0], shards[2]]
    report = merged(nights, there).wait(60)
    silent = [worker for worker in report.workers if worker.outcome is not Outcome.ANSWERED]
    assert (report.state, len(silent), nights.asked()) == (ReportState.INCOMPLETE, lacking, [])
    assert {worker.reason for worker in silent} == {"No run answered it."}
    assert exit_code(report, gate("never")) == 4
    whole = merged(nights, there, ask=True).wait(60)
    assert (whole.state, len(nights.asked())) == (ReportState.COMPLETE, lacking)


def test_later_steps_wait_for_the_answers_of_all_shards(nights: Nights) -> None:
    shards = sharded(nights, verify="high")
    assert len(nights.asked()) == ASKS, "a finding of one shard alone is not looked into"
    report = merged(nights, shards, ask=True).wait(60)
    assert nights.asked() == ["REFUTE -", "REFUTE -"]
    assert report.state is ReportState.COMPLETE
    again = merged(nights, shards).wait(60)
    assert {worker.role for worker in again.unanswered} == {"verifier"}
    assert nights.night(report.run, verify="high").state is ReportState.COMPLETE
    assert nights.asked() == []


def test_who_merges_needs_nobody_who_could_answer(nights: Nights) -> None:
    shards = sharded(nights)
    program = nights.project.parent / "looking.sh"
    for shard in shards:
        file = nights.folder(shard.run) / "run.json"
        record = json.loads(file.read_text())
        record["settings"]["engine"] = f"command:{program}"
        file.write_text(json.dumps(record))
    report = merged(nights, shards).wait(60)
    assert {worker.reason for worker in report.workers} == {"No run answered it."}
    with pytest.raises(OrchestraError, match=r"looking\.sh"):
        merged(nights, shards, ask=True)


def test_a_run_with_the_lens_of_another_day(nights: Nights) -> None:
    first, second = nights.night(), nights.night(lenses=LENSES.removesuffix(",security"))
    with pytest.raises(UsageError, match="its 'lenses' is correctness,risk, not correctness,risk,security"):
        merged(nights, [first, second])


def edited(nights: Nights) -> None:
    nights.write("src/part00/file1.py", "edited = 1")


UNLIKE: dict[str, tuple[Callable[[Nights], object] | None, dict[str, Any], str]] = {
    "files": (edited, {}, "it looked at other contents of src/part00/file1.py"),
    "target": (None, {"target": "src/part00"}, "it looked at other contents of src/part01/file0.py, .* and 12 more"),
    "model": (None, {"model": "other"}, "its model is other, not the usual one"),
    "effort": (None, {"effort": "high"}, "its effort is high, not the usual one"),
    "engine": (None, {"engine": "command:false"}, "its engine is command:false, not command:"),
    "context": (None, {"context": {"goal": "safe"}}, "its context is another"),
    "input": (None, {"curate": True}, "its 'curate' is True, not left out"),
}


@pytest.mark.parametrize(("before", "said", "sentence"), UNLIKE.values(), ids=UNLIKE)
def test_what_was_not_asked_the_same_is_refused(
    nights: Nights, before: Callable[[Nights], object] | None, said: dict[str, Any], sentence: str
) -> None:
    one = nights.start(Lineage(shard=Shard(number=1, of=50)))
    if before:
        before(nights)
    two = nights.start(Lineage(shard=Shard(number=2, of=50)), **said)
    with pytest.raises(UsageError, match=f"^{two.id} was not asked the same as {one.id}: {sentence}"):
        merged(nights, [one.wait(60), two.wait(60)])


def test_what_still_runs_is_not_merged(tmp_path: Path) -> None:
    nights = Nights(tmp_path / "slow", folders=1, delay=30)
    running = nights.start(Lineage(shard=Shard(number=1, of=1)))
    with running, pytest.raises(UsageError, match="is still running"):
        merge_runs([running.folder.path])
    with pytest.raises(UsageError, match="nothing to merge"):
        merge_runs([])


@given(some.text("0123456789abcdef", min_size=64, max_size=64), some.integers(1, 100))
def test_each_ask_falls_to_one_shard(key: str, of: int) -> None:
    shards = [Shard(number=number, of=of) for number in range(1, of + 1)]
    assert sum(shard.holding(key) == shard for shard in shards) == 1


def test_the_shards_that_are_not_there_are_named(nights: Nights) -> None:
    runs = [nights.start(Lineage(shard=Shard(number=number, of=50))) for number in (3, 7)]
    for run in runs:
        run.wait(60)
    lacking = missing([run.folder.record() for run in runs])
    assert lacking[:3] == ("1 of 50", "2 of 50", "4 of 50")
    assert len(lacking) == 48
    assert missing([nights.start(Lineage()).folder.record()]) == ()
