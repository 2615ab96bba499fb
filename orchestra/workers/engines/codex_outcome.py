"""How a codex worker ended, judged from its events, its last-message file and its exit."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orchestra.outcome import Deadline, Outcome
from orchestra.workers.engines.codex_events import CodexEvents
from orchestra.workers.engines.wording import LOST, STOPPED, killed, ran_out
from orchestra.workers.pool import Ending
from orchestra.workers.task import EXIT_NOT_SEEN

_UNAUTHORISED = re.compile(
    r"\b(401|403) |\bunauthori[sz]ed\b|\bforbidden\b|not logged in|invalid[_ ]api[_ ]key|incorrect api key"
    r"|missing (environment variable|bearer|api key)|token (has )?expired|refresh token|please (log|sign) ?in",
    re.IGNORECASE,
)
_RATE_LIMITED = re.compile(
    r"\b429\b|rate.?limit|usage limit|quota exceeded|exceeded your current quota|insufficient_quota|too many requests",
    re.IGNORECASE,
)
_UNIT = r"(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|ms|[dhms])"
_IN = re.compile(
    rf"(?:try again in|retry[- ]after:?|retry in)\s+((?:\d+(?:\.\d+)?\s*{_UNIT}?[\s,]*(?:and\s+)?)+)", re.IGNORECASE
)
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)
_AT = re.compile(
    r"try again at\s+(?:(\w{3,9})\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}),?\s+)?(\d{1,2}):(\d{2})\s*([AP]M)?", re.I
)
_SECONDS = {"ms": 0.001, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "": 1.0}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


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
    cause = _cause(events, warnings)

    def ended(outcome: Outcome, reason: str, *notes: str) -> Judgement:
        retry = retry_after(cause) if outcome is Outcome.RATE_LIMITED else None
        return Judgement(outcome, reason, message, source, notes, retry)

    if ending.launch_error is not None:
        return ended(Outcome.FAILED, f"codex could not be started: {ending.launch_error}")
    if events.completed and message and (odd := _kept_although(ending)) is not None:
        said = (
            "answered"
            if source == "file"
            else "answered; its last-message file is empty, the last message event counts"
        )
        return ended(Outcome.ANSWERED, said, *odd)
    if events.turn_failed is not None:
        return ended(_kind(cause), cause)
    if ending.stopped:
        return ended(Outcome.STOPPED, STOPPED)
    if ending.deadline is not None:
        return ended(Outcome.TIMED_OUT, ran_out(ending.deadline, ending, events.doing if events.seen else ""))
    if ending.exit_status is None and ending.signal is None:
        return ended(Outcome.LOST, LOST)
    if ending.signal is not None:
        return ended(Outcome.FAILED, killed("codex", ending.signal))
    if ending.exit_status == 0 and (events.completed or not events.seen):
        ended_how = "completed its turn" if events.completed else "exited with success"
        return ended(Outcome.EMPTY, f"codex {ended_how} without a message")
    if cause:
        return ended(_kind(cause), cause)
    return ended(Outcome.FAILED, f"codex exited with {ending.exit_status} before its turn was complete")


def _message(events: CodexEvents, file_text: str) -> tuple[str | None, Literal["file", "event"] | None]:
    """The final message and where it was read: the file, else the last message event."""
    if file_text.strip() and events.completed:
        return file_text, "file"
    if events.last_message and events.last_message.strip():
        return events.last_message, "event"
    return None, None


def _kept_although(ending: Ending) -> tuple[str, ...] | None:
    """The notes with which a complete answer is kept, or None: codex itself said by its exit that it failed."""
    if ending.exit_status == 0:
        return ()
    if ending.deadline is Deadline.LINGER:
        return ("its answer was complete but it would not leave; it was ended",)
    if ending.stopped or ending.deadline is not None:
        return ("it was ended after its answer was complete",)
    if ending.signal is not None:
        return (f"{killed('codex', ending.signal)}, after its answer was complete",)
    return (EXIT_NOT_SEEN,) if ending.exit_status is None else None


def _cause(events: CodexEvents, warnings: str) -> str:
    """What went wrong in codex's words: its failed turn, its last error event, its ERROR lines; never its screen."""
    said = events.turn_failed or (events.errors[-1] if events.errors else "") or _error_line(warnings)
    return _unwrapped(said)


def _unwrapped(said: str) -> str:
    """The sentence inside the JSON body of a refused request, with its code."""
    try:
        error = json.loads(said).get("error")
        text, code = error.get("message"), error.get("code") or error.get("type")
    except (ValueError, AttributeError):
        return said
    return (f"{text} ({code})" if code else str(text)) if text else said


def _error_line(warnings: str) -> str:
    lines = [line.strip() for line in warnings.splitlines() if line.strip() and not line.startswith("WARNING")]
    marked = [line for line in lines if re.match(r"(\S+Z?\s+)?ERROR\b|error:", line, re.IGNORECASE)]
    for line in (*reversed(marked), *lines[:1]):
        return re.sub(r"^\S*\d\dZ\s+", "", line)
    return ""


def _kind(cause: str) -> Outcome:
    if _RATE_LIMITED.search(cause):
        return Outcome.RATE_LIMITED
    return Outcome.UNAUTHORISED if _UNAUTHORISED.search(cause) else Outcome.FAILED


def retry_after(said: str, now: datetime | None = None) -> float | None:
    """Seconds until asking again makes sense, where it is said: "try again in 3s", "try again at 5:14 PM"."""
    if found := _IN.search(said):
        return round(sum(float(n) * _unit(unit) for n, unit in _PIECE.findall(found.group(1))), 3)
    if found := _AT.search(said):
        now = now or datetime.now()
        month, day, year, hour, minute, half = found.groups()
        hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0) if half else int(hour)
        try:
            then = now.replace(hour=hours, minute=int(minute), second=0, microsecond=0)
            if month:
                then = then.replace(year=int(year), month=_MONTHS.index(month[:3].lower()) + 1, day=int(day))
        except ValueError:
            return None
        wait = (then - now).total_seconds()
        return wait if wait >= 0 else wait + 86400 if not month else 0.0
    return None


def _unit(word: str) -> float:
    return _SECONDS.get(word.lower(), _SECONDS.get(word[:1].lower(), 1.0))
