"""A stage for each test, and a model that follows its script."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from orchestra.rehearsal import Script, StandIn
from tests.cli.warm import Warm
from tests.patterns.theatre import Stage


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """The command line, loaded once."""
    loaded = Warm()
    yield loaded
    loaded.close()


@pytest.fixture
def stage(tmp_path: Path, warm: Warm) -> Stage:
    """Nobody plays the model: for what must be known before anything is started."""
    return Stage(tmp_path / "project", warm)


@pytest.fixture
def scripted(tmp_path: Path, warm: Warm) -> Iterator[Callable[[Script], Stage]]:
    """A stage with a model that follows a script."""
    with ExitStack() as leaving:

        def make(script: Script) -> Stage:
            model = leaving.enter_context(StandIn(script, home=tmp_path / "codex-home"))
            return Stage(tmp_path / "project", warm, model)

        yield make
