"""The process that owns a run: it alone decides, launches, merges and writes the report."""

import asyncio
import contextlib
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from orchestra.brief.target import Target
from orchestra.crew import journal as journals
from orchestra.crew.asking import Asking
from orchestra.crew.basis import Present
from orchestra.crew.budget import Budget
from orchestra.crew.crew import Crew
from orchestra.crew.deciding import Deciding
from orchestra.crew.events import Event, Kind
from orchestra.crew.governor import Governor
from orchestra.crew.journal import Journal
from orchestra.crew.past import Past
from orchestra.crew.remembering import remembered
from orchestra.crew.run_folder import Lock, RunFolder, RunRecord, write_whole
from orchestra.crew.status import Fold, RunState, Status
from orchestra.crew.workspace import Workspaces, aside
from orchestra.errors import BudgetReached, Interrupted, NoAnswer, OrchestraError, StateUnusable
from orchestra.reports.report import Report
from orchestra.settings import Settings
from orchestra.usage import Usage
from orchestra.workers.engines.base import Engine
from orchestra.workers.pool import Pool
from orchestra.workers.sweep import sweep

STOP_LOOKED_FOR = 0.3
"""Seconds between two looks for the request another process left."""


class Owner:
    """Runs a pattern in a run folder, from its beginning or from where an earlier life ended."""

    def __init__(
        self,
        *,
        folder: RunFolder,
        record: RunRecord,
        function: Callable[..., Awaitable[Report]],
        steps: tuple[str, ...],
        inputs: Mapping[str, Any],
        settings: Settings,
        engine: Engine,
        earlier: list[tuple[str, Usage]] | None = None,
        lock: Lock | None = None,
        person: bool = False,
        ending: bool = False,
    ) -> None:
        self.folder, self.record = folder, record
        self._function, self._steps, self._inputs = function, steps, inputs
        self._settings, self._engine, self._earlier = settings, engine, earlier or []
        self._lock = lock or folder.lock()
        log = list(journals.read(folder.events))
        self._log = log
        self._fold = Fold(folder.id)
        for event in log:
            self._fold.take(event)
        self._journal = Journal(folder.events, self._fold.take, last=log[-1].n if log else 0)
        self._deciding = Deciding(self._journal, person=person, log=log)
        self._crew: Crew | None = None
        self._governor: Governor | None = None
        self._pool: Pool | None = None
        self._stops = int(ending)
        self._stopping: asyncio.Future[None] | None = None
        self.error: BaseException | None = None
        """What broke the run, where something did."""

    def poll(self) -> Status:
        """The run now; returns at once, from any thread."""
        return self._fold.status()

    async def go(self) -> Report | None:
        """Run to the end. The report is written before this returns; None where there is none to write."""
        with contextlib.ExitStack() as leaving:
            leaving.callback(self._lock.release)
            leaving.callback(self._journal.close)
            self._begin()
            try:
                async with Pool() as pool:
                    self._pool = pool
                    watch = asyncio.create_task(self._watch_for_stop())
                    try:
                        report = await self._play(pool)
                    finally:
                        watch.cancel()
                self._finish(report)
            except OSError as error:
                self.error = StateUnusable(
                    f"The run's state could not be written: {error.strerror or error}. What was sealed is kept.",
                    where=self.folder.path,
                    next_step=f"Make room, then `orchestra resume {self.folder.id}`.",
                )
            except Exception as error:
                self.error = error
                self._break(error)
            else:
                return report
            return None

    def stop(self) -> None:
        """Ask the workers to stop; a second time: now. Called on the loop."""
        self._stops += 1
        if self._stops == 1:
            with contextlib.suppress(OSError):
                self._journal.write(Kind.STOP_ASKED)
        self._heed_stop()

    def _heed_stop(self) -> None:
        if self._crew:
            self._crew.stopping = True
        self._deciding.stop()
        if self._governor:
            self._governor.stop()
        if self._pool:
            self._stopping = asyncio.ensure_future(self._pool.stop(grace=0.0 if self._stops > 1 else None))

    def answer(self, text: str) -> None:
        """What the person at the terminal says to the question the run waits with. Called on the loop."""
        self._deciding.answer(text)

    def _begin(self) -> None:
        self.folder.stop_request.unlink(missing_ok=True)
        if not any(event.kind is Kind.RUN_STARTED for event in self._log):
            self._journal.write(Kind.RUN_STARTED, text=self.record.pattern, steps=self._steps)
            return
        self._journal.write(Kind.RUN_RESUMED)
        # Tools under `danger-full-access` outlive a codex whose orchestrator was killed; they must not write beside
        # the workers that are started now.
        for swept in sweep(lambda mark: mark.startswith(f"{self.folder.id}/")):
            self._journal.write(Kind.NOTE, text=f"ended what an earlier life left: {swept}")

    async def _play(self, pool: Pool) -> Report:
        past = Past.of(self.folder, self._log)
        target = next((value for value in self._inputs.values() if isinstance(value, Target)), None)
        budget = Budget(self._settings.max_tokens, self._earlier)
        for role, usage in past.paid:
            budget.count_in(role, usage)
        root = target.root if target else self.folder.project
        lineage = self.record.lineage
        workspaces = Workspaces(folder=self.folder, root=root, asked=self.record.asked, target=target)
        if any(event.kind is Kind.RUN_STARTED for event in self._log):
            await aside(workspaces.clear)
        rules = self.folder.rules(self.record)
        self._governor = Governor(
            self._settings.at_once,
            stagger=self._engine.stagger,
            longest_wait=self._settings.longest_wait,
            said=self._held,
        )
        asking = Asking(
            folder=self.folder,
            journal=self._journal,
            past=past,
            engine=self._engine,
            pool=pool,
            governor=self._governor,
            budget=budget,
            settings=self._settings,
            workspaces=workspaces,
            rules=rules,
            present=Present(root, target),
            lineage=lineage,
            context=self.record.context.render(),
            rehearsed=self.record.rehearse,
        )
        self._crew = crew = Crew(
            run=self.folder.id,
            pattern=self.record.pattern,
            asked=self.record.asked,
            steps=self._steps,
            asking=asking,
            journal=self._journal,
            deciding=self._deciding,
            root=root,
            context=self.record.context,
            lineage=lineage,
            target=target,
            rules=rules,
            rehearsed=self.record.rehearse,
            drawn=self._log,
            started=self.record.started,
            paused=self._fold.status().paused,
        )
        if self.record.rules is not None:
            crew.note(self.record.rules.words)
        if self._stops:  # asked before there was anybody to tell
            self._heed_stop()
        try:
            report = await self._function(crew, **self._inputs)
        except (NoAnswer, BudgetReached, Interrupted) as error:
            self._journal.write(Kind.NOTE, text=error.what)
            report = crew.report_of_what_there_is()
        return await aside(remembered, report, self.record.lineage, self.folder.project, rules, target)

    def _finish(self, report: Report) -> None:
        write_whole(self.folder.report, report.model_dump_json(indent=1), sync=True)
        self._journal.write(
            Kind.RUN_ENDED, state=RunState(report.state.value), findings=len(report.open), text=report.next_step
        )

    def _break(self, error: Exception) -> None:
        text = error.what if isinstance(error, OrchestraError) else "".join(traceback.format_exception(error)[-3:])
        with contextlib.suppress(OSError):
            self._journal.write(Kind.RUN_ENDED, state=RunState.FAILED, text=text)

    def _held(self, why: str | None) -> None:
        self._journal.write(Kind.HELD, text=why)

    async def _watch_for_stop(self) -> None:
        while True:
            await asyncio.sleep(STOP_LOOKED_FOR)
            if not self._stops and self.folder.stop_request.exists():
                self.stop()


def events_of(folder: RunFolder, after: int = 0) -> list[Event]:
    """What happened in a run, from its log."""
    return list(journals.read(folder.events, after))
