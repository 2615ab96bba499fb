"""Review with a verifier for what could fail the gate, and with a curator who may neither add nor lose a finding."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestra.rehearsal import Fail, Run, Say, Script, asked_for, when
from tests.patterns.theatre import Stage

LINES = ["def first(a, b):", "    return a / b", "", "def second(items=[]):", "    return items", "", "DEBUG = True"]


def finding(title: str, severity: str, line: int) -> dict[str, Any]:
    place = {"path": "app.py", "start_line": line, "end_line": line, "quote": LINES[line - 1]}
    return {
        "title": title, "severity": severity, "confidence": 0.8, "category": "bug", "locations": [place],
        "problem": f"{title} and that is bad.", "recommendation": "Mend it.", "rewrite": None,
    }  # fmt: skip


FOUND: dict[str, Any] = {
    "summary": "Two sentences. Here.",
    "findings": [
        finding("Division by zero ends the request", "high", 2),
        finding("The default list is shared between callers", "medium", 4),
        finding("Debugging stays switched on in production", "low", 7),
    ],
}
REFUTED = {"number": 1, "verdict": "refuted", "evidence": "app.py:2 is never reached", "reason": "No caller."}
ASK = ("review", "app.py", "--lenses", "correctness", "--json")


def judged(*judgements: dict[str, Any]) -> Say:
    return Say({"judgements": list(judgements)})


@pytest.mark.parametrize(
    ("said", "verified"),
    [
        (("--verify",), ["high"]),
        (("--verify", "--fail-on", "medium"), ["high", "medium"]),
        (("--verify", "low"), ["high", "medium", "low"]),
        (("--verify", "all"), ["high", "medium", "low"]),
    ],
    ids=lambda said: " ".join(said),
)
def test_who_is_verified(said: tuple[str, ...], verified: list[str], scripted: Callable[[Script], Stage]) -> None:
    script = Script(when(asked_for("ReviewMessage"), Say(FOUND)), when(asked_for("Refutations"), judged(REFUTED)))
    stage = scripted(script)
    stage.write({"app.py": "\n".join(LINES) + "\n"})
    report = stage.plays(*ASK, *said, status=None).report
    withdrawn = [one for one in report.findings if one.standing == "withdrawn"]
    assert sorted(one.severity for one in withdrawn) == sorted(verified)
    assert all("No caller. app.py:2 is never reached" in (one.standing_reason or "") for one in withdrawn)
    assert [worker.role for worker in report.workers].count("verifier") == len(verified)


TESTS = """\
import tempfile, unittest
from app import first

class Division(unittest.TestCase):
    def test_by_zero(self):
        with tempfile.TemporaryFile(), self.assertRaises(ZeroDivisionError):
            first(1, 0)
