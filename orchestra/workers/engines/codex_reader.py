"""Follows one codex while it runs and judges it when it has ended."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from orchestra.brief.ask import Scope
from orchestra.rehearsal.venue import MODEL, goes_with_its_venue
from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.engines.codex_events import CodexEvents
from orchestra.workers.engines.codex_mount_point import clear
from orchestra.workers.engines.codex_outcome import judge
from orchestra.workers.engines.secrets import Hider
from orchestra.workers.engines.wording import head, one_line, tail
from orchestra.workers.pool import Ending
from orchestra.workers.task import WorkerResult, WorkerTask

_LARGEST_MESSAGE = 16 << 20
_STDERR_TAIL = 64 << 10
_PLAYED = f"Model metadata for `{MODEL}`"
"""How codex begins to wonder at a model that is played, in every thread of a rehearsal."""


class CodexReader:
    """One attempt's events, and in the end its result."""

    def __init__(
        self,
        task: WorkerTask,
        codex: CodexBinary,
        secrets: Iterable[str],
        passed: Iterable[str],
        codex_home: str | None,
    ) -> None:
        """`secrets` must stand in no reason; `passed` are those of them the worker could see."""
        self.task, self._codex = task, codex
        self._hider = Hider(passed)
        self.events = CodexEvents(hide=self._hider.out_of)
        self._secrets, self._codex_home = tuple(secrets), codex_home

    def heard(self, chunk: bytes) -> None:
        """Take the next bytes of the event stream."""
        self.events.heard(chunk)

    @property
    def started(self) -> bool:
        return self.events.seen > 0

    @property
    def finished(self) -> bool:
        """The turn is over, one way or the other: only the exit is missing."""
        return self.events.completed or self.events.turn_failed is not None

    @property
    def doing(self) -> str:
        return self.events.doing

    def result(self, ending: Ending) -> WorkerResult:
        """The outcome; call it after the exit, when the last-message file is written."""
        events, files = self.events, self.task.files
        events.end()
        clear(self.task)
        for file in (files.events, files.stderr, files.last_message):
            self._hider.out_of_file(file)
        file_text = head(files.last_message, _LARGEST_MESSAGE).decode("utf-8", errors="replace")
        warnings = tail(files.stderr, _STDERR_TAIL).decode("utf-8", errors="replace")
        judged = judge(events, ending, file_text, warnings)
        return WorkerResult(
            label=self.task.label,
            outcome=judged.outcome,
            reason=self._safe(judged.reason),
            message=judged.message,
            message_source=judged.source,
            notes=tuple(self._safe(note) for note in (*judged.notes, *ending.notes, *self._notes())),
            engine="codex",
            engine_version=self._codex.version,
            seconds=ending.seconds,
            exit_status=ending.exit_status,
            signal=ending.signal,
            deadline=ending.deadline,
            usage=events.usage,
            thread_id=events.thread_id,
            continue_command=self._continue_command(),
            commands=tuple(events.commands.values()),
            files_changed=tuple(events.changes.values()),
            files_read=tuple(name for name in events.read if (self.task.cwd / name).is_file()),
            can_pass=judged.can_pass,
            retry_after=judged.retry_after,
            swept=ending.swept,
        )

    def _notes(self) -> Iterable[str]:
        """What was odd on the way, each said once."""
        yield from dict.fromkeys(said for said in self.events.warnings[:20] if not said.startswith(_PLAYED))
        if self.events.blocked and all(run.exit_code for run in self.events.commands.values()):
            # Whoever can read no file says that nothing is wrong with it.
            yield f"none of its commands could run ({self.events.blocked}); `orchestra doctor` says what to do"
        if (size := _size(self.task.files.last_message)) > _LARGEST_MESSAGE:
            yield f"its last message has {size:,} bytes, of which {_LARGEST_MESSAGE:,} are kept"
        for size in self.events.lines.too_long[:3]:
            yield f"an event of {size:,} bytes was too long to be read"
        if odd := self.events.unreadable + self.events.lines.others:
            yield "1 line of its output was no event" if odd == 1 else f"{odd:,} lines of its output were no events"

    def _continue_command(self) -> str | None:
        if self.events.thread_id is None or (self._codex_home and goes_with_its_venue(self._codex_home)):
            return None
        home = f"CODEX_HOME={shlex.quote(self._codex_home)} " if self._codex_home else ""
        # Without -C codex asks where to go on; a throw-away copy is gone by then.
        where = "" if self.task.scope is Scope.SCRATCH else f"-C {shlex.quote(str(self.task.cwd))} "
        return f"{home}{self._codex.typed} resume {where}{self.events.thread_id}"

    def _safe(self, text: str) -> str:
        return one_line(text, self._secrets)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
