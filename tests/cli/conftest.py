"""A house for each test of the command line."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.absent import absent
from tests.cli.house import House
from tests.cli.warm import Warm


@pytest.fixture(autouse=True, scope="session")
def hung_up() -> None:
    """A hang-up ends the commands typed here, also where the suite itself was started with `nohup`."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """The command line, loaded once."""
    loaded = Warm()
    yield loaded
    loaded.close()


@pytest.fixture
def house(tmp_path: Path, warm: Warm) -> Iterator[House]:
    with House(tmp_path, warm).emptied() as standing:
        yield standing


@pytest.fixture
def unwritable() -> Iterator[Callable[[Path], None]]:
    """Makes a folder one that cannot be written, for root too."""
    made: list[Path] = []

    def make(folder: Path) -> None:
        if os.geteuid():
            folder.chmod(0o500)
        elif subprocess.run(["chattr", "+i", folder], capture_output=True, check=False).returncode:
            absent("root can write everything here, and chattr +i does not work")
        made.append(folder)

    yield make
    for folder in made:
        if os.geteuid():
            folder.chmod(0o700)
        else:
            subprocess.run(["chattr", "-i", folder], check=True)
