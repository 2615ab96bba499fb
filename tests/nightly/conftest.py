"""A project with jobs, the real command, and workers that do as the test says."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.absent import absent
from tests.cli.conftest import house as house
from tests.cli.conftest import warm as warm


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own at the folder, no larger than `size`."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        absent(f"no tmpfs can be mounted, which needs root: {done.stderr!r}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, where a house can be built."""
    with disk(tmp_path / "small", "2m") as folder:
        yield folder


@pytest.fixture
def shop_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk a month of the shop's nights fits on."""
    with disk(tmp_path / "disk", "64m") as folder:
        yield folder
