"""What the understudy does as an implementer: what a goal says literally, and it says so where a goal does not.

create the file docs/NOTE.md with the text 'Hello'
create NOTES.md with the line: hello
add a function answer(x) to calc.py that returns x + 1
append the line 'alpha' to names.txt
replace 'colour' with 'color' in style.css
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.editing import Edit, written
from orchestra.rehearsal.errand import Errand, Task, read
from orchestra.rehearsal.reading import Text
from orchestra.rehearsal.trades.looking import lines_of
from orchestra.rehearsal.trades.testing import Tested, checked

_QUOTED = r"(?:`(?P<{0}_a>[^`]*)`|'(?P<{0}_b>[^']*)'|\"(?P<{0}_c>[^\"]*)\"|(?P<{0}_d>[^\s`'\"]*[^\s`'\".,;]))"
_BARE_END = r"(?=[.,;]?(?:\s|$))"
_VALUE = (
    r"(?:`(?P<value_a>[^`]*)`|(?P<value_d>[^\n`]+?)(?=\.?\s*$|\.\s|;|,? (?:and|then) (?:add|append|create|replace)\b))"
)
"""To the end of the sentence: quotes belong to it, as Python has them."""


_LINK = re.compile(r"(?i)^[.,;:\s]*(?:(?:and|then|please)\b[\s,]*)*|(?:[\s,]*\b(?:and|then|please))*[.,;:\s]*$")
"""What stands between two instructions and is none."""


class NotDone(Exception):
    """An instruction that cannot be carried out; the sentence says why."""


@dataclass(frozen=True)
class Step:
    """One literal instruction: the words, the file it is about, and what becomes of the lines."""

    words: str
    path: str
    change: Callable[[tuple[str, ...] | None], tuple[str, ...]]
    """From the lines of the file (None: it is not there) to the lines it is to have."""


def implement(task: Task) -> Errand[dict[str, Any]]:
    """The answer in an implementer's schema."""
    goal = task.told.said("GOAL")
    steps, rest = steps_in(goal)
    texts = yield from read([Assigned(path) for path in dict.fromkeys(step.path for step in steps)])
    before = {text.path: _before(text) for text in texts if text.whole or "No such file" in text.missing}
    after, undone = _planned(steps, before)
    edits = [Edit(path, before[path], new) for path, new in after.items() if new != before[path]]
    trouble = (yield from written(edits)) if edits else {}
    tested = (yield from checked(task, kept=True)) if edits else Tested()
    return _answer(steps, rest, edits, undone + [f"{path}: {why}." for path, why in trouble.items() if why], tested)


