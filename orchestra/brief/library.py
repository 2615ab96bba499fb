"""The sources of several researchers as one list, and the law of a brief: every claim cites one of them."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from orchestra.brief.answers.researcher import Claim, Point, ResearchBrief, ResearchNotes, Source
from orchestra.value import Value

_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|ref_src|mc_[ce]id")


class Cited(Value):
    """A source, once, however many researchers gave it."""

    id: str
    """What claims cite: `s1`."""
    title: str
    link: str
    date: str
    why: str
    said_by: tuple[str, ...]
    """Who gave it."""


class Removed(Value):
    """A citation of nothing that any researcher gave."""

    cited: str
    claim: str


class Library(Value):
    """All sources with their ids, and the notes of the researchers citing those ids."""

    sources: tuple[Cited, ...]
    notes: tuple[dict[str, Any], ...]
    removed: tuple[Removed, ...] = ()
    """What researchers cited and did not list."""

    def checked(self, brief: ResearchBrief) -> tuple[ResearchBrief, tuple[Removed, ...]]:
        """The brief with no citation of nothing, and those that were removed.

        A claim that has no source left is no claim any more; it stands under what is uncertain.
        """
        removed: list[Removed] = []
        claims = [self._checked(claim, removed) for claim in brief.claims]
        disputes = [
            dispute.model_copy(update={"sides": tuple(self._checked(side, removed) for side in dispute.sides)})
            for dispute in brief.disagreements
        ]
        baseless = [f"No source was given for: {claim.text}" for claim in claims if not claim.sources]
        kept = brief.model_copy(
            update={
                "claims": tuple(claim for claim in claims if claim.sources),
                "disagreements": tuple(disputes),
                "uncertainty": (*brief.uncertainty, *baseless),
            }
        )
        return kept, tuple(removed)

    def _checked(self, claim: Claim, removed: list[Removed]) -> Claim:
        known = {source.id for source in self.sources}
        cited = [(said, said.strip(" []().").lower()) for said in claim.sources]
        removed += [Removed(cited=said, claim=claim.text) for said, name in cited if name not in known]
        return claim.model_copy(update={"sources": tuple(dict.fromkeys(name for _, name in cited if name in known))})


def library(found: Sequence[tuple[str, ResearchNotes]]) -> Library:
    """The notes of several researchers, by who they are, over one list of sources."""
    ids: dict[str, str] = {}
    sources: dict[str, Cited] = {}
    told: list[dict[str, Any]] = []
    removed: list[Removed] = []
    for who, notes in found:
        own: dict[int, str] = {}
        for source in notes.sources:
            name = own[source.number] = ids.setdefault(_same(source), f"s{len(ids) + 1}")
            sources[name] = _with(sources.get(name), source, name, who)
        told.append(_told(who, notes, own, removed))
    return Library(sources=tuple(sources.values()), notes=tuple(told), removed=tuple(removed))


def _told(who: str, notes: ResearchNotes, own: dict[int, str], removed: list[Removed]) -> dict[str, Any]:
    def cited(points: Iterable[Point]) -> list[dict[str, Any]]:
        said = []
        for point in points:
            removed.extend(
                Removed(cited=str(number), claim=point.text) for number in point.sources if number not in own
            )
            ids = dict.fromkeys(own[number] for number in point.sources if number in own)
            said.append({"text": point.text, "sources": list(ids)})
        return said

    return {
        "researcher": who,
        "points": cited(notes.synthesis),
        "disagreements": [{"about": dispute.about, "sides": cited(dispute.sides)} for dispute in notes.disagreements],
        "uncertainty": list(notes.uncertainty),
    }


def _with(known: Cited | None, source: Source, name: str, who: str) -> Cited:
    if known is None:
        return Cited(id=name, title=source.title, link=source.link, date=source.date, why=source.why, said_by=(who,))
    return known.model_copy(
        update={
            "date": known.date or source.date,
            "why": known.why or source.why,
            "said_by": tuple(dict.fromkeys((*known.said_by, who))),
        }
    )


def _same(source: Source) -> str:
    """Two sources are one if their links lead to the same place; without a link, if title and date agree."""
    link = source.link.strip()
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
    except ValueError:  # brackets where an address wants none
        return link
    if not link:
        return " ".join(f"{source.title} {source.date}".casefold().split())
    wanted = urlencode([pair for pair in parse_qsl(parts.query) if not _TRACKING.fullmatch(pair[0])])
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}?{wanted}"
