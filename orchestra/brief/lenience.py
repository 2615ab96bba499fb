"""The base of what roles answer: strict in what is asked for, lenient where the meaning is plain, each with a note.

A field without a default is essential: an answer without it goes back to its worker. Every other field may be missing.
"""

import json
import re
import typing
from collections.abc import Mapping
from enum import StrEnum
from types import UnionType
from typing import Any

from pydantic import ValidationInfo, model_validator
from pydantic.fields import FieldInfo

from orchestra.findings.values import NUMBER, Notes, unheard
from orchestra.value import Described

_BULLET = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+", re.MULTILINE)

SAME = {
    name: frozenset(words.split())
    for name, words in {
        # fields
        "about": "topic question",
        "alike": "similar duplicates",
        "ambiguities": "ambiguous questions",
        "assumption": "assumed default",
        "best_ideas": "keep ideas",
        "changes": "files changed files_changed",
        "checks": "checks_run",
        "chosen": "choice winner best",
        "claims": "points synthesis findings",
        "command": "check name what",
        "conflicts": "inconsistencies issues",
        "cost": "effort costs",
        "date": "published year",
        "disagreements": "disagreement disputes conflicts",
        "elsewhere": "other_sections concerns",
        "evidence": "output proof seen",
        "fact": "claim text statement point",
        "finding": "id number",
        "fixed": "addressed done",
        "follow_ups": "followups next_steps",
        "groups": "findings order",
        "how": "fix change what",
        "idea": "summary description text",
        "issues": "problems findings",
        "judgements": "judgments verdicts findings results",
        "key_files": "files",
        "link": "url href uri",
        "map": "overview summary structure",
        "missing": "not_covered gaps",
        "name": "title",
        "next_actions": "actions next_steps",
        "not_fixed": "declined skipped unfixed",
        "number": "id n index finding",
        "numbers": "findings ids members number",
        "option": "number id",
        "options": "pair numbers",
        "path": "file filename where",
        "plan": "steps",
        "points": "score value",
        "problem": "issue conflict title what description",
        "readings": "options interpretations",
        "reason": "why because rationale",
        "because": "why reason rationale",
        "recommendation": "fix suggestion",
        "repro_steps": "reproduce steps repro",
        "reproduce": "how_to_reproduce verify how_to_verify",
        "resolution": "fix how solution",
        "result": "answer summary text merged outcome passed status verdict",
        "scores": "matrix points",
        "sections": "between where",
        "seen_in": "where source location evidence path",
        "sides": "positions views",
        "sources": "citations cites source",
        "suggested_fixes": "fixes suggestions",
        "summary": "what_changed overview reason",
        "synthesis": "points claims findings summary",
        "term": "what about",
        "text": "claim point statement",
        "title": "name heading",
        "trade_offs": "tradeoffs trade_off pros_and_cons",
        "uncertainty": "uncertain uncertainties unknowns limitations",
        "unfinished": "not_done open",
        "unknowns": "unknown open_questions",
        "verdict": "result outcome status ruling",
        "what": "change description action task",
        "why": "reason because rationale relevance why_it_matters purpose",
        "would_change_its_mind": "would_change_my_mind what_would_change_its_mind",
        # choices
        "pass": "passed passes ok true success accept accepted approved",
        "fail": "failed fails false reject rejected",
        "passed": "pass ok true success succeeded green",
        "failed": "fail false error red",
        "incomplete": "unknown inconclusive unverified partial",
        "not_run": "skipped incomplete unknown blocked",
        "confirmed": "confirm valid real true true_positive upheld",
        "refuted": "refute invalid false false_positive wrong rejected",
        "unsure": "unknown uncertain inconclusive unclear undecided",
    }.items()
}
"""Other words for a field or a choice. An answer that uses one is read as what it can only mean."""


class Choice(StrEnum):
    """One word out of a few."""

    @classmethod
    def meant(cls, said: Any) -> Any:
        """The one that is plainly meant; else what was said."""
        word = _word(str(said)) if isinstance(said, str | bool) else ""
        if word in list(cls):
            return word
        found = [choice for choice in cls if word in SAME.get(choice.value, ())]
        return found[0].value if len(found) == 1 else said


