"""Tables in a message that is Markdown: each row becomes a list item with its cells as fields, to be read as such."""

import re
from collections.abc import Iterator, Sequence

_RULE = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)+\s*$")
_CELL = re.compile(r"(?<!\\)\|")
_SAYS = (
    *("title", "finding", "issue", "problem", "bug", "description", "summary", "what", "message", "befund", "titel"),
    *("beschreibung", "constat", "problème", "titre", "hallazgo", "problema", "descripción", "问题", "描述", "問題"),
)
_FILE = ("file", "path", "datei", "fichier", "archivo", "文件", "ファイル", "файл")
_LINE = ("line", "lines", "zeile", "zeilen", "ligne", "lignes", "línea", "líneas")


def rows_as_items(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a text; a table is told as a list, if it has a column that says what is wrong."""
    names: list[str] | None = None
    for at, line in enumerate(lines):
        row = line.strip()
        if len(row) < 3 or row[0] != "|" or row[-1] != "|":
            names = None
            yield line
        elif names is None:
            heads = _cells(row)
            headed = at + 1 < len(lines) and _RULE.match(lines[at + 1]) and any(map(_says, heads))
            names = heads if headed else None
            if not headed:
                yield line
        elif not _RULE.match(line):
            yield from _item(names, _cells(row))


def _item(names: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
    said = [(name, cell) for name, cell in zip(names, cells, strict=False) if cell]
    if not said:
        return
    # The one that says most of those that say what is wrong: "Issue" beside "Description" is a word or a number.
    at = max(
        (at for at, name in enumerate(names[: len(cells)]) if _says(name)), key=lambda at: _worth(names, cells, at)
    )
    yield f"- {cells[at] or said[-1][1]}"
    line = next((cell for name, cell in said if name.casefold() in _LINE and cell[:1].isdigit()), None)
    for name, cell in said:
        if name.casefold() in _FILE and line and not re.search(r":\d", cell):
            yield f"  {name}: {cell.strip('`')}:{line}"
        elif re.search(r"[^\W\d_]", name) and cell != cells[at]:
            yield f"  {name}: {cell}"
    for cell in cells[len(names) :]:
        yield f"  {cell}"


def _worth(names: Sequence[str], cells: Sequence[str], at: int) -> tuple[bool, int]:
    """A cell with words, in the column that is named first above."""
    return len(cells[at].split()) > 1, -_SAYS.index(names[at].casefold())


def _says(name: str) -> bool:
    return name.casefold() in _SAYS


def _cells(row: str) -> list[str]:
    return [cell.strip().strip("*").replace("\\|", "|") for cell in _CELL.split(row[1:-1])]
