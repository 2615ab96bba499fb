"""The live board: the plan, a row for each worker, and what it all comes to; redrawn in place on stderr.

Where nothing can be redrawn (a pipe, a dumb or a very narrow terminal) the same run is told in lines, one for each
change of state.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from orchestra.cli.picture import Rows, picture
from orchestra.cli.saying import say
from orchestra.cli.telling import event_line
from orchestra.crew.events import Event, Kind, Status

NARROWEST, LOWEST = 50, 8
"""Columns and rows below which a board would hide more than it shows."""


class Screen(Protocol):
    """Where a run is shown while it goes on."""

    def show(self, status: Status, fresh: Sequence[Event], note: str = "") -> None:
        """The run now, and what happened since it was last shown. `note` replaces the hint at the foot."""

    def aside(self) -> contextlib.AbstractContextManager[None]:
        """Leave the terminal to a question for so long."""


@contextlib.contextmanager
def screen(asked: str, hint: str) -> Iterator[Screen]:
    """The board, or lines where there can be none."""
    console = Console(stderr=True, highlight=False, emoji=False, markup=False)
    wide = console.width >= NARROWEST and console.height >= LOWEST
    if not (sys.stderr.isatty() and console.is_interactive and wide):
        yield Lines(say)
        return
    # Its own pace: redrawn by `show` alone, and only if something is to be seen.
    live = Live(console=console, auto_refresh=False, transient=True, redirect_stdout=False, vertical_overflow="crop")
    with live:
        yield Board(live, asked, hint)


class Lines:
    """One line for each change of state."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._note = ""

    def show(self, status: Status, fresh: Sequence[Event], note: str = "") -> None:
        """Say what is new."""
        for event in fresh:
            if line := event_line(event):
                self._say(line)
        if note and note != self._note:
            self._say(note)
        self._note = note

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Lines are in nobody's way."""
        yield


class Board:
    """The run as it is now. A row keeps its place for as long as its worker runs."""

    def __init__(self, live: Live, asked: str, hint: str) -> None:
        self._live, self._asked, self._hint = live, asked, hint
        self._rows = Rows()
        self._since: datetime | None = None
        self._shown: list[Text] = []

    def show(self, status: Status, fresh: Sequence[Event], note: str = "") -> None:
        """Draw it, if it looks different from what is there."""
        for event in fresh:
            if event.kind in (Kind.RUN_STARTED, Kind.RUN_RESUMED):
                self._since = event.at
        console = self._live.console
        lines = picture(
            status,
            asked=self._asked,
            since=self._since or status.started,
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
