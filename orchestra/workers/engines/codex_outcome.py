"""How a codex worker ended, judged from its events, its last-message file and its exit."""

import re
from dataclasses import dataclass
from typing import Literal

from orchestra.outcome import Deadline, Outcome
from orchestra.workers.engines.codex_causes import Cause, cause_of
from orchestra.workers.engines.codex_events import CodexEvents
from orchestra.workers.engines.wording import LOST, STOPPED, killed, ran_out
from orchestra.workers.pool import Ending
from orchestra.workers.task import EXIT_NOT_SEEN


@dataclass(frozen=True, slots=True)
class Judgement:
    """One word, one sentence, and what of the message counts."""

    outcome: Outcome
    reason: str
    message: str | None = None
    source: Literal["file", "event"] | None = None
    notes: tuple[str, ...] = ()
    can_pass: bool = False
    """What went wrong may not be so the next time."""
    retry_after: float | None = None


def judge(events: CodexEvents, ending: Ending, file_text: str, warnings: str) -> Judgement:
    """The outcome. `file_text` is the last-message file and `warnings` codex's stderr, both read after the exit."""
    message, source = _message(events, file_text)
    if events.completed and message and (odd := _kept_although(ending)) is not None:
        said = "answered" if source == "file" else "answered; its last-message file is empty, its last event counts"
        return Judgement(Outcome.ANSWERED, said, message, source, odd)
    cause = _without_answer(events, ending, warnings)
    return Judgement(cause.outcome, cause.said, message, source, (), cause.can_pass, cause.retry_after)


def _without_answer(events: CodexEvents, ending: Ending, warnings: str) -> Cause:
    """Why there is none. What codex said of its turn comes first, then who ended it, then what its exit leaves open."""
    if ending.launch_error is not None:
        return Cause(f"codex could not be started: {ending.launch_error}")
    if events.turn_failed is not None:
        return cause_of(events.turn_failed)
    if ending.stopped:
        return Cause(STOPPED, Outcome.STOPPED)
    if ending.deadline is not None:
        return Cause(ran_out(ending.deadline, ending, events.doing if events.seen else ""), Outcome.TIMED_OUT)
    if ending.signal is not None:
        return Cause(killed("codex", ending.signal))
    if ending.exit_status is None:
        return Cause(LOST, Outcome.LOST)
    if events.completed:
        if ending.exit_status == 0:
            return Cause("codex completed its turn without a message", Outcome.EMPTY)
        return Cause(f"codex exited with {ending.exit_status} after it had completed its turn")
    said = events.last_error or _error_line(warnings)
    if said:
        return cause_of(said)
    if ending.exit_status == 0 and not events.seen:
        return Cause("codex exited with 0 and said nothing", Outcome.EMPTY)
    return Cause(f"codex exited with {ending.exit_status} before its turn was complete")


def _message(events: CodexEvents, file_text: str) -> tuple[str | None, Literal["file", "event"] | None]:
    """The final message and where it was read: the file, else the last message event."""
    if file_text.strip() and events.completed:
        return file_text, "file"
    if events.last_message and events.last_message.strip():
        return events.last_message, "event"
    return None, None


def _kept_although(ending: Ending) -> tuple[str, ...] | None:
    """The notes with which a complete answer is kept, or None: by its exit codex itself said that it failed."""
    if ending.exit_status == 0:
        return ()
    if ending.deadline is Deadline.LINGER:
        return ("its answer was complete but it would not leave; it was ended",)
    if ending.stopped or ending.deadline is not None:
        return ("it was ended after its answer was complete",)
    if ending.signal is not None:
        return (f"{killed('codex', ending.signal)}, after its answer was complete",)
    return (EXIT_NOT_SEEN,) if ending.exit_status is None else None


def _error_line(warnings: str) -> str:
    """The line of stderr that says why codex gave up: `Error: ...`, else an ERROR trace, else the first at all."""
    lines = [line.strip() for line in warnings.splitlines() if line.strip() and not line.startswith("WARNING")]
    for number, line in enumerate(lines):
        if line.startswith("Error"):
            # "Error loading config.toml:" goes on in the next line
            return f"{line} {lines[number + 1]}" if line.endswith(":") and number + 1 < len(lines) else line
    traces = [re.sub(r"^\S+Z\s+ERROR\s+", "", line) for line in lines if re.match(r"\S+Z\s+ERROR ", line)]
    return (traces[-1:] or lines[:1] or [""])[0]
