"""`prune`: what goes, what stays and why."""

import fcntl
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.crew.pruning import choose
from orchestra.crew.run_folder import RunFolder
from tests.cli.house import House
from tests.nightly.stage import JOB, describe, ended, lineage


@pytest.fixture
def archive(house: House) -> House:
    """Five runs: 40, 30, 20, 10 and 0 days old, two of them of a job."""
    newest = house.project / ".orchestra/runs" / house.review(lenses="risk")
    for days in (10, 20, 30, 40):
        started = datetime.now(UTC) - timedelta(days=days)
        copy = newest.with_name(f"{started:%Y%m%d-%H%M%S}-review-00{days}")
        copy.mkdir()
        record = json.loads((newest / "run.json").read_text())
        (copy / "run.json").write_text(
            json.dumps({**record, **({"lineage": {"job": "nightly"}} if days in (20, 30) else {})})
        )
    return house


def ages(house: House) -> list[str]:
    return [run.name[-2:] for run in house.runs()][:-1]


def test_by_age_and_never_the_newest_of_a_job(archive: House) -> None:
    told = archive.json("prune", "--older-than", "15d")
    assert [run[-2:] for run in told["removed"]] == ["30", "40"]
    assert [kept["reason"] for kept in told["kept"]] == [
        "not old enough",
        "not old enough",
        "the newest of the job nightly",
    ]
    assert ages(archive) == ["20", "10"]


def test_a_bare_number_is_no_age(archive: House) -> None:
    for bare in ("30", "1.5"):
        told = archive.run("prune", "--older-than", bare, exit=2).stderr
        assert f"`--older-than {bare}d`" in told
    assert len(archive.runs()) == 5


def test_one_that_cannot_be_removed_is_told_with_what_to_do(archive: House, unwritable: Callable[[Path], None]) -> None:
    oldest = archive.runs()[0]
    unwritable(oldest)
    told = archive.run("prune", "--keep", "4", exit=3).stderr
    assert f"where: {oldest}" in told
    assert "next:  Make room" in told
    assert "1 not removable" in told


def test_what_the_nights_to_come_need_stays_as_it_does_for_keep(house: House) -> None:
    """What a decision refers to, and the newest complete run of a job, also when later nights lost a worker."""
    describe(house, docs=JOB)
    for _ in range(3):
        house.run("nightly")
    house.fails("clarity")
    house.run("nightly", "--fresh", exit=4)
    decided, gone, compared, newest = (run.name for run in house.runs())
    (house.project / "orchestra-decisions.toml").write_text(f"# seen in {decided}\n")
    told = house.json("prune", "--keep", "0")
    assert told["removed"] == [gone]
    assert [(kept["run"], kept["reason"]) for kept in told["kept"]] == [
        (newest, "the newest of the job docs"),
        (compared, "the next night of docs may be compared with it"),
        (decided, "a decision refers to it"),
    ]
    house.works("clarity")
    assert lineage(house.project / ".orchestra/runs" / ended(house)["docs"]["run"])["since"] == compared


def test_by_number_and_a_dry_run_removes_nothing(archive: House) -> None:
    said = archive.run("prune", "--keep", "1", "--dry-run")
    assert [line[-2:] for line in said.stdout.split()] == ["10", "30", "40"]
    assert said.stderr == "would remove 3, kept 2: 1 one of the newest 1, 1 the newest of the job nightly\n"
    assert len(archive.runs()) == 5
    archive.run("prune", "--keep", "1")
    assert ages(archive) == ["20"]


def test_with_both_limits_a_run_goes_only_if_neither_keeps_it(archive: House) -> None:
    archive.run("prune", "--keep", "4", "--older-than", "5d")
    assert ages(archive) == ["30", "20", "10"]


def test_never_a_living_run_and_never_one_that_cannot_be_read(archive: House) -> None:
    living, unread = archive.runs()[0], archive.runs()[3]
    (unread / "run.json").write_text("{")
    with (living / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = archive.json("prune", "--keep", "0")
    reasons = {kept["run"]: kept["reason"] for kept in told["kept"]}
    assert reasons[living.name] == "it is running"
    assert reasons[unread.name] == "its record cannot be read"
    assert living.exists()
    assert unread.exists()
    assert len(told["removed"]) == 2


def test_what_was_cut_short_is_finished_and_is_no_run_meanwhile(archive: House) -> None:
    run = archive.runs()[0]
    left = run.rename(run.with_name(f".pruned-{run.name}"))
    assert len(archive.json("runs")["runs"]) == 4
    archive.run("prune", "--keep", "9")
    assert not left.exists()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from([None, "a", "b"])), max_size=8),
    st.none() | st.integers(0, 9),
    st.none() | st.integers(0, 100),
    st.sets(st.integers(0, 7)),
)
def test_the_newest_of_each_job_the_newest_n_and_what_is_held_always_stay(
    tmp_path_factory: pytest.TempPathFactory,
    days: list[tuple[int, str | None]],
    keep: int | None,
    older: int | None,
    holding: set[int],
) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    runs = []
    for number, (age, job) in enumerate(days):
        started = now - timedelta(days=age)
        run = tmp_path_factory.getbasetemp() / f"{os.urandom(4).hex()}/{started:%Y%m%d-%H%M%S}-review-{number:04x}"
        run.mkdir(parents=True)
        (run / "run.json").write_text(json.dumps({"lineage": {"job": job}} if job else {}))
        runs.append(RunFolder(run))
    limit = None if older is None else timedelta(days=older)
    runs.sort(key=lambda run: run.id)
    held = {run.id: "it is held" for number, run in enumerate(runs) if number in holding}
    choices = choose(runs, older_than=limit, keep=keep, held=held, now=now)
    assert [choice.folder.id for choice in choices] == [run.id for run in reversed(runs)]
    gone = [choice for choice in choices if not choice.kept_for]
    assert not {choice.folder.id for choice in gone} & {choice.folder.id for choice in choices[: keep or 0]}
    assert not {choice.folder.id for choice in gone} & set(held)
    assert all(limit is None or now - choice.started > limit for choice in gone)
    for job in ("a", "b"):
        of_job = [
            run.id for run in runs if json.loads(run.record_file.read_text()).get("lineage", {}).get("job") == job
        ]
        assert not of_job or max(of_job) not in {choice.folder.id for choice in gone}
