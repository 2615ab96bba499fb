"""Who may start, and when."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from orchestra.crew.governor import Governor


def governor(at_once: int, said: list[str | None] | None = None) -> Governor:
    return Governor(at_once, said=(said if said is not None else []).append)


async def work(governor: Governor, name: str, log: list[str], until: asyncio.Event) -> None:
    async with governor.place() as admitted:
        log.append(f"{name} {'in' if admitted else 'refused'}")
        if admitted:
            await until.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def first_come_first_served() -> list[str]:
    log: list[str] = []
    go, ruler = asyncio.Event(), governor(2)
    async with asyncio.TaskGroup() as group:
        for name in "abcd":
            group.create_task(work(ruler, name, log, go))
        await settle()
        log.append("--")
        go.set()
    return log


async def a_limit_halves_and_answers_raise() -> list[int]:
    ruler = governor(8)
    seen = [ruler.allowed]
    ruler.limited(0.0, "limit")
    seen.append(ruler.allowed)
    ruler.limited(5.0, "limit")
    seen.append(ruler.allowed)
    ruler.limited(1.0, "the same wave of failures")
    seen.append(ruler.allowed)
    for _ in range(2 + 3):
        ruler.answered()
        seen.append(ruler.allowed)
    return seen


async def nobody_starts_before_the_time_that_was_named() -> list[str]:
    said: list[str | None] = []
    log: list[str] = []
    ruler, go = governor(4, said), asyncio.Event()
    go.set()
    loop = asyncio.get_running_loop()
    begin = loop.time()
    ruler.limited(0.2, "Too many requests.")
    await work(ruler, "a", log, go)
    log.append("late enough" if loop.time() - begin >= 0.19 else "too early")
    return [*log, *(line or "free" for line in said)]


async def a_long_wait_has_a_time_of_day_and_an_end() -> list[object]:
    said: list[str | None] = []
    ruler = Governor(4, longest_wait=3600.0, said=said.append)
    ruler.limited(1800.0, "Too many requests.")
    told = re.sub(r"(\w+day )?\d\d:\d\d", "HH:MM", said[0] or "")
    return [told, ruler.waits(3600.0), ruler.waits(7200.0), ruler.waits(None)]


async def a_stop_tells_everybody_who_waits() -> list[str]:
    log: list[str] = []
    go, ruler = asyncio.Event(), governor(1)
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(work(ruler, name, log, go))
        await settle()
        ruler.stop()
        await settle()
        group.create_task(work(ruler, "d", log, go))
        await settle()
        go.set()
    return sorted(log)


async def who_is_cancelled_gives_its_place_back() -> list[str]:
    log: list[str] = []
    go, ruler = asyncio.Event(), governor(1)
    first = asyncio.create_task(work(ruler, "a", log, go))
    await settle()
    second = asyncio.create_task(work(ruler, "b", log, go))
    await settle()
    first.cancel()
    await settle()
    go.set()
    await second
    return log


@pytest.mark.parametrize(
    ("story", "told"),
    [
        (first_come_first_served, ["a in", "b in", "--", "c in", "d in"]),
        (a_limit_halves_and_answers_raise, [8, 4, 2, 2, 2, 3, 3, 3, 4]),
        (
            nobody_starts_before_the_time_that_was_named,
            ["a in", "late enough", "Too many requests. No new worker for 0 s, then 2 at once.", "free"],
        ),
        (
            a_long_wait_has_a_time_of_day_and_an_end,
            ["Too many requests. No new worker until HH:MM, then 2 at once.", True, False, True],
        ),
        (a_stop_tells_everybody_who_waits, ["a in", "b refused", "c refused", "d refused"]),
        (who_is_cancelled_gives_its_place_back, ["a in", "b in"]),
    ],
)
def test_a_story(story: Callable[[], Awaitable[list[object]]], told: list[object]) -> None:
    assert asyncio.run(story()) == told  # type: ignore[arg-type]  # an awaitable that is a coroutine