def _planned(
    steps: tuple[Step, ...], before: Mapping[str, tuple[str, ...] | None]
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    after: dict[str, tuple[str, ...]] = {}
    undone = []
    for step in steps:
        if step.path not in before:
            undone.append(f"Not done: {step.words}: {step.path} could not be read whole.")
            continue
        try:
            after[step.path] = step.change(after.get(step.path, before[step.path]))
        except NotDone as why:
            undone.append(f"Not done: {step.words}: {why}.")
    return after, undone


def _answer(steps: tuple[Step, ...], rest: str, edits: list[Edit], undone: list[str], tested: Tested) -> dict[str, Any]:
    changed = [edit for edit in edits if not any(text.startswith(f"{edit.path}: ") for text in undone)]
    if not steps:
        summary = (
            "Nothing was changed. The goal holds no instruction it can carry out literally, and it does not guess."
        )
    elif not changed:
        summary = "Nothing was changed."
    else:
        summary = f"Literal instructions found in the goal: {len(steps)}; files changed: {len(changed)}."
    left = undone + ([f"Not understood, so not done: {rest}"] if rest else [])
    return {
        "summary": f"{summary} {tested.words}".strip(),
        "changes": [
            {"path": edit.path, "what": "; ".join(step.words for step in steps if step.path == edit.path)}
            for edit in changed
        ],
        "reproduce": [f"{run.command} (ended with exit {run.exit_code})" for run in tested.runs],
        "risks": tested.failures,
        "follow_ups": left,
    }


def _before(text: Text) -> tuple[str, ...] | None:
    return None if "No such file" in text.missing else lines_of(text)


# ── what it understands ──────────────────────────────────────────────────────────────────────────────────────────────


def steps_in(goal: str) -> tuple[tuple[Step, ...], str]:
    """The literal instructions of a goal, in their order, and the words that belong to none."""
    found: list[tuple[int, int, Step]] = []
    for pattern, make in _GRAMMAR:
        for match in pattern.finditer(goal):
            if any(match.start() < end and begin < match.end() for begin, end, _ in found):
                continue
            path = _part(match, "path").removeprefix("./")
            if path and not path.startswith(("/", "~", "-")) and ".." not in path.split("/"):
                found.append((match.start(), match.end(), Step(" ".join(match[0].split()), path, make(match))))
    found.sort(key=lambda one: one[0])
    rest, at = [], 0
    for begin, end, _ in found:
        rest.append(goal[at:begin])
        at = end
    words = [_LINK.sub("", " ".join(part.split())).strip(" .,;:") for part in [*rest, goal[at:]]]
    return tuple(step for _, _, step in found), ". ".join(word for word in words if word)


def _part(match: re.Match[str], name: str) -> str:
    return next((said for letter in "abcd" if (said := match.groupdict().get(f"{name}_{letter}")) is not None), "")


def _creates(match: re.Match[str]) -> Callable[[tuple[str, ...] | None], tuple[str, ...]]:
    text = tuple(_part(match, "text").removesuffix("\n").split("\n"))

    def change(lines: tuple[str, ...] | None) -> tuple[str, ...]:
        if lines is not None and lines != text:
            raise NotDone("it is there already and holds something else")
        return text

    return change


def _appends(match: re.Match[str]) -> Callable[[tuple[str, ...] | None], tuple[str, ...]]:
    line = _part(match, "text")

    def change(lines: tuple[str, ...] | None) -> tuple[str, ...]:
        if lines is None:
            raise NotDone("there is no such file")
        return lines if line in lines else (*lines, line)

    return change


def _replaces(match: re.Match[str]) -> Callable[[tuple[str, ...] | None], tuple[str, ...]]:
    old, new = _part(match, "old"), _part(match, "text")

    def change(lines: tuple[str, ...] | None) -> tuple[str, ...]:
        if lines is None:
            raise NotDone("there is no such file")
        if not old or not any(old in line for line in lines):
            raise NotDone(f"{old!r} stands nowhere in it")
        return tuple(line.replace(old, new) for line in lines)

    return change


def _defines(match: re.Match[str]) -> Callable[[tuple[str, ...] | None], tuple[str, ...]]:
    head, value = _part(match, "name"), _part(match, "value")
    head = head if "(" in head else f"{head}{match['arguments'] or '()'}"
    lines_of_it = (f"def {head}:", f"    return {value}")

    def change(lines: tuple[str, ...] | None) -> tuple[str, ...]:
        if lines is None:
            raise NotDone("there is no such file")
        try:
            [function] = ast.parse("\n".join(lines_of_it)).body
            defined = [node.name for node in ast.parse("\n".join(lines)).body if isinstance(node, ast.FunctionDef)]
        except (SyntaxError, ValueError) as error:
            raise NotDone(f"it would be no valid Python: {error}") from error
        if isinstance(function, ast.FunctionDef) and function.name in defined:
            raise NotDone(f"{function.name} is defined there already")
        gap = ("", "") if lines else ()
        return (*lines, *gap, *lines_of_it)

    return change


def _grammar(text: str) -> re.Pattern[str]:
    """`<name>` is a part in quotes, or one word."""
    return re.compile(
        re.sub(r"(?<!\?P)<(\w+)>", lambda name: _QUOTED.format(name[1]), text), re.IGNORECASE | re.MULTILINE
    )


_GRAMMAR = (
    (
        _grammar(
            rf"\bcreate (?:(?:a |the )?(?:new )?file (?:called |named )?|(?=\S*[./]\w))<path> (?:with|containing) "
            rf"(?:the )?(?:(?:text|content|line):? )?<text>{_BARE_END}"
        ),
        _creates,
    ),
    (_grammar(rf"\b(?:append|add) (?:a |the )?line <text> to (?:the file )?<path>{_BARE_END}"), _appends),
    (_grammar(rf"\breplace <old> (?:with|by) <text> in (?:the file )?<path>{_BARE_END}"), _replaces),
    (
        _grammar(
            rf"\badd (?:a |the )?function <name>(?P<arguments>\([^()]*\))? to (?:the file )?<path> (?:that|which) "
            rf"returns? {_VALUE}"
        ),
        _defines,
    ),
)

_EVERYWHERE = _grammar(rf"\breplace (?:every |all )?<old> (?:with|by) <text>{_BARE_END}")


def replacement_in(words: str) -> tuple[str, str] | None:
    """What is to be replaced by what, if a task says that literally; where, the section says."""
    match = _EVERYWHERE.search(words)
    return (_part(match, "old"), _part(match, "text")) if match and _part(match, "old") else None
