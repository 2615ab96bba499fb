"""The key of an ask: a hash of what decides the answer, and of nothing else; and the label of its worker."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from orchestra.brief.ask import Ask

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Begun(Generic[T]):
    """An ask that has its place in the run: what its worker is told, and what both are known by."""

    ask: Ask[T]
    prompt: str
    key: str
    label: str
    first_key: str = ""
    """Its key before somebody wanted it asked again; else the same."""
    left_to: str = ""
    """Who does it, if this run, a shard, does not: `Left to shard 3 of 5.`"""

    @property
    def asked_again(self) -> bool:
        return self.first_key != self.key


class Keys:
    """Gives each ask its key; equal asks of one step are told apart by their number, counted as they are asked."""

    def __init__(self, *, engine: str, model: str | None, effort: str | None) -> None:
        self._who = {"engine": engine, "model": model, "effort": effort}
        self._asked: Counter[tuple[str, str]] = Counter()

    def key(self, ask: Ask[Any], prompt: str, step: str, base: str | None = None) -> str:
        """No absolute path, run id, version, time, deadline or concurrency: they decide nothing about the answer.

        `base` is the id of the tree the worker builds on: what is in it decides, not who committed it and when.
        """
        decides = {
            **self._who,
            "prompt": prompt,
            "role": ask.role,
            "scope": ask.scope,
            "web_search": ask.web_search,
            "schema": ask.schema,
            "files": [[file.path, file.digest] for file in ask.section.files] if ask.section else [],
            "step": step,
        }
        if base is not None:
            decides["base"] = base
        alike = _hash(decides)
        self._asked[step, alike] += 1
        return _hash({"alike": alike, "number": self._asked[step, alike]})


def label_of(ask: Ask[Any], number: int) -> str:
    """What its worker is called: `w2-security`."""
    title = re.sub(r"[^a-z0-9+]+", "-", (ask.title or ask.role).lower()).strip("-")
    return f"w{number}-{title}" if title else f"w{number}"


def asked_again(key: str, notes: list[str]) -> str:
    """The key of an ask that somebody wants asked again: what is built on its answer changes by itself."""
    return _hash({"again": key, "notes": notes})


def _hash(value: dict[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
