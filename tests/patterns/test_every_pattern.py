"""What holds for every pattern: its plan is shown and nothing is started, silence is told, a stop keeps and resumes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestra.patterns import catalogue
from orchestra.rehearsal import Fail, Say, Script, Silence, asked_for, otherwise, when
from tests.patterns.test_act import DONE, MAP
from tests.patterns.test_act import PASSED as PASS
from tests.patterns.test_fix import FOUND, fixes
from tests.patterns.test_options import BOAT, SCORES
from tests.patterns.test_research import BRIEF, USE
from tests.patterns.test_split import WHOLE, WORK
from tests.patterns.theatre import CHECKOUT, Stage

PATTERNS = Path(catalogue.__file__).parent
CALLS = {
    "review": ("review", "calc.py", "--lenses", "risk,clarity", "--verify", "--curate"),
    "fix": ("fix", "calc.py", "--lenses", "risk,clarity"),
    "act": ("act", "Make it greet"),
    "split": ("split", ".", "--task", "Count"),
    "split --write": ("split", ".", "--task", "Count", "--write"),
    "research": ("research", "Why?", "--angle", "one", "--angle", "two"),
    "options": ("options", "How?", "-n", "2"),
    "ask": ("run", "ask", "--prompt", "Well?", "--cwd", "."),
}
FIRST = {"review": 2, "fix": 2, "act": 1, "split": 2, "split --write": 2, "research": 2, "options": 2, "ask": 1}
"""Workers of each that need no answer of another."""
LAST = {
    "review": "Curation", "fix": "Fixes", "act": "Implementation", "split": "Consistency",
    "split --write": "Consistency", "research": "ResearchBrief", "options": "Scores",
}  # fmt: skip
"""The answer a later worker gives; `ask` has none."""
ANSWERS = {
    "ReviewMessage": Say(FOUND), "Curation": Say({"groups": [{"numbers": [1, 2]}]}), "Fixes": fixes(),
    "Refutations": Say({"judgements": []}), "ScoutMap": Say(MAP), "Implementation": Say(DONE), "Verdict": Say(PASS),
    "SectionWork": Say(WORK), "Consistency": Say(WHOLE), "ResearchNotes": Say(USE), "ResearchBrief": Say(BRIEF),
    "Option": Say(BOAT), "Scores": Say(SCORES),
}  # fmt: skip
CONTEXT = ("--constraint", "Python 3.11 only.", "--success-check", "make test", "--citation-style", "APA 7")
each_pattern = pytest.mark.parametrize("name", CALLS)


def script(**instead: object) -> Script:
    moves = {title: instead.get(title, move) for title, move in ANSWERS.items()}
    return Script(*(when(asked_for(title), move) for title, move in moves.items()), otherwise(Say("Well.")))  # type: ignore[arg-type]  # moves, all of them


def furnished(stage: Stage) -> Stage:
    # With those in the folder the whole is two sections.
    others = {f"parts/f{number:02}.py": f"x = {number}\n" for number in range(40)}
    stage.write({"calc.py": "def add(a, b):\n    return a - b\n", **others})
    return stage


def listing(folder: Path) -> dict[str, int]:
    """Every file and folder under it, with the time of its last change."""
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*")}


@each_pattern
def test_a_dry_run_shows_the_plan_and_starts_nothing(name: str, stage: Stage, tmp_path: Path) -> None:
    furnished(stage)
    (tmp_path / "home").mkdir()
    (tmp_path / "tmp").mkdir()
    plan = stage.plays(*CALLS[name], *CONTEXT, "--dry-run", "--rehearse", "--json").json
    assert len(plan["workers"]) == FIRST[name]
    for worker in plan["workers"]:
        assert worker["command"][1] == "exec"
        assert worker["prompt"].startswith("CONTEXT: WORKER\nROLE: You are a sub-agent run by the ORCHESTRATOR.")
        for said in ("- Python 3.11 only.", "SUCCESS CHECK: make test", "APA 7"):
            assert said in worker["prompt"]
        assert worker["step"] in plan["steps"]
    known = {worker["step"] for worker in plan["workers"]}
    assert known.isdisjoint(plan["depends"])
    before = listing(tmp_path)
    home, temporary = str(tmp_path / "home"), str(tmp_path / "tmp")
    told = stage.plays(*CALLS[name], "--dry-run", "--rehearse", HOME=home, CODEX_HOME=home, TMPDIR=temporary).out
    assert listing(tmp_path) == before
    assert told.rstrip().endswith("Nothing was started."), "the prompts push the first lines out of sight"
    assert told.count(told.rstrip().rpartition("\n")[2]) == 2
    assert all(f"{step}: depends on answers" in told for step in plan["depends"])
    assert not (stage.project / ".orchestra").exists()


@each_pattern
def test_when_nobody_answers_the_report_says_so(name: str, scripted: Callable[[Script], Stage]) -> None:
    stage = furnished(scripted(Script(Fail(400))))
    report = stage.plays(*CALLS[name], "--json", status=4).report
    assert report.state == "incomplete"
    assert len(report.unanswered) == len(report.workers) == FIRST[name]
    assert "Nobody answered" in report.next_step


@pytest.mark.parametrize("name", LAST)
def test_a_resumed_run_asks_only_who_did_not_answer(name: str, scripted: Callable[[Script], Stage]) -> None:
    stage = scripted(
        Script(
            when(asked_for(LAST[name]), Fail(400), threads=1),
            *(when(asked_for(title), move) for title, move in ANSWERS.items()),
        )
    )
    furnished(stage)
    first = stage.plays(*CALLS[name], "--json", status=4).report
    assert stage.model is not None
    before = {request.thread_id for request in stage.model.asks}
    report = stage.plays("resume", "last", "--json", status=None).report
    kept = {worker.label: worker.thread_id for worker in first.workers if worker.outcome == "answered"}
    assert kept
    assert kept.items() <= {worker.label: worker.thread_id for worker in report.workers}.items()
    fresh = {request.thread_id for request in stage.model.asks} - before
    assert len(fresh) == len(report.workers) - len(kept)
    assert [worker.label for worker in report.workers][: len(first.workers)] == [one.label for one in first.workers]


@each_pattern
def test_a_stopped_run_ends_and_says_so(name: str, scripted: Callable[[Script], Stage]) -> None:
    stage = furnished(scripted(Script(Silence())))
    assert stage.model is not None
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ORCHESTRA")}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "orchestra", *CALLS[name], "--json"],
        cwd=stage.project,
        env={**kept, "PYTHONPATH": str(CHECKOUT), **stage.model.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while len(stage.model.asks) < FIRST[name]:
        assert time.monotonic() < end
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    report = json.loads(out)
    assert report["state"] == "stopped"
    assert len(report["workers"]) == FIRST[name]


def test_a_pattern_is_one_short_file() -> None:
    for path in catalogue.OWN.values():
        file = PATTERNS / f"{path.split(':')[0].rpartition('.')[2]}.py"
        lines = file.read_text().splitlines()
        assert len(lines) < 80, f"{file.name} has {len(lines)} lines"
        assert not [line for line in lines if line.strip().startswith("#")], (
            f"{file.name} needs a comment: a word is missing"
        )
