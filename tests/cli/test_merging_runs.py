"""Nights in shards at the command line, `merge-runs`, and what is said of answers that come from earlier runs."""

import pytest

from tests.cli.house import ONE_HIGH, House

LENSES = "risk,clarity,security,evidence"
JOB = f"""
[jobs.night]
pattern = "review"
targets = ["src"]
lenses = "{LENSES}"
"""


@pytest.fixture
def nightly(house: House) -> House:
    settings = house.project / "orchestra.toml"
    settings.write_text(settings.read_text() + JOB)
    return house


def shards(house: House, of: int = 2) -> list[str]:
    """A night in so many shards; their runs."""
    for number in range(1, of + 1):
        house.run("nightly", "--shard", f"{number}/{of}")
    return [run.name for run in house.runs()[-of:]]


def test_two_shards_are_merged_into_the_report_of_the_night(nightly: House) -> None:
    nightly.says(ONE_HIGH)
    runs = shards(nightly)
    assert sorted(nightly.asked()) == sorted(LENSES.split(","))
    told = nightly.run("merge-runs", *runs, "--format", "json", "--fail-on", "high", exit=1)
    assert '"support": ' in told.stdout
    assert "complete: 4 answered, 4 of them before" in told.stderr
    merged = nightly.runs()[-1].name
    assert len(nightly.asked()) == 4
    night = nightly.run("nightly")
    assert "0 of 4 workers paid" in night.stdout
    assert nightly.json("report", "last")["history"]["since"] == merged


def test_a_missing_shard_is_named_and_asked_on_demand(nightly: House) -> None:
    runs = shards(nightly, of=5)
    alone = runs[0]  # the later ones know its answers; one in 625 has all four
    told = nightly.run("merge-runs", alone, exit=4)
    assert "No run answered it." in told.stdout
    others = [f"{number} of 5" for number, run in enumerate(runs, 1) if run != alone]
    assert f"not among these runs: shard {', '.join(others)}" in told.stderr
    assert f"go on: orchestra merge-runs {alone} --ask" in told.stderr
    before = len(nightly.asked())
    lacking = 4 - len(nightly.json("report", alone)["workers"])
    assert "complete: 4 answered" in nightly.run("merge-runs", alone, "--ask").stderr
    assert len(nightly.asked()) == before + lacking


def test_what_cannot_be_merged_is_refused_in_a_sentence(nightly: House) -> None:
    one = nightly.review()
    other = nightly.review("--model", "other")
    told = nightly.run("merge-runs", one, other, exit=2)
    assert f"{other} was not asked the same as {one}: its model is other, not the usual one." in told.stderr
    assert "No run" not in nightly.run("merge-runs", one, "nobody", exit=2).stdout
    assert "'nobody'" in nightly.run("merge-runs", one, "nobody", exit=2).stderr


def test_the_page_of_a_worker_says_who_paid_for_its_answer(nightly: House) -> None:
    nightly.run("nightly")
    first = nightly.runs()[-1].name
    told = nightly.run("nightly")
    assert "w1-risk" not in told.stderr
    assert "complete: 4 answered, 4 of them before" in told.stderr
    assert f"answer of {first}, less than a minute old" in nightly.run("show", "last", "w1").stdout
    assert nightly.json("show", "last", "w1")["worker"]["attempts"][0]["origin"]["run"] == first
    assert f"w1-risk  answered: answer of {first}" in nightly.run("logs", "last").stdout
