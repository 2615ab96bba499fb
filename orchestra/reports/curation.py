"""A curator's groups, order and wording over the findings there are. It may neither add nor lose one."""

from collections import Counter

from orchestra.brief.answers import Curation
from orchestra.brief.answers.curator import Group
from orchestra.findings.curate import Curated
from orchestra.findings.finding import MergedFinding, Ref, Standing
from orchestra.findings.headline import merged
from orchestra.findings.rank import why_here
from orchestra.reports.refuting import still_open


def curated_by(found: Curated, curation: Curation | None) -> Curated:
    """The open findings as the curator groups, orders and words them; the others stand where they stood, behind.

    An answer that loses, invents or doubles a finding is refused: what there was stands, and a note says why.
    """
    broken = None if curation is None else breach(curation, len(still_open(found)))
    if curation is None or broken:
        why = f"its answer is refused, for {broken}" if broken else "it did not answer"
        note = f"The findings stand in the order of the rules, not the curator's: {why}."
        return found.model_copy(update={"notes": (*found.notes, note)})
    open_ones = still_open(found)
    groups = [([open_ones[number - 1] for number in group.numbers], group) for group in curation.groups]
    findings = [_grouped(members, group) for members, group in groups]
    apart = [finding for finding in found.findings if finding.standing is not Standing.OPEN]
    return found.model_copy(update={"findings": (*findings, *apart)})


def breach(curation: Curation, count: int) -> str | None:
    """How an answer breaks the law that each of `count` findings stands in exactly one group; None: it keeps it."""
    given = Counter(number for group in curation.groups for number in group.numbers)
    lost = [number for number in range(1, count + 1) if number not in given]
    invented = [number for number in given if not 1 <= number <= count]
    doubled = [number for number, times in given.items() if times > 1 and number not in invented]
    told = [
        f"it {what} number {', '.join(map(str, sorted(numbers)))}"
        for what, numbers in (("loses", lost), ("invents", invented), ("doubles", doubled))
        if numbers
    ]
    if any(not group.numbers for group in curation.groups):
        told.append("it invents a finding without a number")
    return " and ".join(told) or None


def _grouped(findings: list[MergedFinding], group: Group) -> MergedFinding:
    """One finding of several, under the id of the first; all wordings are kept, the new one stands above them."""
    first = findings[0]
    if len(findings) > 1:
        first = _joined(findings)
    worded = {name: said for name in ("title", "problem", "recommendation") if (said := getattr(group, name).strip())}
    told = "put here and worded anew by the curator" if worded else "put here by the curator"
    why = (f"{told}{f': {group.why}' if group.why else ''}",)
    return first.model_copy(update={**worded, "why_here": (*first.why_here, *why)})


def _joined(findings: list[MergedFinding]) -> MergedFinding:
    """As if its wordings had been one finding from the beginning; who says it at a second place is counted once."""
    one = merged([said for finding in findings for said in finding.said_by])
    homes = {(said.worker, said.index) for said in one.said_by}
    named = dict.fromkeys((ref.worker, ref.index) for finding in findings for ref in finding.also_said_by)
    also = tuple(Ref(worker=worker, index=index) for worker, index in named if (worker, index) not in homes)
    support = max(one.support, *(finding.support for finding in findings))
    severity = max((finding.severity for finding in findings), key=lambda severity: severity.weight)
    one = one.model_copy(update={"severity": severity, "support": support, "standing": Standing.OPEN})
    # What their ranks were for says nothing about the one they are now; what verifiers said of each still holds.
    verified = (reason for finding in findings for reason in finding.why_here if reason not in why_here(finding))
    return one.model_copy(
        update={
            "id": findings[0].id,
            "also_said_by": also,
            "why_here": (*why_here(one), *dict.fromkeys(verified)),
        }
    )
