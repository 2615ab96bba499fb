"""The house is built as its plan says: rooms import only from floors below, and what is public is there."""

import ast
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "orchestra"
FLOORS = {
    "errors": 0, "settings": 0, "misread": 0, "outcome": 0, "project": 0, "usage": 0, "value": 0, "answer": 0,
    "tested": 0,
    "findings": 1, "rehearsal": 1,
    "brief": 2,
    "workers": 3, "reports": 3,
    "crew": 4,
    "patterns": 5,
    "api": 6,
    "nightly": 7,
    "cli": 8,
}  # fmt: skip
DOOR = {"__init__", "__main__"}
"""The package's own front door names things of every floor, and imports none before it is used."""

FILES = sorted(path for path in HOUSE.rglob("*.py") if path.relative_to(HOUSE).parts[0].removesuffix(".py") not in DOOR)


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """The rooms a file imports from, wherever in the file the import stands."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import hides which room it means"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        rooms |= {name.split(".")[1] for name in names if name.startswith("orchestra.")}
    return rooms - {"__version__"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_room_imports_only_from_floors_below_its_own(path: Path) -> None:
    room = room_of(path)
    assert room in FLOORS, f"{room} has no floor"
    for other in imported_rooms(path):
        if other != room:
            assert FLOORS.get(other, 99) < FLOORS[room] or FLOORS[room] == 0 == FLOORS.get(other), (
                f"{path.relative_to(HOUSE)} on floor {FLOORS[room]} imports {other}"
            )


def test_every_room_is_really_imported_by_another_or_is_the_top() -> None:
    used = {room for path in FILES for room in imported_rooms(path) if room != room_of(path)}
    there = {room_of(path) for path in FILES}
    assert there - used <= {"cli"}


def test_importing_orchestra_loads_no_heavy_module() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import orchestra, sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"pydantic", "asyncio", "rich", "typer", "pexpect", "jinja2", "rapidfuzz"} & set(said)


def test_completing_a_word_loads_no_heavy_module(tmp_path: Path) -> None:
    (tmp_path / ".orchestra/runs/20260101-000000-review-abcd").mkdir(parents=True)
    asked = {"_ORCHESTRA_COMPLETE": "complete_bash", "COMP_WORDS": "orchestra show ", "COMP_CWORD": "2"}
    code = "import sys, atexit; atexit.register(lambda: print(*sys.modules)); import orchestra.__main__ as m; m.main()"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, **asked, "PYTHONPATH": str(HOUSE.parent)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "20260101-000000-review-abcd" in said
    assert not {"pydantic", "asyncio", "rich", "pexpect", "jinja2", "rapidfuzz"} & set(said.split())


def test_a_night_without_a_terminal_loads_neither_the_board_nor_the_pages() -> None:
    code = "import orchestra.cli.nightly_words, sys; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"rich", "orchestra.nightly.site", "orchestra.reports.renderers.html"} & set(said)


def test_every_public_name_is_there() -> None:
    import orchestra

    for name in orchestra.__all__:
        assert getattr(orchestra, name) is not None


def test_only_the_command_line_prints_or_exits() -> None:
    for path in FILES:
        if room_of(path) in ("cli", "rehearsal"):  # the rehearsal's process says one line: where it listens
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            said = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert said not in ("print", "exit", "sys.exit", "os._exit"), f"{path}:{getattr(node, 'lineno', 0)} {said}"


# ── the tests' own house ─────────────────────────────────────────────────────────────────────────────────────────────

TESTS = [path for path in Path(__file__).parent.rglob("*.py") if "reviewed" not in path.parts]
_EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|pyright)")
_WITH_A_REASON = re.compile(r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)*|type: ignore\[[a-z-]+\])\s+(# |- )\S")


def test_every_exception_to_a_checker_has_its_reason_beside_it() -> None:
    for path in (*HOUSE.rglob("*.py"), *TESTS):
        with path.open("rb") as file:
            for token in tokenize.tokenize(file.readline):
                if token.type == tokenize.COMMENT and _EXCEPTION.match(token.string):
                    told = f"{path}:{token.start[0]} {token.string}"
                    assert _WITH_A_REASON.match(token.string), told


def test_what_a_machine_lacks_is_told_in_one_place_which_fails_where_everything_has_to_be_there() -> None:
    """`test_for_programs` alone skips by itself: the suite stands without the schemas others publish."""
    own = {"absent.py", "test_for_programs.py"}
    skips = re.compile(r"pytest\.(skip|xfail|importorskip|mark\.(skip|skipif|xfail))\b")
    assert {path.name for path in TESTS if skips.search(path.read_text(encoding="utf-8"))} == own
