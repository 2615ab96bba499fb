"""Where a long row of things is cut: by the names at its borders alone, so that what grows moves no border.

A row that is too long is cut at the strongest border in its middle, and so on with both pieces. The strength of a
border comes from names (between folders stronger than within one; among equals a hash decides), and "its middle" from
counting. How much the things weigh only decides whether a piece is cut once more: where one of them grows, its own
piece may fall in two, and every other piece stays as it is. One thing more or less moves a border only if it stood at
the edge of the middle, or if the new one is stronger.
"""

import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate

Border = tuple[int, int]
"""Its depth, 0 the strongest, and the hash that decides among equals."""


def border(depth: int, name: str) -> Border:
    """The border before something, by how deep it lies and by the name of what begins there."""
    return depth, zlib.crc32(name.encode("utf-8", "surrogatepass"))


def cut(borders: Sequence[Border], weights: Sequence[int], most: int, heaviest: int) -> Iterator[tuple[int, int]]:
    """The pieces of a row as (first, end), each at most `most` long and `heaviest` heavy, or a single thing.

    `borders[i]` is the border before thing i; the first is never looked at.
    """
    sums = [0, *accumulate(weights)]
    waiting = [(0, len(weights))] if weights else []
    while waiting:
        first, end = waiting.pop()
        count = end - first
        if count == 1 or (count <= most and sums[end] - sums[first] <= heaviest):
            yield first, end
            continue
        edge = _edge(count, most)
        where = min(range(first + edge, end - edge + 1), key=borders.__getitem__)
        waiting += [(where, end), (first, where)]  # the left piece is taken up first


def _edge(count: int, most: int) -> int:
    """How near to its ends a row of so many may be cut.

    A quarter, so that no piece is tiny; more where two pieces can do, so that both fit; and without a jump from one
    length to the next, because every jump would move borders when one thing is added.
    """
    return max(1, count // 4, min(count - most, most * 3 // 4))
