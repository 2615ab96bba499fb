"""What a part of a report is made of, for formats that people read: terminal, Markdown and HTML each draw these.

All text in them is data as it was said; whoever draws it makes it harmless in the format at hand.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list: a mark in front, the text, a link it goes to, something said more quietly."""

    text: str
    mark: str = ""
    link: str = ""
    aside: str = ""
    literal: bool = False
    """The text is a path, a command or a name to be copied, not words."""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, with a word or two above it."""

    items: tuple[Item, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Short cells in columns; `numbers` are those that align to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Text that keeps its lines: a diff, a command, what a check printed."""

    text: str
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title inside a part."""

    text: str


Block = Prose | Bullets | Table | Code | Heading


@dataclass(frozen=True, slots=True)
class Part:
    """A titled piece of a report."""

    title: str
    blocks: tuple[Block, ...]
