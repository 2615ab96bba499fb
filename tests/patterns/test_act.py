"""Act: the writer gets the condensed map, forks are asked or assumed, and the verifier runs the success check."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import orchestra
from orchestra.rehearsal import Fail, Run, Say, Script, asked_for, when
from tests.crew.repositories import repository
from tests.patterns.theatre import Stage

CHECK = "python3 -B greet.py"
MAP = {
    "map": "A long story about the tree that nobody needs to hear twice.",
    "key_files": [{"path": "main.py", "why": "It calls greet."}],
    "facts": [{"fact": "Greetings are printed.", "seen_in": "main.py:1"}],
    "unknowns": ["The language of the greeting."],
    "ambiguities": [
        {
            "term": "greet",
            "readings": ["print", "return"],
            "question": "Print it or return it?",
            "assumption": "print it",
        }
    ],
}
DONE = {
    "summary": "It greets.", "changes": [{"path": "greet.py", "what": "new"}], "reproduce": [CHECK],
    "risks": [], "follow_ups": [],
}  # fmt: skip
PASSED: dict[str, Any] = {
    "verdict": "pass", "summary": "It greets.", "issues": [], "suggested_fixes": [],
    "checks": [{"command": CHECK, "result": "passed", "evidence": "hello"}],
}  # fmt: skip
WRITE = Run("echo \"print('hello')\" > greet.py")
ASK = ("act", "Make it greet", "--new", "greet.py", "--success-check", CHECK, "--json")


def script(*instead: Any) -> Script:
    return Script(
        *instead,
        when(asked_for("ScoutMap"), Say(MAP)),
        when(asked_for("Implementation"), WRITE, Say(DONE)),
        when(asked_for("Verdict"), Run(CHECK), Say(PASSED)),
    )


def test_a_goal_is_reached_and_the_success_check_is_run(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(script())
    stage.write({"main.py": "import greet\n"})
    report = stage.plays(*ASK).report
    (change,), (judged,) = report.changes, report.verdicts
    assert [(file.path, file.kind) for file in change.files] == [("greet.py", "added")]
    assert judged.outcome == "pass"
    assert [(check.what, check.evidence) for check in judged.checks] == [(CHECK, "hello")]
    assert not (stage.project / "greet.py").exists()
    events = (stage.runs[-1] / "workers" / judged.worker / "attempt-1/events.jsonl").read_text()
    assert '"aggregated_output":"hello' in events.replace('": "', '":"')

    # The map goes on condensed: files, facts and unknowns, not the scout's prose.
    prompt = next(text for text in stage.prompts if "Reach the goal below" in text)
    assert "Greetings are printed." in prompt
    assert "The language of the greeting." in prompt
    assert "A long story" not in prompt

    # Nobody was there to ask: the assumption made stands in the report, and the writer was told.
    (decision,) = report.decisions
    assert (decision.question, decision.answer, decision.assumed) == ("Print it or return it?", "print it", True)
    assert "Print it or return it? print it" in prompt


def test_a_success_check_nobody_was_seen_to_run_is_said(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(script(when(asked_for("Verdict"), Say(PASSED))))
    stage.write({"main.py": "import greet\n"})
    report = stage.plays(*ASK).report
    assert any(CHECK in note and "was not seen" in note for note in report.notes)


def test_where_nothing_was_changed_there_is_no_diff_to_read(scripted: Callable[[Script], Stage]) -> None:
    said = {**DONE, "changes": [], "follow_ups": ["Nobody says in which language."]}
    stage = scripted(script(when(asked_for("Implementation"), Say(said))))
    stage.write({"main.py": "import greet\n"})
    report = stage.plays(*ASK).report
    assert [worker.role for worker in report.workers] == ["scout", "implementer"]
    assert report.next_step == (
        "Nothing was changed; read why in w2-implement's summary, and say the goal more closely. "
        "It leaves: Nobody says in which language."
    )
    status = stage.plays("status", "--json").json
    assert status["steps"][-1] == {"name": "Verify it", "state": "to do"}, "nobody verified anything"


def test_a_pass_over_a_check_that_was_seen_to_fail_is_said(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(script(when(asked_for("Implementation"), Run("echo 'exit(3)' > greet.py"), Say(DONE))))
    stage.write({"main.py": "import greet\n"})
    report = stage.plays(*ASK).report
    assert f"w3-verify says pass, and was seen to end `{CHECK}` with exit 3." in report.notes


def test_a_pass_over_a_check_that_ran_no_tests_is_said(scripted: Callable[[Script], Stage]) -> None:
    empty = "echo 'Ran 0 tests in 0.000s'"
    stage = scripted(script(when(asked_for("Verdict"), Run(empty), Say(PASSED))))
    stage.write({"main.py": "import greet\n"})
    report = stage.plays("act", "Make it greet", "--success-check", empty, "--json").report
    assert f"w3-verify says pass, and `{empty}` ran no tests: what it printed says so." in report.notes


@pytest.mark.parametrize(
    ("said", "meant"), [("greet.py", "sub/greet.py"), ("../greet.py", "greet.py"), ("new/", "sub/new/")]
)
def test_what_is_to_be_made_is_said_from_where_one_stands(said: str, meant: str, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    (project / "sub").mkdir()
    (scout,) = orchestra.plan("act", goal="Make it greet", new=said, start=project / "sub").workers
    assert f"What is to be made goes into {meant}.\n" in scout.prompt


def test_the_goal_has_the_name_of_a_common_option_and_is_told_all_the_same(stage: Stage) -> None:
    stage.write({"main.py": "import greet\n"})
    planned = stage.plays("run", "act", "--goal", "Make it greet", "--constraint", "In Latin.", "--dry-run", "--json")
    (scout,) = planned.json["workers"]
    assert "GOAL: Make it greet\n" in scout["prompt"]
    assert "- In Latin." in scout["prompt"]
    assert scout["prompt"].count("Make it greet") == 1


def test_without_a_map_nothing_is_written(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(script(when(asked_for("ScoutMap"), Fail(400))))
    stage.write({"main.py": "import greet\n"})
    report = stage.plays(*ASK, status=4).report
    assert [worker.role for worker in report.workers] == ["scout"]
    assert not report.changes
