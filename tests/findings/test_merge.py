"""The same problem told twice is one finding, two problems are two; and the law that no finding is lost or doubled."""

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.findings.finding import MergedFinding, Said, Standing
from orchestra.findings.merge import merge
from tests.findings.tellings import homes, said
from tests.gold.cases import NAMES, case

LEAK = (
    "The file handle is never closed",
    "open() is called without a with statement. The handle leaks on every error until no descriptor is left.",
    "Use a with statement.",
)
LEAK_AGAIN = (
    "File descriptor leak in load()",
    "The handle that open() gives is never closed when parsing raises; in the end no file can be opened.",
    "Wrap open() in a with statement.",
)
ENCODING = (
    "The text is read in the encoding of the machine",
    "Without encoding= the locale decides. Umlauts are broken on servers that run in the C locale.",
    'Pass encoding="utf-8".',
)
CACHE = (
    "Cached entries are never dropped",
    "The dictionary grows with every new key for the life of the process until memory is exhausted.",
    "Bound it, for instance with an LRU cache.",
)
UNITS = (
    "Seconds are passed where milliseconds are expected",
    "time.monotonic() gives seconds, the histogram wants milliseconds. Every latency is a thousand times too small.",
    "Multiply by 1000.",
)
UNITS_AGAIN = (
    "Latency is recorded in seconds instead of milliseconds",
    "The difference of two time.monotonic() calls goes into the histogram as it is, a thousand times too small.",
    "Multiply the latency by 1000 before it is recorded.",
)


def tell(worker: str, index: int, line: int, words: tuple[str, str, str], path: str = "a.py") -> Said:
    title, problem, recommendation = words
    return said(worker, index, line, path, title=title, problem=problem, recommendation=recommendation)


def together(*told: Said) -> set[frozenset[tuple[str, int]]]:
    return homes(merge(told))


def test_other_words_for_one_problem_at_one_line_are_one_finding() -> None:
    found = together(
        tell("w1", 1, 3, LEAK), tell("w1", 2, 40, UNITS), tell("w2", 1, 3, LEAK_AGAIN), tell("w2", 2, 40, UNITS_AGAIN)
    )
    assert found == {frozenset({("w1", 1), ("w2", 1)}), frozenset({("w1", 2), ("w2", 2)})}


def test_neighbouring_and_even_equal_lines_with_different_problems_stay_apart() -> None:
    told = [tell("w1", 1, 3, LEAK), tell("w1", 2, 4, CACHE), tell("w2", 1, 3, ENCODING), tell("w2", 2, 4, UNITS)]
    assert together(*told) == {frozenset({(one.worker, one.index)}) for one in told}


BACKGROUND = [one for one in case("deploy").said if one.worker in ("risk", "clarity")]
"""What two real reviewers said of something else: in a run of five findings no word is rare."""


def test_one_cause_seen_at_two_distant_places_is_one_finding() -> None:
    told = [
        tell("w1", 1, 3, UNITS),
        tell("w2", 1, 300, UNITS_AGAIN),
        tell("w1", 2, 300, CACHE),
        tell("w2", 2, 3, ENCODING),
    ]
    found = together(*BACKGROUND, *told)
    assert {frozenset({("w1", 1), ("w2", 1)}), frozenset({("w1", 2)}), frozenset({("w2", 2)})} <= found


def test_the_place_a_worker_names_first_stays_the_first() -> None:
    """Its quote stands under the title: a place that merely goes with it would not explain it."""
    cause, effect = (said("w1", line=line, path=path).places[0] for line, path in ((9, "z.py"), (3, "a.py")))
    (finding,) = merge([said("w1", places=(cause, effect))])
    assert finding.places == (cause, effect)


