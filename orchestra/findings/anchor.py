"""Where a quote really stands: exact, moved, loose or absent. Pure: the texts are given, no file is ever opened."""

import html
import posixpath
import re
from bisect import bisect_right
from collections.abc import Container, Mapping, Sequence
from functools import cached_property

from orchestra.findings.finding import Anchor, Location, Place

LONGEST_QUOTE = 2000
"""Characters of a quote a place carries: some thirty lines. The whole of it stays with the worker's own words."""
SHORTEST_QUOTE = 4
"""Characters, white space apart, a quote must have to be looked for outside the lines named: `}` stands everywhere.
A whole line that stands in its file once is found however short it is."""

MOST_LOOKED_AT = 1000
"""Places of a word that are looked at one by one; one more frequent than that tells less than a search through all."""

_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|…|\[\.\.\.\]|\[…\])\s*")
# What people and models put before a line they quote: diff signs, a number, a `>`; and hunk heads and fences between.
_BEFORE_LINE = re.compile(r"^(?:[+-](?![+-])|>\s?|\s*\d+\s*[|:│→]\s?|@@.*$|\s*(?:`{3,}|~{3,}).*$)", re.MULTILINE)
_MARKS = dict.fromkeys("\"'`´“”„‟‘’‚‛«»‹›", "'")  # noqa: RUF001 - every quotation mark is one
_WORD = re.compile(r"\w+")
_OUTSIDE = re.compile(r"[/~]|[A-Za-z][A-Za-z0-9+.-]*:|\.\.(?:/|$)")


class Anchors:
    """Looks locations up in the texts of a target; every text is prepared once, when it is first asked for."""

    def __init__(self, texts: Mapping[str, str] | None, links: Container[str] = ()) -> None:
        self._texts, self._links = texts, links
        self._prepared: dict[str, _Text] = {}
        self._by_name: dict[str, list[str]] = {}
        for path in texts or ():
            self._by_name.setdefault(posixpath.basename(path), []).append(path)

    def place(self, location: Location) -> Place:
        """The place a location means, with its lines corrected and how it was found."""
        start, end = location.start_line, location.end_line
        path = location.path if self._texts is None else self._known(location.path)
        if self._texts is None:
            anchor = Anchor.UNCHECKED
        elif path is None:
            anchor = Anchor.OUTSIDE if self._leads_out(location.path) else Anchor.ABSENT
        else:
            if path not in self._prepared:
                self._prepared[path] = _Text(self._texts[path])
            start, end, anchor = self._prepared[path].find(location.quote, start, end)
        quote = location.quote if len(location.quote) <= LONGEST_QUOTE else location.quote[:LONGEST_QUOTE] + "…"
        return Place(path=path or location.path, start_line=start, end_line=end, quote=quote, anchor=anchor)

    def _known(self, said: str) -> str | None:
        """The target's own name for a path. One that leads out is meant if exactly one file of the target ends it."""
        texts = self._texts or {}
        if said in texts:
            return said
        path = posixpath.normpath(said.replace("\\", "/")) if said and "\0" not in said else ""
        if path in texts or not path or path.startswith("../"):
            return path if path in texts else None
        alike = [known for known in self._by_name.get(posixpath.basename(path), ()) if _same_end(known, path)]
        return alike[0] if len(alike) == 1 else None

    def _leads_out(self, said: str) -> bool:
        """By its name, or through a link."""
        parts = posixpath.normpath(said.replace("\\", "/")).split("/")
        return leads_out(said) or any("/".join(parts[:end]) in self._links for end in range(1, len(parts) + 1))


def leads_out(path: str) -> bool:
    """Absolute, with a drive or a scheme, above its root, or with a NUL in it: nothing of the target."""
    return "\0" in path or bool(_OUTSIDE.match(posixpath.normpath(path.replace("\\", "/"))))


def _same_end(known: str, said: str) -> bool:
    """`src/a.py` is meant by `/tmp/copy/src/a.py`; and by `a.py`, where only one file is called so."""
    return said.endswith("/" + known) or known.endswith("/" + said)


Found = tuple[int, int, Anchor]


