"""`orchestra-decisions.toml` as text: read with the line of what is wrong, and changed so that nothing else moves.

A table for each finding, by its id, in order. What people wrote between and above the tables stays where it is.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date

from orchestra.errors import SettingsInvalid
from orchestra.findings.anchor import leads_out
from orchestra.reports.decisions import FindingDecision
from orchestra.settings import line_of, validated

HEAD = """\
# What people decided about findings: `orchestra accept`, `dismiss` and `reopen` write it. It belongs in git.
# A decision rests on the lines it quotes: when they change, or after `until`, the finding counts again.
"""
_TABLE = re.compile(r"""\s*\[\[?\s*(?P<name>"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)\s*[.\]]""")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
"""Not splitlines(): a form feed or U+2028 inside a string begins no line of TOML."""
_BARE = re.compile(r"[\w-]+", re.ASCII)
_LINE = re.compile(r"\(at line (\d+)")
_CONFLICT = re.compile(r"^<<<<<<<(?: |$)", re.MULTILINE)


def read(text: str, where: str) -> dict[str, FindingDecision]:
    """The decisions by the id of their finding. `where` is the file, for whoever has to mend it."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if conflict := _CONFLICT.search(text):
            place = f"{where}:{text.count(chr(10), 0, conflict.start()) + 1}"
            raise SettingsInvalid(
                "Two people decided, and git left both: here a conflict begins.",
                where=place,
                next_step="Keep the decisions that hold, a table for each finding, and remove the marks.",
            ) from error
        line = _LINE.search(str(error))
        raise SettingsInvalid(
            f"The decisions are not TOML: {error}.", where=f"{where}:{line[1]}" if line else where
        ) from error
    return {name: _decision(name, table, text, where) for name, table in tables.items()}


def put(text: str, name: str, decision: FindingDecision) -> str:
    """The text with this decision, in the place of an earlier one about the same finding or in the order of the ids."""
    blocks = _blocks(text) if text.strip() else [("", HEAD + "\n")]
    fresh = _written(name, decision)
    names = [block for block, _ in blocks]
    if name in names:
        old = blocks[names.index(name)][1]
        blocks[names.index(name)] = (name, _comments_above(old) + fresh + _blank_at_end(old))
    else:
        at = next((number for number, block in enumerate(names) if block and block > name), len(blocks))
        if at == len(blocks):
            last, said = blocks[-1]
            blocks[-1] = (last, said.rstrip("\n") + "\n\n")
        blocks.insert(at, (name, fresh + ("\n" if at < len(names) else "")))
    return _checked("".join(block for _, block in blocks), {**read(text, ""), name: decision})


def without(text: str, name: str) -> str:
    """The text without the decision about this finding."""
    left = "".join(block for known, block in _blocks(text) if known != name)
    return _checked(left, {known: one for known, one in read(text, "").items() if known != name})


def _checked(text: str, wanted: Mapping[str, FindingDecision]) -> str:
    """The text if it says what it should; where tables are written so that they cannot be told apart, all anew."""
    try:
        if read(text, "") == wanted:
            return text.rstrip("\n") + "\n"
    except SettingsInvalid:
        pass
    return HEAD + "".join(f"\n{_written(name, wanted[name])}" for name in sorted(wanted))


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _decision(name: str, table: object, text: str, where: str) -> FindingDecision:
    if not isinstance(table, dict):
        raise SettingsInvalid(
            f"{name!r} stands outside of the table of a finding.", where=f"{where}:{line_of([name], text)}"
        )
    decision = validated(
        FindingDecision, table, lambda names: f"{where}:{line_of([name, *names], text)}", path=f"{name}."
    )
    for place in decision.places:
        if leads_out(place.path):
            raise SettingsInvalid(
                f"The decision about {name} names {place.path!r}, which leads out of the project.",
                where=f"{where}:{line_of([name, 'places', 'path'], text)}",
            )
    return decision


# ── the text in blocks ───────────────────────────────────────────────────────────────────────────────────────────────


def _blocks(text: str) -> list[tuple[str, str]]:
    """What stands before the first table, then a block for each finding with the comment right above it."""
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for line in _LINES.findall(text):
        found = _TABLE.match(line)
        name = _unquoted(found["name"]) if found else blocks[-1][0]
        if name != blocks[-1][0]:
            above = _taken_from_end(blocks[-1][1])
            blocks.append((name, above))
        blocks[-1][1].append(line)
    return [(name, "".join(lines)) for name, lines in blocks if name or lines]


def _taken_from_end(lines: list[str]) -> list[str]:
    """The comment that ends a block belongs to what follows."""
    above: list[str] = []
    while lines and lines[-1].lstrip().startswith("#"):
        above.insert(0, lines.pop())
    return above


def _comments_above(block: str) -> str:
    lines = _LINES.findall(block)
    end = next((number for number, line in enumerate(lines) if _TABLE.match(line)), 0)
    return "".join(lines[:end])


def _blank_at_end(block: str) -> str:
    return block[len(block.rstrip("\n")) + 1 :]


def _unquoted(name: str) -> str:
    return str(json.loads(name)) if name.startswith('"') else name.strip("'")


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _written(name: str, decision: FindingDecision) -> str:
    key = name if _BARE.fullmatch(name) else _quoted(name)
    told = decision.model_dump(exclude={"places"}, exclude_none=True, exclude_defaults=True)
    lines = [f"[{key}]", *(f"{field} = {_value(value)}" for field, value in told.items())]
    for place in decision.places:
        lines += [f"[[{key}.places]]", f"path = {_quoted(place.path)}", f"line = {place.line}", *_listed(place.lines)]
    return "\n".join(lines) + "\n"


def _listed(lines: tuple[str, ...]) -> Iterator[str]:
    if len(lines) == 1:
        yield f"lines = [{_quoted(lines[0])}]"
        return
    yield "lines = ["
    yield from (f"    {_quoted(line)}," for line in lines)
    yield "]"


def _value(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else _quoted(str(value))


def _quoted(text: str) -> str:
    """A basic string of TOML, which is one of JSON but for one sign; what UTF-8 cannot say is replaced."""
    said = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(said, ensure_ascii=False).replace("\x7f", "\\u007f")
