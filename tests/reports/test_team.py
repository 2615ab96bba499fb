"""The list of workers: each alone where they are few, by lens where they are many; what all note is said once."""

import pytest

from orchestra.outcome import Outcome
from orchestra.reports.renderers.catalogue import renderer
from orchestra.reports.team import cost, duration, noted_by_all, rows
from orchestra.usage import Usage
from tests.reports.stories import RUN, report, worker


def test_few_are_told_each_and_the_silent_first() -> None:
    told = rows(report(workers=[worker("w1-risk"), worker("w2-clarity", Outcome.TIMED_OUT)]))
    assert [(row.who, row.outcome, row.why) for row in told] == [
        ("w2-clarity", "timed out", "no sign of life for 300 s"),
        ("w1-risk", "answered", ""),
    ]
    assert told[1].go_on.startswith("codex exec resume ")


def test_many_are_told_by_lens_with_what_they_did_together() -> None:
    crowd = [worker(f"w{number}-{lens}") for number, lens in enumerate(["risk", "clarity"] * 10, 1)]
    told = rows(report(workers=[*crowd, worker("w99-security", Outcome.LOST)]))
    assert [row.who for row in told] == ["w99-security", "10 x risk", "10 x clarity"]
    assert told[1].findings == "140 findings"
    assert told[1].tokens == "443,000 tokens"


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_what_every_worker_notes_is_said_once(form: str) -> None:
    crowd = [worker(f"w{number}-risk", notes=("Model metadata not found.", f"own {number}")) for number in (1, 2, 3)]
    made = report(workers=crowd)
    assert noted_by_all(made) == ("Model metadata not found.",)
    text = renderer(form)(made)
    assert text.count("Model metadata not found.") == 1
    assert all(f"own {number}" in text for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"not_started": True, "outcome": Outcome.STOPPED, "reason": "the budget"}, "not started: the budget"),
        ({"reused_from": RUN}, f"answered: answer of {RUN}"),
    ],
)
def test_what_is_unusual_about_a_worker_is_said(said: dict[str, object], told: str) -> None:
    (row,) = rows(report(workers=[worker("w1-risk").model_copy(update=said)]))
    assert f"{row.outcome}: {row.why}" == told


def test_the_cost_is_one_line() -> None:
    made = report(workers=[worker("w1-risk", reused_from=RUN)], usage=Usage(input_tokens=1000, output_tokens=1))
    assert cost(made) == "1 worker, 1,001 tokens, 1 answer of earlier runs, 6m 53s"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0.0s"), (4.24, "4.2s"), (41.2, "41s"), (59.6, "1m 0s"), (412.7, "6m 53s"), (7500, "2h 5m")],
)
def test_times_are_short(seconds: float, told: str) -> None:
    assert duration(seconds) == told
