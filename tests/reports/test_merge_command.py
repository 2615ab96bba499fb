"""`orchestra merge`, typed over messages that lie in a folder: what it says of those that are no full answer."""

import json
from pathlib import Path

import pytest

from tests.reports.test_commands import Project

FINDING = {
    "title": "The file stays open",
    "severity": "high",
    "confidence": 0.9,
    "category": "resource",
    "locations": [{"path": "a.py", "start_line": 1, "end_line": 1, "quote": "f = open(p)"}],
    "problem": "Nobody closes it.",
    "recommendation": "Use with.",
}
WHOLE = json.dumps({"summary": "One leak.", "findings": [FINDING]})
TORN = WHOLE[:-20]
CLEAN = json.dumps({"summary": "Fine.", "findings": []})
NOTHING = "It all looks nice to me.\nNothing more.\n"
PROSE = "## Findings\n- **High**: the file stays open (a.py:1)\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "a.py").write_text("f = open(p)\n")
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ({"w1": WHOLE}, "Complete: the worker answered. 1 open finding (1 high)."),
        ({"w1": WHOLE, "w2": ""}, "Incomplete: nothing that looks like a finding was read in w2.json. 1 open"),
        ({"w1": WHOLE, "w2": TORN}, "Incomplete: no full answer stands in w2.json, read as far as it goes. 1 open"),
        ({"w1": PROSE}, "Incomplete: no full answer stands in w1.json, read as far as it goes."),
        ({"w1": ""}, "Nothing can be said about findings."),
        (
            {"w1": NOTHING, "w2": "", "w3": PROSE},
            "nothing that looks like a finding was read in w1.json, w2.json; no full answer stands in w3.json, read as",
        ),
        ({"w1": NOTHING}, "read in w1.json; what is read are answers in JSON, and lists and headings in Markdown"),
        ({"w1": NOTHING}, "Next: Give answers in JSON, or lists and headings in Markdown; the notes say what else"),
        ({"w1": NOTHING, "w2": CLEAN}, "Next: Give answers in JSON, or lists and headings in Markdown; the notes say"),
    ],
    ids=[
        *("whole", "one empty", "one torn", "prose", "nothing", "all three"),
        *("what is read", "what to do", "what to do beside one that found nothing"),
    ],
)
def test_what_is_no_full_answer_is_no_answer(project: Project, messages: dict[str, str], said: str) -> None:
    for name, text in messages.items():
        (project.folder / f"{name}.json").write_text(text)
    files = [f"{name}.json" for name in messages]
    typed = project.types("merge", *files, COLUMNS="200")
    assert typed.returncode == 0, typed.stderr
    assert said in " ".join(typed.stdout.decode().split())
    assert "orchestra resume" not in typed.stdout.decode()
    assert "did not answer" not in typed.stdout.decode(), "nobody was asked"
    gated = project.types("merge", *files, "--fail-on", "critical")
    assert gated.returncode == (0 if said.startswith("Complete") else 4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["merge", "no.json"], "The message cannot be read: No such file"),
        (["merge", "w1.json", "--root", "a.py"], "--root is a file"),
        (["merge", "w1.json", "--root", "nowhere"], "does not exist"),
        (["merge", "w1.json", "--fail-on", "new:high"], "nothing here tells what was there before"),
    ],
    ids=["no message", "a file as root", "no root", "a gate that needs a history"],
)
def test_what_cannot_be_merged(project: Project, words: list[str], said: str) -> None:
    (project.folder / "w1.json").write_text(WHOLE)
    typed = project.types(*words)
    assert (typed.returncode, typed.stdout) == (2, b"")
    assert said in typed.stderr.decode()


def test_what_lies_behind_a_link_that_leads_out_is_kept_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    project = Project(tmp_path / "project")
    (project.folder / "a.py").write_text("print()\n")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "b.py").write_text("f = open(p)\n")
    (project.folder / "link").symlink_to(tmp_path / "secret")
    place = {"path": "link/b.py", "start_line": 1, "end_line": 1, "quote": "f = open(p)"}
    wrote = json.dumps({"summary": "", "findings": [{**FINDING, "locations": [place]}]})
    (project.folder / "w1.json").write_text(wrote)
    typed = project.types("merge", "w1.json", "--format", "json")
    (finding,) = json.loads(typed.stdout)["findings"]
    assert finding["places"] == [{**place, "anchor": "outside"}]
    assert finding["standing_reason"] == "it names no place inside the target"


def test_a_report_merged_again_comes_out_as_it_was(project: Project) -> None:
    other = {**FINDING, "title": "The text is read in the locale's encoding", "problem": "Umlauts break."}
    told = {"w1": WHOLE, "w2": json.dumps({"summary": "", "findings": [other, {**FINDING, "title": "A leak"}]})}
    for name, text in {**told, "w3": TORN}.items():
        (project.folder / f"{name}.json").write_text(text)
    first = project.types("merge", "w1.json", "w2.json", "w3.json", "--format", "json").stdout
    (project.folder / "once.json").write_bytes(first)
    once, again = json.loads(first), json.loads(project.types("merge", "once.json", "--format", "json").stdout)
    assert again["findings"] == once["findings"]
    assert (again["state"], again["workers"]) == (once["state"], once["workers"])
    assert again["notes"][0].startswith("once: a report;")
    beside = json.loads(project.types("merge", "once.json", "w1.json", "--format", "json").stdout)
    assert {one["worker"] for finding in beside["findings"] for one in finding["said_by"]} == {
        *("once/w1", "once/w2", "once/w3"),
        "w1",
    }
