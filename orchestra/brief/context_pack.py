"""What a worker cannot infer: goal, non-goals, constraints, pointers, prior decisions, success check. All optional."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError, model_validator

from orchestra.errors import ContextInvalid
from orchestra.misread import sentence
from orchestra.value import Value

MOST = 16_000
"""Characters of a rendered pack: some 4,000 tokens, and every worker of the run reads them."""
_HEAD = "CONTEXT PACK: what cannot be inferred from the tree. It frames your task and adds no other."
_ITEM = re.compile(r"^(?:[-*+]|\d+[.)])[ \t]+", re.MULTILINE)


class ContextPack(Value):
    """What workers cannot infer: the goal, what is not wanted, how success is checked.

    Said once for a run, and read by each of its workers. Two packs are put together with `|`.

    Example:
        >>> orchestra.ContextPack(goal="No surprises.", constraints=["Python 3.11 only"])
        <ContextPack: goal, constraints>
    """

    goal: str = ""
    """What should be true in the end."""
    non_goals: tuple[str, ...] = ()
    """What might be thought to be wanted, and is not."""
    constraints: tuple[str, ...] = ()
    """What must hold whatever is done."""
    pointers: tuple[str, ...] = ()
    """Where to look: files, documents, people's words for things."""
    prior_decisions: tuple[str, ...] = ()
    """What was decided before and is not to be argued again, with its reason."""
    success_check: str = ""
    """The command or condition that shows that the goal is reached."""
    citation_style: str = ""
    """For scholarly text: `APA 7`. Becomes a constraint."""

    @model_validator(mode="before")
    @classmethod
    def _as_meant(cls, said: Any) -> Any:
        """A list may be said as one text, with or without bullets; a text as a list of its lines."""
        if not isinstance(said, Mapping):
            return said
        read = {}
        for name, value in said.items():
            field = cls.model_fields.get(name)
            if field is not None and value is not None:
                value = _items(value) if field.annotation is not str else _text(value)
            if field is None or value is not None:
                read[name] = value
        return read

    def __bool__(self) -> bool:
        """False: it says nothing."""
        return any(getattr(self, name) for name in type(self).model_fields)

    def __repr__(self) -> str:
        said = [name.replace("_", " ") for name in type(self).model_fields if getattr(self, name)]
        return f"<ContextPack: {', '.join(said) or 'says nothing'}>"

    def __or__(self, more: "ContextPack") -> "ContextPack":
        """This pack and what was said besides: a text replaces the text there is, a list is added to the list."""
        both: dict[str, Any] = {}
        for name in type(self).model_fields:
            mine, other = getattr(self, name), getattr(more, name)
            both[name] = other or mine if isinstance(mine, str) else tuple(dict.fromkeys((*mine, *other)))
        return ContextPack(**both)

    def render(self) -> str:
        """The pack as workers read it, empty if it says nothing. The same pack, the same bytes; never cut."""
        if not self:
            return ""
        parts = [_HEAD, *(part for label, value in self._labelled() if (part := _shown(label, value)))]
        text = "\n".join(parts)
        if len(text) > MOST:
            raise self._too_long(len(text))
        return text

    def _labelled(self) -> list[tuple[str, str | tuple[str, ...]]]:
        style = (f"Citations and references follow {self.citation_style}.",) if self.citation_style else ()
        return [
            ("GOAL", self.goal),
            ("NON-GOALS", self.non_goals),
            ("CONSTRAINTS", (*self.constraints, *style)),
            ("POINTERS", self.pointers),
            ("PRIOR DECISIONS", self.prior_decisions),
            ("SUCCESS CHECK", self.success_check),
        ]

    def _too_long(self, size: int) -> ContextInvalid:
        sizes = sorted(((len(_shown(label, value)), label) for label, value in self._labelled()), reverse=True)
        largest = ", ".join(f"{label} {length:,}" for length, label in sizes[:3] if length)
        return ContextInvalid(
            f"The Context Pack has {size:,} characters, and {MOST:,} are the most that every worker should read.",
            next_step=f"Cut {size - MOST:,} of them. The longest: {largest}. "
            "Long texts belong into files of the tree; name them under pointers.",
        )


def unknown(said: str, where: str | None = None) -> ContextInvalid:
    """A field no pack has."""
    fields = tuple(ContextPack.model_fields)
    near = get_close_matches(re.sub(r"[\s-]+", "_", said.lower()), fields, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return ContextInvalid(
        f"A Context Pack has no field {said!r}.{guess}", where=where, next_step=f"Its fields: {', '.join(fields)}."
    )


def of_values(said: Mapping[str, Any]) -> ContextPack:
    """The pack that says this. An unknown field is an error that names the nearest."""
    for name in said:
        if name not in ContextPack.model_fields:
            raise unknown(str(name))
    try:
        return ContextPack(**said)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise ContextInvalid(
            sentence(f"The Context Pack's {name}", problem), next_step="Say it as text; several of a kind as a list."
        ) from error


# ── its texts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _items(said: Any) -> Any:
    """A list of texts, each once, none empty. One text is taken apart at its bullets, or else at its empty lines."""
    if isinstance(said, str):
        plain = _text(said)
        said = _ITEM.split(plain) if _ITEM.search(plain) else re.split(r"\n\s*\n", plain)
        # What continues a bullet is indented under it.
        said = ["\n".join(line.strip() for line in item.strip().split("\n")) for item in said]
    if not isinstance(said, list | tuple):
        return said
    texts = [_text(item) for item in said]
    return tuple(item for at, item in enumerate(texts) if item and item not in texts[:at])


def _text(said: Any) -> Any:
    """A text with plain line ends and nothing at the end of its lines."""
    if isinstance(said, list | tuple) and all(isinstance(line, str) for line in said):
        said = "\n".join(said)
    if not isinstance(said, str):
        return said
    return "\n".join(line.rstrip() for line in said.replace("\r\n", "\n").strip().split("\n"))


def _shown(label: str, value: str | tuple[str, ...]) -> str:
    if not value:
        return ""
    if isinstance(value, str):
        return f"{label}:\n  {_indented(value)}" if "\n" in value else f"{label}: {value}"
    return "\n".join([f"{label}:", *(f"- {_indented(item)}" for item in value)])


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
