"""Messages that came as Markdown: lists and headings are read as far as they go, and marked."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import Standing
from orchestra.findings.parse import parse

Row = tuple[str, str, str, int, int]
"""Severity, title, path, first line, last line."""

STORIES: dict[str, tuple[str, list[Row]]] = {
    "codex's own review": (
        "The patch adds a cache.\n\nFull review comments:\n\n"
        "- [P1] Close the file on every path — /srv/src/a.py:12-15\n"
        "  The handle leaks when parse() raises.\n  It ends in EMFILE.\n\n"
        "- [P3] Say what the flag does — src/b.py:40-40\n  Nobody will guess.\n",
        [
            ("high", "Close the file on every path", "/srv/src/a.py", 12, 15),
            ("low", "Say what the flag does", "src/b.py", 40, 40),
        ],
    ),
    "begins with a tag": ("[P0] Everything burns: src/a.py:1\n", []),
    "numbered, severities as headings": (
        "# Review\n\n## Critical\n\n1. **SQL injection** in `src/db.py:42`\n   Input is pasted into the query.\n"
        "2. **Password in the log**: see src/log.py, line 7\n\n## Minor\n\n1. Typo in README.md:3\n",
        [
            ("critical", "SQL injection", "src/db.py", 42, 42),
            ("critical", "Password in the log", "src/log.py", 7, 7),
            ("low", "Typo in README.md:3", "README.md", 3, 3),
        ],
    ),
    "a heading for each, with fields": (
        "### 1. Race in the cache\n**Severity:** critical\n**Location:** `cache.go:88`\n**Confidence:** 90%\n\n"
        "Two readers write.\n\n**Recommendation:** take the lock\n\n"
        "### 2. Leak\nSeverity: Hoch\nDatei: b.go:3\nEs leckt.\n",
        [("critical", "Race in the cache", "cache.go", 88, 88), ("high", "Leak", "b.go", 3, 3)],
    ),
    "bold lines for headings": (
        "**Missing time-out** (client.py#L7)\n\nIt hangs for ever.\n\n**Wrong unit**\n\nSee stats.py:10-12.\n",
        [("medium", "Missing time-out", "client.py", 7, 7), ("medium", "Wrong unit", "stats.py", 10, 12)],
    ),
    "deeper lists belong to their item": (
        "- High: the lock is not held in `cache.go:10`\n  - two readers write\n  - the list breaks\n"
        "- Low: a name misleads (cache.go:99)\n",
        [
            ("high", "the lock is not held in `cache.go:10`", "cache.go", 10, 10),
            ("low", "a name misleads", "cache.go", 99, 99),
        ],
    ),
    "no severities": (
        "* one thing in a.py:1\n* another in b.py:2\n",
        [("medium", "one thing in a.py:1", "a.py", 1, 1), ("medium", "another in b.py:2", "b.py", 2, 2)],
    ),
    "a severity before the place": (
        "- HIGH app.py:3: the file is never closed\n- Look at app.py:4: it opens another\n",
        [
            ("high", "the file is never closed", "app.py", 3, 3),
            ("medium", "Look at app.py:4: it opens another", "app.py", 4, 4),
        ],
    ),
    "the lines of a compiler or a linter": (
        "src/a.py:12:5: E501 Line too long\nb.c:3: warning: unused variable 'x'\nFound 2 errors.\n",
        [
            ("medium", "E501 Line too long", "src/a.py", 12, 12),
            ("medium", "unused variable 'x'", "b.c", 3, 3),
        ],
    ),
    "such a line under a heading is part of it": (
        "### [High] It leaks\na.py:3: nobody closes it\n",
        [("high", "It leaks", "a.py", 3, 3)],
    ),
    "a line with an L before it": (
        "- [ ] HIGH - `src/a.py` L42: the file stays open\n",
        [("high", "the file stays open", "src/a.py", 42, 42)],
    ),
    "an address is no place": (
        "- The service at http://localhost:8080 answers\n",
        [("medium", "The service at http://localhost:8080 answers", "", 0, 0)],
    ),
}


@pytest.mark.parametrize(("wrote", "rows"), STORIES.values(), ids=STORIES)
def test_lists_and_headings_are_read(wrote: str, rows: list[Row]) -> None:
    parsed = parse(wrote)
    found = []
    for one in parsed.findings:
        place = one.locations[0] if one.locations else None
        where = (place.path, place.start_line, place.end_line) if place else ("", 0, 0)
        found.append((one.severity.value, one.title, *where))
    assert found == rows
    assert not parsed.complete
    assert any("prose" in note or "no finding could be made out" in note for note in parsed.notes)


def test_what_belongs_to_an_item_is_kept_with_it() -> None:
    wrote = (
        "1. **SQL injection** (`src/db.py:42`)\n"
        "   - Problem: input is pasted into the query\n"
        "   - Impact: every row can be read\n"
        "   - Confidence: 0.9\n"
        "   - Category: security\n"
        "   - Fix: use parameters\n"
        "   ```python\n   cur.execute('select ' + name)\n   ```\n"
    )
    (finding,) = parse(wrote).findings
    assert finding.problem.startswith("input is pasted into the query\nevery row can be read")
    assert finding.recommendation == "use parameters"
    assert (finding.confidence, finding.category) == (0.9, "security")
    assert finding.locations[0].quote == "cur.execute('select ' + name)"


def test_items_of_a_summary_are_not_findings_but_not_lost_either() -> None:
    parsed = parse("## Summary\n- clean tests\n\n## Findings\n- the lock is never taken, see a.py:3\n\nThat is all.\n")
    assert [one.title for one in parsed.findings] == ["the lock is never taken, see a.py:3"]
    assert "not read as a finding: clean tests" in parsed.notes
    assert "clean tests" in parsed.summary


FORMS = {
    "a numbered title in bold, with details": (
        "1. **SQL injection in `db.py:12`** (high)\n   Concatenated.\n   - Fix: use parameters\n2. **No tests**\n",
        [("SQL injection in `db.py:12`", "high"), ("No tests", "medium")],
    ),
    "headings, one without a place": (
        "## Critical\n### The token is logged\nAt auth.py:9.\n### A session never ends\nNothing limits it.\n"
        "## Low\n### A typo\nTeh.\n## Summary\nFine.\n",
        [("The token is logged", "critical"), ("A session never ends", "critical"), ("A typo", "low")],
    ),
    "numbered headings": (
        "## 1. Never closed\nIt leaks.\n\n## Befund 2: Division durch 0\nWenn die Liste leer ist.\n",
        [("Never closed", "medium"), ("Befund 2: Division durch 0", "medium")],
    ),
    "a table": (
        "| # | Severity | File | Line | Issue | Fix |\n|---|---|---|---|---|---|\n"
        "| 1 | High | `a.py` | 3 | The handle leaks | use with |\n| 2 | low | b.py:7 | A \\| typo | |\n",
        [("The handle leaks", "high"), ("A | typo", "low")],
    ),
    "a table in German": (
        "Befunde:\n\n| Schwere | Stelle | Befund |\n|:--|:-:|--|\n| **Hoch** | a.py:3 | Nie geschlossen |\n",
        [("Nie geschlossen", "high")],
    ),
    "a list under names": (
        "- Security\n  - The token is logged at auth.py:9\n  - No limit in api.py:40\n- High\n  - N+1 at db.py:2\n",
        [
            ("The token is logged at auth.py:9", "medium"),
            ("No limit in api.py:40", "medium"),
            ("N+1 at db.py:2", "high"),
        ],
    ),
    "places first": (
        "## High\n- a.py:3: stays open\n- `a.py:4` — closed twice\n- **b.py:7**: a leak\n"
        "- c.py:9:5: E501\n- d.py:2 is odd\n- e.py:1: LOW: too long\n- **e.py:2** — **Critical**: no lock\n",
        [
            ("stays open", "high"),
            ("closed twice", "high"),
            ("a leak", "high"),
            ("E501", "high"),
            ("d.py:2 is odd", "high"),
            ("too long", "low"),
            ("no lock", "critical"),
        ],
    ),
    "boxes to tick": (
        "- [ ] Close the file (a.py:3)\n- [x] Check it (b.py:7)\n",
        [("Close the file", "medium"), ("Check it", "medium")],
    ),
    "headings of a place and a severity": (
        "### src/a.py:12 (high)\n\nThe divisor may be 0 where the\nlist is empty. It ends in a traceback.\n\n"
        "### 2. `src/a.py:9` [critical]\n\n```python\nrun(said)\n```\n\n**A shell runs what is said.** Anybody may.\n\n"
        "### a.py:3-5, 9 — Low\n**Fix:** say it\n**Problem:** Nobody, i.e. no user, will guess!\nReally.\n\n"
        "### LOW b.py:7\n### b.py:8\nIt leaks\n### b.py:9 — Severity: high\nNobody closes it.\n",
        [
            ("The divisor may be 0 where the list is empty", "high"),
            ("A shell runs what is said", "critical"),
            ("Nobody, i.e. no user, will guess!", "low"),
            ("LOW b.py:7", "low"),
            ("It leaks", "medium"),
            ("Nobody closes it", "high"),
        ],
    ),
    "items of a place and a severity": (
        "- a.py:3: high\n  Nobody closes it. It leaks.\n"
        "- **b.py:7** (Hoch)\n  未关闭。泄漏。\n- c.py:9: error handling\n",
        [("Nobody closes it", "high"), ("未关闭", "high"), ("error handling", "medium")],
    ),
    "French": (
        "### Problèmes\n1. **Élevée** : jamais fermé (a.py, ligne 3).\n### Points forts\n- code clair\n",
        [("jamais fermé (a.py, ligne 3).", "high")],
    ),
}


@pytest.mark.parametrize(("wrote", "read"), FORMS.values(), ids=FORMS)
def test_the_forms_reviewers_answer_in(wrote: str, read: list[tuple[str, str]]) -> None:
    parsed = parse(wrote)
    assert [(one.title, one.severity) for one in parsed.findings] == read


def test_where_a_table_says_it_is() -> None:
    first, second = parse(FORMS["a table"][0]).findings
    assert [(place.path, place.start_line) for one in (first, second) for place in one.locations] == [
        ("a.py", 3),
        ("b.py", 7),
    ]
    assert first.recommendation == "use with"


def test_a_heading_that_could_be_a_finding_is_named() -> None:
    parsed = parse("## Findings\n- a leak at a.py:3\n\n## The divisor may be 0\nWhen the list is empty.\n")
    assert len(parsed.findings) == 1
    assert "not read as a finding: The divisor may be 0" in parsed.notes


MARKS = ("- ", "1. ", "  - ", "## ", "### High ", "**x** ", "| ", "|---|", "> ", "Fix: ", "```\n", "[x] ", "")
"""What a line of Markdown may begin with."""


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MARKS), st.booleans(), st.sampled_from(("", " a.py:3", " |", " (high)")))))
def test_no_word_is_lost_whatever_the_marks(lines: list[tuple[str, bool, str]]) -> None:
    words = [f"word{number}" if worded else "" for number, (_, worded, _) in enumerate(lines)]
    wrote = "\n".join(f"{mark}{word}{end}" for (mark, _, end), word in zip(lines, words, strict=True))
    parsed = parse(f"Here it begins.\n{wrote}")
    kept = parsed.summary + json.dumps([one.model_dump(mode="json") for one in parsed.findings])
    assert [word for word in words if word not in kept] == []


def test_every_line_is_in_a_finding_or_in_the_rest() -> None:
    lines = ["An opening.", "# Findings", "- alpha a.py:1", "  beta", "## Notes", "gamma", "* delta", "", "epsilon"]
    parsed = parse("\n".join(lines))
    kept = parsed.summary + "".join(one.title + one.problem for one in parsed.findings)
    for word in ("An opening.", "alpha", "beta", "gamma", "delta", "epsilon"):
        assert word in kept


def test_prose_stands_apart_in_the_report() -> None:
    curated = curate([Message(worker="w1", message="- [P1] Broken here — a.py:1-1\n  Because.")], {"a.py": "x\n"})
    (finding,) = curated.findings
    assert finding.standing is Standing.PARTIAL
    assert finding.support == 0
    assert any(note.startswith("w1: the message is prose") for note in curated.notes)


def test_a_long_and_hostile_message_is_read_in_time() -> None:
    for wrote in (
        "- a.a/a.a/" * 20_000,
        "**" * 50_000,
        "`" * 2_000,
        "- x\n" * 20_000,
        "a/" * 50_000 + ":1",
        "[" + "{" * 50_000,
        "|" + "a" * 50_000 + "\n|" + "-|" * 50_000,
        "| Issue |\n|---|\n" + "|" * 50_000,
        "- (aaa)" + "(" * 50_000 + "a",
    ):
        assert parse(wrote).notes
