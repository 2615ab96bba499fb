"""Each pattern from end to end with `--rehearse`: the real codex, and the understudy that comes with orchestra."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from orchestra.findings.finding import Severity
from tests.patterns.theatre import Stage

SHOP = '''"""Orders of a shop."""


def add(order, orders=[]):
    """All orders so far, and this one."""
    orders.append(order)
    return orders
'''
TESTS = """import unittest

from shop import add


class Orders(unittest.TestCase):
    def test_each_begins_anew(self):
        self.assertEqual(add("a"), ["a"])
        self.assertEqual(add("b"), ["b"])
"""
CHECK = "python3 -B -m unittest -q test_shop"
FILES = {"shop.py": SHOP, "test_shop.py": TESTS, "README.md": "# Shop\n\nThe shop keeps its orders in a list.\n"}


@pytest.fixture
def shop(stage: Stage) -> Stage:
    stage.write(FILES)
    return stage


def is_sound(stage: Stage, commit: str, tmp_path: Path) -> bool:
    """Whether the repository's own tests pass at a commit, run by nobody but this test."""
    there = tmp_path / commit.replace("/", "-")
    stage.git("worktree", "add", "-q", "--detach", str(there), commit)
    return subprocess.run([sys.executable, "-B", "-m", "unittest", "-q", "test_shop"], cwd=there).returncode == 0


def test_review_finds_a_planted_defect(shop: Stage) -> None:
    report = shop.plays("review", ".", "--rehearse", "--json").report
    assert ("Mutable default argument in add", Severity.HIGH) in {(one.title, one.severity) for one in report.open}
    assert report.rehearsed
    assert [worker.scope for worker in report.workers] == ["read"] * len(report.workers)


def test_fix_mends_it_and_its_verifier_runs_the_repositorys_tests(shop: Stage, tmp_path: Path) -> None:
    report = shop.plays("fix", ".", "--lenses", "correctness", "--success-check", CHECK, "--rehearse", "--json").report
    (change,), (verdict,) = report.changes, report.verdicts
    assert not is_sound(shop, "main", tmp_path)
    assert is_sound(shop, str(change.branch), tmp_path)
    assert verdict.outcome == "pass"
    [ran] = [check for check in verdict.checks if check.what == CHECK]
    assert ran.passed
    assert "Ran 1 test" in ran.evidence
    assert "OK" in ran.evidence
    assert not [note for note in report.notes if "success check" in note]
    assert (shop.project / "shop.py").read_text() == SHOP
    shop.plays("integrate", report.run)
    assert is_sound(shop, "HEAD", tmp_path)


def test_fix_says_when_there_is_nothing_it_could_change(stage: Stage) -> None:
    stage.write({"shop.py": '"""Orders."""\n\nLIMIT = 3\n# TODO: make it four\n'})
    report = stage.plays("fix", ".", "--lenses", "risk", "--rehearse", "--json").report
    assert report.open
    assert [worker.role for worker in report.workers] == ["reviewer", "implementer"]
    assert report.next_step.startswith("Nothing was changed; read why in w2-fix's summary")
    assert [one.finding for one in report.not_taken] == [one.id for one in report.open]
    assert all(one.reason.startswith("left alone by its writer: ") for one in report.not_taken)


def test_act_reaches_a_goal_and_quotes_its_success_check(shop: Stage) -> None:
    goal = "Add a function total(orders) to shop.py that returns sum(orders)"
    check = "python3 -B -c 'import shop; print(\"total is\", shop.total([2, 3]))'"
    report = shop.plays("act", goal, "--success-check", check, "--rehearse", "--json").report
    (change,), (verdict,) = report.changes, report.verdicts
    assert "+    return sum(orders)" in change.diff
    assert verdict.outcome == "pass"
    [ran] = [check_ for check_ in verdict.checks if check_.what == check]
    assert "total is 5" in ran.evidence
    assert not report.notes
    ended = shop.plays("report", "last").out
    assert "total is 5" in ended


def test_act_with_a_check_that_fails_is_not_accepted(shop: Stage) -> None:
    goal = "Create the file NOTES.md with the text 'Hello'"
    report = shop.plays("act", goal, "--success-check", "grep -c Goodbye NOTES.md", "--rehearse", "--json").report
    assert report.verdicts[0].outcome == "fail"
    assert "did not accept" in report.next_step


def test_split_covers_sixty_files_each_exactly_once(stage: Stage) -> None:
    files = {f"{part}/f{number:02}.py": f"x = {number}\n" for part in "abc" for number in range(20)}
    stage.write(files)
    report = stage.plays("split", ".", "--task", "replace 'x' with 'y'", "--write", "--rehearse", "--json").report
    changed = Counter(file.path for change in report.changes for file in change.files)
    assert changed == Counter(files.keys())
    assert len(report.sections) > 1
    stage.plays("integrate", report.run)
    assert {(stage.project / name).read_text() for name in files} == {f"y = {number}\n" for number in range(20)}


def test_research_cites_what_it_was_given(shop: Stage) -> None:
    report = shop.plays("research", "Where does the shop keep its orders?", "--rehearse", "--json").report
    brief = report.brief
    assert brief is not None
    assert "The shop keeps its orders in a list." in brief.claims[0].text
    known = {source.id for source in brief.sources}
    assert all(claim.sources and set(claim.sources) <= known for claim in brief.claims)
    assert not brief.removed


def test_options_are_scored_and_one_is_refined(shop: Stage) -> None:
    report = shop.plays("options", "How should orders be kept?", "-n", "2", "--rehearse", "--json").report
    matrix = report.matrix
    assert matrix is not None
    assert matrix.chosen in {option.name for option in matrix.options}
    assert all(len(option.scores) == len(matrix.criteria) for option in matrix.options)
