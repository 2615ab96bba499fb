"""What a reviewer looks for."""

import re
from pathlib import Path

from orchestra.brief import prompts
from orchestra.brief.target import Target
from orchestra.errors import TemplateBroken, UsageError
from orchestra.value import Value

DOCUMENTS = {".md", ".markdown", ".rst", ".txt", ".tex", ".adoc", ".org", ".html"}
"""Endings of files that are read, not run."""
_HEAD = re.compile(r"\A---\nmeaning: (?P<meaning>[^\n]+)\n---\n+(?P<body>.+)\Z", re.DOTALL)


class Lens(Value):
    """One way of looking, or two carried by one reviewer (`correctness+evidence`)."""

    name: str
    meaning: str
    """One line, for the list."""
    body: str
    """What the reviewer is told."""

    def __str__(self) -> str:
        return self.name


def lens(name: str, project: Path) -> Lens:
    """The lens of that name; `a+b` is one reviewer with both."""
    parts = name.split("+")
    if len(parts) > 2 or len(set(parts)) != len(parts):
        raise UsageError(f"A reviewer has one lens or two different ones, not {name!r}.")
    found = [_read(part.strip(), project) for part in parts]
    return Lens(
        name="+".join(one.name for one in found),
        meaning="; ".join(one.meaning for one in found),
        body="\n\n".join(one.body for one in found),
    )


def lenses(given: str | tuple[str, ...] | list[str], project: Path) -> tuple[Lens, ...]:
    """Several lenses, as the command line (`a,b+c`) or a program (`["a", "b+c"]`) says them, each once."""
    names = given.split(",") if isinstance(given, str) else list(given)
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not wanted:
        raise UsageError("No lens was named.", next_step="See `orchestra lenses` for those there are.")
    return tuple(lens(name, project) for name in wanted)


def usual(looked_at: Target | None) -> tuple[str, ...]:
    """The lenses for a target nobody named lenses for, by its kind: documents or code."""
    files = looked_at.files if looked_at else ()
    documents = sum(Path(file.path).suffix.lower() in DOCUMENTS for file in files)
    if files and documents * 2 > len(files):
        return ("clarity", "consistency", "evidence")
    return ("correctness", "risk", "security")


def all_lenses(project: Path) -> tuple[Lens, ...]:
    """Every lens there is."""
    return tuple(_read(name, project) for name in prompts.names("lenses", project))


def _read(name: str, project: Path) -> Lens:
    file = prompts.find("lenses", name, project)
    found = _HEAD.match(file.read_text(encoding="utf-8").replace("\r\n", "\n"))
    if not found:
        raise TemplateBroken("A lens begins with `---`, `meaning: one line`, `---`, and then its text.", where=file)
    return Lens(name=name, meaning=found["meaning"].strip(), body=found["body"].strip())
