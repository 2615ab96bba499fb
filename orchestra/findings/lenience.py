"""The findings a worker plainly meant, told under other keys or in another shape; each leniency with a note.

Works on JSON as it came and gives JSON of the contract's form. What is not plain is left as it is: the model then
refuses it, and the worker gets its repair turn.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestra.findings.citation import cited
from orchestra.findings.sarif_read import is_sarif, review_in_sarif
from orchestra.findings.severity_words import severity_meant
from orchestra.findings.values import (
    LAST_LINE,
    UNSURE,
    Notes,
    confidence_meant,
    lines_meant,
    short,
    text_of,
    unheard,
)

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
    "start_line": (
        "start_line",
        "startline",
        "line_start",
        "line",
        "row",
        "lines",
        "line_number",
        "line_range",
        "start",
    ),
    "end_line": ("end_line", "endline", "line_end", "end"),
    "quote": ("quote", "snippet", "code", "evidence", "excerpt"),
}
_SENTENCE = re.compile(r"(?<=[.!?])\s|(?<=[。！？])|\n")  # noqa: RUF001 - full stops of other scripts
_RULE = re.compile(r"[A-Za-z]{1,10}[-_]?\d{1,6}")
_WORDS = ("title", "category", "problem")


def review_meant(said: Any, note: Notes) -> Any:
    """A review in the contract's form."""
    if isinstance(said, list):
        note("the message is a bare list; it is read as the findings")
        said = {"findings": said}
    if is_sarif(said):
        said, notes = review_in_sarif(said, UNSURE)
        for sentence in ("the message is SARIF; its results are read as the findings", *notes):
            note(sentence)
    if not isinstance(said, Mapping):
        return said
    given, rest = _by_key(said, REVIEW_KEYS, note, "the message")
    if "findings" not in given and {"title", "problem"} <= _by_key(said, FINDING_KEYS, unheard, "")[0].keys():
        note("the message is a single finding")
        given, rest = {"findings": [dict(said)]}, {}
    if given.get("summary") is None:
        note("the message has no summary")
    given["summary"] = text_of(given.get("summary") or "")
    for key, value in rest.items():
        note(f"the message also says {key}: {short(value)}")
    if "findings" in given:
        given["findings"] = entries(given["findings"], note)
    if isinstance(given.get("findings"), list):
        numbered: list[tuple[int, str]] = []
        given["findings"] = [
            finding_meant(entry, lambda sentence, number=number: numbered.append((number, sentence)))  # type: ignore[misc] # mypy cannot type a lambda with a default
            for number, entry in enumerate(given["findings"], 1)
        ]
        for sentence in folded(numbered):
            note(sentence)
    return given


