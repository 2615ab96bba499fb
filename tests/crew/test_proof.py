"""A verifier's word on the success check, beside the commands it was seen to run."""

import shlex

import pytest

from orchestra.brief.answers import Verdict
from orchestra.brief.roles import verifier
from orchestra.crew.proof import unproven
from orchestra.crew.reply import Reply
from orchestra.outcome import Outcome
from orchestra.workers.task import CommandRun, WorkerResult

UNSEEN, BAD = "was not seen to run the success check `{}`", "says pass, and was seen to end `{}` with exit {}."
QUOTES = """python3 -c 'print("it is" + str(1))'"""


def told(check: str, ran: list[tuple[str, int | None]], verdict: str = "pass") -> list[str]:
    """What is said of a verifier that ran these commands, as codex reports them."""
    runs = tuple(CommandRun(command=shlex.join(["/bin/bash", "-lc", script]), exit_code=code) for script, code in ran)
    return of_a_verifier(check, runs, verdict)


def of_a_verifier(check: str, runs: tuple[CommandRun, ...], verdict: str) -> list[str]:
    said = {"verdict": verdict, "summary": "", "checks": [], "issues": [], "suggested_fixes": []}
    result = WorkerResult(label="w1-verify", outcome=Outcome.ANSWERED, reason="", engine="codex", commands=runs)
    reply = Reply(
        label="w1-verify",
        ask=verifier("x"),
        outcome=Outcome.ANSWERED,
        reason="",
        value=Verdict.model_validate(said),
        result=result,
    )
    return list(unproven(check, [reply]))


@pytest.mark.parametrize(
    ("check", "ran", "said"),
    [
        ("make test", [("make test", 0)], []),
        ("make test", [("cd . && make  test 2>&1 | tail -5", 0)], []),
        ("make test", [], [UNSEEN.format("make test")]),
        ("make test", [("make lint", 0)], [UNSEEN.format("make test")]),
        (QUOTES, [(QUOTES, 0)], []),
        ("make lint\n# and\nmake test", [("make lint", 0), ("make test", 0)], []),
        ("make lint\nmake test", [("set -e\nmake lint\nmake test", 0)], []),
        ("make lint\nmake test", [("make lint", 0)], [UNSEEN.format("make test")]),
        ("Run `make test` and look.", [("make test", 0)], []),
        ("Run `make test` and look.", [], [UNSEEN.format("make test")]),
        ("Every answer comes within a second.", [], []),
        ("", [], []),
        ("make test", [("make test", 2)], [BAD.format("make test", 2)]),
        ("make test", [("make test", 2), ("make test", 0)], []),
        ("make test", [("make test", None)], []),
        ("make test", [("make test || true; exit 1", 1)], []),
    ],
)
def test_what_was_seen_is_said(check: str, ran: list[tuple[str, int | None]], said: list[str]) -> None:
    notes = told(check, ran)
    assert len(notes) == len(said)
    assert all(part in note for part, note in zip(said, notes, strict=True))


@pytest.mark.parametrize(
    ("empty", "verdict", "said"),
    [
        ([True], "pass", ["w1-verify says pass, and `make test` ran no tests: what it printed says so."]),
        ([True, False], "pass", []),
        ([True], "incomplete", []),
    ],
)
def test_a_check_that_ran_no_tests_is_no_proof(empty: list[bool], verdict: str, said: list[str]) -> None:
    ran = tuple(CommandRun(command="make test", exit_code=0, tested_nothing=one) for one in empty)
    assert of_a_verifier("make test", ran, verdict) == said


def test_a_verdict_that_fails_anyway_is_not_contradicted() -> None:
    assert told("make test", [("make test", 2)], verdict="fail") == []
