"""The blocks of a part, in Markdown."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from orchestra.reports.blocks import Block, Bullets, Code, Heading, Item, Part, Prose, Table
from orchestra.reports.plain import one_line, web_address
from orchestra.reports.renderers.markdown_text import cell, code, fence, html, inline, prose

TITLE = 300


def part(told: Part) -> str:
    """A titled piece of the report."""
    return "\n\n".join([f"## {inline(told.title, TITLE)}", *(_block(block) for block in told.blocks)])


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"### {inline(text, TITLE)}"
        case Prose(text):
            return prose(text)
        case Bullets(items, title):
            lines = "\n".join(f"* {' '.join(_item(item))}" for item in items)
            return f"{inline(title, TITLE)}:\n\n{lines}" if title else lines
        case Table(columns, rows, numbers):
            return _table(columns, rows, numbers)
        case Code(text, language, title):
            folded = f"<details><summary>{html(title or language, TITLE)}</summary>"
            return f"{folded}\n\n{fence(text, language)}\n\n</details>"
        case _:
            assert_never(block)


def _item(item: Item) -> Iterator[str]:
    if item.mark:
        yield f"**{inline(item.mark, TITLE)}**"
    yield code(one_line(item.text)) if item.literal else inline(item.text)
    if item.link:
        yield _link(item.link)
    if item.aside:
        yield f"({inline(item.aside)})"


def _link(address: str) -> str:
    """A source's address is the only link there is; anything but a plain web address stays text."""
    plain_address = one_line(address, 2000)
    safe = web_address(plain_address)
    return f"<{safe}>" if safe else code(plain_address)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> str:
    rule = "|".join("--:" if column in numbers else "---" for column in range(len(columns)))
    lines = ["| " + " | ".join(cell(inline(text, TITLE)) for text in row) + " |" for row in (columns, *rows)]
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])
