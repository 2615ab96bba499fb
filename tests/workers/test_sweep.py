"""What a worker leaves behind is found and ended; nobody else is."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from orchestra.workers.sweep import Leftover, Lookout, command_of, descendants, mark_of, sweep

from .children import alive, marked, until_blocking


@contextmanager
def sleeper(*argv: str, mark: str | None = None, **how: object) -> Iterator[int]:
    """A process that stays until it is ended, by the code under test or at the end of the test."""
    environment = {"PATH": os.environ["PATH"]} | ({} if mark is None else {"ORCHESTRA_WORKER": mark})
    child = subprocess.Popen(argv or ("/bin/sleep", "300"), env=environment, **how)  # type: ignore[call-overload]  # **how
    try:
        until_blocking(lambda: mark_of(child.pid) is not None)
        yield child.pid
    finally:
        child.kill()
        child.wait()


@pytest.fixture
def run() -> str:
    return f"test-{uuid4().hex}"


def started(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123  # as plain as can be: these are the independent eyes
        return int(file.read().rpartition(") ")[2].split()[19])


def test_a_mark_is_read_from_the_environment(run: str) -> None:
    with sleeper(mark=run) as marked, sleeper() as unmarked:
        assert mark_of(marked) == run
        assert mark_of(unmarked) == ""
        assert command_of(marked) == "/bin/sleep 300"
    assert mark_of(marked) is None
    assert mark_of(2**22) is None


def test_a_long_environment_is_read_to_its_end(run: str) -> None:
    """It comes in pages of 4 KiB, and the mark may stand at their border."""
    for length in (4000, 4080, 4096, 9000):
        environment = {f"A{length}": "x" * length, "ORCHESTRA_WORKER": run}
        child = subprocess.Popen(["/bin/sleep", "300"], env=environment)
        try:
            until_blocking(lambda pid=child.pid: mark_of(pid) is not None)  # type: ignore[misc]  # bound at once
            assert mark_of(child.pid) == run
        finally:
            child.kill()
            child.wait()


def test_descendants_are_listed_from_one_look() -> None:
    with sleeper("/bin/sh", "-c", "sh -c 'sleep 300; :' & sleep 300; :") as root, sleeper() as other:
        until_blocking(lambda: len(descendants([root])[root]) == 3)
        below = descendants([root, other, 2**22])
        assert {command_of(one.pid) for one in below[root]} == {"sh -c sleep 300; :", "sleep 300"}
        assert below[other] == below[2**22] == []
        for one in below[root]:
            assert one.end()
        until_blocking(lambda: not any(one.alive for one in below[root]))


@pytest.mark.parametrize(
    "another",
    [
        lambda pid, run: Leftover(pid, started(pid) + 1, run),
        lambda pid, run: Leftover(pid, started(pid), f"{run}-other"),
        lambda pid, run: Leftover(pid, started(pid) - 1),
    ],
    ids=["started later", "another mark", "started earlier"],
)
def test_who_only_has_the_number_is_let_be(run: str, another: Callable[[int, str], Leftover]) -> None:
    """A number is used again: the moment of its start and the mark tell who it is."""
    with sleeper(mark=run) as pid:
        assert not another(pid, run).end()
        time.sleep(0.05)  # a signal that was sent after all would have arrived
        assert alive(pid)
        assert Leftover(pid, started(pid), run).end()
        until_blocking(lambda: not alive(pid))


def test_who_is_defunct_is_dead(run: str) -> None:
    child = subprocess.Popen(["/bin/sleep", "300"], env={"ORCHESTRA_WORKER": run})
    until_blocking(lambda: mark_of(child.pid) == run)
    leftover = Leftover(child.pid, started(child.pid), run)
    assert leftover.alive
    child.kill()
    until_blocking(lambda: not leftover.alive)
    assert not leftover.end()
    child.wait()


def test_a_run_is_swept_and_its_neighbour_is_not(run: str) -> None:
    with sleeper(mark=f"{run}/w1/1") as mine, sleeper(mark=f"{run}-b/w1/1") as neighbour, sleeper() as nobody:
        assert sweep(lambda mark: mark.startswith(f"{run}/")) == (f"pid {mine} /bin/sleep 300",)
        assert not alive(mine)
        assert alive(neighbour)
        assert alive(nobody)
    assert sweep(lambda mark: mark.startswith(f"{run}/")) == ()


def test_a_sweep_outlasts_who_keeps_forking(run: str) -> None:
    """What is made while the sweep is on is found by its next look."""
    script = "trap '' TERM; while :; do setsid sh -c 'sleep 300; :' & sleep 0.002; done"
    with sleeper("/bin/sh", "-c", script, mark=run, start_new_session=True):
        until_blocking(lambda: len(marked(run)) > 5)
        swept = sweep(lambda mark: mark == run)
        assert len(swept) > 2
        assert sweep(lambda mark: mark == run) == ()


def test_a_lookout_finds_what_is_new(run: str) -> None:
    with sleeper(mark=f"{run}/old"):
        lookout = Lookout()
        with sleeper(mark=f"{run}/1") as leader, sleeper(mark=f"{run}/1") as tool, sleeper(mark=f"{run}/2") as other:
            found = lookout.look({leader, other}, {f"{run}/1"})
            assert {mark: [one.pid for one in left] for mark, left in found.items()} == {f"{run}/1": [tool]}
            assert not lookout.quiet
            os.kill(tool, signal.SIGKILL)
            until_blocking(lambda: not alive(tool))
            assert lookout.look({leader, other}, {f"{run}/1"}) == {}
        lookout.close()


def test_the_lookout_is_quiet_only_while_nobody_makes_a_process() -> None:
    """On a busy machine it may never be quiet; what matters is that it never says so wrongly."""
    lookout = Lookout()
    subprocess.run(["/bin/true"], check=True)
    assert not lookout.quiet
    lookout.look((), ())
    child = subprocess.Popen(["/bin/true"])
    lookout.started(child.pid)  # quiet now, if nobody else was at it
    subprocess.run(["/bin/true"], check=True)
    assert not lookout.quiet
    child.wait()
    lookout.close()


def test_the_lookout_is_not_sure_of_who_shows_no_environment() -> None:
    """A process between two programs shows none for a moment; it may be a leftover."""
    lookout = Lookout()
    child = subprocess.Popen(["/bin/sleep", "300"], env={})
    try:
        lookout.look((), ())
        assert lookout.unsure
        assert not lookout.quiet

        def settled() -> bool:
            lookout.look((), ())
            return not lookout.unsure

        until_blocking(settled)
    finally:
        child.kill()
        child.wait()
        lookout.close()
