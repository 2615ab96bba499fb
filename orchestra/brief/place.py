"""A file or folder that is still to be made, where somebody says where."""

import os
from pathlib import Path
from typing import Annotated

from orchestra.errors import UsageError

Place = Annotated[str, "a file or folder of the tree, which need not be there"]
"""The type of a pattern's input that is one: said from where one stands, handed on from the top of the tree."""


def place(said: str | Path, start: Path, root: Path) -> str:
    """Its path from the top of the tree. What lies outside no writer could make: it writes in a copy of the tree."""
    path = Path(os.path.abspath(start / said))  # noqa: PTH100  # `..` goes, links stay: nothing need be there
    top = root.resolve()
    if not path.is_relative_to(top) or path == top:
        raise UsageError(
            f"{str(said)!r} is no place inside the tree that is worked on.",
            where=top,
            next_step="Name one below that folder, or start orchestra where it belongs.",
        )
    return path.relative_to(top).as_posix() + ("/" if str(said).endswith("/") else "")
