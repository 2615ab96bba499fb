"""The live board: the plan, a row for each worker, and what it all comes to; redrawn in place on stderr."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from orchestra.cli.picture import Rows, picture
from orchestra.crew.events import Event
from orchestra.crew.status import Status

NARROWEST, LOWEST = 50, 8
"""Columns and rows below which a board would hide more than it shows."""


def board(asked: str, hint: str) -> "contextlib.AbstractContextManager[Board] | None":
    """The board; None on a terminal that is too small or too dumb for one."""
    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    wide = console.width >= NARROWEST and console.height >= LOWEST
    return _drawn(console, asked, hint) if console.is_interactive and wide else None


@contextlib.contextmanager
def _drawn(console: Console, asked: str, hint: str) -> "Iterator[Board]":
    # Its own pace: redrawn by `show` alone, and only if something is to be seen.
    live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, vertical_overflow="crop")
    with live:
        yield Board(live, asked, hint)


class Board:
    """The run as it is now. A row keeps its place for as long as its worker runs."""

    def __init__(self, live: Live, asked: str, hint: str) -> None:
        self._live, self._asked, self._hint = live, asked, hint
        self._rows = Rows()
        self._shown: list[Text] = []

    def show(self, status: Status, fresh: Sequence[Event], note: str = "") -> None:
        """Draw it, if it looks different from what is there."""
        console = self._live.console
        lines = picture(
            status,
            asked=self._asked,
            now=datetime.now(UTC),
            width=console.width,
            height=console.height,
            rows=self._rows,
            foot=note or self._hint,
            ascii_only=console.options.ascii_only,
        )
        if lines != self._shown:
            self._shown = lines
            self._live.update(Group(*lines), refresh=True)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the board away, and put it back below what was said."""
        self._live.stop()
        try:
            yield
        finally:
            self._shown = []
            self._live.start()