class _Text:
    """One file, and the same without what changes when somebody quotes: white space and kinds of quotation marks."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")

    @cached_property
    def lines(self) -> list[str]:
        """The lines; a line feed at the end of the file begins none."""
        lines = self.text.split("\n")
        return lines if lines[-1] or len(lines) == 1 else lines[:-1]

    @cached_property
    def squeezed(self) -> tuple[str, list[int], dict[str, list[int]]]:
        """The text without what changes, where each line begins in it, and where each kind of line does."""
        starts, at = [], 0
        alike: dict[str, list[int]] = {}
        squeezed = ["".join(line.split()) for line in _one_mark("\n".join(self.lines)).split("\n")]
        for line in squeezed:
            alike.setdefault(line, []).append(at)
            starts.append(at)
            at += len(line)
        return "".join(squeezed), starts, alike

    @cached_property
    def words(self) -> Mapping[str, Sequence[int]]:
        """Where each word of the squeezed text begins: what has one that is not among them is nowhere."""
        begins: dict[str, list[int]] = {}
        for word in _WORD.finditer(self.squeezed[0]):
            begins.setdefault(word.group(), []).append(word.start())
        return begins

    def find(self, quote: str, start: int, end: int) -> Found:
        """Where a quote stands: on the lines named if it is there, else the nearest to them."""
        quote = quote.replace("\r\n", "\n").strip()
        if not quote:
            return start, end, Anchor.LINES if end <= len(self.lines) else Anchor.ABSENT
        if quote in "\n".join(self.lines[start - 1 : end]):
            return start, end, Anchor.EXACT
        whole_lines = self.squeezed[2]
        wordings = [
            [_squeezed_lines(part) for part in _ELLIPSIS.split(text)]
            for text in dict.fromkeys((quote, _unmarked(quote)))
        ]
        for parts in sorted(wordings, key=lambda parts: "".join(parts[0]) not in whole_lines):
            if span := self._nearest(parts, start):
                first, last = span
                if start <= first and last <= end:
                    return start, end, Anchor.LOOSE
                literal = quote in "\n".join(self.lines[first - 1 : last])
                return first, last, Anchor.MOVED if literal else Anchor.LOOSE
        return start, end, Anchor.ABSENT

    def _nearest(self, parts_in_lines: list[list[str]], line: int) -> tuple[int, int] | None:
        """The first and the last line of an occurrence of all parts in their order, the nearest to a line."""
        parts_in_lines = [lines for lines in parts_in_lines if lines]
        parts = ["".join(lines) for lines in parts_in_lines]
        text, starts, alike = self.squeezed
        if not parts or (sum(map(len, parts)) < SHORTEST_QUOTE and len(alike.get("".join(parts), ())) != 1):
            return None
        first = self._nearest_part(parts_in_lines[0], starts[min(line, len(starts)) - 1])
        if first is None:
            return None
        at = first
        for part in parts:
            at = text.find(part, at)
            if at < 0:
                return None
            at += len(part)
        return bisect_right(starts, first), bisect_right(starts, at - 1)

    def _nearest_part(self, lines: list[str], near: int) -> int | None:
        """Most quotes have a whole line, which is looked up, or a rare word; only what has neither is searched for."""
        text, _, alike = self.squeezed
        part, before = "".join(lines), 0
        for line in lines:
            if line in alike:
                at_lines = [at - before for at in alike[line] if text.startswith(part, at - before) and at >= before]
                if at_lines:
                    return min(at_lines, key=lambda at: abs(at - near))
            before += len(line)
        inner = list(_WORD.finditer(part))[1:-1]  # the first and the last may be parts of words
        if inner:
            rarest = min(inner, key=lambda word: len(self.words.get(word.group(), ())))
            offset = rarest.start()
            begins = self.words.get(rarest.group(), ())
            if len(begins) <= MOST_LOOKED_AT:
                found = [at - offset for at in begins if at >= offset and text.startswith(part, at - offset)]
                return min(found, key=lambda at: abs(at - near), default=None)
        return _nearest_search(text, part, near)


def _nearest_search(text: str, part: str, near: int) -> int | None:
    """`rfind` takes several times as long as `find`: only where there is something to find."""
    after, until = text.find(part, near), near + len(part) - 1
    earlier = text.find(part, 0 if after < 0 else max(0, 2 * near - after), until)
    if earlier >= 0:
        earlier = text.rfind(part, earlier, until)
    return min((at for at in (after, earlier) if at >= 0), key=lambda at: abs(at - near), default=None)


def _one_mark(text: str) -> str:
    """With one kind of quotation mark; sixteen replacements take a tenth of the time `translate` takes."""
    for mark in _MARKS:
        text = text.replace(mark, "'")
    return text


def _squeezed_lines(quote: str) -> list[str]:
    return [line for line in ("".join(line.split()) for line in _one_mark(quote).splitlines()) if line]


def _unmarked(quote: str) -> str:
    """A quote without the signs that stood around the text when it was shown, and with its escapes resolved."""
    bare = _BEFORE_LINE.sub("", quote).strip()
    if len(bare) > 1 and bare[0] in _MARKS and _MARKS[bare[0]] == _MARKS.get(bare[-1]):
        bare = bare[1:-1]
    return html.unescape(bare.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"'))