def folded(numbered: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Notes about single findings, each sentence once: 5,000 findings without a confidence are one line."""
    about: dict[str, list[int]] = {}
    for number, sentence in numbered:
        about.setdefault(sentence, []).append(number)
    for sentence, numbers in about.items():
        named = ", ".join(map(str, numbers[:10]))
        more = f" and {len(numbers) - 10:,} more" if len(numbers) > 10 else ""
        yield f"{'finding' if len(numbers) == 1 else 'findings'} {named}{more}: {sentence}"


def entries(said: Any, note: Notes) -> Any:
    """The list of findings, without what is empty in it."""
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
        note(f"{len(said) - len(kept)} of the {len(said)} entries of the list were empty")
    return kept


def finding_meant(said: Any, note: Notes) -> Any:
    """A finding in the contract's form, or what was said when there is no plain meaning."""
    if not isinstance(said, Mapping) or _is_plain(said):
        return said
    given, rest = _by_key(said, FINDING_KEYS, note, "it")
    if (code := rest.get("code")) and _RULE.fullmatch(str(code)):
        note("its code is the name of a rule; it is read as the category")
        given.setdefault("category", rest.pop("code"))
    here = {key: rest.pop(key) for key in tuple(rest) if any(key.lower() in names for names in LOCATION_KEYS.values())}
    place = given.get("locations") or {}
    if here and isinstance(place, Mapping):  # a linter names the file beside the place
        given["locations"] = [{**here, **place}]
    _fill_words(given, note)
    if "severity" in given:
        p_scale = "priority" in said and isinstance(given["severity"], int)  # codex's review counts from 0
        given["severity"] = severity_meant(f"P{given['severity']}" if p_scale else given["severity"], note)
    given["confidence"] = confidence_meant(given.get("confidence"), note)
    given["locations"] = _locations(given.get("locations"), note)
    for key, value in rest.items():
        if value not in (None, "", [], {}) and isinstance(given.get("problem"), str):
            note(f"{key} is no part of a finding; it is kept at the end of the problem")
            given["problem"] += f"\n{key}: {text_of(value)}"
    return given


def location_meant(said: Any, note: Notes) -> Any:
    """A location in the contract's form: `{"path": "a.py", "line": "12-15"}` and `"a.py:12-15"` are plain."""
    if isinstance(said, str):
        place = next(cited(said), None)
        said = {"path": place.path, "start_line": place.start, "end_line": place.end} if place else {"path": said}
    if not isinstance(said, Mapping):
        return said
    given, rest = _by_key(said, LOCATION_KEYS, note, "a location")
    for key, value in rest.items():
        note(f"a location also says {key}: {short(value)}")
    raw = given.get("start_line"), given.get("end_line")
    start, end = lines_meant(*raw)
    first = 1 if start is None else start
    last = first if end is None else end
    given["start_line"], given["end_line"] = max(1, min(first, last)), max(1, first, last)
    if start is None:
        note("a location names no line")
    elif raw != (given["start_line"], given["end_line"]):
        wrote = " to ".join(f"{line!r:.80}" for line in raw if line is not None)
        note(f"the lines {wrote} are read as {given['start_line']} to {given['end_line']}")
    if given.get("quote") is None:
        note("a location has no quote")
    given["quote"] = text_of(given.get("quote") or "")
    if isinstance(given.get("path"), str):
        given["path"] = text_of(given["path"]).strip()
    return given


# ── the pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_plain(said: Mapping[str, Any]) -> bool:
    """The contract's own form needs no reading; most findings are that."""
    if not (FINDING_KEYS.keys() - {"rewrite"} <= said.keys() <= FINDING_KEYS.keys()):
        return False
    confidence = said["confidence"]
    return (
        said["severity"] in ("critical", "high", "medium", "low")
        and isinstance(confidence, float | int)
        and not isinstance(confidence, bool)
        and 0 <= confidence <= 1
        and all(_is_writable(said[key]) and said[key] for key in _WORDS)
        and _is_writable(said["recommendation"])
        and isinstance(said["locations"], list | tuple)
        and all(map(_is_plain_location, said["locations"]))
        and (said.get("rewrite") is None or _is_writable(said["rewrite"]))
    )


def _is_plain_location(place: Any) -> bool:
    if not isinstance(place, Mapping):
        return not isinstance(place, str)  # a location that was read already
    start, end = place.get("start_line"), place.get("end_line")
    return (
        place.keys() == LOCATION_KEYS.keys()
        and type(start) is int
        and type(end) is int
        and 1 <= start <= end <= LAST_LINE
        and _is_writable(place["path"])
        and _is_writable(place["quote"])
    )


def _is_writable(text: Any) -> bool:
    return isinstance(text, str) and (text.isascii() or text_of(text) == text)


def _by_key(
    said: Mapping[str, Any], known: Mapping[str, tuple[str, ...]], note: Notes, whose: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was given under the contract's keys or one of their other names, and the rest."""
    rest = {str(key): value for key, value in said.items()}
    plain = {own.lower().replace("-", "_").replace(" ", "_"): own for own in reversed(rest)}
    given: dict[str, Any] = {}
    for key, names in known.items():
        found = next((plain[name] for name in names if name in plain and plain[name] in rest), None)
        if found is not None:
            given[key] = rest.pop(found)
            if found != key:
                note(f"{whose} calls its {key} {short(found)!r}")
    return given, rest


def _fill_words(given: dict[str, Any], note: Notes) -> None:
    """The words a person would not miss: a title can be taken from the problem, and the other way round."""
    for key in ("title", "problem", "category", "recommendation", "rewrite"):
        if given.get(key) is not None:
            said, given[key] = given[key], text_of(given[key])
            if given[key] != said:
                note(f"the {key} is not plain text")
    if not given.get("title") and given.get("problem"):
        given["title"] = _SENTENCE.split(given["problem"].strip(), maxsplit=1)[0]
        note("there is no title; it is the first sentence of the problem")
    if not given.get("problem") and given.get("title"):
        given["problem"] = given["title"]
        note("there is no text but the title")
    for key, stand_in in (("category", "other"), ("recommendation", "")):
        if given.get(key) is None or (key == "category" and not given[key].strip()):
            given[key] = stand_in
            note(f"no {key} was given")


def _locations(said: Any, note: Notes) -> Any:
    if said is None or said == "":
        note("no location was given")
        return []
    if isinstance(said, Mapping | str):
        note("the one location stood outside a list")
        said = [said]
    if not isinstance(said, list | tuple):
        return said
    return [location_meant(place, note) for place in said if place not in (None, "", {})]
