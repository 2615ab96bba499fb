"""The brief of a research run: what the synthesis says, held to the sources researchers gave."""

from collections.abc import Iterable

from orchestra.brief.answers import ResearchBrief
from orchestra.brief.answers.researcher import Claim as SaidClaim
from orchestra.brief.answers.researcher import Dispute
from orchestra.brief.library import Library
from orchestra.reports.report_parts import Action, Brief, Claim, Disagreement, RemovedCitation, Source


def brief_of(question: str, known: Library, written: ResearchBrief | None) -> Brief:
    """Every claim cites a source of the library; citations of nothing are removed and listed.

    A disagreement a researcher saw is in it, whether the synthesis shows it or not. Without a synthesis the points of
    the researchers stand as they are: what was found is not lost.
    """
    said = written or _unwritten(known)
    said = said.model_copy(update={"disagreements": (*said.disagreements, *_passed_over(said, known))})
    checked, removed = known.checked(said)
    return Brief(
        question=question,
        claims=tuple(_claim(claim) for claim in checked.claims),
        sources=tuple(Source(**source.model_dump()) for source in known.sources),
        disagreements=tuple(
            Disagreement(about=dispute.about, sides=tuple(_claim(side) for side in dispute.sides))
            for dispute in checked.disagreements
        ),
        uncertain=checked.uncertainty,
        removed=tuple(RemovedCitation(cited=one.cited, claim=one.claim) for one in (*known.removed, *removed)),
    )


def actions_of(written: ResearchBrief | None) -> tuple[Action, ...]:
    """What to do next."""
    return tuple(Action(what=action.what, why=action.why) for action in written.next_actions) if written else ()


def _claim(said: SaidClaim) -> Claim:
    return Claim(text=said.text, sources=said.sources)


def _unwritten(known: Library) -> ResearchBrief:
    """The researchers' own points, one after the other."""
    return ResearchBrief(
        claims=tuple(SaidClaim(**point) for notes in known.notes for point in notes["points"]),
        uncertainty=tuple(dict.fromkeys(doubt for notes in known.notes for doubt in notes["uncertainty"])),
    )


def _passed_over(said: ResearchBrief, known: Library) -> Iterable[Dispute]:
    """Disagreements of researchers that no disagreement of the brief is about, judged by the sources they cite."""
    shown = [_cited(dispute) for dispute in said.disagreements]
    about = {dispute.about.casefold() for dispute in said.disagreements}
    for notes in known.notes:
        for seen in notes["disagreements"]:
            dispute = Dispute(about=seen["about"], sides=tuple(SaidClaim(**side) for side in seen["sides"]))
            cited = _cited(dispute)
            if dispute.about.casefold() not in about and not any(cited <= other for other in shown if cited):
                about.add(dispute.about.casefold())
                yield dispute


def _cited(dispute: Dispute) -> frozenset[str]:
    return frozenset(source for side in dispute.sides for source in side.sources)