def test_a_second_problem_within_a_finding_is_named_where_it_belongs() -> None:
    more = "Moreover the seconds of time.monotonic() are recorded as milliseconds in the latency histogram."
    both = (LEAK[0], f"{LEAK[1]} {more}", LEAK[2])
    merged = merge(
        [
            *BACKGROUND,
            tell("w1", 1, 3, both),
            tell("w2", 1, 3, LEAK_AGAIN),
            tell("w2", 2, 40, UNITS_AGAIN),
            tell("w3", 1, 40, UNITS),
        ]
    )
    homes_of = {frozenset((one.worker, one.index) for one in finding.said_by): finding for finding in merged}
    assert frozenset({("w1", 1), ("w2", 1)}) in homes_of
    units = homes_of[frozenset({("w2", 2), ("w3", 1)})]
    assert [(ref.worker, ref.index) for ref in units.also_said_by] == [("w1", 1)]
    assert units.support == 2, "a finding that stands elsewhere does not count as support"


def test_one_worker_that_repeats_itself_word_for_word_is_one_finding_and_one_voice() -> None:
    (finding,) = merge([tell("w1", 1, 3, LEAK), tell("w1", 2, 3, LEAK)])
    assert finding.support == 1
    assert len(finding.said_by) == 2


def test_the_scale_follows_the_writers() -> None:
    """A reviewer who shares few words with the others is still heard where it points at what they point at."""
    for name in NAMES:
        told = case(name).said
        at_home = _in_company(merge(told))
        odd = _in_company(merge(one if one.worker != "risk" else _in_other_words(one) for one in told))
        assert odd >= 0.75 * at_home, f"{name}: {odd} of {at_home}"


def _in_company(merged: tuple[MergedFinding, ...]) -> int:
    """How many findings of the reviewer `risk` stand together with another's."""
    return sum(one.worker == "risk" for finding in merged if finding.support > 1 for one in finding.said_by)


def _in_other_words(one: Said) -> Said:
    """Two words of three replaced by one nobody else uses."""

    def odd(text: str) -> str:
        return " ".join(word if sum(map(ord, word)) % 3 == 0 else f"x{word[::-1]}" for word in text.split())

    words = {key: odd(getattr(one.finding, key)) for key in ("title", "problem", "recommendation")}
    return one.model_copy(update={"finding": one.finding.model_copy(update=words)})


def test_the_most_typical_wording_speaks_and_no_other_is_lost() -> None:
    odd = ("Descriptors", "They are not given back.", "Give them back.")
    merged = merge(
        [tell("w1", 1, 3, odd), tell("w2", 1, 3, LEAK), tell("w3", 1, 3, LEAK_AGAIN), tell("w3", 2, 50, CACHE)]
    )
    (finding,) = [one for one in merged if len(one.said_by) > 1]
    assert finding.title in (LEAK[0], LEAK_AGAIN[0])
    assert {one.finding.title for one in finding.said_by} >= {LEAK[0], LEAK_AGAIN[0]}


@pytest.mark.parametrize("path", ["../out.py", "", "a.py\0"])
def test_findings_without_a_good_place_are_merged_by_their_words(path: str) -> None:
    assert together(tell("w1", 1, 3, LEAK, path), tell("w2", 1, 3, LEAK_AGAIN, path), tell("w2", 2, 9, UNITS)) == {
        frozenset({("w1", 1), ("w2", 1)}),
        frozenset({("w2", 2)}),
    }


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one(count: int) -> None:
    assert len(merge([tell("w1", 1, 3, LEAK)] * count)) == count


def test_empty_words_and_no_places() -> None:
    nothing = said("w1", title="?", problem="!", recommendation="", places=())
    (finding,) = merge([nothing])
    assert finding.standing is Standing.UNANCHORED
    assert finding.standing_reason == "it names no place"


# ── the law ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = st.lists(
    st.sampled_from(("file", "handle", "lock", "cache", "entry", "seconds", "token", "query", "é", "缓存", "未关闭")),
    min_size=1,
    max_size=7,
).map(" ".join)
PLACES = st.tuples(st.sampled_from(["a.py", "b/c.go", "../x"]), st.integers(1, 12))


