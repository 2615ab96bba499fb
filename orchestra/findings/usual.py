"""How alike two tellings of surely one problem are in a run: the scale on which likeness is judged.

Terse writers, other models, reviewers who answer in another language share fewer words. A fixed threshold would take
what they found apart; the scale is measured in the run itself, for every two workers.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from orchestra.findings.alike import Likeness, Tellings

PRIOR = 0.5
"""The usual likeness where a run is too small to show its own; what the labelled cases in `tests/gold` show."""
PRIOR_PAIRS = 5
"""Sure pairs a prior counts as: of a run's, the prior above; of two workers', what is usual in the run."""
TOO_FEW = 3
"""Sure pairs that show nothing: two problems that happen to share a line would pass for two tellings of one."""

Workers = tuple[str, str]


@dataclass(frozen=True)
class Usual:
    """The usual likeness of a run, and every likeness as a share of what is usual between its two workers."""

    overall: float
    shares: Likeness

    @classmethod
    def of(cls, tellings: Tellings) -> "Usual":
        """Measured in the run."""
        likeness = tellings.likeness()
        workers = [one.worker for one in tellings.said]
        by_pair: dict[Workers, list[float]] = defaultdict(list)
        for one, other in _sure(tellings, likeness, workers):
            first, second = sorted((workers[one], workers[other]))
            by_pair[first, second].append(likeness[one][other])
        overall = _weighed([value for values in by_pair.values() for value in values], PRIOR)
        usual: dict[str, dict[str, float]] = {worker: {} for worker in workers}
        for (first, second), values in by_pair.items():
            usual[first][second] = usual[second][first] = _weighed(values, overall)
        shares = [
            {other: value / usual[worker].get(workers[other], overall) for other, value in others.items()}
            for worker, others in zip(workers, likeness, strict=True)
        ]
        return cls(overall, shares)


def _sure(tellings: Tellings, likeness: Likeness, workers: list[str]) -> Iterator[tuple[int, int]]:
    """Findings of two workers that point at a common line, each the other's best match among that worker's."""
    best: list[dict[str, tuple[float, int]]] = [{} for _ in likeness]
    for worker, matches, others in zip(workers, best, likeness, strict=True):
        for other, value in others.items():
            its = workers[other]
            if its != worker and (its not in matches or value > matches[its][0]):
                matches[its] = value, other
    for one, matches in enumerate(best):
        for _, other in matches.values():
            back = best[other].get(workers[one])
            if (
                one < other
                and back
                and back[1] == one
                and not tellings.marks[one].keys().isdisjoint(tellings.marks[other])
            ):
                yield one, other


def _weighed(values: list[float], prior: float) -> float:
    if len(values) <= TOO_FEW:
        return prior
    return (median(values) * len(values) + prior * PRIOR_PAIRS) / (len(values) + PRIOR_PAIRS)
