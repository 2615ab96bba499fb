"""A worker's final message read as findings, as far as it goes. Nothing is dropped without a note."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from orchestra.answer import Unreadable, read, read_json
from orchestra.findings.finding import Finding, ReviewMessage
from orchestra.findings.lenience import (
    FINDING_KEYS,
    REVIEW_KEYS,
    entries,
    finding_meant,
    folded,
)
from orchestra.findings.prose import findings_in_prose
from orchestra.findings.values import UNSURE, short, text_of
from orchestra.value import Value

# Where the list of findings begins, under any of its names, in JSON that need not be whole.
_LIST = re.compile(
    rf'"(?:{"|".join(REVIEW_KEYS["findings"])})"\s*:\s*\[|^\s*\[(?=\s*\{{)', re.IGNORECASE | re.MULTILINE
)
_BETWEEN = re.compile(r"[\s,]*")


class Parsed(Value):
    """What a message says, and how far it could be read."""

    summary: str = ""
    findings: tuple[Finding, ...] = ()
    complete: bool = True
    """False: salvaged from something that is no full answer."""
    notes: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Read a final message: typed JSON, bare or fenced; else what is whole in broken JSON; else Markdown prose."""
    try:
        reading = read(text, ReviewMessage)
    except (Unreadable, ValueError, RecursionError) as error:  # json has limits of its own: depth, digits
        why = short(str(error), 300)
    else:
        return Parsed(summary=reading.value.summary, findings=reading.value.findings, notes=reading.notes)
    notes = [why]
    numbered: list[tuple[int, str]] = []
    found: list[Finding] = []
    summary = ""
    for salvaged in (_from_whole_json, _from_torn_json):
        if not found:
            found = [_as_finding(entry, number, numbered) for number, entry in enumerate(salvaged(text, notes), 1)]
    notes += folded(numbered)
    if not found:
        found, summary = findings_in_prose(text, notes.append)
    if found:
        notes.append(f"{len(found)} salvaged; as the message is no full answer, they support nothing")
    return Parsed(summary=summary, findings=tuple(found), complete=False, notes=tuple(notes))


def _from_whole_json(text: str, notes: list[str]) -> Iterator[Any]:
    """The entries of JSON that can be read, though not all of it as a review."""
    try:
        data, _ = read_json(text)
    except (ValueError, RecursionError):
        return
    if isinstance(data, Mapping):
        data = next((value for key, value in data.items() if str(key).lower() in REVIEW_KEYS["findings"]), None)
    listed = entries(data, notes.append) if data else []
    if isinstance(listed, list) and any(map(_speaks, listed)):
        yield from listed


def _from_torn_json(text: str, notes: list[str]) -> Iterator[Any]:
    """The entries of JSON that ends in the middle, or is broken in one place; the torn one too, if it says anything."""
    begin = _LIST.search(text)
    if not begin:
        return
    if before := text[: begin.start()].strip(" \t\n{,"):
        notes.append(f"before the findings it says: {short(before, 300)}")
    at = begin.end()
    while (start := _next_entry(text, at)) is not None:
        entry, at = _entry(text, start)
        if entry is None:
            at = _next_whole(text, start + 1)
            entry = _closed(text[start:at])
            notes.append(f"the message breaks off or is broken at: {short(text[start:at], 200)}")
        if _speaks(entry):
            yield entry
        elif re.search(r"[^\W\d_]", text[start:at]):
            yield text[start:at].strip(" \t\n,")


def _next_entry(text: str, at: int) -> int | None:
    """Where the next entry of a list begins; None at the end of the list or of the text."""
    between = _BETWEEN.match(text, at)
    start = between.end() if between else at
    return None if start >= len(text) or text[start] in "]`" else start


def _next_whole(text: str, at: int) -> int:
    """Where the next object begins that is whole and says something, or the end."""
    return next(
        (brace.start() for brace in re.compile(r"\{").finditer(text, at) if _speaks(_entry(text, brace.start())[0])),
        len(text),
    )


def _entry(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that begins here, and where it ends; None if there is none."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, at


def _closed(torn: str) -> Any:
    """The entry that was being written when the text broke off: strings and brackets that stand open are closed."""
    open_brackets, in_string, skip = [], False, False
    for sign in torn:
        if skip or sign == "\\":
            skip = not skip
        elif sign == '"':
            in_string = not in_string
        elif not in_string and sign in "{[":
            open_brackets.append("}" if sign == "{" else "]")
        elif not in_string and sign in "}]" and open_brackets:
            open_brackets.pop()
            if not open_brackets:
                break
    text = torn[:-1] if skip else torn
    closing = ('"' if in_string else "") + "".join(reversed(open_brackets))
    for end in (closing, "null" + closing, ":null" + closing, '":null' + closing.removeprefix('"')):
        try:
            return json.JSONDecoder(strict=False).raw_decode(text.rstrip().rstrip(",") + end)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _speaks(entry: Any) -> bool:
    """A text, or an object with one of the words a finding has."""
    if isinstance(entry, Mapping):
        said = {str(key).lower() for key in entry}
        return any(said.intersection(FINDING_KEYS[key]) for key in ("title", "problem"))
    return isinstance(entry, str) and bool(entry.strip())


def _as_finding(entry: Any, number: int, notes: list[tuple[int, str]]) -> Finding:
    """An entry as a finding; what has no plain meaning stands in it as its own words, and a note says so."""

    def note(sentence: str) -> None:
        notes.append((number, sentence))

    said = finding_meant(entry, note) if isinstance(entry, Mapping) else {}
    try:
        return Finding.model_validate(said)
    except ValidationError:
        note(f"not a finding as asked for; its own words are kept: {short(entry, 160)}")
    words = text_of(entry)
    plain = {"title": short(words, 100), "severity": "medium", "confidence": UNSURE, "category": "other"}
    kept = {"problem": words, "recommendation": "", "locations": [], **plain}
    for key in Finding.model_fields.keys() & said.keys():
        try:
            kept = Finding.model_validate({**kept, key: said[key]}).model_dump()
        except ValidationError:
            continue
    return Finding.model_validate(kept)
