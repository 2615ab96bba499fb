"""What the understudy does with a section: goes through its files, and carries out what the task says literally."""

from typing import Any

from orchestra.rehearsal.assignment import files_of
from orchestra.rehearsal.checks import problems_in
from orchestra.rehearsal.editing import Edit, written
from orchestra.rehearsal.errand import Errand, Task, read
from orchestra.rehearsal.reading import Text
from orchestra.rehearsal.trades.looking import lines_of
from orchestra.rehearsal.trades.writing import replacement_in


def work(task: Task) -> Errand[dict[str, Any]]:
    """The answer in the schema of a section's worker."""
    files = files_of(task.told.prompt)
    given = task.told.texts
    read_ = yield from read([file for file in files if file.path not in given])
    texts = [*read_, *(Text(path, lines, whole=True) for path, lines in given.items())]
    change = replacement_in(task.told.said("TASK"))
    writes = task.told.says("You alone write in this tree")
    edits = []
    if change and writes:
        old, new = change
        for text in read_:
            if text.whole and any(old in line for line in text.lines.values()):
                edits.append(Edit(text.path, lines_of(text), tuple(line.replace(old, new) for line in lines_of(text))))
    trouble = (yield from written(edits)) if edits else {}
    undone = [f"{path}: {why}." for path, why in trouble.items() if why]
    undone += [f"Not seen: {text.path} ({text.missing})." for text in texts if text.missing]
    if not (change and writes):
        undone.append("The task itself: it takes a model.")
    return {
        "result": "\n".join([_what(change if writes else None, edits, trouble), *map(_told, texts)]),
        "changes": [
            {"path": edit.path, "what": f"{change[0]!r} became {change[1]!r}"}
            for edit in edits
            if change and not trouble[edit.path]
        ],
        "elsewhere": [],
        "unfinished": undone,
    }


def _what(change: tuple[str, str] | None, edits: list[Edit], trouble: dict[str, str] | Any) -> str:
    if change is None:
        return "the files of this section were gone through with static checks; the task was not understood."
    done = sum(not trouble[edit.path] for edit in edits)
    return f"{change[0]!r} was replaced by {change[1]!r} in {done} files of this section."


def _told(text: Text) -> str:
    count = sum(1 for _ in problems_in(text.path, text.lines, whole=text.whole))
    lines = "1 line" if len(text.lines) == 1 else f"{len(text.lines):,} lines"
    places = "1 place" if count == 1 else f"{count:,} places"
    return f"{text.path}: {lines} seen, {places} its static checks would report."
