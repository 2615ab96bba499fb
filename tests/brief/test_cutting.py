"""Pieces of a row: complete, small enough, and where they are cut depends on names alone."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.brief.cutting import border, cut

rows = st.lists(st.tuples(st.integers(0, 4), st.text(max_size=6), st.integers(0, 50)), max_size=120)


def cuts(row: list[tuple[int, str, int]], most: int, heaviest: int) -> list[tuple[int, int]]:
    return list(cut([border(depth, name) for depth, name, _ in row], [weight for _, _, weight in row], most, heaviest))


@given(rows, st.integers(1, 30), st.integers(1, 200))
def test_every_thing_is_in_exactly_one_piece_and_no_piece_is_too_large(
    row: list[tuple[int, str, int]], most: int, heaviest: int
) -> None:
    pieces = cuts(row, most, heaviest)
    assert [index for first, end in pieces for index in range(first, end)] == list(range(len(row)))
    for first, end in pieces:
        weight = sum(weight for _, _, weight in row[first:end])
        assert end - first == 1 or (end - first <= most and weight <= heaviest)


@given(rows.filter(bool), st.data(), st.integers(1, 500))
def test_what_grows_can_only_make_its_own_piece_fall_in_two(
    row: list[tuple[int, str, int]], data: st.DataObject, more: int
) -> None:
    at = data.draw(st.integers(0, len(row) - 1))
    depth, name, weight = row[at]
    before = cuts(row, 10, 100)
    after = cuts([*row[:at], (depth, name, weight + more), *row[at + 1 :]], 10, 100)
    assert {piece for piece in before if not piece[0] <= at < piece[1]} <= set(after)
    assert {first for first, _ in before} <= {first for first, _ in after}  # every border there was is still there


@given(rows)
def test_weights_decide_nothing_where_they_are_light(row: list[tuple[int, str, int]]) -> None:
    light = [(depth, name, 0) for depth, name, _ in row]
    assert cuts(row, 10, 10**9) == cuts(light, 10, 10**9)


@settings(max_examples=30)
@given(st.integers(11, 400), st.integers(0, 10**6))
def test_pieces_are_not_tiny(count: int, seed: int) -> None:
    row = [(0, f"{seed}-{index}", 1) for index in range(count)]
    pieces = cuts(row, 40, 10**9)
    assert all(end - first >= 10 for first, end in pieces) or count <= 40
    assert len(pieces) <= max(1, count / 12)


def test_the_strongest_border_near_the_middle_wins() -> None:
    make: Callable[[int], list[tuple[int, str, int]]] = lambda at: [  # noqa: E731 - a table of one line
        (0 if index == at else 3, f"name {index}", 1) for index in range(60)
    ]
    assert [cuts(make(at), 40, 999)[0] for at in (20, 25, 33, 40)] == [(0, 20), (0, 25), (0, 33), (0, 40)]
