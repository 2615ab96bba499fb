"""The understudy in every role but the reviewer's, asked what the real roles ask, through the real codex."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestra.answer import schema_of
from orchestra.brief import roles
from orchestra.brief.answers import Option, ResearchNotes, Verdict
from orchestra.brief.lenses import lens
from orchestra.brief.library import library
from orchestra.brief.prompts import render
from orchestra.brief.stances import CRITERIA, STANCES
from orchestra.brief.target import target
from orchestra.rehearsal import Brain, StandIn, Understudy
from orchestra.rehearsal.trades.writing import steps_in
from orchestra.rehearsal.understudy import LABEL
from tests.rehearsal.asking import Asker, findings_of, git, reported
from tests.rehearsal.driving import Codex

CHECKOUT = Path(__file__).parents[2]
ORDERS = '''"""Orders."""


def add(order, orders=[]):
    """All orders so far, and this one."""
    orders.append(order)
    return orders


def is_free(price):
    return price is 0.0


def parse(text):
    try:
        return int(text)
    except:
        return None
'''
TESTS = """import unittest

from shop.orders import add


class Orders(unittest.TestCase):
    def test_each_begins_anew(self):
        self.assertEqual(add("a"), ["a"])
        self.assertEqual(add("b"), ["b"])
"""
TREE = {
    "README.md": "# Shop\n\nThe shop keeps orders in a list and parses prices.\n",
    "shop/__init__.py": "",
    "shop/orders.py": ORDERS,
    "tests/__init__.py": "",
    "tests/test_orders.py": TESTS,
}
SHARED, FREE, BARE = "Mutable default argument in add", "price is 0.0 tests identity", "Bare except catches everything"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "as it was")
    return tmp_path


@pytest.fixture
def asked(codex: Codex, stage: Callable[[Brain], StandIn], tree: Path) -> Asker:
    return Asker(codex, stage(Understudy()), tree)


# ── fixing and verifying ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_planted_defect_is_found_mended_and_verified_by_the_repositorys_own_tests(asked: Asker, tree: Path) -> None:
    section = target(["shop"], tree).sections[0]
    review = asked(roles.reviewer(section, lens("correctness", tree)))
    findings = findings_of(review, tree, SHARED, FREE, BARE)
    assert len(findings) == 3

    before = asked(roles.verifier(findings))
    assert before.verdict.value == "fail"
    assert any("FAILED (failures=1)" in check.evidence for check in before.checks)

    done = asked(roles.fixer(findings))
    assert {fixed.finding for fixed in done.fixed} == {finding.id for finding in findings}
    assert done.not_fixed == ()
    assert [change.path for change in done.changes] == ["shop/orders.py"]
    assert "file_change" in {event.get("item", {}).get("type") for event in asked.heard.events}
    source = (tree / "shop/orders.py").read_text()
    assert "def add(order, orders=None):" in source
    assert "    if orders is None:\n        orders = []\n    orders.append(order)" in source
    assert "return price == 0.0" in source
    assert "except Exception:" in source

    after = asked(roles.verifier(findings, claimed=done, diff=git(tree, "diff")))
    assert after.verdict.value == "pass", after
    [tests, *looks] = after.checks
    assert tests.command.endswith("-m unittest discover -s tests") or tests.command.endswith("-m unittest discover")
    assert "Ran 1 test" in tests.evidence
    assert tests.evidence.endswith("[ended with exit 0]")
    assert [look.result.value for look in looks] == ["passed"] * 3
    assert any("unittest" in command for command in asked.heard.commands)


def test_what_it_cannot_mend_it_leaves_and_says_why(asked: Asker, tree: Path) -> None:
    (tree / "crlf.py").write_bytes(b"def apply_tax(rates={}):\r\n    return a\r\n")
    (tree.parent / "out.py").write_text("def f(a=[]):\n    return a\n")
    git(tree, "add", ".")
    git(tree, "commit", "-qm", "more")
    findings = reported(
        tree,
        {"title": "The design is wrong", "path": "shop/orders.py", "line": 4, "quote": "def add(order, orders=[]):"},
        {"title": "Gone", "path": "shop/orders.py", "line": 1, "quote": "this stands nowhere"},
        {"title": "No file", "path": "shop/nowhere.py", "line": 1, "quote": "x"},
        {
            "title": "Mutable default argument in apply_tax",
            "path": "crlf.py",
            "line": 1,
            "quote": "def apply_tax(rates={}):",
        },
        {"title": "Mutable default argument in f", "path": "../out.py", "line": 1, "quote": "def f(a=[]):"},
        {"title": "A", "path": "shop/orders.py", "line": 11, "quote": "    return price is 0.0", "rewrite": "return ("},
    )
    done = asked(roles.fixer(findings))
    reasons = {left.finding: left.reason for left in done.not_fixed}
    said = [reasons[finding.id] for finding in findings]
    assert [done.fixed, done.changes, len(said)] == [(), (), 6]
    expected = ("no check of its own", "stands nowhere", "No such file", "CR LF", "outside of this tree", "no valid")
    assert [words in reason for reason, words in zip(said, expected, strict=True)] == [True] * 6
    assert git(tree, "status", "--porcelain") == ""


def test_a_rewrite_that_fits_is_put_in_place_at_the_depth_of_what_it_replaces(asked: Asker, tree: Path) -> None:
    told = {"title": "Wrong", "path": "shop/orders.py", "line": 11, "quote": "    return price is 0.0"}
    [finding] = reported(tree, {**told, "rewrite": "return abs(price) < 0.005"})
    done = asked(roles.fixer([finding], success_check="test -f README.md"))
    assert [fixed.finding for fixed in done.fixed] == [finding.id]
    assert "    return abs(price) < 0.005\n" in (tree / "shop/orders.py").read_text()
    assert done.reproduce == ("test -f README.md (ended with exit 0)",)


def test_two_findings_in_one_line_are_both_mended_and_a_third_is_told_why_not(asked: Asker, tree: Path) -> None:
    (tree / "shop/both.py").write_text("def f(a, b):\n    return a == None and b is 'x'\n")
    line = {"path": "shop/both.py", "line": 2, "quote": "    return a == None and b is 'x'"}
    findings = reported(
        tree,
        {"title": "a is compared with None by ==", **line},
        {"title": "b is 'x' tests identity, not equality", **line},
        {"title": "The whole condition is wrong", "rewrite": "return False", **line},
    )
    done = asked(roles.fixer(findings, success_check="touch left.txt"))
    assert [fixed.finding for fixed in done.fixed] == [findings[0].id, findings[1].id]
    assert [left.reason for left in done.not_fixed] == ["mending another finding changed the lines it quotes"]
    assert (tree / "shop/both.py").read_text() == "def f(a, b):\n    return a is None and b == 'x'\n"
    assert done.risks == ("What was run left behind: left.txt",)


def test_sent_back_it_changes_nothing_more_and_does_not_forget_what_it_mended(asked: Asker, tree: Path) -> None:
    findings = reported(
        tree,
        {"title": BARE, "path": "shop/orders.py", "line": 17, "quote": "    except:"},
        {"title": "The design is wrong", "path": "shop/orders.py", "line": 15, "quote": "    try:"},
    )
    asked(roles.fixer(findings))
    mended = git(tree, "diff")
    assert "except Exception:" in mended
    rejected = Verdict.model_validate({"verdict": "fail", "summary": "Not all."})
    again = asked(roles.fixer(findings, rejected=rejected))
    assert [fixed.finding for fixed in again.fixed] == [findings[0].id]
    assert [left.finding for left in again.not_fixed] == [findings[1].id]
    assert git(tree, "diff") == mended


@pytest.mark.parametrize(
    ("check", "verdict", "evidence"),
    [
        ("sh -c 'echo fine; sleep 6; echo at last'", "pass", "fine\nat last\n[ended with exit 0]"),
        ("echo no; exit 3", "fail", "no\n[ended with exit 3]"),
        ("cd shop\ntest -f orders.py && echo 'it is there'", "pass", "it is there\n[ended with exit 0]"),
        ("false\necho last", "fail", "[ended with exit 1]"),
        ('test "it is" = "it `echo is`"', "pass", "[ended with exit 0]"),
        ("The tests pass: `true`", "pass", "[ended with exit 0]"),
        ("It is fast enough for everybody.", "incomplete", "no command this rehearsal can recognise"),
        ("make sure it works", "incomplete", "no command this rehearsal can recognise"),
        ("no-such-program --check", "incomplete", "no command this rehearsal can recognise"),
        ("`no-such-program`", "incomplete", "exit 127"),
        ("python3 -m unittest discover -s shop", "incomplete", "Ran 0 tests"),
    ],
)
def test_the_success_check_decides(check: str, verdict: str, evidence: str, asked: Asker) -> None:
    said = asked(roles.verifier("Make it good.", success_check=check))
    assert said.verdict.value == verdict, said
    assert evidence in said.checks[0].evidence
    assert said.summary.startswith(LABEL)


def test_findings_are_confirmed_refuted_or_left_open_by_what_stands_there(asked: Asker, tree: Path) -> None:
    findings = reported(
        tree,
        {"title": SHARED, "path": "shop/orders.py", "line": 4, "quote": "def add(order, orders=[]):"},
        {"title": "Gone", "path": "shop/orders.py", "line": 1, "quote": "this stands nowhere"},
        {"title": "The design is wrong", "path": "shop/orders.py", "line": 14, "quote": "def parse(text):"},
        {"title": "No file", "path": "shop/nowhere.py", "line": 1, "quote": "x"},
    )
    said = asked(roles.refuter(findings)).judgements
    assert [(one.number, one.verdict.value) for one in said] == [
        (1, "confirmed"),
        (2, "refuted"),
        (3, "unsure"),
        (4, "refuted"),
    ]
    assert said[0].evidence == "shop/orders.py:4: def add(order, orders=[]):"


def test_asked_to_mend_its_answer_it_gives_it_again_and_a_new_task_it_does_anew(
    codex: Codex, stage: Callable[[Brain], StandIn], tree: Path
) -> None:
    model, check = stage(Understudy()), "echo once >> seen.txt; cat seen.txt"
    prompt = render(roles.verifier("Be good.", success_check=check).prompt, tree)
    schema = schema_of(Verdict)
    told: dict[str, Any] = {"cwd": tree, "schema": schema, "sandbox": "workspace-write"}
    first = codex(model, prompt, **told)
    again = codex(model, "Your final message could not be read.", resume=first.thread_id, schema=schema)
    assert (again.last_message, again.commands) == (first.last_message, [])
    anew = codex(model, prompt, **told, resume=first.thread_id)
    assert len(anew.commands) == len(first.commands)
    assert "once\nonce\n" in json.loads(anew.last_message or "")["checks"][0]["evidence"]


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_literal_goal_is_reached_and_its_check_run(asked: Asker, tree: Path) -> None:
    goal = (
        "Add a function total(prices) to shop/orders.py that returns sum(prices), then create the file docs/NOTE.md "
        "with the text 'Totals.' and append the line 'Totals are sums.' to README.md."
    )
    check = "python3 -c 'from shop.orders import total; assert total([1, 2]) == 3'"
    done = asked(roles.implementer(goal, success_check=check))
    assert done.follow_ups == ()
    assert {change.path for change in done.changes} == {"shop/orders.py", "docs/NOTE.md", "README.md"}
    assert (tree / "shop/orders.py").read_text() == ORDERS + "\n\ndef total(prices):\n    return sum(prices)\n"
    assert (tree / "docs/NOTE.md").read_text() == "Totals.\n"
    assert (tree / "README.md").read_text() == TREE["README.md"] + "Totals are sums.\n"
    assert asked(roles.verifier(goal, claimed=done, success_check=check)).verdict.value == "pass"


def test_the_goals_a_newcomer_copies_are_understood() -> None:
    goals = re.findall(r'orchestra[ .]act[ (]*"([^"]+)"', (CHECKOUT / "README.md").read_text())
    assert len(goals) == 2
    for goal in goals:
        [step], rest = steps_in(goal)
        assert (step.change(None), rest) == (("hello",), ""), goal
    assert steps_in("Create a test.py.d/ with care") == ((), "Create a test.py.d/ with care")


def test_a_goal_it_does_not_understand_is_not_guessed_at(asked: Asker, tree: Path) -> None:
    done = asked(roles.implementer("Make the shop faster."))
    assert done.changes == ()
    assert "no instruction it can carry out literally" in done.summary
    assert done.follow_ups == ("Not understood, so not done: Make the shop faster",)
    assert git(tree, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("goal", "why"),
    [
        ("create the file README.md with the text 'x'", "is there already"),
        ("replace 'nowhere' with 'x' in README.md", "stands nowhere in it"),
        ("add a function add to shop/orders.py that returns 1", "is defined there already"),
        ("add a function f to shop/orders.py that returns (", "no valid Python"),
        ("append the line 'x' to gone.txt", "no such file"),
        ("create the file ../out.txt with the text 'x'", "Not understood"),
    ],
)
def test_what_cannot_be_done_is_not_done(goal: str, why: str, asked: Asker, tree: Path) -> None:
    done = asked(roles.implementer(goal))
    assert done.changes == ()
    assert why in done.follow_ups[0]
    assert git(tree, "status", "--porcelain") == ""


# ── looking around ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_scout_says_what_it_saw_where_and_what_is_open(asked: Asker) -> None:
    said = asked(roles.scout("Make is_free in orders.py exact, as order.txt says, and add `round_up`."))
    assert said.map.startswith(f"{LABEL}5 files: 2 in shop/, 2 in tests/, 1 in the top.")
    assert {"shop/orders.py", "README.md", "tests/test_orders.py"} <= {file.path for file in said.key_files}
    assert "shop/orders.py:10" in {fact.seen_in for fact in said.facts}
    assert any("-m unittest discover" in fact.fact for fact in said.facts)
    assert "round_up stands nowhere in the tree." in said.unknowns
    assert [fork.term for fork in said.ambiguities] == ["order.txt"]


def test_a_scout_asks_which_of_two_files_is_meant(asked: Asker, tree: Path) -> None:
    (tree / "tests/orders.py").write_text("")
    [fork] = asked(roles.scout("Make orders.py faster.")).ambiguities
    assert fork.readings == ("shop/orders.py", "tests/orders.py")
    [fork] = asked(roles.scout("Make orderz.py faster.")).ambiguities
    assert fork.question.startswith("orderz.py is not in the tree")


def test_a_scout_sees_no_fork_in_a_clear_goal(asked: Asker, tree: Path) -> None:
    (tree / "b c.py").write_text("")
    (tree / "c.py").write_text("")
    said = asked(roles.scout("Append the line 'end' to `b c.py`."))
    assert said.ambiguities == ()
    assert "b c.py" in {file.path for file in said.key_files}
    assert "c.py" not in {file.path for file in said.key_files}
    assert asked(roles.scout("Create the file docs/NEW.md, and mend parse() in shop/orders.py.")).ambiguities == ()


def test_a_researcher_cites_only_what_it_read_and_a_brief_only_what_was_given(asked: Asker) -> None:
    question = "How does the shop keep orders?"
    notes = asked(roles.researcher(question))
    assert [(source.number, source.link) for source in notes.sources] == [(1, "README.md")]
    assert "line 3, says: The shop keeps orders in a list" in notes.synthesis[0].text
    assert "the web was not searched" in notes.uncertainty[0]
    other = ResearchNotes.model_validate(
        {
            "synthesis": [{"text": "In a tree.", "sources": [7]}, {"text": "In a heap.", "sources": [1]}],
            "sources": [{"number": 1, "title": "Heaps"}],
        }
    )
    given = library([("a", notes), ("b", other)])
    brief = asked(roles.synthesis(question, given))
    checked, removed = given.checked(brief)
    assert (checked, removed) == (brief, ())
    assert len(brief.claims) == len(notes.synthesis) + 1
    assert any("In a tree." in text for text in brief.uncertainty)


# ── putting together ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_finding_stands_once_in_the_order_given(asked: Asker, tree: Path) -> None:
    told = [{"title": f"T{number}", "path": "README.md", "line": 1, "quote": "# Shop"} for number in range(1, 4)]
    findings = [one for each in told for one in reported(tree, each)]
    said = asked(roles.curator(findings))
    assert [group.numbers for group in said.groups] == [(1,), (2,), (3,)]


def test_options_are_proposed_scored_and_refined_without_a_claim(asked: Asker) -> None:
    options = [asked(roles.proposer("Which database?", stance, CRITERIA)) for stance in STANCES[:2]]
    assert options[0].name != options[1].name
    assert all(option.idea.startswith(LABEL) for option in options)
    better = Option(name="Better", idea=" ".join(CRITERIA))
    scores = asked(roles.scorer("Which database?", [*options, better], CRITERIA))
    pairs = [(said.option, said.criterion) for said in scores.scores]
    assert len(pairs) == len(set(pairs)) == 3 * len(CRITERIA)
    assert scores.chosen == 3
    refined = asked(roles.refiner("Which database?", better, scores.because, []))
    assert (refined.name, refined.plan) == (better.name, better.plan)


def test_a_section_is_gone_through_and_a_literal_task_carried_out(asked: Asker, tree: Path) -> None:
    section = target(["shop", "README.md"], tree).sections[0]
    said = asked(roles.section_worker(section, "Replace every 'orders' with 'bookings'.", write=True))
    assert {change.path for change in said.changes} == {"README.md", "shop/orders.py"}
    assert said.unfinished == ()
    assert "orders" not in (tree / "shop/orders.py").read_text()
    assert "shop.orders" in (tree / "tests/test_orders.py").read_text()

    lost = asked(roles.section_worker(section, "Find the soul of it."))
    assert lost.unfinished == ("The task itself: it takes a model.",)
    result = asked(roles.consistency("Rename it.", [("one", "w1", said), ("two", "w2", lost), ("three", "w3", None)]))
    assert said.result in result.result
    assert result.missing[0] == "three: it did not answer"


def test_a_text_that_lies_nowhere_is_reviewed_with_its_own_lines(asked: Asker, tree: Path) -> None:
    text = b"\n\n# Plan\n\nWe migrate and and hope.\n\nTODO: a way back\n"
    section = target(["-"], tree, standard_input=io.BytesIO(text)).sections[0]
    said = asked(roles.reviewer(section, lens("clarity", tree)))
    places = {(finding.title, finding.locations[0].start_line, finding.locations[0].quote) for finding in said.findings}
    assert ("A word stands twice: and", 5, "We migrate and and hope.") in places
    assert ("TODO left in the text: a way back", 7, "TODO: a way back") in places
    assert asked.heard.commands == []