"""


def test_a_verifier_runs_the_tests_in_a_copy_that_is_thrown_away(scripted: Callable[[Script], Stage]) -> None:
    run = Run(
        "python3 -B -m unittest -v test_app 2>&1; echo x=1 >> app.py; echo done > left-behind; git status --short"
    )
    confirmed = {**REFUTED, "verdict": "confirmed", "evidence": "test_by_zero raises"}
    stage = scripted(
        Script(when(asked_for("ReviewMessage"), Say(FOUND)), when(asked_for("Refutations"), run, judged(confirmed)))
    )
    files = {"app.py": "\n".join(LINES) + "\n", "test_app.py": TESTS}
    stage.write(files)
    report = stage.plays(*ASK, "--verify").report
    (verifier,) = [worker for worker in report.workers if worker.role == "verifier"]
    events = (stage.runs[-1] / "workers" / verifier.label / "attempt-1/events.jsonl").read_text()
    assert "test_by_zero" in events
    assert "Ran 1 test in" in events
    assert "left-behind" in events, "it may write where it works"
    assert {name: (stage.project / name).read_text() for name in files} == files
    assert not (stage.project / "left-behind").exists()
    assert [one.standing for one in report.findings] == ["open", "open", "open"]


def test_confirmed_unsure_silent_torn_and_without_evidence_stay_open(scripted: Callable[[Script], Stage]) -> None:
    further = [finding("A fourth thing is wrong", "low", 5), finding("Nobody asked for these names", "low", 1)]
    stage = scripted(
        Script(
            when(
                asked_for("ReviewMessage"),
                Say({**FOUND, "findings": [*FOUND["findings"], *further]}),
            ),
            when("Division by zero", judged({**REFUTED, "verdict": "confirmed"})),
            when("default list", judged({**REFUTED, "evidence": ""})),
            when("Debugging stays", judged({**REFUTED, "verdict": "unsure"})),
            when("A fourth thing", Fail(400)),
            when("Nobody asked", judged(REFUTED, {**REFUTED, "verdict": "confirmed"})),
        )
    )
    stage.write({"app.py": "\n".join(LINES) + "\n"})
    report = stage.plays(*ASK, "--verify", "all", status=4).report
    assert len(report.open) == len(report.findings) == 5
    told = {one.title: " ".join(one.why_here) for one in report.findings}
    assert "confirmed by" in told["Division by zero ends the request"]
    assert "shows no evidence" in told["The default list is shared between callers"]
    assert "neither confirm nor refute" in told["Debugging stays switched on in production"]
    assert any("gave no judgement" in note for note in report.notes)
    assert any("contradicts itself, refuted and confirmed" in note for note in report.notes)


def group(*numbers: int, **worded: str) -> dict[str, Any]:
    return {"numbers": list(numbers), "title": "", "problem": "", "recommendation": "", "why": "", **worded}


def test_a_curator_groups_orders_and_words(scripted: Callable[[Script], Stage]) -> None:
    groups = [group(3, title="DEBUG is on", why="It is on today."), group(1, 2)]
    stage = scripted(
        Script(when(asked_for("ReviewMessage"), Say(FOUND)), when(asked_for("Curation"), Say({"groups": groups})))
    )
    stage.write({"app.py": "\n".join(LINES) + "\n"})
    report = stage.plays(*ASK, "--curate").report
    assert [one.title for one in report.findings] == ["DEBUG is on", "Division by zero ends the request"]
    assert report.findings[0].why_here[-1] == "put here and worded anew by the curator: It is on today."
    assert report.findings[0].said_by[0].finding.title == "Debugging stays switched on in production"
    assert [said.index for said in report.findings[1].said_by] == [1, 2]
    assert report.findings[1].severity == "high"
    assert report.findings[1].why_here[0] == "high: high say 1, medium say 1"
    assert report.findings[1].why_here[-1] == "put here by the curator"
    assert "medium" not in report.findings[1].why_here, "what put the second of them in its place says nothing now"


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ([group(1), group(2)], "its answer is refused, for it loses number 3"),
        ([group(1), group(2), group(3), group(4)], "its answer is refused, for it invents number 4"),
        ([group(1), group(2), group(3, 1)], "its answer is refused, for it doubles number 1"),
        ([group(1), group(2), group(3), group(title="One of my own")], "it invents a finding without a number"),
        ([], "its answer is refused, for it loses number 1, 2, 3"),
        (None, "it did not answer"),
    ],
)
def test_a_curator_that_breaks_the_law_is_refused(groups: Any, why: str, scripted: Callable[[Script], Stage]) -> None:
    curator = Fail(400) if groups is None else Say(json.dumps({"groups": groups}))
    stage = scripted(Script(when(asked_for("ReviewMessage"), Say(FOUND)), when(asked_for("Curation"), curator)))
    stage.write({"app.py": "\n".join(LINES) + "\n"})
    report = stage.plays(*ASK, "--curate", status=None).report
    assert [one.title for one in report.findings] == [one["title"] for one in FOUND["findings"]]
    assert any(why in note for note in report.notes)
