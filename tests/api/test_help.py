"""What `help()` and an editor tell of the public names: all of them, the same, and with examples that are run."""

import contextlib
import doctest
import inspect
import os
import pydoc
import re
import shutil
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest

import orchestra
from orchestra import rehearsal
from orchestra.rehearsal import Rehearsal
from tests.api.shop import opened

AS_ITS_NEIGHBOUR = ("CutStream", "FailTurn", "Garble", "Reset", "Silence")
"""Used as `Fail` is."""
NOT_MADE_BY_HAND = ("HungUp", "Move", "Reply", "Request", "Rule", "Tokens", "ToolOutput", "Understudy")
WITHOUT_EXAMPLE = {
    "orchestra.Severity",  # its docstring is part of the schema reviewers are given
    *(f"orchestra.rehearsal.{name}" for name in (*AS_ITS_NEIGHBOUR, *NOT_MADE_BY_HAND)),
}
FACES = (orchestra, rehearsal)
PUBLIC = {f"{face.__name__}.{name}": getattr(face, name) for face in FACES for name in face.__all__}


def examples() -> dict[str, doctest.DocTest]:
    """Every docstring of a public name with an example: its own, and those of its methods."""
    told: dict[str, object] = {face.__name__: face for face in FACES} | PUBLIC
    for name, thing in PUBLIC.items():
        if inspect.isclass(thing):
            told |= {f"{name}.{method}": part for method, part in vars(thing).items() if inspect.isfunction(part)}
    parsed = doctest.DocTestParser()
    found = {name: parsed.get_doctest(inspect.getdoc(thing) or "", {}, name, name, 0) for name, thing in told.items()}
    return {name: test for name, test in found.items() if test.examples}


EXAMPLES = examples()


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project that was reviewed before, and a codex that is logged in, as far as it can tell."""
    before, folder = dict(os.environ), opened(tmp_path_factory.mktemp("shop"))
    with Rehearsal() as model:
        os.environ.update(model.environment)
        orchestra.review("src/", lenses=["correctness", "risk"], start=folder)
        yield folder
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def shop(reviewed: Path, tmp_path: Path) -> Iterator[None]:
    """Stand in a copy of it."""
    with contextlib.chdir(shutil.copytree(reviewed, tmp_path / "shop")):
        yield


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_it_says(name: str) -> None:
    before, test = dict(os.environ), EXAMPLES[name]
    test.globs = {"orchestra": orchestra}
    if name.startswith(f"{rehearsal.__name__}."):
        test.globs |= {"os": os, **{public: getattr(rehearsal, public) for public in rehearsal.__all__}}
    said: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    try:
        doctest.DocTestRunner(optionflags=flags, verbose=False).run(test, out=said.append)
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert not said, "\n".join(said)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_says_what_it_is_for(name: str) -> None:
    thing = PUBLIC[name]
    first, *rest = (inspect.getdoc(thing) or "").split("\n")
    assert re.fullmatch(r".{10,120}\.", first), f"{name}: {first!r}"
    assert not rest or not rest[0], f"{name}: the first line stands alone"
    assert thing.__doc__ not in (Enum.__doc__, None)
    if name not in WITHOUT_EXAMPLE:
        assert name in EXAMPLES, f"{name} has no example"


@pytest.mark.parametrize("name", [name for name, thing in PUBLIC.items() if inspect.isclass(thing)])
def test_what_a_class_can_do_is_told(name: str) -> None:
    kind = PUBLIC[name]
    for word, part in vars(kind).items():
        if not word.startswith("_") and (inspect.isfunction(part) or isinstance(part, property)):
            assert inspect.getdoc(getattr(kind, word)), f"{name}.{word}"


def test_the_help_begins_with_every_name_and_what_it_is_for() -> None:
    """The table in the module's docstring says what the docstrings say: one story."""
    table = dict(re.findall(r"^    (\w+) +(\S.*)$", inspect.getdoc(orchestra) or "", re.MULTILINE))
    for name in orchestra.__all__:
        assert table.get(name) == (inspect.getdoc(getattr(orchestra, name)) or "").split("\n")[0], name


@pytest.mark.usefixtures("shop")
def test_what_is_printed_is_a_line_and_not_every_field() -> None:
    report = orchestra.report("last")
    status = orchestra.Status(run=report.run)
    assert str(status) == f"<Status of {report.run}: running>"
    assert str(report.open[0]).startswith(f"<Finding {report.open[0].id}: ")
    for value in (status, report.open[0], report.usage):
        assert str(value) == f"{value}" == repr(value)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_help_shows_every_public_name_and_nothing_of_pydantic(face: ModuleType) -> None:
    told = pydoc.plain(pydoc.render_doc(face))
    for name in face.__all__:
        thing = getattr(face, name)
        shown = f"class {thing.__name__}(" if inspect.isclass(thing) else f"{name}("
        assert re.search(rf"^    (async )?{re.escape(shown)}", told, re.MULTILINE) or f"class {name}" in told, name
        assert pydoc.splitdoc(inspect.getdoc(thing) or "")[0] in told, name
    assert "model_dump(" not in told
    assert dir(face) == sorted(face.__all__)
