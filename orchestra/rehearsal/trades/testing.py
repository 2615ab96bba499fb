"""Running what shows whether a change is right: the success check, or else the tests the tree has.

Nothing is guessed: a command that was not run to its end says nothing, and tests that are none prove nothing.
"""

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Literal

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.errand import PATIENCE, Errand, Ran, Task, ran, read
from orchestra.rehearsal.moves import Run
from orchestra.rehearsal.trades.tree import listed
from orchestra.tested import no_test_ran

_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test)\.py$")
_PYTEST_FILES = {"pytest.ini", "conftest.py"}
_PYTHONS = (".venv/bin/python", "venv/bin/python", "python3", "python")
_WHICH_PYTHON = (
    f"for python in {' '.join(_PYTHONS)}; do echo $python $($python -c 'import importlib.util as known; "
    'print(*(name for name in ("pytest", "unittest") if known.find_spec(name)))\' 2>/dev/null); done'
)
"""Asked without importing them, which takes seconds on a busy machine."""
_PROSE = {"the", "that", "is", "are", "it", "should", "must", "when", "works", "sure", "still"}
"""Words no command line has between its arguments; `make sure it works` begins with a command all the same."""


@dataclass(frozen=True)
class Tested:
    """What was run and came of it, or why nothing was."""

    runs: tuple[Ran, ...] = ()
    why: str = ""
    """Which command this is, or why there is none."""
    not_run: tuple[str, ...] = field(default=())
    """What ought to have been run and could not be."""
    left: tuple[str, ...] = field(default=())
    """Files that were not there before it was run."""

    @property
    def words(self) -> str:
        """What was run and how it ended, in a sentence each."""
        said = [f"{run.command!r} {_ending(run)}." for run in self.runs]
        return " ".join([self.why, *said, *(f"Not run: {text}" for text in self.not_run)]).strip()

    @property
    def failures(self) -> list[str]:
        """What a writer has to own up to."""
        said = [f"{run.command!r} {_ending(run)}: {run.tail}" for run in self.runs if result_of(run) != "passed"]
        return said + ([f"What was run left behind: {', '.join(self.left[:10])}"] if self.left else [])


def checked(task: Task, *, kept: bool = False) -> Errand[Tested]:
    """The success check; without one, the project's own tests.

    In a tree whose changes are kept, Python leaves no bytecode, and what else was left behind is named.
    """
    if not kept:
        return (yield from _checked(task, ""))
    before, _ = yield from listed()
    tested = yield from _checked(task, "export PYTHONDONTWRITEBYTECODE=1; ")
    after, _ = yield from listed()
    new = [path for path in after if path not in set(before)]
    return replace(tested, left=tuple(new))


def _checked(task: Task, setting: str) -> Errand[Tested]:
    block = task.told.block("SUCCESS CHECK")
    if block is None:
        return (yield from _own_tests(task, setting))
    commands = yield from _commands(block.text)
    if not commands:
        words = "the success check is no command this rehearsal can recognise."
        return Tested(not_run=(f"{block.text.strip()}\n({words})",))
    runs = []
    for command in commands:
        # Of several lines each has to succeed, not only the last.
        strict = "set -e\n" if "\n" in command else ""
        runs.append((yield from ran(command, task, setting + strict)))
    return Tested(tuple(runs), "The success check was run.")


def result_of(run: Ran) -> Literal["passed", "failed", "not_run"]:
    """How a command went. One that was not found, or had no tests to run, showed nothing."""
    if run.exit_code is None or run.exit_code in {126, 127} or no_test_ran(run.text):
        return "not_run"
    return "passed" if run.exit_code == 0 else "failed"


def evidence_of(run: Ran) -> str:
    """The end of what a command printed, and how it ended."""
    return f"{run.tail}\n[{_ending(run)}]".strip()


def _ending(run: Ran) -> str:
    if run.exit_code is None:
        return "did not end while this rehearsal waited"
    return f"ended with exit {run.exit_code}"


# ── which command ────────────────────────────────────────────────────────────────────────────────────────────────────


