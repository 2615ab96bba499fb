"""Keep: what goes after a night, and what always stays."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from orchestra.crew.integrate import integrate
from orchestra.crew.lineage import Lineage, Shard
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.status import RunState
from orchestra.nightly.job import Keep
from orchestra.nightly.keeping import decided_on, on_disk, superfluous
from orchestra.nightly.past import Past, runs_of_job
from tests.cli.house import House
from tests.crew.repositories import repository
from tests.crew.writers import played
from tests.nightly.stage import JOB, describe, ended

NOBODY: frozenset[str] = frozenset()


def past_of(folder: Path, states: list[tuple[RunState, bool, bool, int]]) -> list[Past]:
    """Runs, the newest first: state, rehearsed, a shard, kilobytes."""
    runs = []
    for number, (state, rehearsed, shard, size) in enumerate(states):
        run = folder / f"20260101-{240000 - number:06}-review-0000"
        run.mkdir(parents=True)
        (run / "report.json").write_bytes(b"x" * 1024 * size)
        lineage = Lineage(job="docs", shard=Shard(number=1, of=2) if shard else None)
        runs.append(Past(RunFolder(run), state, lineage, rehearsed, None))
    return runs


@effort(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([RunState.COMPLETE, RunState.INCOMPLETE, RunState.STOPPED]),
            st.booleans(),
            st.booleans(),
            st.integers(0, 40),
        ),
        max_size=8,
    ),
    st.none() | st.integers(1, 5),
    st.none() | st.integers(1, 100_000),
    st.sets(st.integers(0, 7)),
)
def test_what_must_stay_stays_and_nothing_goes_without_need(
    tmp_path_factory: pytest.TempPathFactory,
    states: list[tuple[RunState, bool, bool, int]],
    nights: int | None,
    size: int | None,
    decided: set[int],
) -> None:
    past = past_of(tmp_path_factory.getbasetemp() / os.urandom(4).hex(), states)
    held = frozenset(past[number].folder.id for number in decided if number < len(past))
    gone = {run.id for run in superfluous(past, Keep(nights=nights, bytes=size), held)}
    assert not gone & held
    for rehearsed in (False, True):
        bases = [run.folder.id for run in past if run.is_base and run.rehearsed is rehearsed]
        assert not bases or bases[0] not in gone
    assert not past or past[0].folder.id not in gone
    kept = [run for run in past if run.folder.id not in gone]
    if size is None:
        assert not gone & {run.folder.id for run in past[:nights]}
    else:
        free = [run for run in kept[1:] if run.folder.id not in held and not run.is_base]
        assert not free or sum(on_disk(run.folder.path) for run in kept) <= size
    if nights is not None:
        bases_kept = {run.folder.id for run in past if run.is_base}
        assert size is not None or {run.folder.id for run in kept} <= {
            *(run.folder.id for run in past[:nights]),
            *held,
            *bases_kept,
        }


def test_bytes_are_counted_as_the_disk_does_and_the_oldest_go_first(tmp_path: Path) -> None:
    past = past_of(tmp_path, [(RunState.INCOMPLETE, False, False, 40)] * 5)
    first = past[0].folder.path
    by_du = subprocess.run(["du", "-s", "-B1", first], capture_output=True, check=True).stdout.split()[0]
    assert on_disk(first) == int(by_du) - first.stat().st_blocks * 512
    gone = superfluous(past, Keep(bytes=100_000), NOBODY)
    assert [run.id for run in gone] == [run.folder.id for run in past[:1:-1]]


def test_a_night_removes_what_its_job_does_not_keep(house: House) -> None:
    describe(house, docs=JOB + "keep = { nights = 2 }\n", other=JOB)
    house.run("nightly")
    other = house.runs()[1].name
    house.run("nightly", "docs")
    first, second = (run.name for run in house.runs() if run.name != other)
    (house.project / "orchestra-decisions.toml").write_text(f"# seen in {second}\n")
    removed = [end for _ in range(3) for end in ended(house, "docs")["docs"]["removed"]]
    third, *_ = removed[1:]
    assert removed == [first, third]
    left = [run.name for run in house.runs()]
    assert {other, second} <= set(left)
    assert len(left) == 4


def test_a_run_somebody_owns_or_that_holds_work_nobody_took_over_stays(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    folders = []
    for number in range(3):
        asks = [{"run": f"echo {number} > new{number}.txt; echo ok", "title": "a"}]
        folders.append(played(project, asks, lineage=Lineage(job="docs"))[1])

    def gone() -> list[str]:
        return [run.id for run in superfluous(runs_of_job(project, "docs"), Keep(nights=1), decided_on(project))]

    assert gone() == []
    integrate(folders[0])
    assert gone() == [folders[0].id]
    with (folders[0].path / "run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert gone() == []
    (project / "orchestra-decisions.toml").write_text(f"# {folders[0].id}\n")
    assert gone() == []


def test_outside_git_too(tmp_path: Path) -> None:
    (tmp_path / ".orchestra").mkdir()
    asks = [{"run": "echo a > new.txt; echo ok", "title": "a"}]
    first = played(tmp_path, asks, lineage=Lineage(job="docs"))[1]
    played(tmp_path, [{"run": "echo ok", "title": "a"}], lineage=Lineage(job="docs"))
    assert superfluous(runs_of_job(tmp_path, "docs"), Keep(nights=1), NOBODY) == []
    integrate(first)
    assert superfluous(runs_of_job(tmp_path, "docs"), Keep(nights=1), NOBODY) == [first]
