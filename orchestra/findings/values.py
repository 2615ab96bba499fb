"""The single values a worker plainly meant: a text, a confidence, a range of lines."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Notes = Callable[[str], None]
"""Takes a sentence about each leniency."""
UNSURE = 0.5  # what stands for a confidence nobody gave: neither for nor against
LAST_LINE = 10**9  # no file has more; a greater number is no line
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_CONFIDENCE_WORDS = {"very high": 0.95, "high": 0.9, "medium": 0.6, "moderate": 0.6, "low": 0.3}


def text_of(said: Any) -> str:
    """As text that can be written to a file: JSON may carry halves of surrogate pairs."""
    text = said if isinstance(said, str) else "\n".join(_flat(said))
    return text.encode("utf-8", "replace").decode("utf-8")


def short(said: Any, length: int = 80) -> str:
    """One line of a note."""
    text = " ".join(text_of(said)[: 4 * length].split())
    return text if len(text) <= length else text[: length - 1] + "…"


def confidence_meant(said: Any, note: Notes) -> float:
    """0.7, "0.7", 70, "70 %" and 7 of ten are 0.7."""
    number = _number(said)
    if number is None or not 0 <= number <= 100:
        read = _CONFIDENCE_WORDS.get(str(said).strip().lower(), UNSURE)
        note("no confidence was given" if said is None else f"the confidence {short(said)!r} is read as {read}")
        return read
    percent = isinstance(said, str) and "%" in said
    read = number / 100 if percent or number > 10 else number / 10 if number > 1 else number
    if percent or number > 1 or isinstance(said, str):
        note(f"the confidence {said!r:.80} is read as {read:g}")
    return read


def lines_meant(start: Any, end: Any) -> tuple[int | None, int | None]:
    """12, "12", "L12-15", [12, 15] and {"start": 12, "end": 15} are lines."""
    if isinstance(start, Mapping):
        start, end = start.get("start", start.get("line")), start.get("end", end)
    if isinstance(start, list | tuple):
        start, end = (start[0], start[-1]) if start else (None, end)
    numbers = re.findall(r"-?\d+", re.sub(r"(?<=\d)\s*[-–—]", " ", start))[:2] if isinstance(start, str) else []  # noqa: RUF001 - dashes people type
    if numbers:
        start, end = numbers[0], end if end is not None or len(numbers) < 2 else numbers[1]
    first, last = _number(start), _number(end)
    return tuple(None if line is None else int(max(-LAST_LINE, min(LAST_LINE, line))) for line in (first, last))  # type: ignore[return-value] # a pair stays a pair


def _number(said: Any) -> float | None:
    if isinstance(said, bool):
        return None
    if isinstance(said, int | float):
        return float(said) if abs(said) < 2**53 else None  # neither NaN nor infinity is a number
    found = NUMBER.search(said[:200]) if isinstance(said, str) else None
    return float(found.group().replace(",", ".")) if found else None


def _flat(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, list | tuple):
        for part in said:
            yield from _flat(part)
    else:
        yield json.dumps(said, ensure_ascii=False, default=str)


def unheard(sentence: str) -> None:
    """For who does not want to know."""
