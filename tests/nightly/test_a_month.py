"""A month of nights in which nobody changes anything: answers grow old and are asked for again, runs grow old and go.

Between two nights everything that was written is made a day older, as if a day had gone by.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.house import ONE_HIGH, House
from tests.nightly.stage import describe, ended

NIGHTS = 30
KEPT = 5
LENSES = "accessibility,clarity,compatibility,consistency,correctness,evidence,performance,practicality,risk,security"
JOB = f"""
targets = ["src"]
lenses = "{LENSES}"
fail_on = "new:high"
site = false
max_reuse_age = "14d"
keep = {{ nights = {KEPT} }}
"""
_RUN = re.compile(r"\b(\d{8}-\d{6})(?=-review-[0-9a-f]{4})")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?=Z|\+00:00)")


def test_a_month_rests_on_no_old_answer_and_forgets_nothing(house: House) -> None:
    describe(house, docs=JOB)
    house.says(ONE_HIGH)
    first, *nights = a_month(house)
    assert (first["paid"], first["exit_code"]) == (10, 1)
    paid = [night["paid"] for night in nights]
    assert paid[:6] == [0] * 6, "in the first half of the period nothing is asked again"
    assert max(paid) <= 5, "never all in one night"
    assert all(night["changes"]["still"] == 1 for night in nights), "in the night after it was accepted too"

    kept = [run.name for run in house.runs()]
    decided = _RUN.findall((house.project / "orchestra-decisions.toml").read_text())
    assert len(kept) == KEPT + 1
    assert kept[0].startswith(decided[0]), "what somebody decided upon stays"
    (life,) = house.json("history")["findings"]
    assert (life["runs_seen"], life["first_seen"] in kept) == (NIGHTS, False), "the first night has gone, not its news"
    assert datetime.now(UTC) - datetime.fromisoformat(life["first_seen_at"]) > timedelta(days=NIGHTS - 2)


def a_month(house: House) -> Iterator[dict[str, Any]]:
    """How each night ends; on the third morning somebody accepts what was found, for long enough."""
    for number in range(NIGHTS):
        end = ended(house, exit=0 if number else 1)["docs"]
        ages = list(ages_of_answers(house.project / ".orchestra/runs" / end["run"]))
        assert len(ages) == 10
        assert max(ages) < timedelta(days=14)
        yield end
        if number == 2:
            (finding,) = house.json("history")["findings"]
            house.run("accept", finding["id"], "--reason", "it is known")
        if number < NIGHTS - 1:
            a_day_goes_by(house.project)


def ages_of_answers(run: Path) -> Iterator[timedelta]:
    """How long ago each answer the run rests on was really given."""
    report = json.loads((run / "report.json").read_text())
    for worker in report["workers"]:
        given = datetime.fromisoformat(worker["answered_at"] or report["started"])
        yield datetime.fromisoformat(report["started"]) - given


def a_day_goes_by(project: Path) -> None:
    """Whatever was written before is a day older."""

    def run(found: re.Match[str]) -> str:
        return f"{datetime.strptime(found[1], '%Y%m%d-%H%M%S') - timedelta(days=1):%Y%m%d-%H%M%S}"

    def moment(found: re.Match[str]) -> str:
        return (datetime.fromisoformat(found[0]) - timedelta(days=1)).isoformat()

    runs = project / ".orchestra/runs"
    for folder in sorted(runs.glob("[0-9]*")):
        folder.rename(runs / _RUN.sub(run, folder.name))
    files = [file for file in runs.rglob("*") if file.suffix in (".json", ".jsonl") and not file.is_symlink()]
    for file in [*files, *project.glob("orchestra-decisions.toml")]:
        file.write_text(_MOMENT.sub(moment, _RUN.sub(run, file.read_text())))
