"""What the tests of the rehearsal stand on: the real codex and a stage for brains."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestra.rehearsal import Brain, StandIn
from orchestra.workers.engines.codex_binary import behind_wrapper
from tests.absent import absent

from .driving import Codex


def _program() -> str | None:
    """The wheel's before the user's own: its manners are the ones the tables of the tests tell of."""
    if named := os.environ.get("ORCHESTRA_CODEX"):
        return named
    try:
        from codex_cli_bin import bundled_codex_path  # type: ignore[import-untyped]  # the wheel carries no types
    except ImportError:
        return shutil.which("codex")
    return str(bundled_codex_path())


@pytest.fixture(scope="session")
def codex(tmp_path_factory: pytest.TempPathFactory) -> Codex:
    program = _program()
    if program is not None and (native := behind_wrapper(Path(program))):
        program = str(native)  # a test that kills npm's wrapper would leave the codex behind it running
    if program is None:
        absent("there is no codex: install the extra `codex`, or set ORCHESTRA_CODEX")
    return Codex(program, tmp_path_factory.mktemp("codex"))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One warm CODEX_HOME for all stories played one after the other: a fresh one costs codex 0.2 s."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def stage(home: Path) -> Iterator[Callable[[Brain], StandIn]]:
    """Puts a brain on the stage and takes it down after the test."""
    standing: list[StandIn] = []

    def put(brain: Brain) -> StandIn:
        model = StandIn(brain, home=home)
        model.start()
        standing.append(model)
        return model

    yield put
    for model in standing:
        model.close()
