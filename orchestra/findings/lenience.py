"""What a worker plainly meant: another key, a word of another language, a number as text; each with a note.

Works on JSON as it came and gives JSON of the contract's form. What is not plain is left as it is: the model then
refuses it, and the worker gets its repair turn.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orchestra.findings.severity_words import severity_meant

Notes = Callable[[str], None]
"""Takes a sentence about each leniency."""

# The keys other tools and other prompts use, best first. codex's own review format is among them.
REVIEW_KEYS = {
    "summary": ("summary", "overview", "overall_explanation", "conclusion"),
    "findings": ("findings", "issues", "problems", "results", "comments", "bugs", "vulnerabilities"),
}
FINDING_KEYS = {
    "title": ("title", "name", "heading", "headline", "issue", "summary", "rule"),
    "severity": ("severity", "level", "priority", "risk", "severity_level"),
    "confidence": ("confidence", "confidence_score", "certainty", "probability"),
    "category": ("category", "type", "kind", "class", "tag"),
    "locations": ("locations", "location", "code_location", "places", "where"),
    "problem": ("problem", "description", "body", "message", "details", "explanation", "text"),
    "recommendation": ("recommendation", "suggestion", "fix", "remediation", "solution", "advice"),
    "rewrite": ("rewrite", "patch", "replacement", "suggested_code"),
}
LOCATION_KEYS = {
    "path": ("path", "file", "filename", "file_path", "absolute_file_path", "uri"),
    "start_line": ("start_line", "line", "lines", "startLine", "line_start", "line_number", "start", "line_range"),
    "end_line": ("end_line", "endLine", "line_end", "end"),
    "quote": ("quote", "snippet", "code", "evidence", "excerpt"),
}
UNSURE = 0.5  # what stands for a confidence nobody gave: neither for nor against

_CITED = re.compile(
    r"(?P<path>[^\s:`'\"()]+?\.?[^\s:`'\"()]*)(?::|#L|, lines? )(?P<start>\d+)(?:\s*[-–—:]\s*L?(?P<end>\d+))?"
)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def review_meant(said: Any, note: Notes) -> Any:
    """A review in the contract's form."""
    if isinstance(said, list):
        note("the message is a bare list; it is read as the findings")
        said = {"findings": said}
    if not isinstance(said, Mapping):
        return said
    given, rest = _by_key(said, REVIEW_KEYS, note, "the message")
    if "findings" not in given:
        if not {"title", "problem"} <= _by_key(said, FINDING_KEYS, _unheard, "")[0].keys():
            return said
        note("the message is a single finding")
        given, rest = {"findings": [dict(said)]}, {}
    if given.get("summary") is None:
        note("the message has no summary")
        given["summary"] = ""
    given["summary"] = _text(given["summary"])
    for key, value in rest.items():
        note(f"the message also says {key}: {_short(value)}")
    given["findings"] = _entries(given["findings"], note)
    return given


def finding_meant(said: Any, note: Notes) -> Any:
    """A finding in the contract's form, or what was said when there is no plain meaning."""
    if not isinstance(said, Mapping) or _is_plain(said):
        return said
    given, rest = _by_key(said, FINDING_KEYS, note, "a finding")
    where = {key: rest.pop(key) for key in tuple(rest) if any(key in names for names in LOCATION_KEYS.values())}
    if "locations" not in given and where:
        given["locations"] = [where]
    _fill_words(given, note)
    title = _short(given.get("title", ""))
    if "severity" in given:
        given["severity"] = severity_meant(given["severity"], lambda sentence: note(f"{title}: {sentence}"))
    given["confidence"] = _confidence(given.get("confidence"), lambda sentence: note(f"{title}: {sentence}"))
    given["locations"] = _locations(given.get("locations"), lambda sentence: note(f"{title}: {sentence}"))
    for key, value in rest.items():
        if value not in (None, "", [], {}) and isinstance(given.get("problem"), str):
            note(f"{title}: {key} is no part of a finding; it is kept at the end of the problem")
            given["problem"] += f"\n{key}: {_text(value)}"
    return given


def location_meant(said: Any, note: Notes) -> Any:
    """A location in the contract's form: `{"path": "a.py", "line": "12-15"}` and `"a.py:12-15"` are plain."""
    if isinstance(said, str):
        cited = _CITED.search(said)
        said = (
            {"path": cited["path"], "start_line": cited["start"], "end_line": cited["end"]} if cited else {"path": said}
        )
    if not isinstance(said, Mapping):
        return said
    given, rest = _by_key(said, LOCATION_KEYS, note, "a location")
    for key, value in rest.items():
        note(f"a location also says {key}: {_short(value)}")
    start, end = _lines(given.get("start_line"), given.get("end_line"))
    if start is None:
        note("a location names no line")
    elif start < 1 or (end is not None and end < start):
        note(
            f"the lines {start} to {end} are read as {max(1, min(start, end or start))} to {max(start, end or start, 1)}"
        )
    first, last = start or 1, end or start or 1
    given["start_line"], given["end_line"] = max(1, min(first, last)), max(1, first, last)
    if given.get("quote") is None:
        note("a location has no quote")
    given["quote"] = _text(given.get("quote") or "")
    if "path" in given:
        given["path"] = _text(given["path"]).strip()
    return given


