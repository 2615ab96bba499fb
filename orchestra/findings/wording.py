"""The words of a text, reduced so that two people's words for one thing meet. No language is built in."""

import re
from collections.abc import Iterator
from itertools import chain
from sys import intern
from unicodedata import category

STEM = 6
"""Letters of a word that count: `truncate`, `truncates` and `truncated` are one word; most languages inflect so."""
LONGEST = 20_000
"""Characters of a text that are read for comparing: some 3,000 words. Nobody needs more to say what is wrong."""
MOST_KEPT, LONGEST_KEPT = 100_000, 100
"""Tokens whose stems are kept, and their characters: some 30 MB at most."""

# Chinese, Japanese, Thai and their like put no space between words: pairs of neighbouring signs stand for words there.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_INNER_CAPITAL = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
_FIRST_END = re.compile(r"[.!?;:] |[\n。！？；]")  # noqa: RUF001 - full stops of other scripts
_SENTENCE_END = re.compile(r"[.!?;:]\s+|[。！？；]+|\n+")  # noqa: RUF001 - full stops of other scripts


class _Separators(dict[int, str]):
    """For `str.translate`: whatever is neither letter nor digit is a space."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = sign if category(sign)[0] in "LMN" else " "  # marks: the vowel signs of Hindi belong to their word
        return self[code]


class _Stems(dict[str, tuple[str, ...]]):
    """The stems of what stands between two spaces; a run uses the same few thousand of them over and over."""

    def __missing__(self, spaced: str) -> tuple[str, ...]:
        found = tuple(chain.from_iterable(map(_stems_of, spaced.translate(_SEPARATORS).split())))
        if len(spaced) <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[spaced] = found
        return found


_SEPARATORS, _STEMS = _Separators(), _Stems()


def stems(text: str) -> Iterator[str]:
    """The words of a text in their order: names of code in their parts, endings cut off."""
    return chain.from_iterable(map(_STEMS.__getitem__, text[:LONGEST].split()))


def sentences(text: str) -> list[str]:
    """The sentences and half-sentences of a text; a reviewer's second problem usually has one of its own."""
    return [part for part in _SENTENCE_END.split(text[:LONGEST]) if part.strip()]


def opening(text: str) -> tuple[str, str]:
    """The first sentence of a text, and the rest of it."""
    text = text.strip()
    end = _FIRST_END.search(text)
    first = end.end() if end else len(text)
    return text[:first], text[first:]


def _stems_of(token: str) -> list[str]:
    """`_` has been cut already; humps are cut here, and what has no spaces into pairs."""
    found: list[str] = []
    for unspaced, spaced in _pieces(token):
        if unspaced:
            found += [unspaced[at : at + 2] for at in range(len(unspaced) - 1)] or [unspaced]
        parts = _HUMP.findall(spaced) if _INNER_CAPITAL.search(spaced) else [spaced]
        found += [intern(part.casefold()[:STEM]) for part in parts if len(part) > 1 or part.isdigit()]
    return found


def _pieces(token: str) -> list[tuple[str, str]]:
    at, pieces = 0, []
    for run in _UNSPACED.finditer(token):
        pieces += [("", token[at : run.start()]), (run.group(), "")]
        at = run.end()
    return [*pieces, ("", token[at:])]
