"""What researchers answer, and what becomes of it."""

from orchestra.brief.lenience import Answer


class Point(Answer):
    """One statement of a synthesis."""

    text: str
    sources: tuple[int, ...] = ()
    """The numbers of the sources that say so."""


class Source(Answer):
    """Something that was really opened and read."""

    number: int
    title: str
    link: str = ""
    date: str = ""
    """When it was published, as precisely as it says; empty where it does not."""
    why: str = ""
    """Why it matters."""


class Disagreement(Answer):
    """Where sources do not agree."""

    about: str
    sides: tuple[Point, ...] = ()


class ResearchNotes(Answer):
    """What one researcher found."""

    synthesis: tuple[Point, ...]
    """5 to 10 points."""
    sources: tuple[Source, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    uncertainty: tuple[str, ...] = ()


class Claim(Answer):
    """One statement of a brief."""

    text: str
    sources: tuple[str, ...] = ()
    """The ids of the sources that say so: `s3`."""


class Dispute(Answer):
    """Where sources or researchers do not agree; shown, not averaged."""

    about: str
    sides: tuple[Claim, ...] = ()


class NextAction(Answer):
    """One thing to do now that this is known."""

    what: str
    why: str = ""


class ResearchBrief(Answer):
    """What several researchers found, in one."""

    claims: tuple[Claim, ...]
    disagreements: tuple[Dispute, ...] = ()
    uncertainty: tuple[str, ...] = ()
    next_actions: tuple[NextAction, ...] = ()