class Answer(Described):
    """What a worker's final message is read as."""

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, said: Any, info: ValidationInfo) -> Any:
        context = info.context
        note = context["notes"].append if isinstance(context, dict) and "notes" in context else unheard
        if not isinstance(said, Mapping):
            said = cls._wrapped(said, note)
        return cls._meant(said, note) if isinstance(said, Mapping) else said

    @classmethod
    def _meant(cls, said: Mapping[str, Any], note: Notes) -> dict[str, Any]:
        """The answer in its own form, as far as that is plain; the model then refuses what is not."""
        given = {_word(str(key)): value for key, value in said.items() if value is not None}
        read = {}
        for name, field in cls.model_fields.items():
            others = [key for key in given if key not in cls.model_fields and key in SAME.get(name, ())]
            key = name if name in given or not others else others[0]
            if key in given:
                if key != name:
                    note(f"{cls.__name__} calls its {name} {key!r}")
                read[name] = _value(given.pop(key), field, lambda sentence: note(f"{cls.__name__}: {sentence}"))
        for key, value in given.items():
            if value not in ("", [], {}):
                note(f"{cls.__name__} also says {key}: {_short(value)}")
        return read

    @classmethod
    def _wrapped(cls, said: Any, note: Notes) -> Any:
        """A bare list is the first list of the answer, a bare text its first field."""
        fields = cls.model_fields
        if isinstance(said, list | tuple):
            lists = [name for name, field in fields.items() if typing.get_origin(field.annotation) is tuple]
            if lists and all(not field.is_required() for name, field in fields.items() if name not in lists):
                note(f"the message is a bare list; it is read as the {lists[0]}")
                return {lists[0]: list(said)}
        first = next(iter(fields))
        if isinstance(said, str) and [name for name, field in fields.items() if field.is_required()] == [first]:
            note(f"{cls.__name__}: a text is read as its {first}")
            return {first: said}
        return said


def _value(said: Any, field: FieldInfo, note: Notes) -> Any:
    wanted = field.annotation
    if typing.get_origin(wanted) is tuple:
        return _items(said, typing.get_args(wanted)[0], note)
    if typing.get_origin(wanted) in (UnionType, typing.Union):
        wanted = next(part for part in typing.get_args(wanted) if part is not type(None))
    return _single(said, wanted, note)


def _items(said: Any, wanted: Any, note: Notes) -> Any:
    """A list; text with bullets is one, and anything alone is one of one."""
    if isinstance(said, str):
        note("a text stands where a list was asked for")
        said = [part for part in _BULLET.split(said) if part.strip()] if wanted is str else _one_or_none(said)
    elif not isinstance(said, list | tuple):
        note("one value stands where a list was asked for")
        said = [said]
    return [_single(item, wanted, note) for item in said if item not in (None, "", {}, [])]


def _one_or_none(said: str) -> list[str]:
    return [] if said.strip().lower().rstrip(".") in ("", "none", "n/a", "-") else [said]


def _single(said: Any, wanted: Any, note: Notes) -> Any:
    if wanted is str:
        return _text(said).strip()
    if wanted in (int, float):
        return _number(said, wanted, note)
    if isinstance(wanted, type) and issubclass(wanted, Choice):
        meant = wanted.meant(said)
        if meant != said:
            note(f"{_short(said)!r} is read as {meant}")
        return meant
    return said


def _number(said: Any, wanted: type[float], note: Notes) -> Any:
    """7, "7", "#7" and "7/10" are 7."""
    found = NUMBER.search(said) if isinstance(said, str) else None
    if found is None:
        return int(said) if wanted is int and isinstance(said, float) and said.is_integer() else said
    note(f"{_short(said)!r} is read as {found.group()}")
    number = float(found.group().replace(",", "."))
    return int(number) if wanted is int and number.is_integer() else number


def _word(said: str) -> str:
    return re.sub(r"[\s_-]+", "_", said.strip(" \t\n.!*`'\"").lower())


def _text(said: Any) -> str:
    if isinstance(said, list | tuple):
        return "\n".join(_text(part) for part in said if part not in (None, "", {}, []))
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)


def _short(said: Any, length: int = 80) -> str:
    text = " ".join(_text(said).split())
    return text if len(text) <= length else text[: length - 1] + "…"
