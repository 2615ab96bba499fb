"""Lines for a terminal: wrapped at words where a person reads, never inside a path, an id or a command to be copied."""

import re
from collections.abc import Iterable, Sequence
from typing import assert_never

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from orchestra.reports.blocks import Block, Bullets, Code, Heading, Item, Part, Prose, Table
from orchestra.reports.first_lines import counted_as
from orchestra.reports.places import CodeLine
from orchestra.reports.plain import one_line, plain

READABLE = 100
"""Columns a line of prose fills at most; wider is harder to read."""
LONGEST_CODE = 60
"""Lines of a diff or of a check's output that are shown."""
LONGEST_MARK = 30
"""Columns of a mark before an item; a longer one is part of its text."""
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(
    rf"\s*(?:[^\s`{_UNSPACED}]*`[^`\n]{{1,90}}`[^\s{_UNSPACED}]*|[{_UNSPACED}][\u3001-\u301f\uff00-\uff1f]*|[^\s{_UNSPACED}]+)\s*"
)
"""Code between backticks is one word where it fits in a line; Chinese and Japanese may be broken after every sign."""
_COMMAND = re.compile(r"\s*`(?:orchestra|codex) ")
"""Stays in one piece however long it is, so that it can be copied."""


class Page:
    """Collects lines, top to bottom."""

    def __init__(self, width: int) -> None:
        self.lines: list[Text] = []
        self._width = max(width, 20)

    def gap(self) -> None:
        """An empty line, never two."""
        if self.lines and self.lines[-1].plain.strip():
            self.lines.append(Text())

    def title(self, text: str) -> None:
        """What follows, after an empty line."""
        self.gap()
        self.prose(Text(one_line(text), style="bold"))

    def has_room(self, columns: int) -> bool:
        """So many columns fit in a line."""
        return columns <= self._width

    def prose(self, text: Text, *, indent: int = 0, mark: Text | None = None, hang: int | None = None) -> None:
        """A paragraph behind a mark; its further lines hang under its first word, or `hang` columns in."""
        mark = mark or Text()
        further = indent + (cell_len(mark.plain) if hang is None else hang)
        room = max(min(self._width, READABLE) - further, 10)
        for number, line in enumerate(_wrapped(text, room, indent + cell_len(mark.plain) - further)):
            line.rstrip()
            self.lines.append(Text.assemble(" " * (further if number else indent), "" if number else mark, line))

    def paragraphs(self, text: str, *, indent: int = 0, mark: Text | None = None) -> None:
        """Prose as somebody wrote it: its own line breaks stay, empty lines do not."""
        written = [line for line in plain(text, lines=True).expandtabs(4).split("\n") if line.strip()]
        for line in written:
            inner = min(len(line) - len(line.lstrip()), 8)
            self.prose(Text(line.strip()), indent=indent + inner, mark=mark)
            mark = Text(" " * cell_len(mark.plain)) if mark else None

    def facts(self, words: Sequence[str], *, indent: int) -> None:
        """Ids and places: in one line where they fit, else each in its own; only a list is broken, at a comma."""
        line = ""
        for word in words:
            if indent + cell_len(word) > self._width and ", " in word:
                if line:
                    self.lines.append(Text(" " * indent + line, style="blue"))
                line = ""
                self.prose(Text(word, style="blue"), indent=indent, hang=2)
                continue
            if line and indent + cell_len(line) + 2 + cell_len(word) > self._width:
                self.lines.append(Text(" " * indent + line, style="blue"))
                line = ""
            line = f"{line}  {word}" if line else word
        if line:
            self.lines.append(Text(" " * indent + line, style="blue"))

    def code(self, lines: Sequence[CodeLine], longest: int, *, indent: int) -> None:
        """Lines of a file behind a rule, cut at the edge rather than wrapped."""
        size = max((len(str(line.number)) for line in lines if line.number is not None), default=0)
        for line in lines[:longest]:
            number = f"{line.number or '':>{size}} " if size else ""
            room = max(self._width - indent - len(number) - 2, 10)
            text = plain(line.text.expandtabs(4)).rstrip()
            cut = text if cell_len(text) <= room else set_cell_size(text, room - 1) + "…"
            self.lines.append(Text.assemble(" " * indent, (f"{number}│ ", "dim"), cut))
        if len(lines) > longest:
            more = counted_as(len(lines) - longest, "more line")
            self.lines.append(Text(f"{' ' * (indent + size + bool(size))}│ … {more}", style="dim"))

    def part(self, part: Part) -> None:
        """A titled piece of the report."""
        self.title(part.title)
        for block in part.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        match block:
            case Heading(text):
                self.gap()
                self.prose(Text(one_line(text), style="bold"), indent=2)
            case Prose(text):
                self.paragraphs(text, indent=2)
            case Bullets(items, title):
                self._bullets(items, title)
            case Table(columns, rows, numbers):
                self._table(columns, rows, numbers)
            case Code(text, _, title):
                if title:
                    self.prose(Text(f"{one_line(title)}:"), indent=2)
                lines = [CodeLine(None, line) for line in text.strip("\n").split("\n")]
                self.code(lines, LONGEST_CODE, indent=4)
            case _:
                assert_never(block)

    def _bullets(self, items: Iterable[Item], title: str) -> None:
        if title:
            self.prose(Text(f"{one_line(title)}:"), indent=2)
        for item in items:
            said = one_line(item.mark)
            short = len(said) <= LONGEST_MARK
            mark = Text(f"{said}  " if said and short else "- ", style="dim")
            told = Text(one_line(item.text) if short else f"{said}  {one_line(item.text)}")
            if item.aside:
                told.append(f"  {one_line(item.aside)}", style="dim")
            self.prose(told, indent=4, mark=mark, hang=2)
            if item.link:
                self.facts([one_line(item.link)], indent=6)

    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
        cells = [[one_line(cell, 60) for cell in row] for row in (columns, *rows)]
        wide = [max(cell_len(row[column]) for row in cells) for column in range(len(columns))]
        if 2 + sum(wide) + 2 * len(wide) > self._width:
            self._tall(cells)
            return
        for number, row in enumerate(cells):
            aligned = (
                " " * (size - cell_len(cell)) + cell if column in numbers else cell + " " * (size - cell_len(cell))
                for column, (cell, size) in enumerate(zip(row, wide, strict=True))
            )
            self.lines.append(Text("  " + "  ".join(aligned), style="" if number else "dim"))

    def _tall(self, cells: Sequence[Sequence[str]]) -> None:
        """A table that does not fit, told row by row."""
        for row in cells[1:]:
            self.prose(Text(row[0]), indent=2)
            for name, cell in zip(cells[0][1:], row[1:], strict=True):
                self.prose(Text(cell), indent=4, mark=Text(f"{one_line(name, LONGEST_MARK)}  ", style="dim"))


def _wrapped(text: Text, room: int, used: int) -> Iterable[Text]:
    """The text in lines at blanks; `used` columns of the first are taken. A word longer than a line stays whole."""
    breaks, column, at = [], used, 0
    for word in _words(text.plain, room):
        if column > 0 and at and column + cell_len(word.rstrip()) > room:
            breaks.append(at)
            column = 0
        column += cell_len(word)
        at += len(word)
    return text.divide(breaks)


def _words(text: str, room: int) -> Iterable[str]:
    for word in _WORD.findall(text):
        whole = cell_len(word.strip()) <= room or _COMMAND.match(word)
        yield from [word] if whole else re.findall(r"\s*\S+\s*", word)
