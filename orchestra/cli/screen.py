"""Where a run is shown while it goes on: the board, or lines where nothing can be redrawn.

That is a pipe, a dumb or a very narrow terminal; the same run is told there in lines, one for each change of state.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from orchestra.cli.saying import say
from orchestra.cli.telling import event_line
from orchestra.crew.events import Event, Kind
from orchestra.crew.status import Status


class Screen(Protocol):
    """Where a run is shown while it goes on."""

    def show(self, status: Status, fresh: Sequence[Event], note: str = "") -> None:
        """The run now, and what happened since it was last shown. `note` replaces the hint at the foot."""

    def aside(self) -> contextlib.AbstractContextManager[None]:
        """Leave the terminal to a question for so long."""


def screen(asked: str, hint: str) -> contextlib.AbstractContextManager[Screen]:
    """The board, or lines where there can be none."""
    if sys.stderr.isatty():
        from orchestra.cli.live import board  # it loads rich, and a night under a timer has no use for it

        if (drawn := board(asked, hint)) is not None:
            return drawn
    return contextlib.nullcontext(Lines(say))


class Lines:
    """One line for each change of state."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._note = ""

    def show(self, status: Status, fresh: Sequence[Event], note: str = "") -> None:
        """Say what is new; what an earlier life of the run told is not."""
        lives = [number for number, event in enumerate(fresh) if event.kind is Kind.RUN_RESUMED]
        for event in fresh[lives[-1] if lives else 0 :]:
            if line := event_line(event):
                self._say(line)
        if note and note != self._note:
            self._say(note)
        self._note = note

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Lines are in nobody's way."""
        yield
