"""What the understudy does as a fixer: mends by rule, or by a rewrite that fits, and says what it left."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from orchestra.rehearsal.checks.python_source import BYTE_ORDER_MARK
from orchestra.rehearsal.editing import Edit, written
from orchestra.rehearsal.errand import Errand, Task
from orchestra.rehearsal.reading import Text
from orchestra.rehearsal.told import Given, Place
from orchestra.rehearsal.trades.looking import lines_of, seen_at, stands, texts_of
from orchestra.rehearsal.trades.menders import CAVEATS, Left, mend
from orchestra.rehearsal.trades.testing import Tested, checked

Drafts = dict[str, tuple[str, ...]]


def fix(task: Task) -> Errand[dict[str, Any]]:
    """The answer in a fixer's schema."""
    findings = task.told.findings
    texts = yield from texts_of(findings)
    drafts: Drafts = {path: lines_of(text) for path, text in texts.items() if text.whole}
    how: dict[str, str] = {}
    left: dict[str, str] = {}
    for finding in findings:
        try:
            done, words = _mended(finding, texts, drafts, again=task.told.rejected)
        except Left as reason:
            left[finding.name] = str(reason)
        else:
            drafts |= done
            how[finding.name] = words
    edits = [Edit(path, lines_of(texts[path]), new) for path, new in drafts.items() if new != lines_of(texts[path])]
    trouble = (yield from written(edits)) if edits else {}
    for finding in findings:
        broken = [trouble[place.path] for place in finding.places if trouble.get(place.path)]
        if broken and finding.name in how:
            left[finding.name] = f"{how.pop(finding.name)} That did not come about: {broken[0]}."
    tested = (yield from checked(task, kept=True)) if edits else Tested()
    return _answer(findings, how, left, [edit.path for edit in edits if not trouble[edit.path]], tested)


def _answer(
    findings: tuple[Given, ...], how: Mapping[str, str], left: Mapping[str, str], changed: list[str], tested: Tested
) -> dict[str, Any]:
    titles = {finding.name: finding.title for finding in findings}
    count = f"{len(how)} of {len(findings)} findings; files changed: {len(changed)}"
    summary = f"Mended by rule or rewrite: {count}. {tested.words}"
    caveats = [words for pattern, words in CAVEATS if any(re.fullmatch(pattern, titles[name]) for name in how)]
    mended = {path: [f for f in findings if f.name in how and path in {p.path for p in f.places}] for path in changed}
    return {
        "summary": summary.strip(),
        "changes": [{"path": path, "what": "; ".join(f.title for f in done)} for path, done in mended.items()],
        "reproduce": [f"{run.command} (ended with exit {run.exit_code})" for run in tested.runs],
        "risks": caveats + tested.failures,
        "follow_ups": [],
        "fixed": [{"finding": name, "how": words} for name, words in how.items()],
        "not_fixed": [{"finding": name, "reason": words} for name, words in left.items()],
    }


def _mended(finding: Given, texts: Mapping[str, Text], drafts: Drafts, *, again: bool) -> tuple[Drafts, str]:
    """The drafts of the files that change for one finding, at all of its places or at none."""
    done: Drafts = {}
    words = "Nothing was to be done."
    if not finding.places:
        raise Left("it names no place")
    for place in finding.places:
        if place.path.startswith("/") or ".." in place.path.split("/"):
            raise Left(f"{place.path} lies outside of this tree")
        if place.path not in drafts:
            text = texts.get(place.path)
            raise Left(f"{place.path or 'its file'} could not be read whole: {text.missing if text else 'not named'}")
        lines = done.get(place.path, drafts[place.path])
        if any(line.endswith("\r") for line in lines):
            raise Left(f"the lines of {place.path} end in CR LF, which this rehearsal does not write")
        line = stands(lines, place) or _still_seen(finding, place, lines, lines_of(texts[place.path]))
        if line is None:
            words = _gone(finding, place, lines_of(texts[place.path]), again=again)
            continue
        done[place.path], words = _at(finding, place, lines, line)
    return done, words


def _still_seen(finding: Given, place: Place, lines: tuple[str, ...], original: tuple[str, ...]) -> int | None:
    """Where its check still sees it, if only another finding's mending changed the lines it quotes."""
    line = stands(original, place)
    if line is None or finding.rewrite:
        return None
    problem = seen_at(place.path, lines, finding.title, line, max(1, len(place.quote)))
    return problem.seen.first if problem else None


def _gone(finding: Given, place: Place, original: tuple[str, ...], *, again: bool) -> str:
    if stands(original, place) is not None and finding.rewrite:
        raise Left("mending another finding changed the lines it quotes")
    if stands(original, place) is not None:
        return "Mended together with another finding in the same lines."
    if again:
        return "Mended in an earlier attempt: what it quotes stands there no more."
    raise Left(f"what it quotes stands nowhere in {place.path}")


def _at(finding: Given, place: Place, lines: tuple[str, ...], line: int) -> tuple[tuple[str, ...], str]:
    length = max(1, len(place.quote))
    if finding.rewrite and place.quote:
        if len(finding.places) > 1:
            raise Left(f"one rewrite cannot be meant for {len(finding.places)} places")
        new = (*lines[: line - 1], *_rewritten(finding.rewrite, lines[line - 1]), *lines[line - 1 + length :])
        words = f"The rewrite stands in {place.path} in place of what was quoted at line {line}."
    else:
        problem = seen_at(place.path, lines, finding.title, line, length)
        if problem is None:
            raise Left("no check of its own sees this there, so it cannot tell what would mend it")
        new = mend(place.path, lines, finding.title, problem.seen.first)
        words = f"By rule, at line {line} of {place.path}: its check no longer sees it there."
        if seen_at(place.path, new, finding.title, line, length):
            raise Left("after the rule for it was applied, its check still saw it")
    if place.path.endswith(".py"):
        _must_parse(place.path, new)
    if new == lines:
        raise Left("the rewrite is what stands there already")
    return new, words


def _rewritten(rewrite: str, first: str) -> list[str]:
    """The lines of a rewrite, as deep as what they replace."""
    lines = [line for line in rewrite.strip("\n").split("\n") if not re.fullmatch(r"\s*`{3,}\w*\s*", line)]
    deep = len(first) - len(first.lstrip())
    own = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    return [first[:deep] + line[own:] if line[:own].strip() == "" and line.strip() else line for line in lines]


def _must_parse(path: str, lines: tuple[str, ...]) -> None:
    try:
        ast.parse("\n".join(lines).removeprefix(BYTE_ORDER_MARK))
    except (SyntaxError, ValueError) as error:
        raise Left(f"{path} would be no valid Python after it: {error}") from error
