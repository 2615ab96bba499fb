"""Words that changed their finding: what was told apart and stands together now, or the other way round.

Merging looks at a whole run, so an edit in one file can move what was told of another from one finding into the next.
Whoever reads of it in the morning must not be told that something is gone, or new, of which every word is as it was.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from orchestra.findings.finding import MergedFinding
from orchestra.findings.name import wording

Words = Counter[object]


def joined(before: Sequence[MergedFinding], now: Sequence[MergedFinding]) -> Mapping[str, str]:
    """Findings only the earlier report has, by id: the one that tells some of their words today."""
    return {id: homes[0] for id, homes in _homes(before, now) if homes}


def split(before: Sequence[MergedFinding], now: Sequence[MergedFinding]) -> Mapping[str, str]:
    """Findings only the later report has, by id: the one under which all of their words stood."""
    return {id: homes[0] for id, homes in _homes(now, before, whole=True) if homes}


def _homes(
    only: Sequence[MergedFinding], others: Sequence[MergedFinding], *, whole: bool = False
) -> list[tuple[str, list[str]]]:
    """Of each finding the other report has not, the findings there that have its words besides their own."""
    mine = {one.id: _words(one) for one in only}
    theirs = {one.id: _words(one) for one in others}
    more: dict[object, str] = {}
    for id in sorted(theirs):
        for word in theirs[id] - mine.get(id, Counter()):
            more.setdefault(word, id)
    found = []
    for id in sorted(mine.keys() - theirs.keys()):
        homes = [more[word] for word in mine[id] if word in more]
        found.append((id, sorted(homes) if not whole or len(homes) == len(mine[id]) else []))
    return found


def _words(finding: MergedFinding) -> Words:
    return Counter(map(wording, finding.said_by))
