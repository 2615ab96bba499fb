"""What the tests of workers stand on: the real codex, with one warm CODEX_HOME."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestra.errors import EnvironmentLacking
from orchestra.workers.engines.codex_binary import CodexBinary, find
from tests.absent import absent

from .codex_stage import CodexStage


@pytest.fixture(scope="session")
def codex() -> CodexBinary:
    """The real codex."""
    try:
        return find(None, "", os.environ)
    except EnvironmentLacking as lacking:
        absent(str(lacking))


@pytest.fixture(scope="session")
def codex_home(codex: CodexBinary) -> Iterator[Path]:
    """One CODEX_HOME for all stories: a fresh one costs codex 0.2 s. Not in /tmp, where codex warns at every start."""
    home = Path(tempfile.mkdtemp(prefix="orchestra-test-", dir="/var/tmp"))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def codex_stage(codex_home: Path, tmp_path: Path) -> CodexStage:
    """A stage for this test."""
    return CodexStage(codex_home, tmp_path)
