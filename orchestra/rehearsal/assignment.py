"""What the understudy was asked to look at: the files and the lenses its prompt names.

The convention is the prompts' own: a line `FILES:` with one file a line under it, `- src/app.py (120 lines)` or
`- guide.md (lines 40-80 of 200)`, with or without a fence around; and a line `LENS: security, risk`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = r"^[ \t]*(?:#+[ \t]*|\*\*)?{word}\b[^:\n]*?(?:\*\*)?(?::(?:\*\*)?[ \t]*(?P<rest>[^\n]*))?$"
_FILES = re.compile(_HEADING.format(word="FILES"), re.MULTILINE)
_LENS = re.compile(_HEADING.format(word="LENS(?:ES)?"), re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+(?P<item>\S.*?)[ \t]*$")
_NOTE = re.compile(r"[ \t]+\((?P<note>[^()]*\blines?\b[^()]*)\)$")
_RANGE = re.compile(r"\blines (\d+)[-\u2013](\d+)")


@dataclass(frozen=True, slots=True)
class Assigned:
    """One file to read, whole or between two lines."""

    path: str
    first: int = 1
    last: int | None = None


def files_of(prompt: str) -> tuple[Assigned, ...]:
    """The files under the first `FILES` heading that has any, each once."""
    for heading in _FILES.finditer(prompt):
        found = dict.fromkeys(_listed(prompt[heading.end() :].split("\n")[1:]))
        if found:
            return tuple(found)
    return ()


def lenses_of(prompt: str) -> tuple[str, ...]:
    """The names after `LENS:`, or at the beginning of the line below it."""
    heading = _LENS.search(prompt)
    if heading is None:
        return ()
    below = (line for line in prompt[heading.end() :].split("\n")[1:] if line.strip())
    said = (heading["rest"] or "").strip() or next(below, "")
    names = re.split(r"[:.(]| - |\u2013|\u2014", said.lstrip("-*+ \t").lower())[0]
    return tuple(name for part in re.split(r"[,;&+]|\band\b", names) if (name := part.strip(" \t*`_\"'")))


def unquoted(name: str) -> str:
    """The name without the pair of quotes around it; one that only begins or ends with such a sign has none."""
    return name[1:-1] if len(name) > 2 and name[0] == name[-1] and name[0] in "`\"'" else name


def _listed(lines: list[str]) -> Iterator[Assigned]:
    fence, begun = "", False
    for line in lines:
        mark = _FENCE.match(line)
        if mark and not fence and not begun:
            fence = mark[1]
        elif mark and fence:
            return
        elif item := _ITEM.match(line):
            begun = True
            yield _assigned(item["item"])
        elif fence and line.strip():
            begun = True
            yield _assigned(line.strip())
        elif begun and not fence:
            return
        elif line.strip() and not begun and not line.rstrip().endswith((":", ".")):
            return  # neither a list nor the sentence that introduces one


def _assigned(item: str) -> Assigned:
    note = _NOTE.search(item)
    path = unquoted(item[: note.start()] if note else item)
    lines = _RANGE.search(note["note"]) if note else None
    return Assigned(path, int(lines[1]), int(lines[2])) if lines else Assigned(path)
