"""What a proposer answers, and whoever scores what several proposed."""

from pydantic import Field

from orchestra.brief.lenience import Answer


class Option(Answer):
    """One way to do it, thought through."""

    name: str
    """Two to five words."""
    idea: str
    plan: tuple[str, ...] = ()
    trade_offs: tuple[str, ...] = ()
    cost: str = ""
    risks: tuple[str, ...] = ()
    would_change_its_mind: str = ""


class Points(Answer):
    """How well an option meets a criterion."""

    option: int
    criterion: str
    points: float = Field(ge=0, le=10)
    why: str = ""


class Alike(Answer):
    """Two options that are nearly the same."""

    options: tuple[int, ...]
    why: str = ""


class BestIdea(Answer):
    """What is worth keeping of an option."""

    option: int
    idea: str


class Scores(Answer):
    """Options by criteria, and the one to take."""

    scores: tuple[Points, ...]
    chosen: int
    """The number of an option."""
    because: str = ""
    best_ideas: tuple[BestIdea, ...] = ()
    alike: tuple[Alike, ...] = ()
