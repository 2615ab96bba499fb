"""Which finding of one report is which of another: merge's own judgement of the same problem, applied across runs."""

from collections import Counter
from collections.abc import Mapping, Sequence

from orchestra.findings.finding import MergedFinding, Said
from orchestra.findings.merge import merge


def recognised(before: Sequence[MergedFinding], after: Sequence[MergedFinding]) -> Mapping[str, str]:
    """Later id -> earlier id. One that kept its id is the same; the others are merged as if all had spoken at once."""
    earlier = {finding.id for finding in before}
    kept = {finding.id: finding.id for finding in after if finding.id in earlier}
    homes: dict[tuple[str, int], tuple[bool, str]] = {}
    said = []
    for late, findings in ((False, before), (True, after)):
        for finding in findings:
            if finding.id not in kept:
                for one in finding.said_by:
                    apart = _of_its_run(one, late)
                    homes[apart.worker, apart.index] = late, finding.id
                    said.append(apart)
    votes: Counter[tuple[str, str]] = Counter()
    for group in merge(said):
        sides: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
        for one in group.said_by:
            late, name = homes[one.worker, one.index]
            sides[late][name] += 1
        for old, times in sides[False].items():
            for new, again in sides[True].items():
                votes[old, new] += min(times, again)
    return kept | _one_to_one(votes)


def _of_its_run(said: Said, late: bool) -> Said:
    """The same worker's label means another worker in another run."""
    return said.model_copy(update={"worker": f"{'after' if late else 'before'}/{said.worker}"})


def _one_to_one(votes: Counter[tuple[str, str]]) -> dict[str, str]:
    """The most agreed pairs first; nobody is met twice."""
    met: dict[str, str] = {}
    for (old, new), _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
        if new not in met and old not in met.values():
            met[new] = old
    return met
