"""How the understudy reads: in pages, through codex's own shell tool, because a tool's output is cut at 10 kB.

Everything is worked out anew from the thread each time: which pages were asked for, what came back, what is missing.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.request import ToolOutput

PAGE = 7_000
"""Bytes a page aims at: codex cuts above 10,000, and lines differ in length."""
AT_ONCE = 12
"""Pages asked for in one response; codex runs them side by side."""
BUDGET = 400_000
"""Bytes one understudy reads: 100,000 tokens, well inside the context codex assumes of a model it does not know."""
TRIES = 3
"""How often sizes and pages are asked for that did not come back whole: codex does not wait for ever, and on a busy
machine it can hand out a command's end before all it printed."""

_SIZES = "wc -l -c --"
_SIZE = re.compile(r"^\s*(\d+)\s+(\d+)\s(.+)$", re.MULTILINE)
_PAGE = re.compile(r"^(\d+),(\d+)p$")


@dataclass(frozen=True)
class Text:
    """A file as far as it was seen."""

    path: str
    lines: dict[int, str]
    """Line by number, without its end."""
    whole: bool
    """Every line of it was seen."""
    missing: str = ""
    """What was not seen, and why."""

    @property
    def source(self) -> str:
        """The text; only of use where it is whole."""
        return "\n".join(self.lines[number] for number in sorted(self.lines))


@dataclass
class _File:
    assigned: Assigned
    sized: bool = False
    count: int = 0
    size: int = 0
    trouble: str = ""
    pages: dict[tuple[int, int], str] = field(default_factory=dict)
    cut: set[tuple[int, int]] = field(default_factory=set)
    unfinished: list[tuple[int, int]] = field(default_factory=list)

    @property
    def first(self) -> int:
        return max(1, self.assigned.first)

    @property
    def last(self) -> int:
        return min(self.count, self.assigned.last or self.count)

    @property
    def share(self) -> int:
        """Bytes of it that are to be read, about."""
        return self.size * max(0, self.last - self.first + 1) // max(1, self.count)


class Reading:
    """Where the reading of some files stands, from the tool outputs so far."""

    def __init__(self, files: Sequence[Assigned], outputs: Sequence[ToolOutput]) -> None:
        self._files = {file.path: _File(file) for file in files}
        self._sizings = 0
        for output in outputs:
            self._take(output)
        self._within_budget()

    def next_commands(self) -> tuple[str, ...]:
        """The commands that bring the next pages; none when everything was read that can be."""
        if unsized := [path for path, file in self._files.items() if not file.sized and not file.trouble]:
            return (f"{_SIZES} {' '.join(map(_quoted, unsized))} 2>&1",)
        pages = ((file, page) for file in self._files.values() for page in _wanted(file))
        return tuple(
            _page_command(file.assigned.path, page) for (file, page), _ in zip(pages, range(AT_ONCE), strict=False)
        )

    def texts(self) -> tuple[Text, ...]:
        """The files as far as they were seen, in the order of the prompt."""
        return tuple(_text(file) for file in self._files.values())

    # ── what came back ───────────────────────────────────────────────────────────────────────────────────────────

    def _take(self, output: ToolOutput) -> None:
        command = output.command
        if command.startswith(_SIZES):
            self._take_sizes(output)
        elif command.startswith("sed -n "):
            _, _, lines, path = shlex.split(command)
            page, file = _PAGE.match(lines), self._files.get(path.removeprefix("./")) or self._files.get(path)
            if page and file:
                self._take_page(file, (int(page[1]), int(page[2])), output)

    def _take_sizes(self, output: ToolOutput) -> None:
        self._sizings += 1
        said = {path: (int(lines), int(size)) for lines, size, path in _SIZE.findall(output.text)}
        for path, file in self._files.items():
            shown = _shown(path)
            complaint = re.search(rf"^wc: '?{re.escape(shown)}'?: (.+)$", output.text, re.MULTILINE)
            if complaint:
                file.trouble = complaint[1]
            elif shown in said:
                lines, file.size = said[shown]
                file.count = lines + 1 if file.size else 0  # the line after the last newline, empty or not
                file.sized = True
            elif not file.sized and not file.trouble and self._sizings >= TRIES:
                file.trouble = "its size could not be read"

    def _take_page(self, file: _File, page: tuple[int, int], output: ToolOutput) -> None:
        if output.exit_code:
            file.trouble = output.text.strip().split("\n")[0] or f"sed ended with {output.exit_code}"
        elif output.truncated:
            file.cut.add(page)
        elif output.exit_code == 0 and _whole(file, page, output):
            file.pages[page] = output.text
        else:
            file.unfinished.append(page)
            if file.unfinished.count(page) >= TRIES:
                file.trouble = f"codex did not hand out lines {page[0]} to {page[1]}"

    def _within_budget(self) -> None:
        left = BUDGET
        for file in self._files.values():
            if file.share <= left:
                left -= file.share
            elif not file.trouble:
                file.trouble = f"its {file.share:,} bytes go beyond the {BUDGET:,} the understudy reads in all"


def _wanted(file: _File) -> Iterator[tuple[int, int]]:
    """The pages still to be asked for: planned by the average line, halved where one came back cut."""
    if file.trouble or not file.size:
        return
    step = max(1, PAGE * file.count // file.size)
    plan = [(first, min(first + step - 1, file.last)) for first in range(file.first, file.last + 1, step)]
    while plan:
        first, last = page = plan.pop(0)
        if page in file.cut and first < last:
            middle = (first + last) // 2
            plan[:0] = [(first, middle), (middle + 1, last)]
        elif page not in file.cut and page not in file.pages:
            yield page


def _whole(file: _File, page: tuple[int, int], output: ToolOutput) -> bool:
    """All its lines came back; the last one of a file may have no end."""
    first, last = page
    return output.text.count("\n") >= last - first + (last < file.count)


def _text(file: _File) -> Text:
    lines: dict[int, str] = {}
    for (first, _), text in sorted(file.pages.items()):
        if text:
            lines |= dict(enumerate(text.removesuffix("\n").split("\n"), first))
    missing = file.trouble or _missing(file)
    return Text(file.assigned.path, lines, whole=not missing, missing=missing)


def _missing(file: _File) -> str:
    """What did not come back of a file that was read to its end."""
    if too_long := sorted(first for first, last in file.cut if first == last):
        return f"codex cuts a tool's output at 10 kB, and longer are its lines {', '.join(map(str, too_long))}"
    if (file.first, file.last) != (1, file.count):
        return f"only lines {file.first} to {file.last} were asked for"
    seen = sum(len(text.encode()) for text in file.pages.values())
    return "" if seen == file.size else f"it came back as {seen:,} bytes of {file.size:,}: it is not all UTF-8 text"


def _page_command(path: str, page: tuple[int, int]) -> str:
    return f"sed -n '{page[0]},{page[1]}p' {_quoted(path)}"


def _shown(path: str) -> str:
    return f"./{path}" if path.startswith("-") else path


def _quoted(path: str) -> str:
    return shlex.quote(_shown(path))
