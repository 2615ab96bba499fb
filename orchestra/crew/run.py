"""The handle on a run this process owns: start, poll, wait, stop; from synchronous code or on a running loop."""

import asyncio
import atexit
import contextlib
import math
import os
import threading
import time
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any

from orchestra.crew.events import Event
from orchestra.crew.owner import Owner, events_of
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.status import Status
from orchestra.errors import OrchestraError
from orchestra.reports.report import Report

LEAVE_WITHIN = 15.0
"""Seconds the interpreter waits for workers to stop when it leaves."""

INTERRUPT_NOTICED = 0.3
"""Seconds within which a wait notices an interrupt that came just before it began: Python wakes a wait for one that
comes in it only."""

_living: "weakref.WeakSet[Run]" = weakref.WeakSet()


class Run:
    """A run in the background, as `start` returns it: poll it, wait for it, stop it.

    It has a thread of its own. `with start(...) as run:` leaves no worker behind.

    Example:
        >>> run = orchestra.start("review", target="src/", lenses=["correctness"])
        >>> run.poll()
        <Status of ...: running...>
        >>> run.wait(timeout=60).open[0].title
        'Mutable default argument in total'
    """

    def __init__(self, make_owner: Callable[[], Owner], folder: RunFolder, close: Callable[[], None]) -> None:
        self.folder = folder
        self._owner = make_owner()
        self._close = close
        self._report: Report | None = None
        self._over = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looping = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"orchestra {folder.id}", daemon=True)
        _living.add(self)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<Run {self.id}: {self.poll().state}>"

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        try:
            self._waited()
        except KeyboardInterrupt:
            self.stop()
            self._waited()
            raise

    @property
    def id(self) -> str:
        """The run's id, as every command takes it."""
        return self.folder.id

    def poll(self) -> Status:
        """The run at this moment; never waits."""
        return self._owner.poll()

    def events(self, after: int = 0) -> list[Event]:
        """What happened, with numbers greater than `after`."""
        return events_of(self.folder, after)

    def wait(self, timeout: float | None = None) -> Report:
        """The report, as soon as the run is over. Raises TimeoutError while it is not, and the run's own error."""
        if not self._waited(timeout):
            raise TimeoutError(f"{self.id} is still running after {timeout:g} s")
        return self.report()

    def report(self) -> Report:
        """The report of a run that is over."""
        if self._report is not None:
            return self._report
        if self._owner.error is not None:
            raise self._owner.error
        raise OrchestraError(f"{self.id} is not over yet.", next_step="wait() for it, or poll() it.")

    def stop(self) -> None:
        """Ask the workers to stop, keep what was answered, write a partial report. A second time: now."""
        self._looping.wait()
        if self._loop is not None and not self._over.is_set():
            with contextlib.suppress(RuntimeError):  # the loop ended between the question and the call
                self._loop.call_soon_threadsafe(self._owner.stop)

    def answer(self, text: str) -> None:
        """Answer the question `poll().question` tells, in a run that was started with `person=True`."""
        self._looping.wait()
        if self._loop is not None and not self._over.is_set():
            with contextlib.suppress(RuntimeError):  # the loop ended between the question and the call
                self._loop.call_soon_threadsafe(self._owner.answer, text)

    def _waited(self, timeout: float | None = None) -> bool:
        """Whether the run is over, at the latest after `timeout`."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        while not (over := self._over.wait(min(INTERRUPT_NOTICED, max(0.0, end - time.monotonic())))):
            if time.monotonic() >= end:
                break
        return over

    def _live(self) -> None:
        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                self._looping.set()
                self._report = runner.run(self._owner.go())
        except BaseException as error:
            self._owner.error = self._owner.error or error
        finally:
            self._looping.set()
            self._close()
            self._over.set()


class AsyncRun:
    """A run on the caller's event loop, as `open_run` returns it.

    Example:
        >>> import asyncio
        >>> async def main():
        ...     async with orchestra.open_run("review", target="src/", lenses=["risk"]) as run:
        ...         print(run)
        ...         return await run.wait()
        >>> report = asyncio.run(main())
        <AsyncRun ...: running>
    """

    def __init__(self, make_owner: Callable[[], Owner], folder: RunFolder, close: Callable[[], None]) -> None:
        self.folder = folder
        self._make_owner, self._close = make_owner, close
        self._owner: Owner | None = None
        self._task: asyncio.Task[Report | None] | None = None

    def __repr__(self) -> str:
        return f"<AsyncRun {self.id}: {self._owner.poll().state if self._owner else 'not begun'}>"

    async def __aenter__(self) -> "AsyncRun":
        self._owner = self._make_owner()
        self._task = asyncio.create_task(self._owner.go(), name=f"orchestra {self.id}")
        self._task.add_done_callback(lambda _: self._close())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._task is not None:
            await asyncio.wait([self._task])

    @property
    def id(self) -> str:
        """The run's id, as every command takes it."""
        return self.folder.id

    def poll(self) -> Status:
        """The run at this moment; never waits."""
        return self._entered.poll()

    def events(self, after: int = 0) -> list[Event]:
        """What happened, with numbers greater than `after`."""
        return events_of(self.folder, after)

    async def wait(self, timeout: float | None = None) -> Report:
        """The report, as soon as the run is over. Raises TimeoutError while it is not, and the run's own error."""
        owner = self._entered
        assert self._task is not None
        async with asyncio.timeout(timeout):
            report = await asyncio.shield(self._task)
        if report is None:
            raise owner.error or OrchestraError(f"{self.id} ended without a report.")
        return report

    def stop(self) -> None:
        """Ask the workers to stop, keep what was answered, write a partial report. A second time: now."""
        if self._task is not None and not self._task.done():
            self._entered.stop()

    def answer(self, text: str) -> None:
        """Answer the question `poll().question` tells, in a run that was opened with `person=True`."""
        self._entered.answer(text)

    @property
    def _entered(self) -> Owner:
        if self._owner is None:
            raise OrchestraError("The run has not begun.", next_step="Use `async with open_run(...) as run:`.")
        return self._owner


def _leave(runs: Any = _living) -> None:
    """The interpreter leaves: no worker stays."""
    left = [run for run in list(runs) if not run._over.is_set()]
    for run in left:
        run.stop()
    for run in left:
        run._over.wait(LEAVE_WITHIN)


atexit.register(_leave)
os.register_at_fork(after_in_child=_living.clear)  # their threads are in the parent, and so is who ends them
