"""Put a question of the run to the person at the terminal, and read one line."""

import select
import sys
from collections.abc import Callable

from orchestra.cli.saying import say
from orchestra.crew.status import Question
from orchestra.reports.plain import one_line


def person_here() -> bool:
    """Somebody can be asked: what is typed comes from a terminal, and what is said goes to one."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def answer_to(question: Question, over: Callable[[], bool]) -> str | None:
    """What the person says; empty for what is assumed otherwise, None if the run is over before they say it.

    `over` waits for a moment: a run that is stopped does not leave its terminal with an open question.
    """
    say("")
    say(one_line(question.text))
    say(f"Just Enter assumes: {one_line(question.otherwise)}")
    sys.stderr.write("> ")
    sys.stderr.flush()
    while not select.select([sys.stdin], [], [], 0)[0]:
        if over():
            say("")
            return None
    return sys.stdin.readline().strip()
