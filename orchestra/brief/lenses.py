"""What a reviewer looks for."""

import re
from collections import Counter
from pathlib import Path

from orchestra.brief import prompts
from orchestra.brief.kinds import Kind, kind
from orchestra.brief.target import Target
from orchestra.errors import TemplateBroken, UsageError
from orchestra.value import Value

CODE = ("correctness", "risk", "security")
DOCUMENTS = ("clarity", "consistency", "evidence")
CONFIGURATION = ("risk", "security", "correctness")
MIXED = ("correctness", "risk", "security", "consistency")
"""Code and the documents about it: whether they agree is a question of its own."""
_HEAD = re.compile(r"\A---\nmeaning: (?P<meaning>[^\n]+)\n---\n+(?P<body>.+)\Z", re.DOTALL)


class Lens(Value):
    """What a reviewer looks for; for those of `orchestra lenses` the name does.

    It may be two carried by one reviewer: `correctness+evidence`.

    Example:
        >>> tax = orchestra.Lens(name="tax", meaning="whether tax is right", body="Look for sums without tax.")
        >>> orchestra.plan("review", target="src/", lenses=["risk", tax]).workers[1].label
        'w2-tax'
    """

    name: str
    meaning: str
    """One line, for the list."""
    body: str
    """What the reviewer is told."""

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<Lens {self.name}: {self.meaning}>"


def lens(name: str, project: Path) -> Lens:
    """The lens of that name; `a+b` is one reviewer with both."""
    parts = [part.strip() for part in name.split("+")]
    if len(parts) > 2 or len(set(parts)) != len(parts):
        raise UsageError(
            f"A reviewer has one lens or two different ones, not {name!r}.",
            next_step="Put a comma between reviewers: `--lenses risk,clarity+security`.",
        )
    found = [_read(part, project) for part in parts]
    return Lens(
        name="+".join(one.name for one in found),
        meaning="; ".join(one.meaning for one in found),
        body=found[0].body if len(found) == 1 else "\n\n".join(f"{one.name.upper()}:\n{one.body}" for one in found),
    )


def lenses(given: str | tuple[str, ...] | list[str], project: Path) -> tuple[Lens, ...]:
    """Several lenses, as the command line (`a,b+c`) or a program (`["a", "b+c"]`) says them, each once."""
    names = given.split(",") if isinstance(given, str) else list(given)
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not wanted:
        raise UsageError("No lens was named.", next_step="See `orchestra lenses` for those there are.")
    return tuple(lens(name, project) for name in wanted)


def usual(looked_at: Target | None) -> tuple[str, ...]:
    """The lenses for a target nobody named lenses for, by the kind most of its files are of."""
    kinds = Counter(kind(file.path) for file in looked_at.files) if looked_at else Counter()
    documents, code, settings = kinds[Kind.DOCUMENT], kinds[Kind.CODE], kinds[Kind.CONFIGURATION]
    if documents > 2 * (code + settings):
        return DOCUMENTS
    if settings > code + documents:
        return CONFIGURATION
    return MIXED if documents * 3 > code + settings and documents > 1 else CODE


def all_lenses(project: Path) -> tuple[Lens, ...]:
    """Every lens there is."""
    return tuple(_read(name, project) for name in prompts.names("lenses", project))


def _read(name: str, project: Path) -> Lens:
    template = prompts.find("lenses", name, project)
    found = _HEAD.match(template.text)
    if not found:
        raise TemplateBroken(
            f"The lens {name!r} does not begin with `---`, `meaning: one line`, `---`, and its text after that.",
            where=template.file,
        )
    return Lens(name=name, meaning=found["meaning"].strip(), body=found["body"].strip())
