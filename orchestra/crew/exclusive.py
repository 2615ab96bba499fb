"""The right to be the only one at something."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestra.errors import OrchestraError


@contextmanager
def exclusive(file: Path, otherwise: OrchestraError) -> Iterator[None]:
    """A kernel lock, which cannot outlive its process; who finds it taken gets the error and does not wait."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise otherwise from None
        yield
    finally:
        os.close(descriptor)
