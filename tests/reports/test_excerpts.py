"""The code that a report carries: true lines, each once, enough around every place, bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.findings.finding import Anchor
from orchestra.reports.excerpts import AROUND, LARGEST, LONGEST_LINE, LONGEST_PLACE, Excerpts, excerpts
from orchestra.reports.places import CodeLine, Spot, code_around, code_at, spots
from orchestra.reports.saved import read_report
from tests.reports.stories import merged, real, report

TEXT = "\n".join(f"line {number}" for number in range(1, 101)) + "\n"
stretches = st.lists(st.tuples(st.integers(1, 130), st.integers(0, 60)), max_size=12)


@given(stretches)
def test_every_line_is_the_file_s_own_and_stands_once(wanted: list[tuple[int, int]]) -> None:
    found = [merged(1, path="a.py", line=first, problem=str(length)) for first, length in wanted]
    found = [
        one.model_copy(update={"places": (one.places[0].model_copy(update={"end_line": first + length}),)})
        for one, (first, length) in zip(found, wanted, strict=True)
    ]
    kept = excerpts(found, {"a.py": TEXT})
    numbers = [number for excerpt in kept for number, _ in excerpt.numbered]
    assert len(set(numbers)) == len(numbers)
    assert all(line == f"line {number}" for excerpt in kept for number, line in excerpt.numbered)
    for one, (first, length) in zip(found, wanted, strict=True):
        if first <= 100:
            shown = [line.number for run in code_around(spots(one)[0], Excerpts(kept)) for line in run]
            last = min(first + length, first + LONGEST_PLACE - 1)
            assert set(shown) >= set(range(max(1, first - AROUND), min(100, last + AROUND) + 1))


def test_places_near_each_other_are_shown_as_one_run_with_each_of_them_marked() -> None:
    found = merged(1, path="a.py", line=10)
    places = (found.places[0], found.places[0].model_copy(update={"start_line": 15, "end_line": 15}))
    found = found.model_copy(update={"places": places})
    (run,) = code_around(spots(found)[0], Excerpts(excerpts([found], {"a.py": TEXT})))
    assert [line.number for line in run] == list(range(7, 19))
    assert [line.number for line in run if line.meant] == [10, 11, 15]


def test_what_was_not_found_has_no_code_and_shows_its_quote() -> None:
    lost = merged(1, path="a.py", line=10, anchor=Anchor.ABSENT, quote="    no such\n      line")
    kept = excerpts([lost], {"a.py": TEXT})
    assert kept == ()
    assert code_at(lost.places[0], Excerpts(kept)) == (CodeLine(None, "no such"), CodeLine(None, "  line"))


def test_a_minified_file_and_a_crowd_stay_within_bounds() -> None:
    (kept,) = excerpts([merged(1, path="a.js", line=1)], {"a.js": "x" * 1_000_000})
    assert len(kept.lines[0]) == LONGEST_LINE + 1
    long = "\n".join("y" * LONGEST_LINE for _ in range(40_000))
    crowd = [merged(number, path="b.py", line=number * 10) for number in range(1, 3000)]
    size = sum(len(line) for excerpt in excerpts(crowd, {"b.py": long}) for line in excerpt.lines)
    assert LARGEST * 0.9 < size <= LARGEST


def test_ten_thousand_findings_on_one_spot_cost_one_excerpt() -> None:
    crowd = [merged(number, path="a.py", line=50) for number in range(1, 10_001)]
    (kept,) = excerpts(crowd, {"a.py": TEXT})
    assert len(kept.lines) == 2 + 2 * AROUND


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([(3, 5)], "a.py:3-5"),
        ([(3, 3)], "a.py:3"),
        ([(3, 5), (4, 9), (20, 20)], "a.py:3-9, 20"),
        ([(20, 20), (3, 5)], "a.py:20, 3-5"),
        ([(1, 2), (5, 6), (2, 5)], "a.py:1-6"),
        ([(9, 3)], "a.py:9"),
    ],
)
def test_places_that_overlap_are_told_once(lines: list[tuple[int, int]], told: str) -> None:
    found = merged(1, path="a.py")
    places = tuple(found.places[0].model_copy(update={"start_line": first, "end_line": last}) for first, last in lines)
    (spot,) = spots(found.model_copy(update={"places": places}))
    assert isinstance(spot, Spot)
    assert spot.in_words == told


def test_a_report_read_again_is_the_same(tmp_path: object) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "report.json"
    made = real()
    file.write_text(made.model_dump_json(indent=1), encoding="utf-8")
    assert read_report(file) == made
    assert report().schema_version == 1
