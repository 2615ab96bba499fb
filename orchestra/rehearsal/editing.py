"""How the understudy changes files: with codex's own patch tool, and then it looks whether that came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.errand import PATIENCE, Errand, read
from orchestra.rehearsal.moves import Run

MOST_PATCH = 100_000
"""Bytes; Linux takes no argument longer than 131,071."""
_CONTEXTS = (3, 12, 50, 1_000_000)
"""Lines around a change, until the place is the only one of its kind: codex looks for the lines, not for numbers."""


@dataclass(frozen=True)
class Edit:
    """A file as it is and as it is to be."""

    path: str
    old: tuple[str, ...] | None
    """None: there is no such file yet."""
    new: tuple[str, ...]


def written(edits: Sequence[Edit]) -> Errand[Mapping[str, str]]:
    """Make the edits, read the files again, and say for each path why it did not come about; empty: it did."""
    trouble: dict[str, str] = {}
    for edit in edits:
        patch = patch_for(edit)
        if patch is None:
            trouble[edit.path] = "no patch names the place without doubt"
            continue
        end = next(word for word in ("PATCH", "END_OF_PATCH", "E_N_D") if word not in patch.split("\n"))
        [output] = yield Run(f"apply_patch <<'{end}'\n{patch}\n{end}", wait=PATIENCE)
        if "Success" not in output.text:
            trouble[edit.path] = f"codex refused the patch: {output.text.strip()[:200]}"
    again = yield from read([Assigned(edit.path) for edit in edits])
    for edit, text in zip(edits, again, strict=True):
        if tuple(text.lines[number] for number in sorted(text.lines)) != edit.new:
            trouble.setdefault(edit.path, "read again, the file is not as it was to be")
    return {edit.path: trouble.get(edit.path, "") for edit in edits}


def patch_for(edit: Edit) -> str | None:
    """The edit in the form of codex's patch tool; None if it cannot be said there without doubt."""
    if edit.old is None:
        return _enclosed(f"*** Add File: {edit.path}", [f"+{line}" for line in edit.new])
    for context in _CONTEXTS:
        hunks = _hunks(edit.old, edit.new, context)
        if hunks is not None:
            return _enclosed(f"*** Update File: {edit.path}", hunks)
    return None


def _hunks(old: Sequence[str], new: Sequence[str], context: int) -> list[str] | None:
    """The hunks with so many lines around; None where one would be found at another place first."""
    said: list[str] = []
    cursor = 0
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(context):
        first, last = group[0][1], group[-1][2]
        if _first_place(old, old[first:last], cursor) != first:
            return None
        cursor = last
        said.append("@@")
        for kind, old_first, old_last, new_first, new_last in group:
            if kind == "equal":
                said += [f" {line}" for line in old[old_first:old_last]]
            else:
                said += [f"-{line}" for line in old[old_first:old_last]]
                said += [f"+{line}" for line in new[new_first:new_last]]
    return said


def _first_place(lines: Sequence[str], wanted: Sequence[str], begin: int) -> int:
    """Where the lines are found; codex looks past white space at their ends only if they are nowhere as they are."""
    places = range(begin, len(lines) - len(wanted) + 1)
    return next((place for place in places if list(lines[place : place + len(wanted)]) == list(wanted)), -1)


def _enclosed(head: str, body: Sequence[str]) -> str | None:
    patch = "\n".join(["*** Begin Patch", head, *body, "*** End Patch"])
    return patch if len(patch.encode()) <= MOST_PATCH else None
