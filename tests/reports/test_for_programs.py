"""The formats other programs read: valid by their owners' schemas where those are at hand, by our own eyes always."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from orchestra.findings.finding import Anchor, Severity, Standing
from orchestra.outcome import Outcome
from orchestra.reports.history import Departed, History, Life, Lived
from orchestra.reports.renderers.catalogue import renderer
from orchestra.reports.report import Report
from tests.reports.stories import RUN, STORIES, merged, report, worker

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
every_story = pytest.mark.parametrize("story", STORIES)


def schema(name: str) -> dict[str, Any]:
    """A schema as its owner publishes it; the suite stands without it, so its absence is no failure anywhere."""
    file = SCHEMAS / name
    if not file.is_file():
        pytest.skip(f"{name} is not at hand")
    data: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return data


def sarif(made: Report) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(renderer("sarif")(made))["runs"][0]
    return run


# ── SARIF ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@every_story
def test_sarif_is_valid(story: str) -> None:
    log = json.loads(renderer("sarif")(STORIES[story]()))
    jsonschema.Draft7Validator(schema("sarif-2.1.0.json")).validate(log)


@every_story
def test_sarif_holds_what_code_scanning_needs(story: str) -> None:
    made = STORIES[story]()
    run = sarif(made)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) <= 5000
    for rule in rules:
        assert re.fullmatch(r"[\w-]{1,60}", rule["id"])
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        if "security-severity" in rule["properties"]:
            assert 0 < float(rule["properties"]["security-severity"]) <= 10
            assert "security" in rule["properties"]["tags"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"]["primaryLocationLineHash"].startswith(result["properties"]["id"])
        assert result["level"] != "none" or result["kind"] != "fail"
        assert len(result["locations"]) == 1
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            where = location["physicalLocation"]
            assert where["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
            uri = where["artifactLocation"]["uri"]
            assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
            assert not uri.startswith("/")
            assert ".." not in uri.split("/")
            assert 1 <= where["region"]["startLine"] <= where["region"]["endLine"] < 2**31


def test_sarif_has_one_rule_a_category_and_not_one_a_finding() -> None:
    found = [
        merged(number, category=name) for number, name in enumerate(["Race condition", "race-condition", "leak"], 1)
    ]
    run = sarif(report(found))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["race-condition", "leak"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 0, 1]


@pytest.mark.parametrize(
    ("severity", "level", "score"),
    [("critical", "error", "9.5"), ("high", "error", "8.0"), ("medium", "warning", "5.5"), ("low", "note", "2.5")],
)
def test_a_security_rule_has_the_score_of_its_worst_finding(severity: str, level: str, score: str) -> None:
    found = [merged(1, category="SQL injection", severity=Severity(severity)), merged(2, severity=Severity.CRITICAL)]
    run = sarif(report(found))
    rules = {rule["id"]: rule["properties"] for rule in run["tool"]["driver"]["rules"]}
    assert rules["sql-injection"]["security-severity"] == score
    assert "security-severity" not in rules["race"]
    assert run["results"][0]["level"] == level


def test_sarif_suppresses_what_was_accepted_or_withdrawn_and_keeps_the_rest_for_review() -> None:
    found = [merged(number, standing=standing, standing_reason="so") for number, standing in enumerate(Standing, 1)]
    results = {result["properties"]["standing"]: result for result in sarif(report(found))["results"]}
    assert {name for name, result in results.items() if "suppressions" in result} == {
        "accepted",
        "dismissed",
        "withdrawn",
    }
    assert results["accepted"]["suppressions"][0]["justification"] == "accepted: so"
    assert {name for name, result in results.items() if result["kind"] == "review"} == {"unanchored", "partial"}


def test_sarif_tells_new_from_known_where_there_is_a_history() -> None:
    found = [merged(1), merged(2), merged(3)]
    lived = {
        "f-0001": Lived(life=Life.STILL_THERE, first_seen=RUN),
        "f-0002": Lived(life=Life.BACK, first_seen=RUN),
    }
    states = [result["baselineState"] for result in sarif(report(found, history=History(lived=lived)))["results"]]
    assert states == ["unchanged", "new", "new"]
    assert "baselineState" not in sarif(report(found))["results"][0]


def test_sarif_says_who_did_not_answer_and_what_is_nowhere() -> None:
    placeless = merged(1, places=(), standing=Standing.UNANCHORED)
    outside = merged(2, path="../../etc/passwd", anchor=Anchor.OUTSIDE, standing=Standing.UNANCHORED)
    run = sarif(report([placeless, outside], [worker("w1-risk", Outcome.LOST)]))
    invocation = run["invocations"][0]
    said = "\n".join(notice["message"]["text"] for notice in invocation["toolExecutionNotifications"])
    assert not invocation["executionSuccessful"]
    assert run["results"] == []
    assert "w1-risk did not answer (lost)" in said
    assert "f-0001, nowhere in the target" in said
    assert "f-0002, nowhere in the target" in said
    assert "etc/passwd" not in json.dumps(run["results"])


def test_sarif_stays_within_the_limits_and_says_what_was_cut() -> None:
    run = sarif(report(merged(number) for number in range(1, 5011)))
    assert len(run["results"]) == 5000
    assert any("10 results that rank lowest" in notice["message"]["text"] for notice in _notices(run))


def test_a_link_in_a_message_leads_to_the_finding_s_own_places_only() -> None:
    first, second = merged(1, problem="see [here](http://evil.example) and [there](1)"), merged(2, path="src/b.py")
    found = first.model_copy(update={"places": (*first.places, *second.places)})
    result = sarif(report([found]))["results"][0]
    assert re.findall(r"\]\(([^)]*)\)", result["message"]["text"]) == ["1"]
    assert result["relatedLocations"][0]["id"] == 1


def _notices(run: dict[str, Any]) -> list[dict[str, Any]]:
    notices: list[dict[str, Any]] = run["invocations"][0]["toolExecutionNotifications"]
    return notices


# ── reviewdog, GitLab, JUnit, CSV, GitHub ────────────────────────────────────────────────────────────────────────────


@every_story
def test_rdjsonl_is_valid(story: str) -> None:
    lines = renderer("rdjsonl")(STORIES[story]()).splitlines()
    validator = jsonschema.Draft4Validator(schema("rdf-diagnostic.json"))
    for line in lines[:50]:
        validator.validate(json.loads(line))


@every_story
def test_rdjsonl_has_a_line_a_finding_and_every_path_is_relative(story: str) -> None:
    made = STORIES[story]()
    diagnostics = [json.loads(line) for line in renderer("rdjsonl")(made).splitlines()]
    lacking = bool(made.unanswered) or not made.workers
    assert len(diagnostics) == len(made.open) + lacking + bool(made.apart)
    assert all(finding.id in diagnostics[lacking]["message"] for finding in made.apart)
    for diagnostic in diagnostics:
        assert diagnostic["message"]
        assert diagnostic["severity"] in ("ERROR", "WARNING", "INFO")
        assert not diagnostic["location"]["path"].startswith(("/", "../"))


def test_sarif_keeps_what_nobody_looked_for_again_and_leaves_out_what_is_gone() -> None:
    gone, unseen = (
        Departed(id=f"f-000{number}", title="T", severity="high", looked_again=again, why="so", finding=merged(number))
        for number, again in ((1, True), (2, False))
    )
    run = sarif(report([merged(3)], history=History(since="r", lived={}, departed=(gone, unseen))))
    told = {result["properties"]["id"]: result for result in run["results"]}
    assert sorted(told) == ["f-0002", "f-0003"], "GitHub takes what is left out for mended, and shows all that is there"
    assert told["f-0002"]["baselineState"] == "unchanged"
    assert told["f-0002"]["properties"]["notSeenThisTime"].endswith("so")
    notices = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert any(notice.startswith("f-0001 is gone") for notice in notices)


@every_story
def test_gitlab_takes_the_entries(story: str) -> None:
    made = STORIES[story]()
    entries = json.loads(renderer("gitlab")(made))
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) >= len(made.open)
    for entry in entries:
        assert entry["description"]
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert isinstance(entry["location"]["lines"]["begin"], int)
        assert not entry["location"]["path"].startswith(("/", "../"))


@every_story
def test_junit_counts_what_it_holds(story: str) -> None:
    made = STORIES[story]()
    root = ElementTree.fromstring(renderer("junit")(made))  # our own text, that is what is tested
    findings, workers = root.findall("testsuite")
    departed = made.history.departed if made.history else ()
    told = len(made.findings) + len(departed)
    assert findings.get("tests") == str(told) == str(len(findings.findall("testcase")))
    assert findings.get("failures") == str(len(made.open)) == str(len(findings.findall("testcase/failure")))
    assert workers.get("errors") == str(len(made.unanswered)) == str(len(workers.findall("testcase/error")))
    assert root.get("tests") == str(told + len(made.workers))
    assert findings.get("skipped") == str(len(made.apart) + sum(not one.looked_again for one in departed))


@every_story
def test_csv_has_a_line_a_finding_and_no_cell_is_a_formula(story: str) -> None:
    made = STORIES[story]()
    text = renderer("csv")(made)
    rows = list(csv.DictReader(io.StringIO(text)))
    departed = made.history.departed if made.history else ()
    assert len(rows) == len(made.findings) + len(made.unanswered) + len(departed) == text.count("\n") - 1
    assert [row["id"] for row in rows if row["kind"] == "finding"] == [finding.id for finding in made.findings]
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\uff1d"))
            assert "\n" not in cell


@every_story
def test_github_gets_ten_annotations_a_level_and_the_rest_counted(story: str) -> None:
    made = STORIES[story]()
    lines = renderer("github")(made).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    for level, severities in {"error": ("critical", "high"), "warning": ("medium",), "notice": ("low",)}.items():
        ours = [line for line in commands if line.startswith(f"::{level} ")]
        found = sum(finding.severity in severities for finding in made.open)
        lacking = level == "warning" and (bool(made.unanswered) or not made.workers)
        assert len(ours) == min(found + lacking, 10)
        hidden = found + lacking - len(ours)
        if hidden:
            assert f"{hidden + 1:,} more {level}s not shown here" in ours[-1]
    for line in commands:
        assert re.fullmatch(r"::(error|warning|notice) [A-Za-z]+=[^:]*::[^\r\n]+", line)
        assert "file=/" not in line
        assert "file=.." not in line


def test_a_github_annotation_stands_at_its_lines() -> None:
    found = merged(
        1, path="src/a,b:c%.py", line=12, title="50% of\nall, it: fails", problem="one\ntwo 100%", recommendation=""
    )
    line = renderer("github")(report([found])).splitlines()[2]
    assert line == (
        "::error file=src/a%2Cb%3Ac%25.py,line=12,endLine=13,title=high f-0001%3A 50%25 of all%2C it%3A fails"
        "::one%0Atwo 100%25"
    )


def test_sarif_counts_the_notices_it_has_no_room_for() -> None:
    silent = [worker(f"w{number}-risk", Outcome.TIMED_OUT) for number in range(203)]
    made = report([], silent, notes=tuple(f"note {number}" for number in range(207)))
    (run,) = json.loads(renderer("sarif")(made))["runs"]
    told = [notice["message"]["text"] for notice in run["invocations"][0]["toolExecutionNotifications"]]
    assert "3 more workers did not answer." in told
    assert "7 more notes were left out." in told