def _commands(text: str) -> Errand[tuple[str, ...]]:
    """A success check that is a command or a script is run as it stands; of one in words, what stands in backticks."""
    script = text.strip()
    unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "''", script)
    lines = [line.strip() for line in unquoted.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if lines and not any(_is_prose(line) for line in lines):
        first = next((word for word in lines[0].split() if not re.match(r"\w+=", word)), lines[0])
        [output] = yield Run(f"command -v {shlex.quote(first)} >/dev/null && echo yes; true", wait=PATIENCE)
        if output.text.split() == ["yes"]:
            return (script,)
    return tuple(re.findall(r"`([^`\n]+)`", script) or re.findall(r"^\s*\$ (.+)$", script, re.MULTILINE))


def _is_prose(line: str) -> bool:
    words = line.rstrip(".").split()
    plain = all(re.fullmatch(r"[A-Za-z',;]+", word) for word in words)
    return bool(_PROSE & {word.lower().strip(",;.") for word in words[1:]}) or (plain and len(words) > 5)


def _own_tests(task: Task, setting: str) -> Errand[Tested]:
    paths, _ = yield from listed()
    command, why = yield from own_test_command(paths)
    if not command:
        return Tested(not_run=(why,))
    run = yield from ran(command, task, setting)
    return Tested((run,), f"No success check was given; {why}")


def own_test_command(paths: Sequence[str]) -> Errand[tuple[str, str]]:
    """The command with which the tree tests itself and where that was seen; no command, and why."""
    known = set(paths)
    tests = [path for path in paths if _TEST_FILE.search(path)]
    if tests:
        return (yield from _python_tests(paths, tests))
    for path, program, command in (("go.mod", "go", "go test ./..."), ("Cargo.toml", "cargo", "cargo test")):
        if path in known:
            return (yield from _if_there(program, command, f"{path} stands at the top."))
    scripts = [path for path in ("package.json", "Makefile") if path in known]
    for text in (yield from read([Assigned(path) for path in scripts])):
        if text.path == "package.json" and _npm_tests(text.source):
            return (yield from _if_there("npm", "npm test", "package.json has a script for it."))
        target = re.search(r"^(test|check):", text.source, re.MULTILINE) if text.path == "Makefile" else None
        if target:
            return (yield from _if_there("make", f"make {target[1]}", "the Makefile has a target for it."))
    return "", "nothing in the tree tells this rehearsal how it is tested."


def _npm_tests(source: str) -> bool:
    try:
        said: Any = json.loads(source)
        script = str(said["scripts"]["test"])
    except (ValueError, KeyError, TypeError):
        return False
    return "no test specified" not in script


def _if_there(program: str, command: str, why: str) -> Errand[tuple[str, str]]:
    [output] = yield Run(f"command -v {program}", wait=PATIENCE)
    return (command, why) if output.exit_code == 0 else ("", f"{why} But there is no {program} on this machine.")


def _python_tests(paths: Sequence[str], tests: Sequence[str]) -> Errand[tuple[str, str]]:
    """pytest where the tests are written for it, else unittest, with a Python that has it."""
    some = " ".join(shlex.quote(path) for path in tests[:50])
    classic, pythons = yield Run(f"grep -lE 'unittest' -- {some}", _WHICH_PYTHON, wait=PATIENCE)
    first: dict[str, str] = {}
    for line in pythons.text.splitlines():
        python, *kinds = line.split()
        first = dict.fromkeys(kinds, python) | first
    modern = any(PurePath(path).name in _PYTEST_FILES for path in paths) or len(classic.text.split()) < len(tests[:50])
    if modern and "pytest" not in first:
        return "", f"its tests ({tests[0]}) are written for pytest, and no Python here has it."
    if modern:
        return f"{first['pytest']} -m pytest -q -p no:cacheprovider", f"its tests ({tests[0]}) are written for pytest."
    if "unittest" not in first:
        return "", f"its tests ({tests[0]}) are Python's, and there is no Python here."
    folder = str(PurePath(tests[0]).parent)
    package = folder == "." or f"{folder}/__init__.py" in paths
    where = "" if package else f" -s {shlex.quote(folder)}"
    return f"{first['unittest']} -m unittest discover{where}", f"its tests ({tests[0]}) are written with unittest."
