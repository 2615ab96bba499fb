"""Which findings report the same problem: put together by how alike they are, each in exactly one place.

The law: every finding stands in exactly one `said_by`; the result does not depend on the order of the workers; merging
twice changes nothing; all wordings, severities and places are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from orchestra.findings.alike import Likeness, Tellings, Vector, dot, line_marks
from orchestra.findings.finding import MergedFinding, Ref, Said
from orchestra.findings.headline import merged
from orchestra.findings.uncollected import uncollected
from orchestra.findings.usual import Usual


@dataclass(frozen=True)
class Judgement:
    """What decides whether two findings report the same problem. `tests/gold/cross_validate.py` measures it."""

    lead: int = 4
    """How often a word of the first sentence counts; one of the title counts twice that. Reviewers lead with what they
    found and add what else they saw: without it, findings of two problems fall together by their second."""
    lines: float = 0.15
    """Weight of the lines they point at beside the words. More, and neighbours with other problems fall together."""
    own: float = 0.3
    """What likeness two findings of one worker lose, as a share of the usual one: a reviewer rarely repeats itself."""
    same: float = 0.56
    """Groups are put together while their mean likeness is this share of the usual one."""
    also: float = 0.6
    """A finding reports another group's problem too from this share on, its best sentence counted on top."""


JUDGEMENT = Judgement()
LEAST_WHOLE = 0.3
"""Share of `also` that must come from the whole of what is said: one chance word in a sentence is not enough."""
LEAST_PART = 0.2
"""Share of the usual likeness that must come from one sentence: a second problem is said somewhere, not everywhere."""
LEAST_USUAL = 0.4
"""Less is never usual for a sentence: terse reviewers share few words, but chance words are as many as ever."""

Group = list[int]


@uncollected
def merge(said: Iterable[Said], judgement: Judgement = JUDGEMENT) -> tuple[MergedFinding, ...]:
    """Put together what reports the same problem."""
    ordered = sorted(said, key=content)
    tellings = Tellings(ordered, judgement.lead, judgement.lines, line_marks)
    usual = Usual.of(tellings)
    groups = joined(own_disfavoured(tellings, usual.shares, judgement.own), judgement.same)
    also: list[list[Ref]] = [[] for _ in groups]
    for one, group, share in reported_too(tellings, usual, groups, judgement):
        if share >= judgement.also:
            also[group].append(Ref(worker=ordered[one].worker, index=ordered[one].index))
    return tuple(
        merged([ordered[one] for one in central_first(usual.shares, group)], refs)
        for group, refs in zip(groups, also, strict=True)
    )


def own_disfavoured(tellings: Tellings, shares: Likeness, loss: float) -> Likeness:
    """The likeness, less of it between findings of one worker."""
    workers = [one.worker for one in tellings.said]
    return [
        {other: share - loss if workers[one] == workers[other] else share for other, share in others.items()}
        for one, others in enumerate(shares)
    ]


def joined(likeness: Likeness, at_least: float) -> list[Group]:
    """Average linkage: the two groups with the highest mean likeness become one, until none reaches `at_least`.

    Where everyone is that like everyone, and nobody else, it ends with one group: most of a run is put together so.
    """
    near = [{one, *[other for other, value in row.items() if value >= at_least]} for one, row in enumerate(likeness)]
    groups: list[Group] = []
    rest: set[int] = set()
    for one, others in enumerate(near):
        if any(near[other] != others for other in others):
            rest.add(one)
        elif one == min(others):
            groups.append(sorted(others))
    return sorted(groups + _linked(likeness, at_least, rest))


def _linked(likeness: Likeness, at_least: float, among: set[int]) -> list[Group]:
    """Step by step, among some of the findings."""
    sums = {one: {other: value for other, value in likeness[one].items() if other in among} for one in among}
    groups = {one: [one] for one in among}
    queue = [
        (-value, one, other, 1, 1)
        for one, row in sums.items()
        for other, value in row.items()
        if one < other and value >= at_least
    ]
    heapify(queue)
    while queue:
        _, one, other, size_one, size_other = heappop(queue)
        if len(groups[one]) != size_one or len(groups[other]) != size_other:
            continue  # one of them has grown since: its present likeness is in the queue as well
        groups[one] += groups[other]
        groups[other] = []
        size = len(groups[one])
        row = sums[one]
        for third, value in sums.pop(other).items():
            its = sums[third]
            del its[other]
            if third != one:
                row[third] = its[one] = its.get(one, 0.0) + value
        for third, value in row.items():
            mean = value / (size * len(groups[third]))
            if mean >= at_least:
                first, second = (one, third) if one < third else (third, one)
                heappush(queue, (-mean, first, second, len(groups[first]), len(groups[second])))
    return [sorted(group) for group in groups.values() if group]


def central_first(likeness: Likeness, group: Group) -> Group:
    """The group, its most typical telling first: the one most like all the others."""

    def to_all(one: int) -> float:
        return sum([likeness[one][other] for other in group if other in likeness[one]])

    return sorted(group, key=to_all, reverse=True)


def reported_too(
    tellings: Tellings, usual: Usual, groups: Sequence[Group], judgement: Judgement
) -> Iterator[tuple[int, int, float]]:
    """Findings that may report another group's problem too: the finding, the group, the share of the usual likeness.

    What counts is the finding as a whole and its best sentence: the one that is closest to what the other group leads
    with, and not as close to what the rest of its own group does.
    """
    home = {one: number for number, group in enumerate(groups) for one in group}
    leads: dict[int, Vector] = {}
    for one, others in enumerate(usual.shares):
        near: dict[int, float] = defaultdict(float)
        for other, share in others.items():
            if home[other] != home[one]:
                near[home[other]] += share / len(groups[home[other]])
        near = {number: share for number, share in near.items() if share >= LEAST_WHOLE * judgement.also}
        if not near:
            continue
        rest = tellings.lead_of(other for other in groups[home[one]] if other != one)
        parts = [(part, dot(part, rest)) for part in tellings.parts(one)]
        for number, share in near.items():
            if number not in leads:
                leads[number] = tellings.lead_of(groups[number])
            in_a_part = max(dot(part, leads[number]) - at_home for part, at_home in parts)
            in_a_part /= max(usual.overall, LEAST_USUAL)
            if in_a_part < LEAST_PART:
                continue
            mine = any(tellings.said[other].worker == tellings.said[one].worker for other in groups[number])
            yield one, number, share + in_a_part - (judgement.own if mine else 0.0)


def content(one: Said) -> tuple[object, ...]:
    """An order that depends on what is said, not on who came first."""
    places = [(place.path, place.start_line, place.end_line) for place in one.places]
    finding = one.finding
    return places, finding.title, finding.problem, one.worker, one.index
