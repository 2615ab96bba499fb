"""A target cut into sections: disjoint and complete, by the names of files and folders."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from orchestra.brief.cutting import Border, border, cut
from orchestra.brief.target_file import Comparison, Lines, TargetFile
from orchestra.value import Value

SECTION_FILES = 40
"""Files of one section at most: at the 8 kB a source file has on average, as much as SECTION_BYTES allows, too."""
SECTION_BYTES = 300_000
"""Bytes one worker reads well: some 75,000 tokens, a third of the context the models have. It reads in pages of 10 kB,
looks at files around them and has to think; a section twice as large is read by its beginning."""


class Section(Value):
    """A disjoint part of the target for one worker.

    Whole files, or some lines of a file too long for one worker.

    Example:
        >>> @orchestra.pattern("count", steps=("Count the lines",))
        ... async def count(crew: orchestra.Crew, target: orchestra.Target) -> orchestra.Report:
        ...     async with crew.step("Count the lines"):
        ...         ask = [orchestra.Ask(role="counter", prompt="Count.", section=one) for one in target.sections]
        ...         return crew.report(answer=f"{len(await crew.ask_all(ask))} sections")
        >>> orchestra.start(count, target="src/").wait().answer
        '1 sections'
    """

    name: str
    files: tuple[TargetFile, ...]
    lines: Lines | None = None
    """The lines of its only file that belong to it; None: whole files."""
    compared: Comparison | None = None
    """What its files are compared with, where only changes are looked at."""
    text: str | None = None
    """Its text, where that lies in no file: it came over standard input."""

    def __repr__(self) -> str:
        part = f", lines {self.lines.first} to {self.lines.last}" if self.lines else ""
        return f"<Section {self.name}: {len(self.files):,} file{'s' * (len(self.files) != 1)}{part}>"


def sections(files: Sequence[TargetFile]) -> Iterator[Section]:
    """Every file in exactly one section, or, if it is too long for one worker, every line of it in exactly one.

    A file that grows moves no border: at most its own section falls in two. One that grows too long for any section
    leaves it, as if it had been removed, and is cut at its headings.
    """
    shared = sorted((file for file in files if not file.parts), key=lambda file: file.path)
    paths = [file.path for file in shared]
    found = []
    for first, end in cut(list(_borders(paths)), [file.size for file in shared], SECTION_FILES, SECTION_BYTES):
        found.append((paths[first], Section(name=_name(paths, first, end), files=tuple(shared[first:end]))))
    found += [(file.path, section) for file in files if file.parts for section in _parts(file)]
    found.sort(key=lambda pair: pair[0])
    yield from (section for _, section in found)


def _borders(paths: Sequence[str]) -> Iterator[Border]:
    """The border before each path: the shallower the folder in which two neighbours part, the stronger."""
    yield border(0, "")
    for before, after in pairwise(paths):
        depth = _shared(before, after)
        yield border(depth, "/".join(after.split("/")[: depth + 1]))


def _shared(one: str, other: str) -> int:
    """How many folders two paths share."""
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _parts(file: TargetFile) -> Iterator[Section]:
    for part in file.parts:
        lines = None if len(file.parts) == 1 else part.lines
        name = f"{file.path}: {part.name}" if lines and part.name else file.path
        yield Section(name=name, files=(file,), lines=lines)


def _name(paths: Sequence[str], first: int, end: int) -> str:
    """The file or folder it is, or the first and the last name of what it takes from a folder."""
    one, other = paths[first], paths[end - 1]
    if end - first == 1:
        return one
    depth = _shared(one, other)
    folder = "/".join(one.split("/")[:depth])
    outside = [paths[index] for index in (first - 1, end) if 0 <= index < len(paths)]
    if not any(path.startswith(f"{folder}/" if folder else "") for path in outside):
        return folder or "."
    return f"{folder or '.'}: {one.split('/')[depth]} … {other.split('/')[depth]}"
