"""Fix: a planted defect is mended in a tree of its own, and the repository's tests are really run by the verifier."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestra.rehearsal import Fail, Run, Say, Script, asked_for, when
from tests.patterns.theatre import Played, Stage

BROKEN, MENDED = "def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n"
TESTS = "from calc import add\n\nassert add(2, 3) == 5, add(2, 3)\nprint('all is well')\n"
CHECK = "python3 -B check.py"


def finding(title: str, severity: str, line: int, quote: str) -> dict[str, Any]:
    place = {"path": "calc.py", "start_line": line, "end_line": line, "quote": quote}
    return {
        "title": title, "severity": severity, "confidence": 0.9, "category": "bug", "locations": [place],
        "problem": f"{title}: it is so.", "recommendation": "Mend it.", "rewrite": None,
    }  # fmt: skip


FOUND = {
    "summary": "Two. Findings.",
    "findings": [
        finding("add subtracts", "high", 2, "    return a - b"),
        finding("add has no docstring", "low", 1, "def add(a, b):"),
    ],
}


def fixes(**more: Any) -> Say:
    said = {
        "summary": "It adds now.", "changes": [{"path": "calc.py", "what": "plus"}], "reproduce": [CHECK],
        "risks": ["none known"], "follow_ups": ["document it"], "fixed": [], "not_fixed": [],
    }  # fmt: skip
    return Say({**said, **more})


def verdict(word: str, evidence: str = "seen", **more: Any) -> Say:
    check = {"command": CHECK, "result": "passed" if word == "pass" else "failed", "evidence": evidence}
    return Say({"verdict": word, "summary": word, "checks": [check], "issues": [], "suggested_fixes": [], **more})


def edit(text: str) -> Run:
    """Really changes the file, through codex's own shell."""
    return Run(f"cat > calc.py <<'END'\n{text}END")


@pytest.fixture
def repository(scripted: Callable[[Script], Stage]) -> Callable[[Script], Stage]:
    def make(script: Script) -> Stage:
        stage = scripted(script)
        stage.write({"calc.py": BROKEN, "check.py": TESTS})
        return stage

    return make


ASK = ("fix", "calc.py", "--lenses", "correctness", "--success-check", CHECK, "--json")
REVIEW = when(asked_for("ReviewMessage"), Say(FOUND))


def test_a_planted_defect_is_mended_and_verified(repository: Callable[[Script], Stage]) -> None:
    stage = repository(
        Script(
            REVIEW,
            when(asked_for("Fixes"), edit(MENDED), fixes()),
            when(asked_for("Verdict"), Run(CHECK), verdict("pass")),
        )
    )
    report = stage.plays(*ASK, "--top", "1").report
    (change,), (judged,) = report.changes, report.verdicts
    assert [file.path for file in change.files] == ["calc.py"]
    assert "-    return a - b" in change.diff
    assert "+    return a + b" in change.diff
    assert judged.outcome == "pass"
    assert change.branch is not None
    assert report.state == "complete"
    # The user's tree is as it was; the work waits on a branch of its own, in which the tests pass.
    assert (stage.project / "calc.py").read_text() == BROKEN
    assert stage.git("show", f"{change.branch}:calc.py").strip() == MENDED.strip()
    # The verifier really ran the tests, and saw them pass.
    assert all_is_well(stage, judged.worker)
    # What nobody took on is listed with its reason.
    assert [(one.reason) for one in report.not_taken] == [
        "not among the first 1",
        "its writer does not say what became of it",
    ]
    assert change.integrate is not None
    assert f"orchestra integrate {report.run}" in report.next_step


def all_is_well(stage: Stage, worker: str) -> bool:
    events = (stage.runs[-1] / "workers" / worker / "attempt-1/events.jsonl").read_text()
    return "all is well" in events


def test_a_failed_verdict_goes_back_with_its_reasons(repository: Callable[[Script], Stage]) -> None:
    issue = {"problem": "It multiplies now.", "repro_steps": [CHECK]}
    stage = repository(
        Script(
            REVIEW,
            when("It multiplies now.", edit(MENDED), fixes()),
            when(asked_for("Fixes"), edit("def add(a, b):\n    return a * b\n"), fixes()),
            when(asked_for("Verdict"), Run(CHECK), verdict("fail", issues=[issue]), threads=1),
            when(asked_for("Verdict"), Run(CHECK), verdict("pass")),
        )
    )
    report = stage.plays(*ASK).report
    assert [judged.outcome for judged in report.verdicts] == ["fail", "pass"]
    assert [change.round for change in report.changes] == [1, 2]
    # The second round stands on the first: its tree holds the earlier attempt.
    assert "-    return a * b" in report.changes[1].diff
    assert all_is_well(stage, report.verdicts[1].worker)
    assert stage.git("show", f"{report.changes[1].branch}:calc.py").strip() == MENDED.strip()


