"""An answer is taken again while what it rests on is what it was: the law as a table, over real files."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from orchestra.brief.ask import Ask, Scope
from orchestra.brief.target import Target, target
from orchestra.crew.basis import Basis, Present, can_be_taken_again
from orchestra.outcome import Outcome
from orchestra.workers.task import CommandRun, WorkerResult

Act = Callable[[Path], object]


@dataclass(frozen=True)
class Story:
    """What a worker did, what happened to the files, and whether its answer still counts."""

    holds: bool
    read: tuple[str, ...] = ()
    """Files it was seen to read."""
    ran: tuple[str, ...] = ()
    asked_of_section: bool = True
    scope: Scope = Scope.READ
    by_a_program: bool = False
    meanwhile: Act | None = None
    """While the worker is at it."""
    later: Act | None = None
    """Between the two runs."""


def write(path: str, text: str = "other\n") -> Act:
    def act(root: Path) -> None:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)

    return act


def gone(path: str) -> Act:
    return lambda root: (root / path).unlink()


def touched(path: str) -> Act:
    return lambda root: os.utime(root / path, (1, 1))


def there_and_back(root: Path) -> None:
    before = (root / "lib/util.py").read_text()
    write("lib/util.py")(root)
    write("lib/util.py", before)(root)


AROUND: dict[str, Any] = {"asked_of_section": False, "ran": ("ls",)}
ALONE: dict[str, Any] = {"asked_of_section": False}

STORIES: dict[str, Story] = {
    "nothing changed": Story(True, read=("src/a.py", "lib/util.py")),
    "a file nobody was seen to read changed": Story(True, read=("src/a.py",), later=write("lib/util.py")),
    "a file outside the section changed": Story(False, read=("lib/util.py",), later=write("lib/util.py")),
    "one outside the target changed": Story(False, read=("tests/test_a.py",), later=write("tests/test_a.py")),
    "one outside the target stayed": Story(True, read=("tests/test_a.py",), later=write("lib/util.py")),
    "one was named from the root of the machine": Story(
        False, read=("{root}/lib/util.py",), later=write("lib/util.py")
    ),
    "one was named through a folder above": Story(False, read=("src/../lib/util.py",), later=write("lib/util.py")),
    "one was read through a linked folder": Story(False, read=("linked/util.py",), later=write("lib/util.py")),
    "one is gone": Story(False, read=("lib/util.py",), later=gone("lib/util.py")),
    "one was only touched": Story(True, read=("lib/util.py",), later=touched("lib/util.py")),
    "one changed and is what it was again": Story(True, read=("lib/util.py",), later=there_and_back),
    "one had never been there": Story(False, read=("lib/none.py",)),
    "a header of the system": Story(True, read=("/usr/include/stdio.h", "../elsewhere.py")),
    "a link to a file": Story(False, read=("link.py",)),
    "a large file stayed": Story(True, read=("large.csv",)),
    "a large file changed": Story(False, read=("large.csv",), later=write("large.csv", "y" * 2_500_000)),
    "one in the target changed meanwhile": Story(False, read=("lib/util.py",), meanwhile=write("lib/util.py")),
    "one outside it changed meanwhile": Story(False, read=("tests/test_a.py",), meanwhile=write("tests/test_a.py")),
    "its own section changed meanwhile, and back later": Story(
        False, meanwhile=write("src/a.py"), later=write("src/a.py", "a = 1\n")
    ),
    "no section, and it ran nothing": Story(True, **ALONE, later=write("lib/util.py")),
    "no section, it looked around, nothing changed": Story(True, **AROUND),
    "no section, it looked around, the target changed": Story(False, **AROUND, later=write("lib/util.py")),
    "no section, it looked around, the target changed meanwhile": Story(
        False, **AROUND, meanwhile=write("lib/util.py"), later=write("lib/util.py", "util = 1\n")
    ),
    "no section, it looked around, something else changed": Story(True, **AROUND, later=write("tests/test_a.py")),
    "no section, it read what is not of the target": Story(
        False, **AROUND, read=("tests/test_a.py",), later=write("tests/test_a.py")
    ),
    "no section, a copy of its own": Story(False, **ALONE, scope=Scope.SCRATCH, later=write("lib/util.py")),
    "no section, a copy of its own, nothing changed": Story(True, **ALONE, scope=Scope.SCRATCH),
    "it read what it made itself in its copy": Story(True, **AROUND, scope=Scope.SCRATCH, read=("test_try.py",)),
    "it named a file of its copy in full": Story(
        False, **AROUND, scope=Scope.SCRATCH, read=("{cwd}/tests/test_a.py",), later=write("tests/test_a.py")
    ),
    "no section, a program": Story(False, **ALONE, by_a_program=True, later=write("lib/util.py")),
    "a section, a program": Story(True, by_a_program=True, later=write("lib/util.py")),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").touch()
    folder = tmp_path
    write("src/a.py", "a = 1\n")(folder)
    write("lib/util.py", "util = 1\n")(folder)
    write("tests/test_a.py", "assert True\n")(folder)
    write("large.csv", "x" * 2_500_000)(folder)
    (folder / "linked").symlink_to("lib")
    (folder / "link.py").symlink_to("lib/util.py")
    return folder


def taken(root: Path) -> Target:
    return target(["src", "lib"], root).model_copy(update={"root": root})


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_an_answer_holds_as_long_as_what_it_rests_on(story: Story, root: Path, tmp_path: Path) -> None:
    first = taken(root)
    section = first.sections[0].model_copy(update={"files": tuple(f for f in first.files if f.path == "src/a.py")})
    ask: Ask[str] = Ask(
        role="any", prompt="Look.", scope=story.scope, section=section if story.asked_of_section else None
    )
    cwd = root if story.scope is Scope.READ else tmp_path / ".orchestra/runs/one/workers/w1/attempt-1/tree"
    time.sleep(0.01)  # the clock of files ticks every 4 ms
    since = time.time_ns()
    time.sleep(0.01)
    if story.meanwhile:
        story.meanwhile(root)
    result = WorkerResult(
        label="w1",
        outcome=Outcome.ANSWERED,
        reason="answered",
        engine="any",
        thread_id=None if story.by_a_program else "01997dc5-0000-0000-0000-000000000000",
        commands=tuple(CommandRun(command=command, exit_code=0) for command in story.ran),
        files_read=tuple(name.format(root=root, cwd=cwd) for name in story.read),
    )
    kept = Present(root, first).basis(ask, result, cwd=cwd, since=since).model_dump_json()
    if story.later:
        story.later(root)

    assert Present(root, taken(root)).holds(Basis.model_validate_json(kept)) is story.holds


def test_a_seal_that_says_nothing_of_what_it_rests_on_does_not_hold(root: Path) -> None:
    assert not Present(root, taken(root)).holds(None)


def test_neither_writers_nor_the_web_are_taken_again() -> None:
    ask: Ask[str] = Ask(role="any", prompt="Look.")
    assert can_be_taken_again(ask)
    assert can_be_taken_again(replace(ask, scope=Scope.SCRATCH))
    assert not can_be_taken_again(replace(ask, scope=Scope.WRITE))
    assert not can_be_taken_again(replace(ask, web_search=True))
