"""From where a proposer looks: different enough that their options differ."""

from collections.abc import Sequence

from orchestra.errors import UsageError
from orchestra.value import Value


class Stance(Value):
    """A name of one word, and what somebody with it cares about."""

    name: str
    body: str


STANCES = (
    Stance(
        name="simplest",
        body="The least that really settles it. Use what is there; add no part, service or process that is not forced "
        "on you. What can be done by hand, once, or not at all is better than what must be kept up.",
    ),
    Stance(
        name="lasting",
        body="What will still be right in five years, with ten times the load and other people. Clear boundaries, "
        "standards, tests and a way to change; a higher price today is fine if it is paid once.",
    ),
    Stance(
        name="unusual",
        body="The way nobody in the room would say first. Question what everybody takes for granted: turn the problem "
        "round, move it elsewhere, remove its cause, take over how another field does it. It has to work, not shock.",
    ),
    Stance(
        name="careful",
        body="Nothing may break on the way. Small steps that can each be undone, both ways side by side, proof before "
        "commitment, the riskiest assumption tested first. Time matters less than sleep.",
    ),
    Stance(
        name="bought",
        body="Others have done this. Take, buy or hire what exists and is looked after by people whose job it is; "
        "build only what is truly one's own. Count what leaving it again would cost.",
    ),
    Stance(
        name="users",
        body="Begin with the people who will live with it: what they do now, what they will notice, learn and lose. "
        "The best option is the one they would choose, whatever it asks of the machinery.",
    ),
)
CRITERIA = (
    "fit: how completely it settles the question",
    "cost: effort to get there and to keep it up",
    "risk: how likely and how bad failure is",
    "reversible: how easily one gets out of it again",
    "soon: how early it is of use",
)
"""What options are compared by where nobody says otherwise."""


def stances(count: int) -> tuple[Stance, ...]:
    """So many different ones."""
    if not 2 <= count <= len(STANCES):
        raise UsageError(
            f"{count} options cannot be asked for: 2 to {len(STANCES)} stances are there to differ.",
            next_step=f"Say a number from 2 to {len(STANCES)}.",
        )
    return STANCES[:count]


def told_apart(criteria: Sequence[str]) -> tuple[str, ...]:
    """The criteria; scores are given by their names, so two of one name cannot both be scored."""
    told = tuple(dict.fromkeys(criteria))
    names = [criterion.partition(":")[0].strip().casefold() for criterion in told]
    twice = next((name for name in names if names.count(name) > 1 or not name), None)
    if twice is not None:
        raise UsageError(
            f"Two criteria are called {twice!r}." if twice else "A criterion has no name before its colon.",
            next_step='Give each a name of its own: `--criterion "cost: effort to keep it up"`.',
        )
    return told