@st.composite
def tellings(draw: st.DrawFn) -> list[Said]:
    """What up to four workers say, alike enough to be merged now and then."""
    told = []
    for worker in range(draw(st.integers(1, 4))):
        for index in range(1, draw(st.integers(0, 6)) + 1):
            path, line = draw(PLACES)
            told.append(
                said(
                    f"w{worker}",
                    index,
                    line,
                    path,
                    title=draw(WORDS),
                    problem=f"{draw(WORDS)}. {draw(WORDS)}.",
                    recommendation=draw(WORDS),
                    severity=draw(st.sampled_from(["critical", "high", "medium", "low"])),
                    confidence=draw(st.floats(0, 1)),
                    complete=draw(st.booleans()),
                )
            )
    return told


def key(one: Said) -> tuple[str, int]:
    return one.worker, one.index


@settings(max_examples=150, deadline=None)
@given(tellings())
def test_every_finding_has_exactly_one_home(told: list[Said]) -> None:
    merged = merge(told)
    assert Counter(key(one) for finding in merged for one in finding.said_by) == Counter(map(key, told))
    for finding in merged:
        own = {key(one) for one in finding.said_by}
        elsewhere = [(ref.worker, ref.index) for ref in finding.also_said_by]
        assert len(elsewhere) == len(set(elsewhere))
        assert not own.intersection(elsewhere)
        assert set(elsewhere) <= set(map(key, told))


@settings(max_examples=100, deadline=None)
@given(tellings(), st.randoms())
def test_the_order_of_the_workers_changes_nothing(told: list[Said], random: object) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis's own Random
    assert merge(shuffled) == merge(told)


@settings(max_examples=100, deadline=None)
@given(tellings())
def test_merging_twice_changes_nothing(told: list[Said]) -> None:
    once = merge(told)
    assert merge(one for finding in once for one in finding.said_by) == once


@settings(max_examples=100, deadline=None)
@given(tellings())
def test_all_wordings_severities_and_places_are_kept(told: list[Said]) -> None:
    kept = [one for finding in merge(told) for one in finding.said_by]
    assert sorted(kept, key=key) == sorted(told, key=key)
    for finding in merge(told):
        places = {(place.path, place.start_line, place.end_line) for place in finding.places}
        assert places == {(p.path, p.start_line, p.end_line) for one in finding.said_by for p in one.places}
        assert finding.severity in {one.finding.severity for one in finding.said_by} or len(finding.said_by) > 1
        assert finding.support <= len({one.worker for one in finding.said_by})
        assert (finding.standing is Standing.PARTIAL) is (not any(one.complete for one in finding.said_by))


@pytest.mark.parametrize("name", NAMES)
def test_the_law_holds_for_real_reviewers_in_every_order(name: str) -> None:
    told = case(name).said
    workers = sorted({one.worker for one in told})
    first: tuple[MergedFinding, ...] | None = None
    for order in list(permutations(workers))[::29]:
        merged = merge(sorted(told, key=lambda one, order=order: order.index(one.worker)))  # type: ignore[misc] # mypy cannot type a lambda with a default
        assert Counter(key(one) for finding in merged for one in finding.said_by) == Counter(map(key, told))
        first = first or merged
        assert merged == first
    assert first is not None
    assert merge(one for finding in first for one in finding.said_by) == first


def test_other_labels_change_no_grouping() -> None:
    told = case("kvcache").said
    names = {worker: f"z{number}" for number, worker in enumerate(sorted({one.worker for one in told}, reverse=True))}
    renamed = merge(one.model_copy(update={"worker": names[one.worker]}) for one in told)
    back = {new: old for old, new in names.items()}
    assert {frozenset((back[worker], index) for worker, index in home) for home in homes(renamed)} == homes(merge(told))
