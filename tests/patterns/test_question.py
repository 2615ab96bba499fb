"""The one short question of `act`: put at a terminal before anything is written, once, and kept."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

from orchestra.rehearsal import Fail, Say, Script, asked_for, when
from orchestra.reports.report import Report
from tests.patterns.test_act import ASK, DONE, MAP, PASSED, WRITE
from tests.patterns.theatre import CHECKOUT, Stage

QUESTION = "Print it or return it?"


@contextmanager
def typed(stage: Stage, *words: str) -> Iterator["pexpect.spawn[str]"]:
    """The command at a real terminal."""
    assert stage.model is not None
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRA")}
    child = pexpect.spawn(
        sys.executable,
        ["-P", "-m", "orchestra", *words],
        cwd=str(stage.project),
        env={**kept, "PYTHONPATH": str(CHECKOUT), "TERM": "xterm", **stage.model.environment},
        encoding="utf-8",
        dimensions=(30, 100),
        timeout=60,
    )
    try:
        yield child
    finally:
        child.close(force=True)


def report_of(run: Path) -> Report:
    return Report.model_validate_json((run / "report.json").read_text())


def answered(report: Report) -> list[tuple[str, bool]]:
    return [(decision.answer, decision.assumed) for decision in report.decisions]


def test_an_answer_is_taken_and_a_resumed_run_does_not_ask_again(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(
        Script(
            when(asked_for("ScoutMap"), Say(MAP)),
            when(asked_for("Implementation"), WRITE, Say(DONE)),
            when(asked_for("Verdict"), Fail(400), threads=1),
            when(asked_for("Verdict"), Say(PASSED)),
        )
    )
    stage.write({"main.py": "import greet\n"})
    with typed(stage, *ASK[:-1]) as child:
        child.expect_exact(QUESTION)
        assert not list((stage.runs[-1] / "workers").glob("*implement*"))  # nothing is written yet
        child.expect_exact("Just Enter assumes: print it")
        child.expect_exact("> ")
        child.sendline("return it, please")
        child.expect(pexpect.EOF)
        child.wait()
    assert child.exitstatus == 4
    (run,) = stage.runs
    assert answered(report_of(run)) == [("return it, please", False)]
    assert any(f"{QUESTION} return it, please" in prompt for prompt in stage.prompts)

    with typed(stage, "resume", "last") as child:
        child.expect(pexpect.EOF)
        assert QUESTION not in (child.before or "").split("Next:")[0]
        child.wait()
    assert child.exitstatus == 0
    report = report_of(run)
    assert answered(report) == [("return it, please", False)]
    assert [worker.role for worker in report.workers] == ["scout", "implementer", "verifier"]


def test_just_enter_assumes(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(Script(when(asked_for("ScoutMap"), Say(MAP)), when(asked_for("Implementation"), Say(DONE))))
    stage.write({"main.py": "import greet\n"})
    with typed(stage, *ASK) as child:
        child.expect_exact("> ")
        child.sendline("")
        child.expect(pexpect.EOF)
    assert answered(report_of(stage.runs[-1])) == [("print it", True)]


def test_stopped_at_the_question_it_is_put_again(scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(Script(when(asked_for("ScoutMap"), Say(MAP)), when(asked_for("Implementation"), Say(DONE))))
    stage.write({"main.py": "import greet\n"})
    with typed(stage, *ASK) as child:
        child.expect_exact("> ")
        child.sendintr()
        child.expect(pexpect.EOF)
        child.wait()
    assert child.exitstatus == 130
    assert report_of(stage.runs[-1]).state == "stopped"
    with typed(stage, "resume", "last") as child:
        child.expect_exact(QUESTION)
        child.expect_exact("> ")
        child.sendline("now print it")
        child.expect(pexpect.EOF)
    assert answered(report_of(stage.runs[-1])) == [("now print it", False)]
