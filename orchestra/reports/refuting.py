"""What becomes of findings somebody tried to refute."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BeforeValidator

from orchestra.brief.answers import Refutations
from orchestra.brief.answers.verifier import Judgement, Stand
from orchestra.findings.curate import Curated
from orchestra.findings.finding import MergedFinding, Severity, Standing

Mildest = Annotated[Severity, BeforeValidator(lambda said: Severity.LOW if said == "all" else said)]
"""The mildest severity of findings that are looked into; `all` means every one."""


def still_open(found: Curated) -> tuple[MergedFinding, ...]:
    """The findings that count, in their order."""
    return tuple(finding for finding in found.findings if finding.standing is Standing.OPEN)


def doubtful(found: Curated, mildest: Severity) -> tuple[MergedFinding, ...]:
    """The open findings of that severity or worse, in their order."""
    return tuple(finding for finding in still_open(found) if finding.severity.weight >= mildest.weight)


def tried(found: Curated, suspects: Sequence[MergedFinding], said: Iterable[tuple[str, Refutations | None]]) -> Curated:
    """The findings after somebody tried to refute the suspects, one worker for each: a refuted one is withdrawn.

    Without evidence nothing is refuted: a verdict alone is an opinion, and the finding stays open. So it does where
    one worker says two things about it.
    """
    becomes: dict[str, MergedFinding] = {}
    notes: list[str] = []
    for suspect, (worker, refutations) in zip(suspects, said, strict=True):
        judgements = [one for one in refutations.judgements if one.number == 1] if refutations else []
        verdicts = dict.fromkeys(one.verdict.value for one in judgements)
        if not judgements:
            notes.append(f"{suspect.id} was not verified: {worker} gave no judgement on it.")
        elif len(verdicts) > 1:
            notes.append(f"{suspect.id} was not verified: {worker} contradicts itself, {' and '.join(verdicts)}.")
        else:
            becomes[suspect.id] = _judged(suspect, worker, judgements[0])
    findings = tuple(becomes.get(finding.id, finding) for finding in found.findings)
    return found.model_copy(update={"findings": findings, "notes": (*found.notes, *notes)})


def _judged(finding: MergedFinding, worker: str, judgement: Judgement) -> MergedFinding:
    because = " ".join(part.strip() for part in (judgement.reason, judgement.evidence) if part.strip())
    told = f": {because}" if because else ""
    if judgement.verdict is Stand.REFUTED and judgement.evidence.strip():
        return finding.model_copy(
            update={"standing": Standing.WITHDRAWN, "standing_reason": f"refuted by {worker}{told}"}
        )
    words = {
        Stand.CONFIRMED: f"confirmed by {worker}",
        Stand.UNSURE: f"{worker} could neither confirm nor refute it",
        Stand.REFUTED: f"{worker} thinks it is wrong, and shows no evidence",
    }
    return finding.model_copy(update={"why_here": (*finding.why_here, words[judgement.verdict] + told)})
