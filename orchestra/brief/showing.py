"""How a prompt shows a section: its files, its text if it has one of its own, and what changed in it."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from orchestra.brief.listing import plain
from orchestra.brief.sections import Section
from orchestra.brief.target_file import Lines, TargetFile

MOST_RANGES = 40
"""Changed places of one file that are named; a file with more has changed throughout."""
MOST_DIFF = 120_000
"""Characters of diff in one prompt; what is over it is named with the command that shows it."""
MOST_DELETED = 60


def section_shown(section: Section) -> dict[str, Any]:
    """What a template says of a section: `files`, the `part` of a file it is, its `text` if that lies in no file."""
    return {
        "files": [{"path": file.path, "about": _about(file, section.lines)} for file in section.files],
        "text": section.text,
        "part": section.lines.model_dump() if section.lines else None,
    }


def changes_shown(section: Section) -> dict[str, Any]:
    """What a template says of the changes: `compared`, if only changes are looked at, and the `diff`."""
    compared = section.compared
    if compared is None:
        return {"compared": None, "diff": ""}
    words = {"words": compared.words, "base": compared.base, "deleted": _counted(compared.deleted)}
    return {"compared": words, "diff": "\n".join(_diffs(section.files, compared.command))}


def _about(file: TargetFile, part: Lines | None) -> str:
    """`120 lines`, `lines 40-80 of 200`, `120 lines; changed: 3-5, 9`."""
    count = f"{file.lines} line" if file.lines == 1 else f"{file.lines} lines"
    about = [f"lines {part} of {file.lines}" if part else count]
    if file.change:
        if file.change.kind == "added":
            about.append("new")
        elif file.change.kind == "renamed":
            about.append("renamed")
        if file.change.lines:
            about.append(f"changed: {_ranges(file.change.lines, part)}")
    return "; ".join(about)


def _ranges(lines: Sequence[Lines], part: Lines | None) -> str:
    inside = [span for span in lines if part is None or (span.first <= part.last and part.first <= span.last)]
    named = ", ".join(str(span) for span in inside[:MOST_RANGES]) or "elsewhere in the file"
    more = len(inside) - MOST_RANGES
    return f"{named} and {more} more places" if more > 0 else named


def _diffs(files: Sequence[TargetFile], command: str) -> Iterator[str]:
    """The diff of each file under its name. One that does not fit is named; nothing disappears silently."""
    room = MOST_DIFF
    for file in files:
        change = file.change
        if change is None or change.kind == "added":
            continue
        notes = [f"renamed from {change.was}"] if change.was else []
        notes += [change.note] if change.note else []
        fits = len(change.diff) <= room
        if not fits:
            notes.append("its diff is left out here")
        if not fits or (not change.diff and change.added + change.removed):
            notes.append(f"see `{command} -- {shlex.quote(file.path)}`")
        yield f"=== {file.path} ({'; '.join(notes)})" if notes else f"=== {file.path}"
        if fits and change.diff:
            room -= len(change.diff)
            yield change.diff


def _counted(paths: Sequence[str]) -> str:
    more = len(paths) - MOST_DELETED
    return ", ".join(map(plain, paths[:MOST_DELETED])) + (f" and {more:,} more" if more > 0 else "")
