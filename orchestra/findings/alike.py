"""How alike findings are: in what they say, above all what they lead with, and in the lines they point at.

A finding becomes two sparse vectors of length 1: its words, those it leads with above all, and its lines. The likeness
of two findings is the dot product of theirs, that of two groups the mean over their pairs.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import log, sqrt
from operator import mul

from orchestra.findings.finding import Place, Said
from orchestra.findings.wording import opening, sentences, stems

Vector = dict[str, float]
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
        self.marks = [frozenset(chain.from_iterable(map(marks, one.places))) for one in said]
        self._lines = lines
        self._files = [one.places[0].path if one.places else "" for one in said]
        self._leads: list[list[str]] = []
        self._wholes: list[Counter[str]] = []
        for one in said:
            first, rest = opening(one.finding.problem)
            words = stems(one.finding.title) * (2 * lead) + stems(first) * lead
            self._leads.append(words)
            self._wholes.append(Counter(words + stems(rest) + stems(one.finding.recommendation)))
        self._crowd = max(CROWD, SMALL // max(1, len(said)))
        self._worth, self._line_worth = self._worth_of(self._wholes), self._worth_of(self.marks)
        self._lead_of_one: dict[int, Vector] = {}

    def likeness(self) -> Likeness:
        """Of every two findings that share a word, or a line, that tells anything."""
        products: Likeness = [{} for _ in self.said]
        self._add_products(products, [self._unit(whole) for whole in self._wholes], 1.0)
        self._add_products(
            products, [_scaled({mark: self._line_worth[mark] for mark in where}) for where in self.marks], self._lines
        )
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
                self._lead_of_one[one] = self._unit(Counter(self._leads[one]))
            for word, weight in self._lead_of_one[one].items():
                total[word] += weight
        return _scaled(total)

    def _worth_of(self, bags: Sequence[Iterable[str]]) -> Vector:
        """What a word is worth; what a tenth of 10,000 findings say tells nothing, and nobody looks at it again."""
        among = Counter(chain.from_iterable(bags))
        common = max(self._crowd, len(bags) ** 0.75)
        whole = log(len(bags) + 1)
        worth = {count: whole - log(count) for count in set(among.values()) if count <= common}
        return {word: worth.get(count, 0.0) for word, count in among.items()}

    def _unit(self, bag: Counter[str]) -> Vector:
        """A bag of words as a vector of length 1."""
        worth = self._worth
        return _scaled({word: worth[word] * _DAMPED[count] for word, count in bag.items() if worth[word]})

    def _add_products(self, products: Likeness, vectors: Sequence[Vector], weight: float) -> None:
        """The dot products of all pairs at once, word by word: only what few enough share costs anything."""
        having: dict[str, list[int]] = defaultdict(list)
        for one, vector in enumerate(vectors):
            for word in vector:
                having[word].append(one)
        crowd, files = self._crowd, self._files
        for word, sharing in having.items():
            if len(sharing) == 1:
                continue
            crowded = len(sharing) > crowd
            values = [vectors[one][word] for one in sharing]
            for at, (one, value) in enumerate(zip(sharing, values, strict=True), 1):
                row, value = products[one], value * weight
                for other, its in zip(sharing[at : at + crowd], values[at : at + crowd], strict=True):
                    if crowded and files[other] != files[one]:
                        break
                    row[other] = row.get(other, 0.0) + value * its


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
