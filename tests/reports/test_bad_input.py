"""Bad input from end to end: what `orchestra merge` makes of it, and that every format tells it."""

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestra.outcome import Outcome
from orchestra.reports.renderers.catalogue import FORMATS, renderer
from orchestra.reports.report import Report
from tests.reports.test_commands import Project
from tests.reports.test_renderers import COMMAND, FOR_PEOPLE, ONLY_OPEN

SECRET = "the key is 4711"
"""Stands behind links and paths that lead out of the root: nobody opens them, so nobody tells it."""
LEAK = {
    "title": "The file stays open",
    "severity": "high",
    "confidence": 0.9,
    "category": "resource",
    "locations": [{"path": "a.py", "start_line": 3, "end_line": 3, "quote": "f = open(path)"}],
    "problem": "Nobody closes it.",
    "recommendation": "Use with.",
}
OTHER = {**LEAK, "title": "Umlauts break", "problem": "The locale decides how the text is read: nobody names UTF-8."}


def leak(**said: Any) -> dict[str, Any]:
    return {**LEAK, **said}


def at(**said: Any) -> dict[str, Any]:
    return leak(locations=[{"path": "a.py", "start_line": 3, "end_line": 3, "quote": "f = open(path)", **said}])


def message(*findings: object) -> str:
    return json.dumps({"summary": "It leaks.", "findings": findings})


@dataclass(frozen=True)
class Story:
    """What reviewers wrote, and what becomes of it."""

    name: str
    wrote: tuple[str, ...]
    become: tuple[str, ...]
    """Each finding: its standing, severity and confidence, and where it was found."""
    said: str = ""
    """What a reader is told of it."""
    outcomes: tuple[Outcome, ...] = (Outcome.ANSWERED,)


WHOLE = message(LEAK)
FOUND = "open high 0.9 a.py:3-3 exact"
ABSENT = "it quotes is nowhere in the target"
OUTSIDE = "it names no place inside the target"


def outside(name: str, path: str) -> Story:
    return Story(name, (message(at(path=path)),), (f"unanchored high 0.9 {path}:3-3 outside",), OUTSIDE)


