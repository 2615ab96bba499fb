"""What nobody looked at is told by its reason, in every format a person reads."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.brief.target import LeftOut
from orchestra.reports.left_out import by_reason
from orchestra.reports.renderers import html, markdown, terminal
from tests.reports.stories import report

MANY = [LeftOut(path=f"build/part{number:03}.o", reason="binary") for number in range(300)]
FEW = [LeftOut(path="empty.py", reason="empty"), LeftOut(path="vendor/", reason="ignored by git")]

names = st.text("abc", min_size=1, max_size=3)


@given(st.lists(st.builds(LeftOut, path=names, reason=names)))
def test_nothing_is_lost_and_the_commonest_comes_first(left: list[LeftOut]) -> None:
    groups = by_reason(left)
    assert Counter((path, group.reason) for group in groups for path in group.paths) == Counter(
        (one.path, one.reason) for one in left
    )
    sizes = [len(group.paths) for group in groups]
    assert sizes == sorted(sizes, reverse=True)
    assert len({group.reason for group in groups}) == len(groups)


@pytest.mark.parametrize("render", [terminal.render, markdown.render, html.render])
def test_many_of_one_kind_are_counted_and_the_rare_are_named(render: object) -> None:
    told = render(report([]).model_copy(update={"not_looked_at": (*FEW, *MANY), "looked_at": 7}))  # type: ignore[operator]  # three of one shape
    assert "binary (300): " in told
    assert "part000.o" in told
    assert "part299.o" not in told
    assert "empty: " in told
    assert "vendor/" in told
    assert "302" in told


def test_what_was_looked_at_and_what_was_not_are_two_numbers() -> None:
    told = terminal.render(report([]).model_copy(update={"not_looked_at": (*FEW, *MANY), "looked_at": 7}))
    assert "\nLooked at: 7 files. Not looked at: 302\n" in told
