"""What the understudy says as a reviewer: what its checks saw through its lenses, and what it did not see."""

from collections.abc import Sequence
from typing import Any

from orchestra.rehearsal.assignment import Assigned, files_of, lenses_of
from orchestra.rehearsal.checks import LENSES, Problem, problems_in
from orchestra.rehearsal.errand import Errand, Task, read
from orchestra.rehearsal.reading import Text

MOST = 40
"""Findings one message carries; what is left out is counted in the summary."""
_RANKS = ("critical", "high", "medium", "low")


def review(task: Task) -> Errand[dict[str, Any]]:
    """The answer in a reviewer's schema."""
    prompt = task.told.prompt
    given = task.told.texts
    files = files_of(prompt)
    seen = {text.path: text for text in (yield from read([file for file in files if file.path not in given]))}
    seen |= {file.path: _given(file, given[file.path]) for file in files if file.path in given}
    return reviewed([seen[file.path] for file in files], lenses_of(prompt))


def reviewed(texts: Sequence[Text], lenses: Sequence[str]) -> dict[str, Any]:
    """What the checks say of texts, seen through the lenses."""
    known = [lens for lens in lenses if lens in LENSES]
    found = [
        (text, problem)
        for text in texts
        for problem in problems_in(text.path, text.lines, whole=text.whole)
        if (not known or set(known) & set(problem.lenses)) and _quotable(text, problem)
    ]
    found.sort(key=lambda pair: (_RANKS.index(pair[1].severity), pair[0].path, pair[1].seen.first, pair[1].seen.title))
    return {
        "summary": " ".join(_summary(texts, lenses, known, found)),
        "findings": [_finding(text, problem) for text, problem in found[:MOST]],
    }


def _given(file: Assigned, lines: dict[int, str]) -> Text:
    """A text that stands in the prompt, whole or in part."""
    part = min(lines, default=1) > 1 or file.last is not None
    return Text(file.path, lines, whole=not part)


def _summary(
    texts: Sequence[Text], lenses: Sequence[str], known: Sequence[str], found: Sequence[tuple[Text, Problem]]
) -> list[str]:
    lines = sum(len(text.lines) for text in texts)
    checks = f"static checks for {' and '.join(known)}" if known else "all its static checks"
    said = [f"{checks} over {lines:,} lines in {sum(bool(text.lines) for text in texts)} of {len(texts)} files."]
    if strange := [lens for lens in lenses if lens not in LENSES]:
        said.append(f"It has none made for {', '.join(strange)}.")
    if len(found) > MOST:
        said.append(f"{len(found) - MOST} further findings, the least severe, were left out.")
    said += [f"Not seen: {text.path} ({text.missing})." for text in texts if text.missing]
    if not texts:
        said.append("The prompt named no files under FILES, so nothing was read.")
    return said


def _finding(text: Text, problem: Problem) -> dict[str, Any]:
    seen = problem.seen
    return {
        "title": seen.title[:100],
        "severity": problem.severity,
        "confidence": problem.confidence,
        "category": problem.category,
        "locations": [
            {"path": text.path, "start_line": seen.first, "end_line": seen.last, "quote": _quote(text, problem)}
        ],
        "problem": seen.problem,
        "recommendation": problem.recommendation,
    }


def _quote(text: Text, problem: Problem) -> str:
    return "\n".join(text.lines[number] for number in range(problem.seen.first, problem.seen.last + 1))


def _quotable(text: Text, problem: Problem) -> bool:
    """Its lines were all seen, and came back as they are: U+FFFD stands where bytes were no text."""
    wanted = range(problem.seen.first, problem.seen.last + 1)
    return all(number in text.lines for number in wanted) and "\ufffd" not in _quote(text, problem)