MANY = [
    leak(title=f"Problem {number}", problem=f"word{number} and other{7 * number}", locations=[])
    for number in range(500)
]
STORIES = [
    Story("no findings", (message(),), (), "Nothing to mend"),
    Story("five thousand findings", (message(*(10 * MANY)),), ("unanchored high 0.9",) * 500, "Problem 499"),
    outside("above the root", "../../etc/passwd"),
    outside("absolute", "/etc/passwd"),
    outside("a link that leads out", "away.py"),
    outside("behind such a link", "link/b.py"),
    Story(
        "beyond the end",
        (message(at(start_line=900, end_line=901, quote="")),),
        ("unanchored high 0.9 a.py:900-901 absent",),
        "the lines it names are nowhere in the target",
    ),
    Story(
        "beyond the end, quoted",
        (message(at(start_line=900, end_line=901)),),
        ("open high 0.9 a.py:3-3 moved",),
        "the quote is there, its lines were corrected",
    ),
    Story("a quote of 100 kB", (message(at(quote="q" * 100_000)),), ("unanchored high 0.9 a.py:3-3 absent",), ABSENT),
    Story(
        "control characters",
        (message(leak(title="The \x1b[31mfile\x07 stays \x00open", problem="\x1b]0;x\x07\x9b31m\r\n::error::x")),),
        (FOUND,),
        "file",
    ),
    Story("bidi overrides", (message(leak(title="The \u202efile\u202c stays\u2066 open")),), (FOUND,), "file"),
    Story("a title of 10,000 characters", (message(leak(title="tall " * 2000)),), (FOUND,), "tall tall"),
    Story(
        "numbers as strings",
        (message({**at(start_line="3", end_line="3"), "confidence": "0.9"}),),
        (FOUND,),
        "the confidence '0.9' is read as 0.9",
    ),
    Story("a confidence of 7", (message(leak(confidence=7)),), ("open high 0.7 a.py:3-3 exact",), "7 is read as 0.7"),
    Story(
        "a severity in another word",
        (message(leak(severity="SEVERE")),),
        ("open critical 0.9 a.py:3-3 exact",),
        "'SEVERE' is read as critical",
    ),
    Story("a severity in another language", (message(leak(severity="hoch")),), (FOUND,), "'hoch' is read as high"),
    Story(
        "a severity that means nothing",
        (message(leak(severity="purple")),),
        ("partial medium 0.9 a.py:3-3 exact",),
        "its own words are kept",
        (Outcome.MALFORMED,),
    ),
    Story("the same message twice", (WHOLE, WHOLE), (FOUND,), "word for word what w1 says", (Outcome.ANSWERED,) * 2),
    Story("in a fence", (f"Here:\n```json\n{WHOLE}\n```\n",), (FOUND,), "inside a Markdown fence"),
    Story(
        "cut off",
        (message(LEAK, OTHER)[:-90],),
        ("partial high 0.9 a.py:3-3 exact",) * 2,
        "breaks off or is broken at",
        (Outcome.MALFORMED,),
    ),
    Story(
        "cut off before anything is said",
        (WHOLE[:30],),
        (),
        "looks like a finding was read in w1.json",
        (Outcome.MALFORMED,),
    ),
    Story("nothing beside something", (WHOLE, ""), (FOUND,), "was read in w2.json", (Outcome.ANSWERED, Outcome.EMPTY)),
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A root that links lead out of."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.py").write_text(f"# {SECRET}\n" * 9)
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.py").write_text("import os\n\nf = open(path)\nparse(f)\n")
    (root / "away.py").symlink_to(outside / "b.py")
    (root / "link").symlink_to(outside)
    return Project(tmp_path)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_becomes_of_it(project: Project, story: Story) -> None:
    files = [f"w{number}.json" for number, _ in enumerate(story.wrote, 1)]
    for file, text in zip(files, story.wrote, strict=True):
        (project.folder / file).write_text(text, encoding="utf-8")
    typed = project.types("merge", *files, "--root", "root", "--format", "json")
    assert (typed.returncode, typed.stderr) == (0, b"")
    report = Report.model_validate_json(typed.stdout)
    assert tuple(sorted(map(_in_words, report.findings))) == tuple(sorted(story.become))
    assert tuple(line.outcome for line in report.workers) == story.outcomes
    wrote = sum(text.count('"title"') for text in story.wrote)
    assert sum(len(finding.said_by) for finding in report.findings) == (wrote if story.become else 0)
    for form in FORMATS:
        _is_told(report, form, renderer(form)(report), story.said)


def _in_words(finding: Any) -> str:
    where = [f"{place.path}:{place.start_line}-{place.end_line} {place.anchor}" for place in finding.places]
    return " ".join([finding.standing, finding.severity, f"{finding.confidence:g}", *where])


def _is_told(report: Report, form: str, text: str, said: str) -> None:
    """A format loses no finding without a word, tells a person what was forgiven, and nothing in it does anything."""
    assert SECRET not in text
    assert not {sign for sign in text if not sign.isprintable() and sign not in "\n\t\u200d"}
    assert form == "github" or not COMMAND.search(text)
    shown = report.open if form in ONLY_OPEN else report.findings
    missing = [finding.id for finding in shown if finding.id not in text and form != "rdjsonl"]
    assert not missing or re.search(
        r"more (error|warning|notice)s? not shown here|300 more findings are nowhere", text
    ), form
    assert not re.search(r"\b0\.0s|no tokens|report of \.|, run <", text), "nobody saw what the messages cost"
    if form in FOR_PEOPLE:
        plain = re.sub(r"[\\`*]", "", html.unescape(text))
        assert said in " ".join(plain.split()), form
