"""What a prompt tells the understudy: the task, what stands in fences under which heading, the findings given to it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from orchestra.rehearsal.assignment import unquoted

_FENCE = re.compile(r"`{3,}")
_LABEL = re.compile(r"^(?:[A-Z][A-Z -]{2,}\b[^\n]{0,80}?:|What is to be made goes into )")
_TEXT = re.compile(
    r"^TEXT of (?P<path>.+), which lies nowhere but here(?:; its first line here is line (?P<first>\d+))?:$"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced text, and the line it stands under."""

    heading: str
    text: str

    @property
    def data(self) -> Any:
        """What it holds as JSON; the text itself if it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return self.text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding says it is."""

    path: str
    first: int
    last: int
    quote: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A finding the understudy is given: to mend, to refute, to group."""

    name: str
    """Its id, or its number."""
    title: str
    places: tuple[Place, ...]
    rewrite: str = ""


@dataclass(frozen=True)
class Told:
    """A prompt taken apart. What stands in a fence is never taken for a part of the prompt."""

    prompt: str

    @cached_property
    def _parts(self) -> tuple[tuple[str, ...], tuple[Block, ...]]:
        plain: list[str] = []
        blocks: list[Block] = []
        fence, held = "", list[str]()
        for line in self.prompt.split("\n"):
            if not fence and _FENCE.fullmatch(line):
                fence, held = line, []
            elif fence and line == fence:
                blocks.append(Block(next((said for said in reversed(plain) if said.strip()), ""), "\n".join(held)))
                fence = ""
            elif fence:
                held.append(line)
            else:
                plain.append(line)
        return tuple(plain), tuple(blocks)

    def block(self, heading: str) -> Block | None:
        """The first fenced text under a line that begins so."""
        return next((block for block in self._parts[1] if block.heading.startswith(heading)), None)

    def data(self, heading: str) -> list[dict[str, Any]]:
        """The objects in the fence under a heading."""
        block = self.block(heading)
        found = block.data if block else []
        return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    def said(self, label: str) -> str:
        """What follows a label up to the next one: `GOAL`, `QUESTION`. The task's own, not the Context Pack's."""
        lines = self._task
        for number, line in enumerate(lines):
            if line.startswith(f"{label}:"):
                more = _until_label(lines[number + 1 :])
                return "\n".join([line.removeprefix(f"{label}:"), *more]).strip()
        return ""

    def listed(self, label: str) -> list[str]:
        """The items of the list under a label."""
        lines = self._task
        begins = next((number for number, line in enumerate(lines) if line.startswith(label)), len(lines))
        return [line[2:].strip() for line in _until_label(lines[begins + 1 :]) if line.startswith("- ")]

    def says(self, words: str) -> bool:
        """The prompt itself says so, outside of every fence."""
        return any(words in line for line in self._parts[0])

    @property
    def new(self) -> str:
        """Where something new is to be made, if the prompt says so."""
        head = "What is to be made goes into "
        said = next((line.removeprefix(head) for line in self._task if line.startswith(head)), "")
        return unquoted(said.strip().removesuffix("."))

    @property
    def rejected(self) -> bool:
        """The tree holds an earlier attempt that was not accepted."""
        return self.block("REJECTED:") is not None

    @property
    def findings(self) -> tuple[Given, ...]:
        """The findings it is given, in their order."""
        return self.given("FINDINGS")

    def given(self, heading: str) -> tuple[Given, ...]:
        """The findings in the fence under a heading; none if something else stands there."""
        return tuple(map(_given, self.data(heading)))

    @property
    def texts(self) -> dict[str, dict[int, str]]:
        """Texts that lie in no file but in the prompt: line by number, by name."""
        found = ((_TEXT.match(block.heading), block.text) for block in self._parts[1])
        return {
            said["path"]: dict(enumerate(text.split("\n"), int(said["first"] or 1))) for said, text in found if said
        }

    @property
    def _task(self) -> tuple[str, ...]:
        lines = self._parts[0]
        return lines[next((number for number, line in enumerate(lines) if line.startswith("TASK:")), 0) :]


def _until_label(lines: tuple[str, ...]) -> Iterator[str]:
    for line in lines:
        if _LABEL.match(line):
            return
        yield line


def _given(said: Mapping[str, Any]) -> Given:
    locations = said.get("locations") or ()
    return Given(
        name=str(said.get("id", said.get("number", ""))),
        title=str(said.get("title", "")),
        places=tuple(_place(place) for place in locations if isinstance(place, dict)),
        rewrite=str(said.get("rewrite") or ""),
    )


def _place(said: Mapping[str, Any]) -> Place:
    numbers = [int(number) for number in re.findall(r"\d+", str(said.get("lines", "")))] or [1]
    quote = str(said.get("quote", "")).strip("\n")
    return Place(str(said.get("path", "")), numbers[0], numbers[-1], tuple(quote.split("\n")) if quote.strip() else ())
