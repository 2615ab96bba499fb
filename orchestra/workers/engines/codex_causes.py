"""What a failure of codex's is a case of, read from its own sentence: whose fault, whether it passes, and when."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

from orchestra.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a turn failed."""

    said: str
    """The sentence, out of any JSON around it."""
    outcome: Outcome = Outcome.FAILED
    can_pass: bool = False
    """It may not be so the next time."""
    retry_after: float | None = None


def _any(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


_STATUS = re.compile(r"\bstatus:? (\d{3})\b", re.IGNORECASE)
_BY_STATUS = {
    401: (Outcome.UNAUTHORISED, False),
    403: (Outcome.UNAUTHORISED, False),
    408: (Outcome.FAILED, True),  # whoever stands in front of the model waited too long for the request
    429: (Outcome.RATE_LIMITED, True),
}

# The first that fits counts. The sentences are those of codex 0.122 to 0.169 and of the servers behind it.
# None: it passes at the time the sentence names, and nobody should wait for it if it names none.
_BY_WORDS: tuple[tuple[re.Pattern[str], Outcome, bool | None], ...] = (
    (_any(r"quota exceeded|exceeded your current quota|insufficient_quota"), Outcome.RATE_LIMITED, False),
    (_any(r"usage limit"), Outcome.RATE_LIMITED, None),
    (_any(r"\brate.?limit|too many requests|\b429\b"), Outcome.RATE_LIMITED, True),
    (
        _any(
            r"\bunauthori[sz]ed\b|not logged in|invalid[_ ]api[_ ]key|incorrect api key|missing environment variable"
            r"|missing bearer|token (has |is )?(expired|invalid)|refresh token|please (log|sign) ?in"
        ),
        Outcome.UNAUTHORISED,
        False,
    ),
    (
        _any(
            r"high demand|at capacity|overloaded|stream disconnected|connection (failed|reset|refused|closed)"
            r"|error sending request|timed? ?out|database is locked|already has an active writer|internal server error"
        ),
        Outcome.FAILED,
        True,
    ),
)


def cause_of(said: str, now: datetime | None = None) -> Cause:
    """Read one failure."""
    said = _unwrapped(said)
    outcome, can_pass = _kind(said)
    wait = None if can_pass is False else retry_after(said, now)
    return Cause(said, outcome, wait is not None if can_pass is None else can_pass, wait)


def _kind(said: str) -> tuple[Outcome, bool | None]:
    if status := _STATUS.search(said):
        number = int(status.group(1))
        return _BY_STATUS.get(number, (Outcome.FAILED, number >= 500))
    for words, outcome, can_pass in _BY_WORDS:
        if words.search(said):
            return outcome, can_pass
    return Outcome.FAILED, False


def _unwrapped(said: str) -> str:
    """The sentence inside the JSON body of a refused request, with its code."""
    try:
        error = json.loads(said).get("error")
        text, code = error.get("message"), error.get("code") or error.get("type")
    except (ValueError, AttributeError, RecursionError):
        return said
    return (f"{text} ({code})" if code else str(text)) if text else said


# ── when to ask again ────────────────────────────────────────────────────────────────────────────────────────────────

_UNIT = r"(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|ms|[dhms])(?![a-z])"
_IN = _any(rf"(?:try again in|retry[- ]after:?|retry in)\s+((?:\d+(?:\.\d+)?\s*(?:{_UNIT})?[\s,]*(?:and\s+)?)+)")
_PIECE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.IGNORECASE)
_AT = _any(
    r"try again at\s+(?:([a-z]{3,9})\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}),?\s+)?(\d{1,2}):(\d{2})\s*(?:([AP])M)?"
)
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def retry_after(said: str, now: datetime | None = None) -> float | None:
    """Seconds until asking again makes sense, where it is said: "try again in 3s", "try again at 5:14 PM"."""
    if found := _IN.search(said):
        pieces = _PIECE.findall(found.group(1))
        return round(sum(float(number) * _seconds(unit) for number, unit in pieces), 3)
    found, now = _AT.search(said), now or datetime.now()
    then = _moment(found, now) if found else None
    if found is None or then is None:
        return None
    # codex cuts the seconds off: a minute later it is true for certain.
    wait = (then - now).total_seconds() + 60
    if wait < 0 and not found.group(1):
        wait += 86400  # a time of day that is past is tomorrow's
    return max(0.0, wait)


def _seconds(unit: str) -> float:
    unit = unit.lower()
    return _SECONDS.get(unit) or _SECONDS.get(unit[:1], 1.0)


def _moment(found: re.Match[str], now: datetime) -> datetime | None:
    month, day, year, hour, minute, half = found.groups()
    hours = int(hour) % 12 + 12 * (half.upper() == "P") if half else int(hour)
    try:
        then = now.replace(hour=hours, minute=int(minute), second=0, microsecond=0)
        if month:
            then = then.replace(year=int(year), month=_MONTHS.index(month[:3].lower()) + 1, day=int(day))
    except ValueError:
        return None
    return then
