"""What comes back from asking: every outcome, failures included."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast, overload

from orchestra.brief.ask import Ask
from orchestra.crew.changes import CHANGED_WHILE_READING, Changes
from orchestra.crew.lineage import Origin
from orchestra.findings.curate import Message
from orchestra.findings.finding import ReviewMessage
from orchestra.outcome import Outcome
from orchestra.reports.report import WorkerLine
from orchestra.workers.task import EXIT_NOT_SEEN, WorkerResult

_TOLD = ("seconds", "usage", "thread_id", "continue_command", "files_read")

LONGEST_DIFF = 500_000
"""Characters of a diff that a report carries; the patch file has all of it."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, repr=False)
class Reply(Generic[T]):
    """How one ask ended, and its answer if there is one.

    Example:
        >>> @orchestra.pattern("poll", steps=("Ask",))
        ... async def poll(crew: orchestra.Crew) -> orchestra.Report:
        ...     async with crew.step("Ask"):
        ...         reply = await crew.reply_to(orchestra.Ask(role="voter", prompt="Well?"))
        ...     return crew.report(answer=repr(reply))
        >>> orchestra.start(poll).wait().answer
        '<Reply of w1-voter: answered>'
    """

    label: str
    ask: Ask[T]
    outcome: Outcome
    reason: str
    value: T | None = None
    result: WorkerResult | None = None
    """None: the worker was never started."""
    over_budget: bool = False
    elsewhere: bool = False
    """Another shard does it: left out by design, and no part of this run's report."""
    origin: Origin | None = None
    """Of the answer of an earlier run: who paid for it, and when."""
    changes: Changes | None = None
    """Of a worker with a tree of its own: what it changed there."""
    patch: Path | None = None
    """The file that holds these changes as a unified diff."""

    def __repr__(self) -> str:
        return f"<Reply of {self.label}: {self.outcome}{f', {self.reason}' if not self.answered else ''}>"

    @property
    def answered(self) -> bool:
        """It did; only then `value` is there."""
        return self.outcome is Outcome.ANSWERED

    @property
    def changed(self) -> bool:
        """It answered, and left its tree other than it found it."""
        return self.answered and bool(self.result and self.result.files_changed)

    @property
    def message(self) -> str | None:
        """Its final message as it came; of one that did not answer, the last it said."""
        return self.result.message if self.result else None

    @property
    def diff(self) -> str:
        """What it changed as a unified diff, as much as a report holds; empty where nothing was."""
        if self.patch is None or not self.patch.is_file():
            return ""
        text = self.patch.read_text(encoding="utf-8", errors="replace")
        return text if len(text) <= LONGEST_DIFF else f"{text[:LONGEST_DIFF]}\n… the whole of it: {self.patch}\n"

    @property
    def changed_while_reading(self) -> tuple[str, ...]:
        """The loud notes on a worker that may only read, while which something changed in this run."""
        notes = self.result.notes if self.result and self.origin is None else ()
        return tuple(f"{self.label}: {note}" for note in notes if note.startswith(CHANGED_WHILE_READING))

    def line(self) -> WorkerLine:
        """What the report says about this worker."""
        result = self.result
        found = len(self.value.findings) if isinstance(self.value, ReviewMessage) else None
        line = WorkerLine(
            label=self.label,
            role=self.ask.role,
            lens=self.ask.lens,
            section=self.ask.section.name if self.ask.section else None,
            scope=self.ask.scope,
            outcome=self.outcome,
            reason=self.reason,
            not_started=result is None,
            findings=found,
        )
        if result is None:
            return line
        facts: dict[str, Any] = {name: getattr(result, name) for name in _TOLD}
        # How an earlier orchestrator died says nothing about the answer; the seal keeps it.
        facts["notes"] = tuple(note for note in result.notes if note != EXIT_NOT_SEEN)
        facts["read_nothing"] = self.read_nothing
        facts["files_changed"] = tuple(change.path for change in result.files_changed)
        if self.origin is not None:  # paid, and waited for, in the run it comes from
            facts |= {"reused_from": self.origin.run, "answered_at": self.origin.answered}
            facts |= {"usage": None, "cost_then": result.usage, "seconds": 0.0, "files_changed": ()}
        return line.model_copy(update=facts)

    @property
    def read_nothing(self) -> bool:
        """Of a codex, whose commands are seen: given files, and seen to read none of them."""
        section, result = self.ask.section, self.result
        given = {file.path for file in section.files} if section and section.text is None else set()
        return bool(result and given and result.answered and result.thread_id and not given & set(result.files_read))


class Replies(Sequence[Reply[T]]):
    """All that came back from asking several: `answers`, and who was `silent`.

    In the order they were asked.

    Example:
        >>> @orchestra.pattern("vote", steps=("Vote",))
        ... async def vote(crew: orchestra.Crew) -> orchestra.Report:
        ...     async with crew.step("Vote"):
        ...         votes = await crew.ask_all(orchestra.Ask(role="voter", prompt=f"Ballot {n}") for n in (1, 2))
        ...     return crew.report(answer=repr(votes))
        >>> orchestra.start(vote).wait().answer
        '<Replies: 2 of 2 answered>'
    """

    def __init__(self, replies: Sequence[Reply[T]]) -> None:
        self._replies = tuple(replies)

    @overload
    def __getitem__(self, index: int) -> Reply[T]: ...
    @overload
    def __getitem__(self, index: slice) -> "Replies[T]": ...
    def __getitem__(self, index: int | slice) -> "Reply[T] | Replies[T]":
        return Replies(self._replies[index]) if isinstance(index, slice) else self._replies[index]

    def __len__(self) -> int:
        return len(self._replies)

    def __iter__(self) -> Iterator[Reply[T]]:
        return iter(self._replies)

    def __repr__(self) -> str:
        return f"<Replies: {len(self.answers)} of {len(self)} answered>"

    @property
    def answers(self) -> tuple[T, ...]:
        """The typed answers of those that answered."""
        return tuple(cast(T, reply.value) for reply in self if reply.answered)

    @property
    def told(self) -> tuple[tuple[str, T | None], ...]:
        """Who said what, by label; None of those that did not answer."""
        return tuple((reply.label, reply.value if reply.answered else None) for reply in self)

    @property
    def silent(self) -> tuple[Reply[T], ...]:
        """Those that did not answer."""
        return tuple(reply for reply in self if not reply.answered)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What `curate` takes: each message with who said it, and whether it was a full answer."""
        return tuple(message for reply in self if (message := _message(reply)))


def _message(reply: Reply[Any]) -> Message | None:
    said = reply.value if isinstance(reply.value, ReviewMessage) else reply.message
    if not said:
        return None
    return Message(worker=reply.label, message=said, lens=reply.ask.lens, complete=reply.answered)
