"""Many children on one loop: how each of them ends, and that none is left."""

import asyncio
import ctypes
import os
import random
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from selectors import DefaultSelector
from typing import Any, TypeVar

import pytest

from orchestra.outcome import Deadline
from orchestra.workers.pool import Ending, Job, JobView, Pool
from tests.absent import absent

from .children import Ear, Seconds, alive, falls_quiet, mark, marked, run, sh, until, until_blocking

T = TypeVar("T")


def play(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(story)


async def ending_of(script: str, ear: Ear | None = None, **how: Any) -> Ending:
    async with Pool() as pool:
        return await pool.wait(pool.start(sh(script, **how), Seconds(), ear or Ear()))


@dataclass(frozen=True)
class Story:
    """What a child does, and how it must end."""

    script: str
    ends: dict[str, Any]
    limits: Seconds = field(default_factory=Seconds)


STORIES = {
    "it answers and leaves": Story("echo hello", {"exit_status": 0, "tail": b"hello\n", "written": 6}),
    "it fails": Story("echo oh; exit 3", {"exit_status": 3, "tail": b"oh\n"}),
    "it exits with nothing": Story("exit 0", {"exit_status": 0, "tail": b"", "written": 0}),
    "it ends by a signal": Story("kill -SEGV $$", {"exit_status": None, "signal": signal.SIGSEGV}),
    "it never starts": Story(
        "printf no-event-yet; exec sleep 300",
        {"signal": signal.SIGINT, "deadline": Deadline.START, "tail": b"no-event-yet"},
        Seconds(start=0.2),
    ),
    "it goes silent": Story(
        "echo begun; exec sleep 300", {"signal": signal.SIGINT, "deadline": Deadline.IDLE}, Seconds(idle=0.5)
    ),
    "it talks for ever": Story(
        "while :; do echo more; sleep 0.02; done", {"deadline": Deadline.WALL}, Seconds(idle=5, wall=0.5)
    ),
    "it floods": Story("exec yes", {"deadline": Deadline.WALL, "signal": signal.SIGINT}, Seconds(wall=0.5)),
    "it has answered and will not leave": Story(
        "echo DONE; exec sleep 300",
        {"deadline": Deadline.LINGER, "tail": b"DONE\n", "stopped": False},
        Seconds(idle=0.2, linger=0.5),
    ),
    "it has answered and leaves in time": Story("echo DONE; sleep 0.05", {"exit_status": 0, "deadline": None}),
    # From here on the clock starts with DONE, when the child has made its preparations.
    "it ignores ^C": Story(
        "trap '' INT; echo DONE; while :; do sleep 300 & wait; done",
        {"deadline": Deadline.LINGER, "signal": signal.SIGTERM},
        Seconds(linger=0.1),
    ),
    "it ignores ^C and SIGTERM": Story(
        "trap '' INT TERM; echo DONE; while :; do sleep 0.01; done",
        {"deadline": Deadline.LINGER, "signal": signal.SIGKILL},
        Seconds(linger=0.1),
    ),
    "it stops itself": Story(
        "echo DONE; kill -STOP $$", {"deadline": Deadline.LINGER, "signal": signal.SIGTERM}, Seconds(linger=0.3)
    ),
    "it says goodbye when asked": Story(
        "trap 'echo bye; exit 9' INT; echo DONE; while :; do sleep 0.01; done",
        {"deadline": Deadline.LINGER, "exit_status": 9, "tail": b"DONE\nbye\n"},
        Seconds(linger=0.1),
    ),
    "it writes half a character": Story("printf 'caf\\303'", {"exit_status": 0, "tail": b"caf\xc3"}),
    "it closes its terminal and lives on": Story(
        "echo begun; exec >/dev/null; sleep 0.2; exit 4", {"exit_status": 4, "tail": b"begun\n"}
    ),
    "it sleeps without its terminal": Story(
        "exec 3>&1 >/dev/null; echo DONE >&3; exec 3>&-; exec sleep 300",
        {"deadline": Deadline.LINGER, "signal": signal.SIGINT},
        Seconds(linger=0.3),
    ),
    "another one holds its terminal": Story(
        "trap '' HUP; sleep 300 & echo begun; exit 5", {"exit_status": 5, "tail": b"begun\n"}
    ),
    "another one floods its terminal": Story("trap '' HUP; yes & sleep 0.1; exit 6", {"exit_status": 6}),
}


@pytest.mark.parametrize("story", [pytest.param(story, id=name) for name, story in STORIES.items()])
def test_how_a_child_ends(story: Story) -> None:
    command = sh(story.script)

    async def live() -> Ending:
        async with Pool(grace=1.5) as pool:
            job = pool.start(command, story.limits, Ear())
            ending = await pool.wait(job)
            assert marked(mark(command)) == [], "its ending came before the end of what it left behind"
            assert pool.poll() == ()
            return ending

    ending = play(live())
    expected = {"deadline": None, "stopped": False, "launch_error": None, "notes": ()} | story.ends
    assert {name: getattr(ending, name) for name in expected} == expected


def test_what_cannot_be_started_is_an_ending_too(tmp_path: Path) -> None:
    async def live() -> tuple[Ending, Ending]:
        async with Pool(1) as pool:
            broken = pool.start(run(str(tmp_path / "nothing")), Seconds(), Ear())
            after = pool.start(sh("exit 0"), Seconds(), Ear())
            return await pool.wait(broken), await pool.wait(after)

    broken, after = play(live())
    assert broken.launch_error == f"{tmp_path}/nothing is not there"
    assert broken.in_words == f"not started: {tmp_path}/nothing is not there"
    assert after.exit_status == 0


# ── what is heard ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_byte_is_heard_in_order_and_kept(tmp_path: Path) -> None:
    ear = Ear()
    ending = play(ending_of("seq 200000", ear=ear, output=tmp_path / "events.jsonl"))
    whole = b"".join(b"%d\n" % number for number in range(1, 200_001))
    assert ear.text == whole
    assert (tmp_path / "events.jsonl").read_bytes() == whole
    assert ending.tail == whole[-65536:]
    assert ending.written == len(whole)


def test_silence_makes_no_log(tmp_path: Path) -> None:
    play(ending_of("exit 0", output=tmp_path / "events.jsonl"))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_the_worker() -> None:
    ending = play(ending_of("echo one; sleep 0.1; echo two", output=Path("/dev/full")))
    assert ending.exit_status == 0
    assert ending.tail == b"one\ntwo\n"
    assert ending.notes == ("the log /dev/full ends after 0 bytes: No space left on device",)


def test_a_listener_that_fails_takes_nobody_with_it() -> None:
    class Broken(Ear):
        def heard(self, chunk: bytes) -> None:
            raise ValueError("what is this?")

    def tell(pid: int) -> None:
        raise LookupError("nobody there")

    async def live() -> tuple[Ending, Ending]:
        async with Pool() as pool:
            broken = pool.start(sh("echo one; sleep 0.1; echo two"), Seconds(start=0.05), Broken(), began=tell)
            other = pool.start(sh("echo fine"), Seconds(), Ear())
            return await pool.wait(broken), await pool.wait(other)

    broken, other = play(live())
    assert other.exit_status == broken.exit_status == 0
    assert broken.tail == b"one\ntwo\n"
    assert broken.notes == (
        "whoever wanted to know that it began failed: LookupError: nobody there",
        "what it wrote could not be followed any more: ValueError: what is this?",
    )


def test_a_loop_that_was_blocked_blames_nobody() -> None:
    """The child wrote in time; that the loop was elsewhere when its clock ran out is not its fault."""

    async def live() -> Ending:
        async with Pool() as pool:
            job = pool.start(
                sh("echo begun; sleep 0.3; echo more; exec sleep 0.3"), Seconds(start=0.2, idle=0.8), Ear()
            )
            await until(lambda: job.pid)
            time.sleep(0.7)  # noqa: ASYNC251  # the point: somebody blocks the loop
            return await pool.wait(job)

    ending = play(live())
    assert (ending.exit_status, ending.deadline) == (0, None)


def test_a_closed_terminal_costs_nothing(tmp_path: Path) -> None:
    """A hang-up stays ready for ever; whoever goes on listening spins."""

    async def live() -> bool:
        async with Pool() as pool:
            script = 'echo begun; exec >/dev/null; echo >"$1"; exec sleep 300'
            pool.start(sh(script, str(tmp_path / "closed")), Seconds(), Ear())
            await until((tmp_path / "closed").exists)
            quiet = await falls_quiet(selector)
            await pool.stop(grace=0)
            return quiet

    selector = DefaultSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        assert runner.run(live())


# ── many ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def most_at_once(record: Path) -> int:
    """Of a file into which each child wrote + when it began and - before it ended."""
    running = most = 0
    for sign in record.read_text().split():
        running += 1 if sign == "+" else -1
        most = max(most, running)
    return most


def test_no_more_than_asked_run_at_once(tmp_path: Path) -> None:
    record = tmp_path / "record"

    async def live() -> int:
        async with Pool(3) as pool:
            script = 'echo + >> "$1"; sleep 0.03; echo - >> "$1"'
            for job in [pool.start(sh(script, str(record)), Seconds(), Ear()) for _ in range(20)]:
                assert (await pool.wait(job)).exit_status == 0
            return pool.peak

    assert play(live()) == 3
    assert most_at_once(record) <= 3
    assert record.read_text().count("+") == record.read_text().count("-") == 20


def test_they_start_in_the_order_of_asking() -> None:
    async def live() -> list[int]:
        begun: list[int] = []
        async with Pool(1) as pool:
            jobs = [
                pool.start(sh("exit 0"), Seconds(), Ear(), began=lambda _, number=number: begun.append(number))  # type: ignore[misc]  # bound at once
                for number in range(10)
            ]
            for job in jobs:
                await pool.wait(job)
        return begun

    assert play(live()) == list(range(10))


def test_the_number_at_once_may_change_while_they_run() -> None:
    async def live() -> list[int]:
        peaks = []
        async with Pool(1) as pool:
            jobs = [pool.start(sh("echo x; sleep 300"), Seconds(), Ear()) for _ in range(6)]
            await until(lambda: len(running(pool)) == 1)
            peaks.append(pool.peak)
            pool.at_once = 3
            await until(lambda: len(running(pool)) == 3)
            peaks.append(pool.peak)
            pool.at_once = 1  # ends nobody, starts nobody
            await pool.stop(jobs[0], grace=0)
            assert len(running(pool)) == 2
            pool.at_once = None
            await until(lambda: len(running(pool)) == 5)
            await pool.stop(grace=0)
            peaks.append(pool.peak)
        return peaks

    assert play(live()) == [1, 3, 5]


def running(pool: Pool) -> list[JobView]:
    return [view for view in pool.poll() if view.state == "running"]


def test_all_exits_of_a_turn_come_before_the_first_replacement() -> None:
    async def live() -> list[list[str]]:
        seen: list[list[str]] = []
        async with Pool(4) as pool:
            first = [pool.start(run("/bin/sleep", "300"), Seconds(), Ear(), f"first-{n}") for n in range(4)]
            for n in range(4):
                pool.start(
                    sh("exit 0"),
                    Seconds(),
                    Ear(),
                    f"second-{n}",
                    began=lambda _: seen.append([f"{view.label} {view.state}" for view in pool.poll()]),
                )
            await until(lambda: all(job.pid for job in first))
            # No turn of the loop until all four have exited: the next turn meets all exits at once.
            for job in first:
                os.kill(job.pid or 0, signal.SIGKILL)
            until_blocking(lambda: not any(alive(job.pid or 0) for job in first))
            await until(lambda: len(seen) == 4)
        return seen

    seen = play(live())
    assert not [line for line in seen[0] if line.startswith("first") and line.endswith("running")]


def test_when_there_is_no_room_the_next_exit_makes_it(tmp_path: Path) -> None:
    """Descriptors run out: whoever does not fit waits instead of failing. In a process with a low limit of its own."""
    code = """
        import asyncio, resource
        from orchestra.workers.pool import Pool
        from tests.workers.children import Ear, Seconds, sh

        async def main():
            resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
            async with Pool() as pool:
                jobs = [pool.start(sh("echo x; sleep 0.05"), Seconds(), Ear()) for _ in range(40)]
                endings = [await pool.wait(job) for job in jobs]
                print([ending.exit_status for ending in endings].count(0), 1 < pool.peak < 12)

        asyncio.run(main())
    """
    assert play(other_python(code)) == "40 True\n"


async def other_python(code: str, *args: str) -> str:
    """The output of a Python of its own."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(code), *args, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    assert child.returncode == 0
    return output.decode()


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_poll_answers_another_thread_while_the_loop_is_blocked() -> None:
    async def live() -> list[tuple[JobView, ...]]:
        polled: list[tuple[JobView, ...]] = []
        done = threading.Event()

        def look(pool: Pool) -> None:
            polled.extend(pool.poll() for _ in range(1000))
            done.set()

        async with Pool(2) as pool:
            for n in range(3):
                pool.start(sh("echo hello; sleep 300"), Seconds(), Ear(), f"w{n}")
            await until(lambda: [view.written for view in pool.poll()] == [6, 6, 0])
            threading.Thread(target=look, args=(pool,)).start()
            assert done.wait(60)  # the loop has no turn until the thread is through
            await pool.stop(grace=0)
        return polled

    polled = play(live())
    assert len(polled) == 1000
    assert [(view.label, view.state, view.written) for view in polled[-1]] == [
        ("w0", "running", 6),
        ("w1", "running", 6),
        ("w2", "queued", 0),
    ]
    assert all(view.seconds >= view.silent >= 0 for view in polled[-1])


def test_poll_from_another_thread_while_everything_changes() -> None:
    async def live() -> int:
        looks = 0
        stop = threading.Event()

        def look(pool: Pool) -> None:
            nonlocal looks
            while not stop.is_set():
                for view in pool.poll():
                    repr(view)
                looks += 1

        async with Pool(8) as pool:
            thread = threading.Thread(target=look, args=(pool,))
            thread.start()
            for job in [pool.start(run("/bin/true"), Seconds(), Ear()) for _ in range(200)]:
                await pool.wait(job)
            stop.set()
            thread.join()
        return looks

    assert play(live()) > 0


def test_they_say_what_they_are() -> None:
    async def live() -> None:
        async with Pool(1) as pool:
            job = pool.start(sh("printf %2100s x; sleep 300"), Seconds(), Ear(), "w2-security")
            waiting = pool.start(sh("exit 0"), Seconds(), Ear(), "w3")
            await until(lambda: running(pool) and running(pool)[0].written == 2100)
            assert re.fullmatch(rf"<Job w2-security: running, pid {job.pid}, \d+ s, 2 kB>", repr(job))
            assert repr(waiting) == "<Job w3: queued>"
            assert repr(pool) == "<Pool, 1 at once: 1 running, 1 queued>"
            await pool.stop(grace=0)
            assert repr(job).startswith("<Job w2-security: ended by SIGKILL after ")
            assert repr(job).endswith(" s, stopped>")
            assert job.view().state == "ended"

    play(live())


# ── stopping ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_stopping_ends_the_queued_too() -> None:
    async def live() -> list[Ending]:
        async with Pool(1) as pool:
            jobs = [pool.start(run("/bin/sleep", "300"), Seconds(), Ear()) for _ in range(3)]
            await until(lambda: running(pool))
            await pool.stop()
            return [await pool.wait(job) for job in jobs]

    first, *others = play(live())
    assert first.stopped
    assert first.signal == signal.SIGINT
    assert [(other.stopped, other.seconds, other.signal) for other in others] == [(True, 0.0, None)] * 2


def test_stopping_many_shares_one_deadline(tmp_path: Path) -> None:
    """All are typed their ^C before the first gets a SIGTERM, and so on: nobody's grace begins after another's."""
    record = tmp_path / "record"
    script = """
        trap 'echo INT >> "$1"' INT; trap 'echo TERM >> "$1"' TERM
        echo ready; while :; do sleep 300 & wait; done
    """

    async def live() -> list[Ending]:
        async with Pool(grace=3) as pool:
            ears = [Ear() for _ in range(30)]
            jobs = [pool.start(sh(script, str(record)), Seconds(), ear) for ear in ears]
            await until(lambda: all(ear.started for ear in ears))
            await pool.stop()
            return [await pool.wait(job) for job in jobs]

    endings = play(live())
    assert {(ending.signal, ending.stopped) for ending in endings} == {(signal.SIGKILL, True)}
    assert record.read_text().split() == ["INT"] * 30 + ["TERM"] * 30


def test_asking_twice_means_now() -> None:
    async def live() -> Ending:
        async with Pool(grace=1000) as pool:
            ear = Ear()
            job = pool.start(sh("trap '' INT TERM; echo ready; while :; do sleep 0.01; done"), Seconds(), ear)
            await until(lambda: ear.started)
            first = asyncio.create_task(pool.stop())
            await asyncio.sleep(0.05)
            await pool.stop(grace=0)
            await first
            return await pool.wait(job)

    assert play(live()).signal == signal.SIGKILL


def hold_in_its_exit(pid: int) -> Callable[[], None]:
    """Make a process that cannot be ended: traced, it stops in the middle of its exit. What lets it go is returned.

    As one on a dead file server is; that one nobody can let go.
    """
    ptrace = ctypes.CDLL(None, use_errno=True).ptrace
    ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    seize, detach, stop_at_exit = 0x4206, 17, 0x40
    if ptrace(seize, pid, None, stop_at_exit) != 0:
        absent(f"this machine lets nobody trace: {os.strerror(ctypes.get_errno())}")

    def let_go() -> None:
        os.waitpid(pid, 0)  # the stop
        ptrace(detach, pid, None, None)
        os.waitpid(pid, 0)

    return let_go


def test_who_cannot_be_ended_is_given_up() -> None:
    """Nobody waits for ever for a process that is stuck in the kernel; its place is another one's."""

    async def live() -> tuple[Ending, Ending]:
        async with Pool(1) as pool:
            stuck = pool.start(run("/bin/sleep", "300"), Seconds(), Ear())
            after = pool.start(sh("exit 0"), Seconds(), Ear())
            await until(lambda: stuck.pid)
            let_go = hold_in_its_exit(stuck.pid or 0)
            await pool.stop(stuck, grace=0)
            ended = await pool.wait(after)
            assert stuck.notes == (f"pid {stuck.pid} was killed and does not die",)
            let_go()
            return await pool.wait(stuck), ended

    stuck, after = play(live())
    assert (stuck.exit_status, stuck.signal, stuck.stopped) == (None, None, True)
    assert len(stuck.notes) == 1
    assert after.exit_status == 0


async def by_return(pool: Pool) -> None:
    return


async def by_error(pool: Pool) -> None:
    raise ZeroDivisionError


async def by_cancelling(pool: Pool) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(100)


@pytest.mark.parametrize("leave", [by_return, by_error, by_cancelling])
def test_leaving_the_pool_leaves_nobody(leave: Callable[[Pool], Awaitable[None]]) -> None:
    commands = [sh("trap '' INT; echo ready; sleep 300 & setsid sleep 300 & while :; do sleep 0.01; done")] * 3
    waited: list[Ending] = []

    async def live() -> None:
        async with Pool(2, grace=0.3) as pool:
            ears = [Ear() for _ in commands]
            jobs = [pool.start(command, Seconds(), ear) for command, ear in zip(commands, ears, strict=True)]
            await until(lambda: ears[0].started and ears[1].started)
            waiting = asyncio.create_task(pool.wait(jobs[2]))
            waiting.add_done_callback(lambda task: waited.append(task.result()))
            await asyncio.sleep(0)
            await leave(pool)

    if leave is by_return:
        play(live())
    else:
        with pytest.raises((ZeroDivisionError, asyncio.CancelledError)):
            play(live())
    assert marked(mark(commands[0])) == []
    assert [ending.stopped for ending in waited] == [True]


@pytest.mark.parametrize("times", [1, 3])
def test_leaving_is_cut_short_by_a_second_cancelling(times: int) -> None:
    """^C, and ^C again: the grace of a quarter of an hour is not waited for, and nothing is left, however impatient."""
    opened = len(list(Path("/proc/self/fd").iterdir()))
    command = sh("trap '' INT TERM; echo ready; while :; do sleep 0.01; done")

    async def live() -> None:
        async with Pool(grace=900) as pool:
            ear = Ear()
            pool.start(command, Seconds(), ear)
            await until(lambda: ear.started)

    async def impatient() -> None:
        task = asyncio.create_task(live())
        await until(lambda: marked(mark(command)))
        await asyncio.sleep(0.2)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task

    play(impatient())
    assert marked(mark(command)) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


def test_a_pool_that_was_left_starts_nobody() -> None:
    async def live() -> Ending:
        async with Pool() as pool:
            pass
        return await pool.wait(pool.start(sh("exit 0"), Seconds(), Ear()))

    assert play(live()).stopped


# ── what is left behind ──────────────────────────────────────────────────────────────────────────────────────────────


TOOL = """setsid sh -c 'touch "$0"; exec sleep 301' "$1" &"""
BEGUN = 'until [ -e "$1" ]; do sleep 0.01; done; echo DONE'


@pytest.mark.parametrize(
    ("script", "ends"),
    [
        pytest.param(f"{TOOL} {BEGUN}", 1, id="it exits"),
        pytest.param(f"({TOOL} wait) & {BEGUN}", 1, id="it exits, the tool's tool stays"),
        pytest.param(f"{TOOL} {BEGUN}; kill -KILL $$", 1, id="it is killed"),
        pytest.param(f"{TOOL} {BEGUN}; exec sleep 300", 1, id="it lingers and is ended"),
        pytest.param(f"trap '' INT TERM; {TOOL} {BEGUN}; sleep 300; :", 1, id="it must be killed"),
        pytest.param(f"env -i {TOOL} {BEGUN}; exec sleep 300", 1, id="the tool has shed the mark"),
        pytest.param(
            "for n in 1 2 3 4 5 6 7 8; do setsid sleep 301 & done", 0, id="it exits before the tools are ready"
        ),
    ],
)
def test_what_has_fled_into_a_session_of_its_own_is_ended(tmp_path: Path, script: str, ends: int) -> None:
    """After an exit of its own as after a kill; also what shed the mark, if it descends from who is ended."""
    command = sh(script, str(tmp_path / "begun"))

    async def live() -> Ending:
        async with Pool(grace=0.6) as pool:
            ending = await pool.wait(pool.start(command, Seconds(linger=0.1), Ear()))
            assert marked(mark(command)) == []
            return ending

    ending = play(live())
    assert len([words for words in ending.swept if "sleep 301" in words]) >= ends
    assert not [entry for entry in processes("sleep 301") if entry in " ".join(ending.swept)]


def processes(text: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and alive(int(entry.name)):
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if text in line:
                found.append(f"pid {entry.name} ")
    return found


def test_a_mark_that_two_share_is_swept_when_the_last_has_left() -> None:
    """Two attempts under one mark are a caller's mistake; it must not end the other attempt."""
    environment = {"ORCHESTRA_WORKER": f"test/{os.getpid()}/shared"}

    async def live() -> tuple[Ending, Ending]:
        async with Pool() as pool:
            ear = Ear()
            long = pool.start(sh("setsid sleep 300 & read line <&1; exit 8", environment=environment), Seconds(), ear)
            await until(lambda: len(marked(environment["ORCHESTRA_WORKER"])) == 2)
            short = await pool.wait(pool.start(sh("exit 0", environment=environment), Seconds(), Ear()))
            assert len(marked(environment["ORCHESTRA_WORKER"])) == 2
            assert long.terminal is not None
            long.terminal.sendline()
            return short, await pool.wait(long)

    short, long = play(live())
    assert short.swept == ()
    assert long.exit_status == 8
    assert len(long.swept) == 1
    assert marked(environment["ORCHESTRA_WORKER"]) == []


# ── a world that is not only ours ────────────────────────────────────────────────────────────────────────────────────


def test_other_children_of_the_program_are_not_ours() -> None:
    """asyncio's own subprocesses, with whichever watcher it has, live beside the pool."""

    async def live() -> tuple[list[int | None], list[int | None]]:
        async with Pool(4) as pool:
            jobs = [pool.start(sh(f"exit {n}"), Seconds(), Ear()) for n in range(8)]
            others = [await asyncio.create_subprocess_exec("/bin/sh", "-c", f"exit {n}") for n in range(8)]
            return [(await pool.wait(job)).exit_status for job in jobs], [await other.wait() for other in others]

    ours, others = play(live())
    assert ours == others == list(range(8))


def test_somebody_who_waits_for_every_child() -> None:
    """Another part of the program reaps our children; they end, and their status is known or said not to be."""
    code = """
        import asyncio, os, threading
        from orchestra.workers.pool import Pool
        from tests.workers.children import Ear, Seconds, sh

        def steal():
            while True:
                try:
                    os.waitpid(-1, 0)
                except ChildProcessError:
                    pass

        async def main():
            threading.Thread(target=steal, daemon=True).start()
            async with Pool(4) as pool:
                for job in [pool.start(sh("sleep 0.01; exit 3"), Seconds(), Ear()) for _ in range(30)]:
                    ending = await pool.wait(job)
                    assert ending.exit_status == 3 or (ending.exit_status is None and "another part" in ending.notes[0])

        asyncio.run(main())
        os._exit(0)
    """
    assert play(other_python(code)) == ""


def test_a_program_that_has_its_children_reaped_by_the_kernel() -> None:
    """SIGCHLD ignored: a child may be gone, number and all, before its pidfd could be opened."""
    code = """
        import asyncio, signal
        from orchestra.workers.pool import Pool
        from tests.workers.children import Ear, Seconds, run

        async def main():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            async with Pool(8) as pool:
                for job in [pool.start(run("/bin/true"), Seconds(), Ear()) for _ in range(100)]:
                    ending = await pool.wait(job)
                    assert ending.exit_status in (0, None) and ending.signal is None, ending

        asyncio.run(main())
    """
    assert play(other_python(code)) == ""


def test_a_fork_elsewhere_in_the_program() -> None:
    """It shares every descriptor, so that a closed one is still open there; who does not unregister it spins."""
    code = """
        import asyncio, os, selectors, signal
        from orchestra.workers.pool import Pool
        from tests.workers.children import Ear, Seconds, falls_quiet, sh

        async def main():
            async with Pool() as pool:
                job = pool.start(sh("echo x; sleep 0.2"), Seconds(), Ear())
                await asyncio.sleep(0.1)
                copy = os.fork()
                if copy == 0:
                    signal.pause()
                assert (await pool.wait(job)).exit_status == 0
                print(await falls_quiet(selector))
                os.kill(copy, signal.SIGKILL)
                os.waitpid(copy, 0)

        selector = selectors.DefaultSelector()
        with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
            runner.run(main())
    """
    assert play(other_python(code)) == "True\n"


@pytest.mark.parametrize("ignoring", [False, True], ids=["plain", "nohup"])
def test_an_orchestrator_that_is_killed_leaves_nobody(tmp_path: Path, ignoring: bool) -> None:
    """The kernel hangs up on its terminals; also when it ignored the hang-up itself."""
    code = """
        import asyncio, os, signal, sys
        from pathlib import Path
        from orchestra.workers.pool import Pool
        from tests.workers.children import Ear, Seconds, run, sh

        if sys.argv[1] == "True":
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        async def main():
            async with Pool() as pool:
                ears = [Ear() for _ in range(5)]
                for ear in ears:
                    pool.start(sh("echo ready; sleep 300; :", environment={"KILLED": sys.argv[2]}), Seconds(), ear)
                while not all(ear.started for ear in ears):
                    await asyncio.sleep(0.01)
                os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """
    orchestrator = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(ignoring), str(tmp_path)], check=False
    )
    assert orchestrator.returncode == -signal.SIGKILL
    until_blocking(lambda: marked(f"KILLED={tmp_path}") == [], seconds=2)


