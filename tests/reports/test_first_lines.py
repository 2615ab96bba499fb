"""The first lines and the next step: honest whatever happened."""

import pytest

from orchestra.findings.finding import Standing
from orchestra.outcome import Outcome
from orchestra.reports.backdrop import Backdrop
from orchestra.reports.first_lines import headline, next_step
from orchestra.reports.history import History, Life, Lived
from orchestra.reports.report import ReportState
from orchestra.reports.report_parts import Change
from tests.reports.stories import RUN, every_part, merged, report, worker

ANSWERED, SILENT = worker("w1-risk"), worker("w2-risk", Outcome.TIMED_OUT)
GIVEN = worker("notes", Outcome.MALFORMED, given="notes.md", findings=0)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (report(), "Complete: all 3 workers answered. No open findings."),
        (report(workers=()), "Nobody was asked. Nothing can be said about findings."),
        (
            report(workers=[SILENT]),
            "Incomplete: 1 of 1 worker did not answer: w2-risk (timed out). Nothing can be said about findings.",
        ),
        (
            report(workers=[ANSWERED, SILENT]),
            "Incomplete: 1 of 2 workers did not answer: w2-risk (timed out). "
            "No open findings from the 1 that answered.",
        ),
        (
            report(workers=[ANSWERED, SILENT, GIVEN]),
            "Incomplete: 1 of 2 workers did not answer: w2-risk (timed out); nothing that looks like a finding was "
            "read in notes.md. No open findings from the 1 that answered.",
        ),
        (
            report([merged(1), merged(2)]),
            "Complete: all 3 workers answered. 2 open findings (1 high, 1 medium).",
        ),
        (
            report([merged(1, standing=Standing.WITHDRAWN), merged(2, standing=Standing.PARTIAL)]),
            "Complete: all 3 workers answered. No open findings; not counted: 1 partial, 1 withdrawn.",
        ),
        (
            report(workers=[worker("w1-risk", Outcome.STOPPED, not_started=True)], state=ReportState.BUDGET),
            "Budget reached: 1 of 1 worker did not answer: w1-risk (not started). Nothing can be said about findings.",
        ),
        (report(workers=[ANSWERED], answer="Yes."), "Complete: the worker answered."),
        (
            report(workers=[ANSWERED], changes=(Change(worker="w1-risk"),)),
            "Complete: the worker answered. Nothing was changed, so nothing was verified.",
        ),
        (
            every_part(),
            "Complete: all 3 workers answered. 1 file changed. Verdict in round 2: pass. 1 of 2 sections done. "
            "2 points from 2 sources. Rewrite chosen out of 2 options. 2 open findings (1 high, 1 medium); "
            "not counted: 1 accepted. "
            "Since 20261119-031500-review-9c11: 1 new, 1 still there; 1 gone, 1 not seen this time.",
        ),
        (
            report([merged(1)], history=History(lived={"f-0001": Lived(life=Life.NEW, first_seen="r")})),
            "Complete: all 3 workers answered. 1 open finding (1 high). There is no earlier run to compare it with.",
        ),
        (
            report(history=History(since="r", lived={})),
            "Complete: all 3 workers answered. No open findings. Since r: nothing new.",
        ),
    ],
)
def test_the_headline_says_what_was_heard(made: object, said: str) -> None:
    assert headline(made) == said  # type: ignore[arg-type]  # a table of reports


def test_many_silent_workers_are_counted() -> None:
    silent = [worker(f"w{number}-risk", Outcome.LOST) for number in range(1, 41)]
    said = headline(report(workers=[*silent, ANSWERED]))
    assert said.startswith("Incomplete: 40 of 41 workers did not answer: w1-risk (lost), ")
    assert "and 34 more." in said


@pytest.mark.parametrize(
    ("findings", "workers", "said"),
    [
        ([], [ANSWERED], "Nothing to mend was found."),
        ([], [], "Nobody was asked; name a target and run it again."),
        ([merged(1)], [ANSWERED, SILENT], "Look at f-0001 first: Problem number 1 is a problem (src/part_1.py:3)."),
        ([merged(1, places=(), title="It ends. ")], [ANSWERED], "Look at f-0001 first: It ends."),
        (
            [],
            [worker("w1-risk", read_nothing=True)],
            f"Nobody was seen to read a file: see what was tried with `orchestra show {RUN} w1-risk`.",
        ),
        ([], [worker("w1-risk", read_nothing=True), ANSWERED], "Nothing to mend was found."),
        ([], [ANSWERED, SILENT], f"Ask the 1 silent worker again: `orchestra resume {RUN}`."),
        (
            [merged(1, standing=Standing.UNANCHORED)],
            [ANSWERED],
            "Nothing open was found; read the 1 finding that stands apart.",
        ),
        (
            [merged(1, standing=Standing.PARTIAL)],
            [SILENT],
            f"Nobody answered: see why with `orchestra show {RUN} w2-risk`, then `orchestra resume {RUN}`.",
        ),
        (
            [],
            [worker("w1", Outcome.UNAUTHORISED), worker("w2", Outcome.UNAUTHORISED)],
            f"Nobody answered for want of a login: `codex login`, then `orchestra resume {RUN}`.",
        ),
        (
            [],
            [worker("w1", Outcome.STOPPED), worker("w2", Outcome.STOPPED)],
            f"It was stopped before anybody answered: go on with `orchestra resume {RUN}`.",
        ),
        (
            [],
            [worker("w1", Outcome.RATE_LIMITED)],
            f"Nobody answered, the provider's limit was reached: wait for it to end, then `orchestra resume {RUN}`.",
        ),
    ],
)
def test_the_next_step_is_one_thing_to_do(findings: list[object], workers: list[object], said: str) -> None:
    assert next_step(findings, workers, RUN) == said  # type: ignore[arg-type]  # a table of findings and workers


def test_a_long_title_does_not_fill_the_page() -> None:
    assert len(next_step([merged(1, title="x" * 10_000)], [ANSWERED], RUN)) < 250


def test_support_is_counted_out_of_those_who_could_have_said_it() -> None:
    """Not out of reviewers of other sections, nor of those that did not answer, nor of a verifier."""
    asked = [
        worker("w1-risk", section="src"),
        worker("w2-clarity", section="src"),
        worker("w3-security", Outcome.TIMED_OUT, section="src"),
        worker("w4-risk", section="docs"),
        worker("w5-verifier", role="verifier", findings=None, section="src"),
    ]
    finding = merged(1, workers=("w1-risk",))
    made = report([finding], asked)
    backdrop = Backdrop(made)
    assert backdrop.could_say(finding) == 2
    assert backdrop.support(finding) == "1 of 2 says so"
    unknown = merged(2, workers=("w9-risk", "w10-risk", "w11-risk"))
    assert backdrop.support(unknown) == "3 say so"
