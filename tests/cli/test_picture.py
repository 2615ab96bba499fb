"""The board as a pure function: it fits every terminal, keeps its rows in their places, and tells one truth."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from orchestra.cli.picture import Rows, cell, picture
from orchestra.cli.telling import age
from orchestra.crew.status import RunState, Status, Step, StepState, WorkerStatus
from orchestra.errors import UsageError
from orchestra.nightly.amounts import seconds_of
from orchestra.outcome import Outcome
from orchestra.reports.plain import plain
from orchestra.usage import Usage

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATES = ["queued", "starting", "running", "interrupted", *map(str, Outcome)]

texts = st.text(max_size=60) | st.sampled_from(["\x1b[31mred", "漢字" * 20, "a\nb", "e\u0301" * 30, "\u202eevil"])
steps = st.lists(st.sampled_from(list(StepState)), min_size=1, max_size=6)


@st.composite
def workers(draw: st.DrawFn, most: int = 40) -> tuple[WorkerStatus, ...]:
    states = draw(st.lists(st.sampled_from(STATES), max_size=most))
    return tuple(
        WorkerStatus(
            label=f"w{number}-{draw(st.sampled_from(['risk', 'compatibility+evidence', 'x']))}",
            role="reviewer",
            state=state,
            since=NOW - timedelta(seconds=draw(st.integers(0, 10**7))),
            started=NOW - timedelta(seconds=draw(st.integers(0, 10**7))),
            doing=draw(texts),
            usage=draw(st.none() | st.just(Usage(input_tokens=123_456_789))),
        )
        for number, state in enumerate(states, 1)
    )


@st.composite
def statuses(draw: st.DrawFn) -> Status:
    return Status(
        run="r",
        state=draw(st.sampled_from(list(RunState))),
        started=NOW - timedelta(seconds=70),
        steps=tuple(Step(name=f"Step {n}", state=state) for n, state in enumerate(draw(steps))),
        workers=draw(workers()),
        held=draw(st.none() | texts),
    )


def drawn(status: Status, width: int = 100, height: int = 30, rows: Rows | None = None) -> list[str]:
    lines = picture(
        status,
        asked="review of src through risk",
        now=NOW,
        width=width,
        height=height,
        rows=rows or Rows(),
        foot="^C stops",
    )
    return [line.plain for line in lines]


@settings(max_examples=60, deadline=None)
@given(statuses(), st.integers(20, 240), st.integers(6, 60))
def test_it_fits_every_terminal_and_nothing_in_it_steers_one(status: Status, width: int, height: int) -> None:
    lines = drawn(status, width, height)
    assert len(lines) <= height
    assert all(cell_len(line) < width for line in lines)
    assert all(plain(line) == line for line in lines)


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(50, 200))
def test_exactly_one_step_is_in_progress_while_a_run_goes_on(states: list[StepState], width: int) -> None:
    states = [StepState.TO_DO if state is StepState.IN_PROGRESS else state for state in states]
    status = Status(run="r", steps=tuple(Step(name=f"Step {n}", state=state) for n, state in enumerate(states)))
    signs = [line[0] for line in drawn(status, width) if line[2:].startswith("Step ")]
    assert signs.count("▸") == (0 if StepState.TO_DO not in states else 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 29), max_size=6, unique=True), min_size=2, max_size=12), st.integers(3, 8))
def test_a_row_keeps_its_place_for_as_long_as_its_worker_runs(history: list[list[int]], room: int) -> None:
    rows = Rows()
    before: list[str] = []
    for running in history:
        now = [
            WorkerStatus(label=f"w{n}", role="r", state="running" if n in running else "queued", since=NOW)
            for n in range(30)
        ]
        shown = [worker.label for worker in rows.of(now, room)]
        assert len(shown) <= room
        assert len(set(shown)) == len(shown)
        still = {f"w{n}" for n in running}
        assert all(shown[place] == label for place, label in enumerate(before) if label in still)
        assert len(still & set(shown)) == min(len(still), room) or len(still) > room
        before = shown


def test_if_all_fit_all_have_a_row_in_the_order_they_were_asked() -> None:
    asked = tuple(WorkerStatus(label=f"w{n}", role="r", state="queued", since=NOW) for n in range(1, 13))
    assert [line.split()[0] for line in drawn(Status(run="r", workers=asked))[2:-3]] == [f"w{n}" for n in range(1, 13)]


@pytest.mark.parametrize("width", [60, 100, 200])
def test_columns_stand_at_the_same_places_in_every_row(width: int) -> None:
    told = [
        ("w1-risk", "running", "reading a.py"),
        ("w22-compatibility+evidence", "timed_out", "no byte"),
        ("w3-漢", "queued", ""),
    ]
    asked = tuple(
        WorkerStatus(
            label=label, role="r", state=state, since=NOW, started=NOW, doing=doing, usage=Usage(input_tokens=5)
        )
        for label, state, doing in told
    )
    lines = drawn(Status(run="r", workers=asked), width)[2:5]
    at = {
        cell_len(line[: line.index(word)]) for line, word in zip(lines, ["running", "timed out", "queued"], strict=True)
    }
    assert len(at) == 1
    assert cell_len(lines[0][: lines[0].index("reading")]) == cell_len(lines[1][: lines[1].index("no byte")])


@settings(max_examples=60, deadline=None)
@given(texts, st.integers(0, 40))
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int) -> None:
    assert cell_len(cell(text, width)) == width


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0s"), (59.9, "59s"), (60, "1m00s"), (3599, "59m59s"), (7620, "2h07m"), (273600, "3d04h")],
)
def test_an_age_in_words(seconds: float, words: str) -> None:
    assert age(seconds) == words
    assert seconds_of(words) == int(seconds)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100 * 86400 - 1))
def test_an_age_has_at_most_six_signs(seconds: int) -> None:
    assert len(age(seconds)) <= 6


@pytest.mark.parametrize(("said", "seconds"), [("90", 90), ("1.5h", 5400), ("2w", 1209600), (" 10M ", 600)])
def test_spans_as_people_say_them(said: str, seconds: float) -> None:
    assert seconds_of(said) == seconds


@pytest.mark.parametrize("said", ["", "h", "-5s", "5y", "1h30", "5 s", "1e9"])
def test_what_is_no_span(said: str) -> None:
    with pytest.raises(UsageError):
        seconds_of(said)
