"""From a task to a result: nothing that goes wrong is an exception, and nobody who gives up leaves a child."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import EngineMissing
from orchestra.outcome import Outcome
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.engines.command import CommandEngine
from orchestra.workers.pool import Pool
from orchestra.workers.task import WorkerTask
from orchestra.workers.worker import work

from .codex_stage import Heard, processes_of
from .stub_codex import ANSWER, line, ran, stub_codex


def _task(place: Path, **fields: Any) -> WorkerTask:
    plain = {"label": "w1", "run": str(place), "prompt": "?", "folder": place / "attempt-1", "cwd": place}
    return WorkerTask(**{**plain, **fields})


def test_a_follower_hears_what_it_is_at(tmp_path: Path) -> None:
    engine = CodexEngine(codex=stub_codex(tmp_path, ANSWER[0], line(ran("ls", None)), "sleep 0.1", *ANSWER[1:]))
    heard = Heard()

    async def live() -> None:
        async with Pool() as pool:
            assert (await work(_task(tmp_path), engine, pool, heard)).answered

    asyncio.run(live())
    assert len(heard.pids) == 1
    assert heard.said[-1] == "done"
    assert len(heard.said) == len(set(heard.said))


def test_a_task_given_up_ends_its_child(tmp_path: Path) -> None:
    task = _task(tmp_path)

    async def given_up() -> None:
        async with Pool() as pool:
            heard = Heard()
            doing = asyncio.create_task(work(task, CommandEngine(["sh", "-c", "echo x; sleep 300"]), pool, heard))
            await asyncio.wait_for(heard.something.wait(), 20)
            assert list(processes_of(task.mark))
            doing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await doing
            assert list(processes_of(task.mark)) == []
            assert pool.poll() == ()

    asyncio.run(given_up())


def test_a_task_given_up_in_the_queue_never_starts(tmp_path: Path) -> None:
    async def given_up() -> None:
        async with Pool(0) as pool:
            doing = asyncio.create_task(work(_task(tmp_path), CommandEngine(["touch", str(tmp_path / "ran")]), pool))
            await asyncio.sleep(0)
            assert [view.state for view in pool.poll()] == ["queued"]
            doing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await doing

    asyncio.run(given_up())
    assert not (tmp_path / "ran").exists()


def test_one_that_fails_does_not_touch_the_others(tmp_path: Path) -> None:
    engines = [CommandEngine(["sh", "-c", script]) for script in ("echo fine", "exit 1", "kill -9 $$", "echo too")]

    async def live() -> list[Outcome]:
        async with Pool(2) as pool:
            tasks = [_task(tmp_path, folder=tmp_path / f"w{number}") for number in range(len(engines))]
            results = await asyncio.gather(
                *(work(task, engine, pool) for task, engine in zip(tasks, engines, strict=True))
            )
            return [result.outcome for result in results]

    assert asyncio.run(live()) == [Outcome.ANSWERED, Outcome.FAILED, Outcome.FAILED, Outcome.ANSWERED]


def test_what_is_wrong_with_the_machine_is_said_before_anything_starts(tmp_path: Path) -> None:
    async def live() -> None:
        async with Pool() as pool:
            with pytest.raises(EngineMissing):
                await work(_task(tmp_path), CommandEngine(["no-such-program"]), pool)
            assert pool.peak == 0

    asyncio.run(live())
