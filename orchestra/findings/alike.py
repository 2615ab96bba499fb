"""How alike findings are: in what they say, above all what they lead with, and in the lines they point at.

A finding becomes two sparse vectors of length 1: its words, those it leads with above all, and its lines. The likeness
of two findings is the dot product of theirs, that of two groups the mean over their pairs.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from math import log, sqrt
from operator import mul
from typing import NamedTuple

from orchestra.findings.finding import Finding, Place, Said
from orchestra.findings.wording import opening, sentences, stems

Bag = dict[str, int]
"""How often each word is said."""
Vector = dict[str, float]
Sharing = dict[str, dict[int, float]]
"""For each word the findings that say it, the latest last, and what it counts there."""
Likeness = list[dict[int, float]]
"""For each finding the others that share anything worth mentioning with it, and how alike they are."""

LONGEST_PLACE = 50
"""Lines of one place that count. A place longer than a screen points at nothing in particular."""
FAINT = 0.1
"""Less likeness than this is chance: a common turn of phrase. It is not kept."""
CROWD = 10
"""Findings that may share a word for all of them to be compared; in a crowd each meets only those that follow it
closely in its file. Then 10,000 findings cost 10,000 times what one costs, also when all are on one line."""
SMALL = 40_000
"""In a small run a crowd is more than this divided by its findings: up to 200 findings everything is compared."""


class Worth(NamedTuple):
    """What the words of a run are worth."""

    among: Mapping[str, int]
    """How many findings say a word."""
    of: Mapping[str, float]
    """0 for what too many say."""


class _Damped(dict[int, float]):
    """What a word counts that is said so many times: more, but not in proportion."""

    def __missing__(self, count: int) -> float:
        self[count] = 1 + log(count)
        return self[count]


_DAMPED = _Damped()


class Tellings:
    """Findings as vectors. A word is worth more the fewer findings of the run use it; so is a line."""

    def __init__(self, said: Sequence[Said], lead: int, lines: float, marks: Callable[[Place], Iterable[str]]) -> None:
        self.said = said
        self.marks: list[Bag] = [dict.fromkeys(chain.from_iterable(map(marks, one.places)), 1) for one in said]
        self._lead, self._lines = lead, lines
        self._wholes = [self._whole(one.finding) for one in said]
        self._crowd = max(CROWD, SMALL // max(1, len(said)))
        self._worth = self._worth_of(self._wholes)
        self._lead_of_one: dict[int, Vector] = {}

    def likeness(self) -> Likeness:
        """Of every two findings that share a word, or a line, that tells anything."""
        products = self._cosines(self._wholes, self._worth)
        for row, meet in zip(products, self._cosines(self.marks, self._worth_of(self.marks)), strict=True):
            for other, value in meet.items():
                row[other] = row.get(other, 0.0) + self._lines * value
        alike: Likeness = [{} for _ in self.said]
        for one, others in enumerate(products):
            for other, value in others.items():
                if value >= FAINT:
                    alike[one][other] = alike[other][one] = value
        return alike

    def parts(self, one: int) -> list[Vector]:
        """Each sentence of a finding, as if it were the lead of one of its own."""
        finding = self.said[one].finding
        texts = [finding.title, *sentences(finding.problem), *sentences(finding.recommendation)]
        return [self._unit(Counter(stems(text))) for text in texts]

    def lead_of(self, group: Iterable[int]) -> Vector:
        """What a group leads with, as one vector of length 1."""
        total: Vector = defaultdict(float)
        for one in group:
            if one not in self._lead_of_one:
                self._lead_of_one[one] = self._lead_of(self.said[one].finding)
            for word, weight in self._lead_of_one[one].items():
                total[word] += weight
        return _scaled(total)

    def _whole(self, finding: Finding) -> Bag:
        """All its words, those it leads with counted more. A third of the time merging takes is spent here."""
        first, rest = opening(finding.problem)
        bag: Bag = {}
        for text, counted in (
            (finding.title, 2 * self._lead),
            (first, self._lead),
            (f"{rest}\n{finding.recommendation}", 1),
        ):
            for word in stems(text):
                bag[word] = bag.get(word, 0) + counted
        return bag

    def _lead_of(self, finding: Finding) -> Vector:
        """What it leads with alone."""
        first, _ = opening(finding.problem)
        return self._unit(Counter([*(2 * [*stems(finding.title)]), *stems(first)] * self._lead))

    def _worth_of(self, bags: Sequence[Bag]) -> Worth:
        """What a word is worth; what a tenth of 10,000 findings say tells nothing, and nobody looks at it again."""
        among = Counter(chain.from_iterable(bags))
        common = max(self._crowd, len(bags) ** 0.75)
        whole = log(len(bags) + 1)
        worth = {count: whole - log(count) for count in set(among.values()) if count <= common}
        return Worth(among, {word: worth.get(count, 0.0) for word, count in among.items()})

    def _unit(self, bag: Bag) -> Vector:
        """A bag of words as a vector of length 1."""
        worth = self._worth.of
        return _scaled({word: its * _DAMPED[count] for word, count in bag.items() if (its := worth[word])})

    def _cosines(self, bags: Sequence[Bag], worth: Worth) -> Likeness:
        """The cosines of all pairs at once, each with the later of the two: only what several share costs anything.

        Half of the time merging takes is spent here and in `_whole`.
        """
        of = worth.of
        products: Likeness = [{} for _ in bags]
        lengths: list[float] = []
        few: Sharing = {word: {} for word, count in worth.among.items() if 1 < count <= self._crowd}
        many = {word for word, count in worth.among.items() if count > self._crowd}
        crowds: dict[str, Sharing] = defaultdict(lambda: defaultdict(dict))
        for one, (said, bag, row) in enumerate(zip(self.said, bags, products, strict=True)):
            crowd = crowds[said.places[0].path if said.places else ""]
            square = 0.0
            for word, count in bag.items():
                value = of[word]
                if not value:
                    continue
                value *= _DAMPED[count]
                square += value * value
                sharing = crowd[word] if word in many else few.get(word)
                if sharing is None:
                    continue
                for other, its in sharing.items():
                    row[other] = row.get(other, 0.0) + value * its
                if len(sharing) == self._crowd:
                    del sharing[next(iter(sharing))]
                sharing[one] = value
            length = sqrt(square)
            lengths.append(length)
            for other in row:
                row[other] /= length * lengths[other]
        return products


def dot(one: Vector, other: Vector) -> float:
    """How alike two vectors are."""
    if len(one) > len(other):
        one, other = other, one
    return sum([weight * other[word] for word, weight in one.items() if word in other])


def line_marks(place: Place) -> list[str]:
    """The lines of a place, by number."""
    last = min(place.end_line, place.start_line + LONGEST_PLACE - 1)
    return [f"{place.path}:{line}" for line in range(place.start_line, last + 1)]


def _scaled(vector: Vector) -> Vector:
    """The vector at length 1."""
    length = sqrt(sum(map(mul, vector.values(), vector.values()))) or 1.0
    return {word: weight / length for word, weight in vector.items()}
