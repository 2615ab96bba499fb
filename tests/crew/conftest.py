"""A project folder and a model for each test of the crew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestra.rehearsal import StandIn
from tests.crew.theatre import Parrot


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".orchestra").mkdir(parents=True)
    return folder


@pytest.fixture
def parrot(tmp_path: Path) -> Iterator[StandIn]:
    with StandIn(Parrot(), home=tmp_path / "codex-home") as model:
        yield model


@pytest.fixture(autouse=True)
def nobodys_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine's owner told git decides nothing here."""
    for which in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"GIT_CONFIG_{which}", "/dev/null")