# ── the pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_plain(said: Mapping[str, Any]) -> bool:
    """The contract's own form needs no reading; most findings are that."""
    return (
        said.keys() in (_CONTRACT, _CONTRACT_WITH_REWRITE)
        and said["severity"] in ("critical", "high", "medium", "low")
        and isinstance(said["confidence"], float | int)
        and not isinstance(said["confidence"], bool)
        and 0 <= said["confidence"] <= 1
        and all(isinstance(said[key], str) for key in ("title", "category", "problem", "recommendation"))
        and isinstance(said["locations"], list | tuple)
        and all(not isinstance(place, Mapping) or _is_plain_location(place) for place in said["locations"])
        and all(not isinstance(place, str) for place in said["locations"])
    )


def _is_plain_location(place: Mapping[str, Any]) -> bool:
    start, end = place.get("start_line"), place.get("end_line")
    return (
        place.keys() == LOCATION_KEYS.keys()
        and type(start) is int
        and type(end) is int
        and 1 <= start <= end
        and isinstance(place["path"], str)
        and isinstance(place["quote"], str)
    )


_CONTRACT = FINDING_KEYS.keys() - {"rewrite"}
_CONTRACT_WITH_REWRITE = FINDING_KEYS.keys()


def _by_key(
    said: Mapping[str, Any], known: Mapping[str, tuple[str, ...]], note: Notes, whose: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was given under the contract's keys or one of their other names, and the rest."""
    rest = {str(key): value for key, value in said.items()}
    given: dict[str, Any] = {}
    for key, names in known.items():
        for name in names:
            found = next((own for own in rest if own.lower().replace("-", "_") == name.lower()), None)
            if found is not None and key not in given:
                given[key] = rest.pop(found)
                if found != key:
                    note(f"{whose} calls its {key} {found!r}")
    return given, rest


def _fill_words(given: dict[str, Any], note: Notes) -> None:
    """The words a person would not miss: a title can be taken from the problem, and the other way round."""
    for key in ("title", "problem", "category", "recommendation", "rewrite"):
        if given.get(key) is not None:
            given[key] = _text(given[key])
    if not given.get("title") and given.get("problem"):
        given["title"] = re.split(r"(?<=[.!?。！？])\s|\n", given["problem"].strip(), maxsplit=1)[0]  # noqa: RUF001 - full stops of other scripts
        note(f"{_short(given['title'])}: the title is the first sentence of the problem")
    if not given.get("problem") and given.get("title"):
        given["problem"] = given["title"]
        note(f"{_short(given['title'])}: there is no text but the title")
    for key, stand_in in (("category", "other"), ("recommendation", "")):
        if given.get(key) is None:
            given[key] = stand_in
            note(f"{_short(given.get('title', ''))}: no {key} was given")


def _confidence(said: Any, note: Notes) -> float:
    """0.7, "0.7", 70, "70 %" and 7 of ten are 0.7."""
    number = _number(said)
    if number is None or not 0 <= number <= 100:
        words = {"high": 0.9, "medium": 0.6, "low": 0.3}.get(str(said).strip().lower())
        note(
            "no confidence was given"
            if said is None
            else f"the confidence {_short(said)!r} is read as {words or UNSURE}"
        )
        return words or UNSURE
    percent = isinstance(said, str) and "%" in said
    read = number / 100 if percent or number > 10 else number / 10 if number > 1 else number
    if percent or number > 1 or isinstance(said, str):
        note(f"the confidence {_short(said)} is read as {read:g}")
    return read


def _locations(said: Any, note: Notes) -> Any:
    if said is None or said == "":
        note("no location was given")
        return []
    if isinstance(said, Mapping | str):
        note("the one location stood outside a list")
        said = [said]
    return [location_meant(place, note) for place in said] if isinstance(said, list | tuple) else said


def _lines(start: Any, end: Any) -> tuple[int | None, int | None]:
    """12, "12", "L12-15", [12, 15] and {"start": 12, "end": 15} are lines."""
    if isinstance(start, Mapping):
        start, end = start.get("start", start.get("line")), start.get("end", end)
    if isinstance(start, list | tuple):
        start, end = (start[0], start[-1]) if start else (None, end)
    numbers = [int(number) for number in re.findall(r"\d+", start)[:2]] if isinstance(start, str) else []
    if numbers:
        start, end = numbers[0], numbers[-1] if end is None and len(numbers) > 1 else end
    first, last = _number(start), _number(end)
    return (None if first is None else int(first)), (None if last is None else int(last))


def _number(said: Any) -> float | None:
    if isinstance(said, bool):
        return None
    if isinstance(said, int | float):
        return float(said) if said == said and abs(said) < 2**53 else None  # NaN is no number
    found = _NUMBER.search(said) if isinstance(said, str) else None
    return float(found.group().replace(",", ".")) if found else None


def _entries(said: Any, note: Notes) -> Any:
    if said is None:
        note("the findings are null: there are none")
        return []
    if isinstance(said, Mapping):
        note("the findings stood in an object; its values are read as the list")
        said = list(said.values())
    if not isinstance(said, list | tuple):
        return said
    kept = [entry for entry in said if entry not in (None, "", {}, [])]
    if len(kept) < len(said):
        note(f"{len(said) - len(kept)} entries of the findings were empty")
    return kept


def _text(said: Any) -> str:
    """As text that can be written to a file: JSON may carry halves of surrogate pairs."""
    text = said if isinstance(said, str) else "\n".join(_flat(said))
    return text.encode("utf-8", "replace").decode("utf-8")


def _flat(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, list | tuple):
        for part in said:
            yield from _flat(part)
    else:
        yield json.dumps(said, ensure_ascii=False, default=str)


def _short(said: Any, length: int = 80) -> str:
    text = " ".join(_text(said).split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _unheard(sentence: str) -> None:
    """For a look that decides nothing."""
