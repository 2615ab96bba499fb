"""A long document cut at its headings: the names that do not move when a chapter grows.

Where there are no headings, paragraphs serve: the lines that begin at the margin after an empty one, which in code are
the definitions. The same cutting as for folders decides (see `cutting.py`), with the level of a heading as the depth.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from orchestra.brief.cutting import Border, border, cut
from orchestra.brief.kinds import Kind, kind
from orchestra.brief.target_file import Lines, Part

_PARAGRAPH = 20  # below every level of a heading
_LONGEST_NAME = 60
_MARKDOWN = re.compile(r"(?P<level>#{1,6})\s+(?P<name>\S.*?)[\s#]*$")
_ASCIIDOC = re.compile(r"(?P<level>={1,6})\s+(?P<name>\S.*)$")
_ORG = re.compile(r"(?P<level>\*{1,6})\s+(?P<name>\S.*)$")
_HTML = re.compile(r"\s*<h(?P<level>[1-6])\b[^>]*>(?P<name>.*)", re.IGNORECASE)
_LATEX = re.compile(r"\s*\\(?P<level>part|chapter|section|subsection|subsubsection)\*?\s*(?:\[[^]]*\])?\{(?P<name>.*)")
_LATEX_LEVELS = {"part": 1, "chapter": 2, "section": 3, "subsection": 4, "subsubsection": 5}
_UNDERLINE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}\s*$")
_CODE_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_STYLES = {
    ".tex": _LATEX, ".ltx": _LATEX, ".adoc": _ASCIIDOC, ".asciidoc": _ASCIIDOC, ".org": _ORG,
    ".html": _HTML, ".htm": _HTML, ".xhtml": _HTML,
}  # fmt: skip


def parts(path: str, text: str, heaviest: int) -> tuple[Part, ...]:
    """The parts of a text, each line in exactly one, each about as long as one worker reads well."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    blocks = list(_blocks(path, lines))  # (index of the first line, its border, its name)
    starts = [first for first, _, _ in blocks] + [len(lines)]
    weights = [sum(len(line.encode("utf-8")) + 1 for line in lines[a:b]) for a, b in pairwise(starts)]
    found: list[Part] = []
    names = Counter[str]()
    for first, end in cut([block[1] for block in blocks], weights, len(blocks), heaviest):
        span = Lines(first=starts[first] + 1, last=starts[end])
        name = blocks[first][2]
        names[name] += 1
        named = f"{name} ({names[name]})" if names[name] > 1 else name
        found.append(Part(name=named, lines=span, size=sum(weights[first:end])))
    return tuple(found)


def _blocks(path: str, lines: list[str]) -> Iterator[tuple[int, Border, str]]:
    """Where something begins: the document itself, each heading, each paragraph at the margin."""
    levels = dict(_headings(path, lines))
    yield 0, border(0, ""), _name(levels[0][1] if 0 in levels else next(filter(str.strip, lines), ""))
    for index in range(1, len(lines)):
        if index in levels:
            level, name = levels[index]
            yield index, border(level, name), _name(name)
        elif lines[index][:1].strip() and not lines[index - 1].strip():
            yield index, border(_PARAGRAPH, lines[index]), _name(lines[index])


def _headings(path: str, lines: list[str]) -> Iterator[tuple[int, tuple[int, str]]]:
    """Index of the line, level and name of each heading; what stands in a fenced example is none."""
    if kind(path) is not Kind.DOCUMENT:
        return
    style = _STYLES.get(PurePosixPath(path).suffix.lower(), _MARKDOWN)
    fence = ""
    underlines: dict[str, int] = {}
    for index, line in enumerate(lines):
        mark = _CODE_FENCE.match(line) if style is _MARKDOWN else None
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence):
            fence = ""
        elif fence:
            continue
        elif found := style.match(line):
            level = found["level"]
            yield index, (_LATEX_LEVELS.get(level, 0) or (int(level) if level.isdigit() else len(level)), found["name"])
        elif style is _MARKDOWN and _is_underlined(lines, index):
            overlined = bool(index) and _is_rule(lines[index - 1])
            yield index - overlined, (underlines.setdefault(lines[index + 1][0], len(underlines) + 1), line)


def _is_underlined(lines: list[str], index: int) -> bool:
    """A title of Markdown or reStructuredText: a line after an empty one, with a line of signs as long under it."""
    line = lines[index].strip()
    if not line or index + 1 >= len(lines) or (index and lines[index - 1].strip() and not _is_rule(lines[index - 1])):
        return False
    under = lines[index + 1]
    return bool(_UNDERLINE.match(under)) and len(under.strip()) + 2 >= len(line) and not _is_rule(line)


def _is_rule(line: str) -> bool:
    return bool(_UNDERLINE.match(line))


def _name(said: str) -> str:
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())
    return plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - 1] + "…"
