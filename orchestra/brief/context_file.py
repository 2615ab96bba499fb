"""Context Packs in files: TOML, YAML, or Markdown with headings and, if one likes, YAML in front."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestra.brief.context_pack import ContextPack, of_values, unknown
from orchestra.brief.listing import plain
from orchestra.brief.repository import Facts
from orchestra.errors import ContextInvalid

_LARGEST = 1_000_000  # bytes of a file that can hold a pack at all
_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(?P<name>.+?)[ \t#:]*$")
_CODE_FENCE = re.compile(r"^[ \t]*(```|~~~)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

Said = Iterator[tuple[str, Any, int]]
"""Name of a field as it was said, its value, and the line it stands on."""


def context_pack(said: ContextPack | Mapping[str, Any] | str | Path | None, **more: Any) -> ContextPack:
    """Read a Context Pack from a file or from values, and add what is said besides.

    Example:
        >>> pack = orchestra.context_pack({"success_check": "make test"}, goal="Faster receipts.")
        >>> print(pack.render().splitlines()[1])
        GOAL: Faster receipts.
    """
    if said is None:
        base = ContextPack()
    elif isinstance(said, ContextPack):
        base = said
    elif isinstance(said, Mapping):
        base = of_values(said)
    else:
        base = read(Path(said))
    return base | of_values({name: value for name, value in more.items() if value})


def read(file: Path) -> ContextPack:
    """The pack a file holds. An unknown field is an error that names its line and the nearest field."""
    text = _text(file)
    readers = {".toml": _toml, ".yaml": _yaml, ".yml": _yaml, ".md": _markdown, ".markdown": _markdown}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise ContextInvalid(
            f"A Context Pack is read from TOML (.toml), Markdown (.md) or YAML (.yaml), not from {file.name!r}.",
            where=file,
            next_step="`orchestra context init` writes one in TOML.",
        )
    values: dict[str, Any] = {}
    for said, value, line in reader(text, file):
        name = re.sub(r"[\s-]+", "_", said.strip().lower())
        if name not in ContextPack.model_fields:
            raise unknown(said, f"{file}:{line}")
        if name in values:
            body = reader is _markdown and name == "goal"
            raise ContextInvalid(
                f"{said!r} is said twice.",
                where=f"{file}:{line}",
                next_step="Keep one. What stands before the first heading is the goal." if body else "Keep one.",
            )
        if not _is_text(value):
            raise ContextInvalid(
                f"{said!r} is a text or a list of texts, not {value!r}.",
                where=f"{file}:{line}",
                next_step="Put it into quotation marks.",
            )
        values[name] = value
    return ContextPack(**values)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _LARGEST:
            raise ContextInvalid(
                f"{file.name} is too large to be a Context Pack.",
                where=file,
                next_step="Put long texts into files of the tree, and name those under pointers.",
            )
        return file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ContextInvalid(
            "The Context Pack is not UTF-8 text.", where=file, next_step="Save it as UTF-8."
        ) from error
    except OSError as error:
        raise ContextInvalid(
            f"The Context Pack cannot be read: {error.strerror}.",
            where=file,
            next_step="`orchestra context init` writes one to fill in.",
        ) from error


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str) or (isinstance(value, list) and all(map(_is_line, value)))


def _is_line(value: Any) -> bool:
    return isinstance(value, str)


# ── the three forms ──────────────────────────────────────────────────────────────────────────────────────────────────


def _toml(text: str, file: Path) -> Said:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"\(at line (\d+),", str(error))
        where = f"{file}:{line[1]}" if line else file
        raise ContextInvalid(f"The Context Pack is not TOML: {error}.", where=where) from error
    for name, value in data.items():
        found = re.search(rf"^[ \t]*\[*[ \t]*[\"']?{re.escape(name)}\b", text, re.MULTILINE)
        yield name, value, text.count("\n", 0, found.start()) + 1 if found else 1


def _yaml(text: str, file: Path, first: int = 1) -> Said:
    import yaml

    try:
        # The base loader takes every scalar as the text it is: `1.10` and `no` are not to become 1.1 and False.
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + first}" if mark else file
        raise ContextInvalid(f"The YAML of the Context Pack cannot be read: {_problem(error)}.", where=where) from error
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise ContextInvalid("The YAML of a Context Pack is made of `field: value`.", where=f"{file}:{first}")
    for key, value in root.value:
        yield str(key.value), _plain(value), key.start_mark.line + first


def _problem(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).split("\n")[0]


def _plain(node: Any) -> Any:
    """A text or a list of texts; anything else as it was meant, to be refused."""
    if isinstance(node.value, str):
        return node.value or None
    if node.id == "sequence":
        return [item.value if isinstance(item.value, str) else _pairs(item) for item in node.value]
    return _pairs(node)


def _pairs(node: Any) -> Any:
    return {str(key.value): "…" for key, _ in node.value} if node.id == "mapping" else ["…"]


def _markdown(text: str, file: Path) -> Said:
    front = _FRONT.match(text)
    if front:
        yield from _yaml(front["yaml"], file, first=2)
    elif text.startswith("---\n"):
        raise ContextInvalid(
            "The front matter of the Context Pack has no end.",
            where=f"{file}:1",
            next_step="Close it with a line `---`.",
        )
    begin = front.end() if front else 0
    body = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), text[begin:])
    name, at, lines, fenced = "goal", 0, list[str](), False
    for number, line in enumerate(body.split("\n"), text.count("\n", 0, begin) + 1):
        fenced ^= bool(_CODE_FENCE.match(line))
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            lines.append(line)
            at = at or (number if line.strip() else 0)
            continue
        if at:
            yield name, "\n".join(lines), at
        name, at, lines = heading["name"], number, []
    if at:
        yield name, "\n".join(lines), at


# ── one to fill in ───────────────────────────────────────────────────────────────────────────────────────────────────


def blank(facts: Facts, file: str, success_check: str = "") -> str:
    """A pack to fill in, with what the repository says of itself as comments, which no worker sees."""
    check = facts.test_commands[0] if facts.test_commands else "make test"
    return "\n".join(
        [
            "# A Context Pack: what a worker cannot infer. Fill in what matters and delete the rest.",
            f"# Every worker of a run reads it: orchestra review src/ --context {plain(file)}",
            "#",
            *(f"# {line}".rstrip() for line in facts.lines()),
            "",
            "# What should be true in the end, in a sentence or two.",
            'goal = ""',
            "",
            "# What might be thought to be wanted, and is not.",
            "non_goals = []",
            "",
            "# What must hold whatever is done: versions, interfaces, licences, budgets, tone.",
            "constraints = []",
            "",
            "# Where to look first: files, documents, tickets, and what your words for things mean.",
            "pointers = []",
            "",
            "# What was decided before, with its reason, so that nobody argues it again.",
            "prior_decisions = []",
            "",
            f"# The command or the condition that shows that the goal is reached, for example {plain(check)}",
            f"success_check = {json.dumps(success_check, ensure_ascii=False)}",
            "",
            "# For scholarly text: how citations and references are written, for example APA 7.",
            'citation_style = ""',
            "",
        ]
    )
