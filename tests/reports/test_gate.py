"""The gate: one grammar, what it counts, what keeps others out, and the exit code."""

from typing import Any

import pytest

from orchestra.errors import UsageError
from orchestra.findings.finding import Severity, Standing
from orchestra.outcome import Outcome
from orchestra.reports.gate import exit_code, gate
from orchestra.reports.history import History, Life, Lived
from orchestra.reports.report import Report, ReportState
from orchestra.reports.selection import selected
from tests.reports.stories import RUN, merged, report, worker

CRITICAL, HIGH, MEDIUM, LOW = Severity


def of(*severities: Severity, **said: Any) -> Report:
    return report([merged(number, severity=severity) for number, severity in enumerate(severities, 1)], **said)


@pytest.mark.parametrize(
    ("said", "severities", "failing"),
    [
        ("never", [CRITICAL, HIGH], 0),
        ("critical", [CRITICAL, HIGH], 1),
        ("high", [CRITICAL, HIGH, MEDIUM], 2),
        ("any:high", [CRITICAL, HIGH, MEDIUM], 2),
        ("low", [CRITICAL, LOW], 2),
        (" High ", [MEDIUM], 0),
        ("medium", [], 0),
    ],
)
def test_a_gate_counts_open_findings_of_its_severity_or_worse(
    said: str, severities: list[Severity], failing: int
) -> None:
    made = of(*severities)
    assert len(gate(said).names(made)) == failing
    assert exit_code(made, gate(said)) == (1 if failing else 0)


@pytest.mark.parametrize(
    "said", ["", "severe", "high+", "new", "new:", "new:never", "any:", ":high", "old:high", "a:new:high"]
)
def test_what_is_no_gate_is_refused_with_what_is_one(said: str) -> None:
    with pytest.raises(UsageError) as refused:
        gate(said)
    assert "critical, high, medium, low" in str(refused.value.next_step)


@pytest.mark.parametrize("standing", [standing for standing in Standing if standing is not Standing.OPEN])
def test_only_an_open_finding_fails_and_the_gate_says_what_kept_the_others_out(standing: Standing) -> None:
    made = report([merged(1, severity=CRITICAL, standing=standing), merged(2, severity=LOW)])
    judged = gate("high").judge(made)
    assert judged.passed
    assert judged.sentences == (
        "Gate high: passed; none of 1 open finding counts.",
        f"Not counted, {standing}: f-0001.",
    )


def test_a_gate_names_what_fails_it() -> None:
    made = of(*[CRITICAL] * 12, LOW)
    (sentence,) = gate("high").judge(made).sentences
    assert sentence.startswith("Gate high: failed by 12 of 13 open findings: f-0001, f-0002")
    assert sentence.endswith("and 2 more.")


def test_no_gate_says_nothing() -> None:
    assert gate("never").judge(of(CRITICAL)).sentences == ()


@pytest.mark.parametrize(
    ("life", "fails"),
    [
        (Life.NEW, True),
        (Life.BACK, True),
        (Life.REOPENED, True),
        (Life.STILL_THERE, False),
        (Life.CHANGED, False),
        (None, True),
    ],
)
def test_a_gate_on_what_is_new_lets_the_known_pass(life: Life | None, fails: bool) -> None:
    lived = {"f-0001": Lived(life=life, first_seen=RUN)} if life else {}
    made = of(CRITICAL, history=History(lived=lived))
    judged = gate("new:high").judge(made)
    assert judged.passed is not fails
    if life and not fails:
        assert judged.sentences[1] == f"Not counted, {life}: f-0001."


@pytest.mark.parametrize("severities", [[], [CRITICAL]])
def test_a_gate_on_what_is_new_refuses_a_report_without_history(severities: list[Severity]) -> None:
    with pytest.raises(UsageError, match="no history"):
        exit_code(of(*severities), gate("new:high"))


def test_a_run_that_stands_alone_is_told_before_anything_is_spent() -> None:
    with pytest.raises(UsageError, match="nothing here tells what was there before"):
        gate("new:high", history=False)
    assert gate("high", history=False).said == "high"
    with pytest.raises(UsageError, match="is no gate") as caught:
        gate("hihg", history=False)
    assert "new:" not in str(caught.value)


def test_a_finding_said_by_few_can_be_held_back() -> None:
    held = gate("high").model_copy(update={"min_support": 2})
    made = report([merged(1, severity=HIGH, support=1), merged(2, severity=HIGH, support=2)])
    assert [finding.id for finding in held.names(made)] == ["f-0002"]
    assert "Not counted, said by fewer than 2: f-0001." in held.judge(made).sentences


@pytest.mark.parametrize(
    ("most_before", "now", "fails"),
    [(1, 2, True), (1, 1, False), (2, 2, False), (3, 2, False)],
)
def test_what_was_held_back_counts_as_new_once_enough_say_so(most_before: int, now: int, fails: bool) -> None:
    held = gate("new:high").model_copy(update={"min_support": 2})
    lived = Lived(life=Life.STILL_THERE, first_seen="r", runs_seen=4, most_support=most_before)
    made = report([merged(1, severity=HIGH, support=now)], history=History(since="r", lived={"f-0001": lived}))
    assert held.judge(made).passed is not fails


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ReportState.COMPLETE, 1),
        (ReportState.INCOMPLETE, 4),
        (ReportState.BUDGET, 5),
        (ReportState.STOPPED, 130),
    ],
)
def test_a_report_that_lacks_somebody_has_its_own_exit_code_before_the_gate_s(state: ReportState, code: int) -> None:
    assert exit_code(of(CRITICAL, state=state), gate("high")) == code


def test_a_gate_never_passes_for_those_who_did_not_answer() -> None:
    silent = report(workers=[worker("w1-risk", Outcome.LOST)])
    assert gate("high").judge(silent).sentences == ("Gate high: cannot be judged, nobody answered.",)
    some = report(workers=[worker("w1-risk", Outcome.LOST), worker("w2-risk")])
    assert "as far as 1 of 2 workers answered" in gate("high").judge(some).sentences[0]


def test_a_gate_over_a_selection_says_so() -> None:
    made = report([merged(1, severity=CRITICAL, confidence=0.4), merged(2, severity=HIGH, confidence=0.9)])
    sentences = gate("high").judge(selected(made, min_confidence=0.5)).sentences
    assert sentences == ("Gate high: failed by 1 of 1 open finding (confidence 0.5 or more): f-0002.",)
