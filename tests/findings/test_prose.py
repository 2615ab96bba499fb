"""Messages that came as Markdown: lists and headings are read as far as they go, and marked."""

import pytest

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
    ):
        assert parse(wrote).notes