def test_a_loop_in_a_thread_of_its_own_will_do() -> None:
    """As for a synchronous program that starts a run and polls it."""
    endings: list[Ending] = []
    thread = threading.Thread(target=lambda: endings.append(play(ending_of("echo hello; exit 3"))))
    thread.start()
    thread.join(60)
    assert [(ending.exit_status, ending.tail) for ending in endings] == [(3, b"hello\n")]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    def opened() -> list[str]:
        return sorted(entry.name for entry in Path("/proc/self/fd").iterdir())

    async def live() -> None:
        before = opened()
        async with Pool(5) as pool:
            scripts = [
                "echo x",
                "exec >/dev/null; sleep 0.05",
                "sleep 300",
                "kill -KILL $$",
                "setsid sleep 300 & echo x",
            ]
            for number, script in enumerate(scripts * 4):
                pool.start(sh(script, output=tmp_path / f"{number}.log"), Seconds(wall=0.5), Ear())
            pool.start(run(str(tmp_path / "nothing")), Seconds(), Ear())
            await until(lambda: len(pool.poll()) < 3)
        assert opened() == before

    play(live())


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_thousand_of_all_kinds(tmp_path: Path) -> None:
    """Any mixture, stopped at any moment: everyone ends, every byte is kept, nobody is left."""
    kinds = (
        "exit 0",
        "seq 20000",
        "echo DONE; sleep 300",
        "sleep 300",
        "trap '' INT TERM HUP; sleep 0.3",
        "setsid sleep 300 & echo x",
        "exec >/dev/null; sleep 0.1",
        "kill -SEGV $$",
        "yes | head -c 300000",
    )
    limits = Seconds(start=1.0, idle=1.5, wall=3.0, linger=0.2)
    environment = {"SOAK": str(tmp_path)}

    async def live() -> list[tuple[Ending, int, Path]]:
        ended = []
        async with Pool(40, grace=0.3) as pool:
            jobs = []
            for number in range(1000):
                log = tmp_path / f"{number}.log"
                command = sh(random.choice(kinds), environment=environment, output=log)
                jobs.append((pool.start(command, limits, ear := Ear()), ear, log))
            while pool.poll():
                views = pool.poll()
                if views and random.random() < 0.2:
                    pid = random.choice(views).pid
                    chosen = next(job for job, _, _ in jobs if job.pid == pid and job.ending is None)
                    stopping = asyncio.create_task(pool.stop(chosen, grace=random.choice([0.0, 0.2])))
                    await asyncio.sleep(random.random() / 50)
                    await stopping
                await asyncio.sleep(0.01)
            for job, ear, log in jobs:
                ended.append((await pool.wait(job), len(ear.text), log))
        return ended

    for ending, heard, log in play(live()):
        assert heard == ending.written == (log.stat().st_size if log.exists() else 0)
        assert not ending.notes
    assert marked(f"SOAK={tmp_path}") == []


def test_a_job_is_plain_to_hold(tmp_path: Path) -> None:
    """Ended jobs cost the pool nothing: it holds on to none of them."""

    async def live() -> tuple[Job, Pool]:
        async with Pool() as pool:
            job = pool.start(sh("exit 0"), Seconds(), Ear())
            await pool.wait(job)
            return job, pool

    job, pool = play(live())
    assert not [name for name, value in vars(pool).items() if isinstance(value, dict | list) and job in value]
