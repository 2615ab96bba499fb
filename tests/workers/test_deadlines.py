"""Which clock runs out next, and when."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.outcome import Deadline
from orchestra.workers.deadlines import Clocks

from .children import Seconds

LIMITS = Seconds(start=60, idle=900, wall=3600, linger=10)


@pytest.mark.parametrize(
    ("clocks", "moment", "which"),
    [
        pytest.param(Clocks(LIMITS, 100), 160, Deadline.START, id="nothing heard yet"),
        pytest.param(Clocks(LIMITS, 100, last_byte=150), 160, Deadline.START, id="bytes are not the first event"),
        pytest.param(Clocks(LIMITS, 100, last_byte=150, started=True), 1050, Deadline.IDLE, id="silent since 150"),
        pytest.param(Clocks(LIMITS, 100, last_byte=3000, started=True), 3700, Deadline.WALL, id="talks for ever"),
        pytest.param(
            Clocks(LIMITS, 100, last_byte=3690, started=True, finished_at=3690), 3700, Deadline.LINGER, id="done, stays"
        ),
        pytest.param(
            Clocks(LIMITS, 100, last_byte=3695, started=True, finished_at=3695),
            3705,
            Deadline.LINGER,
            id="a complete answer is not late, even when the wall comes before it has left",
        ),
        pytest.param(
            Clocks(LIMITS, 100, last_byte=120, finished_at=120), 130, Deadline.LINGER, id="done without a first event"
        ),
        pytest.param(
            Clocks(replace(LIMITS, linger=0), 100, last_byte=120, started=True, finished_at=120),
            3700,
            Deadline.WALL,
            id="with linger off the wall is what is left",
        ),
        pytest.param(Clocks(replace(LIMITS, start=0), 100), 1000, Deadline.IDLE, id="start off"),
        pytest.param(Clocks(replace(LIMITS, start=0, idle=0), 100), 3700, Deadline.WALL, id="start and idle off"),
    ],
)
def test_the_next_clock(clocks: Clocks, moment: float, which: Deadline) -> None:
    assert clocks.next() == (moment, which)
    assert clocks.expired(moment - 0.001) is None
    assert clocks.expired(moment) is which


def test_no_clock_at_all() -> None:
    clocks = Clocks(Seconds(0, 0, 0, 0), 100)
    assert clocks.next() is None
    assert clocks.expired(inf) is None


seconds = st.floats(0, 1e6, allow_nan=False)
limits = st.builds(Seconds, seconds, seconds, seconds, seconds)


@given(limits, seconds, st.lists(seconds, max_size=5), st.booleans(), st.booleans())
def test_hearing_more_never_ends_it_earlier(
    given_limits: Seconds, began: float, gaps: list[float], started: bool, finished: bool
) -> None:
    """A byte can only put off what would have come; only the completed answer may bring an end nearer."""
    clocks = Clocks(given_limits, began, started=started)
    before = clocks.next()
    now = began
    for gap in gaps:
        now += gap
        clocks.last_byte = now
        after = clocks.next()
        assert (after or (inf,))[0] >= (before or (inf,))[0]
        before = after
    if finished:
        clocks.finished_at = now
        if given_limits.linger:
            assert clocks.next() == (now + given_limits.linger, Deadline.LINGER)
        else:
            assert (clocks.next() or (0, Deadline.WALL))[1] is Deadline.WALL


@given(limits, seconds, seconds, st.booleans())
def test_what_has_expired_stays_expired(given_limits: Seconds, began: float, later: float, started: bool) -> None:
    clocks = Clocks(given_limits, began, started=started)
    following = clocks.next()
    if following is not None:
        assert clocks.expired(following[0] + later) is following[1]
