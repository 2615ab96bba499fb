"""Inside other programs: a running loop, threads, several runs, other processes, an interrupt, a sudden end."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from orchestra.rehearsal import Rehearsal
from tests.api.shop import opened
from tests.crew.theatre import only_run, processes_of, until

CHECKOUT = Path(__file__).parents[2]
HEAD = """
import asyncio, multiprocessing, os, signal, sys, threading, time, warnings
import orchestra

def review():
    return orchestra.review("src/", lenses=["correctness"]).state.value

if __name__ == "__main__":
"""
PROGRAMS = {
    "a test that asks for the rehearsal by its name alone": """
        with orchestra.rehearsal.StandIn(orchestra.rehearsal.Script(orchestra.rehearsal.Say("Fine."))) as model:
            os.environ.update(model.environment)
            print("complete" if orchestra.ask("Well?").answer == "Fine." else "no")
    """,
    "a notebook: a call that blocks, on a running loop": """
        async def cell():
            return review()
        print(asyncio.run(cell()))
    """,
    "a notebook: the same cell twice, on one loop": """
        async def cells():
            return review(), (await orchestra.review_async("src/", lenses=["correctness"])).state.value
        first, second = asyncio.run(cells())
        print(first if first == second else second)
    """,
    "a thread with a loop of its own": """
        said = []
        alone = lambda: said.append(asyncio.run(orchestra.review_async("src/", lenses=["risk"])).state.value)
        thread = threading.Thread(target=alone)
        thread.start(), thread.join()
        print(*said)
    """,
    "several at a time, in threads and on a loop": """
        async def main():
            there = [asyncio.to_thread(review) for _ in range(2)]
            here = [orchestra.review_async("src/", lenses=[lens]) for lens in ("risk", "security")]
            texts, reports = await asyncio.gather(asyncio.gather(*there), asyncio.gather(*here))
            return {*texts, *(report.state.value for report in reports)}, len({report.run for report in reports})
        (state,), runs = asyncio.run(main())
        print(state if runs == 2 else runs)
    """,
    "a process of its own, spawned": """
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.apply(review))
    """,
    "a process of its own, forked before": """
        with multiprocessing.get_context("fork").Pool(1) as pool:
            print(pool.apply(review))
    """,
    "a child that is forked while a run goes on, and leaves": """
        run = orchestra.start("review", target="src/", lenses=["correctness"])
        if os.fork() == 0:
            sys.setprofile(lambda frame, what, arg: os._exit(1) if frame.f_code.co_name == "wait" else None)
            sys.exit()
        _, status = os.wait()
        print(run.wait().state.value if status == 0 else "it waited for a run that is not its own")
    """,
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with Rehearsal() as model:
        yield {**os.environ, **model.environment, "PYTHONPATH": str(CHECKOUT)}


def program(body: str, folder: Path) -> list[str]:
    """A program in a file: what is spawned has to find it again."""
    file = folder / "program.py"
    file.write_text(HEAD + "\n".join(f"    {line[8:]}" for line in body.splitlines()) + "\n")
    return [sys.executable, "-W", "error", str(file)]


@pytest.mark.parametrize("story", PROGRAMS)
def test_it_works_wherever_a_program_calls_it(story: str, tmp_path: Path, environment: dict[str, str]) -> None:
    shop = opened(tmp_path / "shop")
    command = program(PROGRAMS[story], tmp_path)
    done = subprocess.run(command, cwd=shop, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert (done.stdout.split(), done.stderr, done.returncode) == (["complete"], "", 0)


SLOW = """
        import os
        from orchestra.rehearsal import Say, Script, StandIn
        with StandIn(Script(Say({"summary": "Fine.", "findings": []}, over=60))) as model:
            os.environ.update(model.environment)
            CALL
"""
BLOCKING = 'orchestra.review("src/", lenses=["risk"])'


Begun = tuple[subprocess.Popen[str], Path]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[str], Begun]]:
    """Begins a program with a call; nothing of it is left where the test fails."""
    with ExitStack() as left:

        def begin(call: str) -> Begun:
            process, run = begun(call, tmp_path)
            left.enter_context(process)
            left.callback(process.kill)
            return process, run

        yield begin


def begun(call: str, tmp_path: Path) -> Begun:
    """A program whose worker is at it, and the folder of its run."""
    shop = opened(tmp_path / "shop")
    command = program(SLOW.replace("CALL", call), tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(command, cwd=shop, env=environment, stdout=-1, stderr=-1, text=True)
    run = only_run(shop)
    until(lambda: processes_of(run.name) or process.poll() is not None)  # one may leave by itself
    return process, run


MISSED = f"""
            def interrupt():
                while not os.path.exists("interrupt"):
                    time.sleep(0.02)
                _thread.interrupt_main()
            import _thread
            threading.Thread(target=interrupt, daemon=True).start()
            {BLOCKING}
"""


def by_the_terminal(process: subprocess.Popen[str], _: Path) -> None:
    process.send_signal(signal.SIGINT)


def by_a_thread(_: subprocess.Popen[str], run: Path) -> None:
    """As an interrupt that comes just before the wait: its handler is due, and nothing wakes the wait."""
    (run.parents[2] / "interrupt").touch()


@pytest.mark.parametrize(("call", "interrupt"), [(BLOCKING, by_the_terminal), (MISSED, by_a_thread)])
def test_an_interrupt_ends_a_call_that_blocks_orderly(
    call: str, interrupt: Callable[[subprocess.Popen[str], Path], None], begin: Callable[[str], Begun]
) -> None:
    process, run = begin(call)
    interrupt(process, run)
    _, said = process.communicate(timeout=30)
    assert process.returncode in (1, -signal.SIGINT)
    assert said.strip().splitlines()[-2:] == [
        "KeyboardInterrupt",
        f"What was answered is kept; orchestra.resume({run.name!r}).wait() goes on from there.",
    ]
    assert '"state":"stopped"' in (run / "events.jsonl").read_text().splitlines()[-1]
    assert (run / "report.json").exists()
    assert not processes_of(run.name)


LEAVING = """
            run = orchestra.start("review", target="src/", lenses=["risk"])
            while not any(worker.pid for worker in run.poll().workers):
                time.sleep(0.02)
            sys.exit(3)
"""
CANCELLED = """
            async def main():
                async with asyncio.timeout(60) as limit:
                    async with orchestra.open_run("review", target="src/", lenses=["risk"]) as run:
                        while not any(worker.pid for worker in run.poll().workers):
                            await asyncio.sleep(0.02)
                        limit.reschedule(0)
                        await run.wait()
            asyncio.run(main())
"""


@pytest.mark.parametrize("call", [LEAVING, CANCELLED], ids=["the interpreter leaves", "the call is cancelled"])
def test_no_worker_is_left(call: str, begin: Callable[[str], Begun]) -> None:
    process, run = begin(call)
    process.communicate(timeout=30)
    assert process.returncode in (1, 3)
    assert not processes_of(run.name)
    assert '"state":"stopped"' in (run / "events.jsonl").read_text().splitlines()[-1]