def test_it_ends_after_its_rounds(repository: Callable[[Script], Stage]) -> None:
    writers = [
        when(asked_for("Fixes"), edit(f"def add(a, b):\n    return a * {number}\n"), fixes(), threads=1)
        for number in range(3)
    ]
    stage = repository(Script(REVIEW, *writers, when(asked_for("Verdict"), verdict("fail"))))
    report = stage.plays(*ASK, "--rounds", "3").report
    assert [judged.outcome for judged in report.verdicts] == ["fail"] * 3
    assert "did not accept" in report.next_step
    taken = stage.plays("integrate", report.run)
    assert f"note: {report.verdicts[-1].worker} did not accept what was changed: fail" in taken.err


def test_it_stops_early_when_a_round_changes_nothing(repository: Callable[[Script], Stage]) -> None:
    stage = repository(
        Script(
            REVIEW,
            when("REJECTED", fixes()),
            when(asked_for("Fixes"), edit("def add(a, b):\n    return 5\n"), fixes()),
            when(asked_for("Verdict"), verdict("fail")),
        )
    )
    report = stage.plays(*ASK, "--rounds", "9").report
    assert len(report.verdicts) == 1
    assert [len(change.files) for change in report.changes] == [1, 0]
    assert [worker.role for worker in report.workers] == ["reviewer", "implementer", "verifier", "implementer"]


def test_the_findings_of_an_earlier_run_by_their_ids(repository: Callable[[Script], Stage]) -> None:
    stage = repository(
        Script(
            REVIEW,
            when(asked_for("Fixes"), edit(MENDED), fixes(not_fixed=[{"finding": "X", "reason": "Taste."}])),
            when(asked_for("Verdict"), verdict("pass")),
        )
    )
    first = stage.plays("review", "calc.py", "--lenses", "correctness", "--json").report
    worst, mild = first.findings
    unknown = stage.plays("fix", "--only", "f-none", status=2)
    assert "There is no finding 'f-none'" in unknown.err
    assert worst.id in unknown.err
    assert len(stage.runs) == 1

    planned = stage.plays("fix", "--from", "last", "--only", mild.id, "--dry-run", "--json").json
    assert [worker["role"] for worker in planned["workers"]] == ["implementer"]
    assert "add has no docstring" in planned["workers"][0]["prompt"]
    assert len(stage.runs) == 1

    report = stage.plays("fix", "--only", mild.id, "--json").report
    assert "reviewer" not in [worker.role for worker in report.workers]
    assert [one.finding for one in report.not_taken] == [worst.id, mild.id]
    assert report.not_taken[0].reason == "not among those named"
    prompt = next(text for text in stage.prompts if "Mend the findings" in text)
    assert "add has no docstring" in prompt
    assert "add subtracts" not in prompt


def test_what_the_writer_left_is_to_be_mended_by_hand(repository: Callable[[Script], Stage]) -> None:
    stage = repository(Script(REVIEW, when(asked_for("Fixes"), fixes())))
    report = stage.plays(*ASK).report
    assert [worker.role for worker in report.workers] == ["reviewer", "implementer"]
    assert report.next_step == "Nothing was changed; read why in w2-fix's summary, and mend what it left by hand."


def test_nothing_found_starts_no_writer(repository: Callable[[Script], Stage]) -> None:
    nothing = {"summary": "Fine. All of it.", "findings": []}
    stage = repository(Script(when(asked_for("ReviewMessage"), Say(nothing))))
    report = stage.plays(*ASK).report
    assert [worker.role for worker in report.workers] == ["reviewer"]


def a_repository_of_the_future(stage: Stage) -> None:
    (stage.project / ".git/config").write_text("[core]\n\trepositoryformatversion = 99\n")


@pytest.mark.parametrize(
    "words", [("fix", "."), ("act", "Mend it"), ("split", ".", "--task", "T", "--write")], ids=["fix", "act", "split"]
)
@pytest.mark.parametrize(
    ("arrange", "told"),
    [
        (a_repository_of_the_future, "No writer can get a tree here: git says"),
        (lambda stage: stage.git("branch", "orchestra"), "A branch is called 'orchestra'"),
    ],
    ids=["git refuses", "a branch in the way"],
)
def test_where_no_writer_can_get_a_tree_nobody_is_paid(
    words: tuple[str, ...], arrange: Callable[[Stage], object], told: str, stage: Stage
) -> None:
    stage.write({"calc.py": BROKEN})
    arrange(stage)
    done = stage.plays(*words, status=3)
    assert told in done.err
    assert not stage.runs


def test_a_writer_that_fails_leaves_the_findings(repository: Callable[[Script], Stage]) -> None:
    stage = repository(Script(REVIEW, when(asked_for("Fixes"), Fail(400))))
    done: Played = stage.plays(*ASK, status=4)
    assert len(done.report.findings) == 2
    assert {one.reason for one in done.report.not_taken} == {"no writer answered"}
    assert json.loads((stage.runs[-1] / "report.json").read_text())["state"] == "incomplete"
