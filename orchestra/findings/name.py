"""Short ids, and finding the same problem again in another run: one mechanism for all who speak of a finding by its id.

An id is given when a problem is first seen. Later runs find it again with merge's own judgement, not with a hash: the
lines have moved, the code is indented anew, another model uses other words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from orchestra.findings.alike import Tellings
from orchestra.findings.finding import MergedFinding, Place, Said
from orchestra.findings.merge import JUDGEMENT, Judgement
from orchestra.findings.usual import Usual

SHORTEST_ID = 4
"""Letters of an id: 65,536 of them; in a report where two meet, the later one gets another letter."""

MOST_OF_IT = 0.5
"""More than this share of the smaller of two findings, word for word in both, makes one problem of them, whatever the
rest says: of twenty places nineteen were mended, or a shard was asked about three of them."""

TELLING_LINE = 8
"""Signs, white space apart, from which on a line tells where it stands: `return` stands everywhere."""

_NAME = re.compile(r"[^\W\d]\w*")


def named(findings: Iterable[MergedFinding], taken: Iterable[str] = ()) -> tuple[MergedFinding, ...]:
    """Every finding with an id; the same findings get the same ids, in whatever order they come."""
    findings = tuple(findings)
    used = {*taken, *(finding.id for finding in findings if finding.id)}
    fresh: dict[int, str] = {}
    for token, number in sorted((_token(finding), number) for number, finding in enumerate(findings) if not finding.id):
        length = SHORTEST_ID
        while f"f-{token[:length]}" in used:
            length += 1
        fresh[number] = f"f-{token[:length]}"
        used.add(fresh[number])
    return tuple(
        finding.model_copy(update={"id": fresh[number]}) if number in fresh else finding
        for number, finding in enumerate(findings)
    )


def carry_ids(
    previous: Sequence[MergedFinding], current: Sequence[MergedFinding], taken: Iterable[str] = ()
) -> tuple[MergedFinding, ...]:
    """The findings of a run under the ids by which they are known from earlier ones; new ones keep or get their own.

    `taken` are ids that were given once and are never given again.
    """
    known = same_again(previous, current)
    old = {*taken, *(finding.id for finding in previous)}
    carried = [
        finding.model_copy(
            update={"id": previous[known[number]].id if number in known else _unless_taken(finding, old)}
        )
        for number, finding in enumerate(current)
    ]
    return named(carried, taken=old)


def same_again(
    previous: Sequence[MergedFinding], current: Sequence[MergedFinding], judgement: Judgement = JUDGEMENT
) -> Mapping[int, int]:
    """Which finding of another run each one is: positions in `current` to positions in `previous`.

    What is told word for word as it was comes first: an answer that is taken again, and likeness cannot see it where
    hundreds share its words. Then the two most alike, each only once, while they are as alike as merge asks of what it
    puts together. So two neighbours never become one, and what was split stays split. What has neither a file nor a
    quoted line in common is never the same, whatever it says: a linter says the same of every place.
    """
    found = _word_for_word(previous, current)
    if len(found) in (len(previous), len(current)):
        return found
    runs = [
        (run, number, finding)
        for run, several in enumerate((previous, current))
        for number, finding in enumerate(several)
    ]
    said = [_of_run(one, run) for run, _, finding in runs for one in finding.said_by]
    home = [(run, number) for run, number, finding in runs for _ in finding.said_by]
    if not said:
        return {}
    tellings = Tellings(said, judgement.lead, judgement.lines, quote_marks)
    sums: Counter[tuple[int, int]] = Counter()
    for one, others in enumerate(Usual.of(tellings).shares):
        for other, value in others.items():
            if home[one][0] < home[other][0]:
                sums[home[one][1], home[other][1]] += value  # type: ignore[assignment] # a Counter of floats
    means = {
        (old, new): total / len(previous[old].said_by) / len(current[new].said_by) for (old, new), total in sums.items()
    }
    met = set(found.values())
    for (old, new), mean in sorted(means.items(), key=lambda item: (-item[1], item[0])):
        if mean < judgement.same or new in found or old in met:
            continue
        if _could_be(previous[old], current[new]):
            found[new] = old
            met.add(old)
    return found


def _word_for_word(previous: Sequence[MergedFinding], current: Sequence[MergedFinding]) -> dict[int, int]:
    """Those told in the very words, of the very lines, as far as the smaller of the two goes; the most first."""
    before, after = ([Counter(map(wording, one.said_by)) for one in findings] for findings in (previous, current))
    telling: dict[object, list[int]] = defaultdict(list)
    for number, words in enumerate(before):
        for told in words:
            telling[told].append(number)
    shares: dict[tuple[int, int], tuple[float, int]] = {}
    for new, words in enumerate(after):
        for old in {old for told in words for old in telling.get(told, ())}:
            common = (words & before[old]).total()
            shares[old, new] = common / min(words.total(), before[old].total()), common
    found: dict[int, int] = {}
    met: set[int] = set()
    for (old, new), (share, _) in sorted(shares.items(), key=lambda item: (-item[1][0], -item[1][1], item[0])):
        if share > MOST_OF_IT and new not in found and old not in met:
            found[new] = old
            met.add(old)
    return found


def wording(said: Said) -> object:
    """What a worker says, and of which lines; not where they stand today, nor which worker it was."""
    one = said.finding
    marks = frozenset(mark for place in said.places for mark in quote_marks(place))
    return one.title, one.category, one.problem, one.recommendation, marks


def _could_be(one: MergedFinding, other: MergedFinding) -> bool:
    """They meet somewhere; of what names no place, nobody can tell."""
    where, there = _where(one), _where(other)
    if where and there and where.isdisjoint(there):
        return False
    pairs = [(said, again) for said in one.said_by for again in other.said_by]
    return not any(_of_another(said, again) for said, again in pairs) or any(
        said.finding.title == again.finding.title for said, again in pairs
    )


def _of_another(one: Said, other: Said) -> bool:
    """The same words of another name, which stands on its own lines only: `total` was mended, `other` came.

    A finding whose function got a new name is new by that: better than a new problem under the id of an old one.
    """
    words, others = _NAME.findall(one.finding.title), _NAME.findall(other.finding.title)
    differ = {(word, another) for word, another in zip(words, others, strict=False) if word != another}
    if len(words) != len(others) or not differ or len(differ) == len(words):
        return False
    here, there = (set(_NAME.findall(" ".join(place.quote for place in said.places))) for said in (one, other))
    return all(word in here - there and another in there - here for word, another in differ)


def _where(finding: MergedFinding) -> set[str]:
    """Its files, and the lines it quotes in whatever file they stand."""
    lines = {"".join(line.split()) for place in finding.places for line in place.quote.splitlines()}
    return {place.path for place in finding.places} | {line for line in lines if len(line) >= TELLING_LINE}


def quote_marks(place: Place) -> Iterable[str]:
    """The lines of a place by what stands on them: their numbers change from run to run."""
    lines = ["".join(line.split()) for line in place.quote.splitlines()]
    quoted = [f"{place.path}:{line}" for line in lines if line]
    return quoted or [f"{place.path}:{place.start_line}"]


def _of_run(said: Said, run: int) -> Said:
    """The same label in two runs is two workers."""
    return said.model_copy(update={"worker": f"{run}/{said.worker}"})


def _unless_taken(finding: MergedFinding, taken: set[str]) -> str:
    return "" if finding.id in taken else finding.id


def _token(finding: MergedFinding) -> str:
    """From what it says and where, not from the lines, so that adding a line above does not change it."""
    paths = sorted({place.path for place in finding.places})
    words = "\0".join((*paths, finding.category.casefold(), finding.title, finding.problem))
    return sha256(words.encode("utf-8", "replace")).hexdigest()
