"""Which findings a writer takes on, and what became of each of those."""

from collections.abc import Iterable, Sequence

from orchestra.brief.answers import Fixes
from orchestra.errors import UnknownName, UsageError
from orchestra.findings.curate import Curated
from orchestra.findings.finding import MergedFinding, Standing
from orchestra.reports.report_parts import NotTaken
from orchestra.value import Value


class Choice(Value):
    """What is taken, in its order, and what is left with the reason."""

    taken: tuple[MergedFinding, ...]
    left: tuple[NotTaken, ...]


def choose(found: Curated, *, top: int, only: Sequence[str] = ()) -> Choice:
    """The first `top` open findings, or those named by their ids; not those that somebody decided to leave alone."""
    ids = {finding.id for finding in found.findings}
    for name in only:
        if name not in ids:
            raise UnknownName("finding", name, ids, next_step="`orchestra report RUN` shows them with their ids.")
    if only:
        taken = [finding for finding in found.findings if finding.id in only and not finding.standing.is_decided]
        if not taken:
            raise _all_decided([finding for finding in found.findings if finding.id in only])
    else:
        taken = [finding for finding in found.findings if finding.standing is Standing.OPEN][:top]
    chosen = {finding.id for finding in taken}
    left = [
        NotTaken(finding=finding.id, reason=_why_left(finding, only, top))
        for finding in found.findings
        if finding.id not in chosen
    ]
    return Choice(taken=tuple(taken), left=tuple(left))


def left_alone(choice: Choice, said: Fixes | None) -> tuple[NotTaken, ...]:
    """Every finding that was not mended: not taken, or taken and left alone by the writer."""
    return (*choice.left, *_unmended(choice.taken, said))


def _all_decided(named: Sequence[MergedFinding]) -> UsageError:
    told = "; ".join(f"{finding.id} was {finding.standing_reason or finding.standing}" for finding in named)
    return UsageError(
        f"Nothing that was named is to be mended: {told}",
        next_step=f"Take the decision back first: `orchestra reopen {named[0].id}`.",
    )


def _why_left(finding: MergedFinding, only: Sequence[str], top: int) -> str:
    if finding.standing.is_decided:
        return finding.standing_reason or finding.standing.value
    if only:
        return "not among those named"
    if finding.standing is not Standing.OPEN:
        return f"{finding.standing}, not open"
    return f"not among the first {top}"


def _unmended(taken: Iterable[MergedFinding], said: Fixes | None) -> Iterable[NotTaken]:
    if said is None:
        yield from (NotTaken(finding=finding.id, reason="no writer answered") for finding in taken)
        return
    fixed = {one.finding for one in said.fixed}
    why = {one.finding: one.reason for one in said.not_fixed}
    for finding in taken:
        if finding.id in why:
            reason = f"left alone by its writer: {why[finding.id]}" if why[finding.id] else "left alone by its writer"
            yield NotTaken(finding=finding.id, reason=reason)
        elif finding.id not in fixed:
            yield NotTaken(finding=finding.id, reason="its writer does not say what became of it")
