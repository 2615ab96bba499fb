"""A brain that does what a test tells it: who asks what gets which moves.

One law: each request of a thread takes the next move of the rule it fell under, and the last move stays.
codex's own retries are requests like any other, so "fail twice, then answer" is three moves.
"""

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from orchestra.rehearsal.moves import Move
from orchestra.rehearsal.request import Request

Condition = str | re.Pattern[str] | Callable[[Request], bool]
"""Text that stands in the prompt, a pattern that is found in it, or any question to the request."""


class NoRule(LookupError):
    """The script says nothing about such a request."""


@dataclass(frozen=True)
class Rule:
    """Threads a condition holds for, and the moves they get; `when` and `otherwise` make one."""

    holds: Callable[[Request], bool]
    moves: tuple[Move, ...]
    threads: int | None = None
    """Only the first so many threads; the others fall to the rules below."""


def when(condition: Condition, *moves: Move, threads: int | None = None) -> Rule:
    """For threads whose prompt fits, these moves, one a request.

    A condition is text that stands in the prompt, a pattern that is found in it, or a function of the request. The last
    move stays. With `threads=1` the rule is for the first such thread only.

    Example:
        >>> Script(when("LENS: RISK", Fail(503), Say("Fine after all.")), otherwise(Say("Fine.")))
        <Script of 2 rules: 0 threads came>
    """
    if not moves:
        raise ValueError("a rule needs at least one move; Say() ends a turn without a message")
    _only_moves(moves)
    return Rule(_question(condition), moves, threads)


def otherwise(*moves: Move, threads: int | None = None) -> Rule:
    """For every thread no earlier rule took, these moves.

    Example:
        >>> otherwise(Say("Fine.")).moves
        (Say(messages=('Fine.',), ...),)
    """
    return when(lambda request: True, *moves, threads=threads)


def asked_for(title: str) -> Callable[[Request], bool]:
    """Make a condition: the answer's type has this title, as `ReviewMessage` for reviewers.

    Example:
        >>> Script(when(asked_for("ReviewMessage"), Say({"summary": "Fine.", "findings": []})))
        <Script of 1 rules: 0 threads came>
    """
    return lambda request: request.title == title


class Script:
    """A brain made of rules; the first that fits a thread keeps it. Bare moves are an `otherwise`.

    Example:
        >>> with StandIn(Script(Say("Forty-two."))) as model:
        ...     os.environ.update(model.environment)
        ...     orchestra.ask("How many?").answer
        'Forty-two.'
    """

    def __init__(self, *rules: Rule | Move) -> None:
        _only_moves([rule for rule in rules if not isinstance(rule, Rule)])
        moves = tuple(rule for rule in rules if isinstance(rule, Move))
        self.rules = tuple(rule for rule in rules if isinstance(rule, Rule)) + ((otherwise(*moves),) if moves else ())
        self._lock = threading.Lock()
        self._progress: dict[str, _Progress] = {}

    def __repr__(self) -> str:
        return f"<Script of {len(self.rules)} rules: {len(self._progress)} threads came>"

    def answer(self, request: Request) -> Move:
        """The next move for the thread that asks."""
        thread = request.thread_id or f"request {request.number}"
        with self._lock:
            progress = self._progress.get(thread)
            if progress is None:
                progress = self._progress[thread] = _Progress(self._rule_for(request))
            return progress.next_move()

    def _rule_for(self, request: Request) -> Rule:
        for rule in self.rules:
            taken = sum(progress.rule is rule for progress in self._progress.values())
            if (rule.threads is None or taken < rule.threads) and rule.holds(request):
                return rule
        raise NoRule(f"no rule of the script fits the prompt that begins {request.prompt[:80]!r}")


@dataclass
class _Progress:
    """How far one thread is in its rule."""

    rule: Rule
    taken: int = field(default=0)

    def next_move(self) -> Move:
        move = self.rule.moves[min(self.taken, len(self.rule.moves) - 1)]
        self.taken += 1
        return move


def _only_moves(moves: Iterable[object]) -> None:
    """What is none would be passed over, and the test of a pattern would play another story than it tells."""
    for move in moves:
        if not isinstance(move, Move):
            raise TypeError(f"{move!r} is no move; a text is said with Say({move!r})")


def _question(condition: Condition) -> Callable[[Request], bool]:
    if isinstance(condition, str):
        return lambda request: any(condition in prompt for prompt in request.prompts)
    if isinstance(condition, re.Pattern):
        return lambda request: any(condition.search(prompt) for prompt in request.prompts)
    return condition
