"""A stand-in model on loopback that the real codex talks to: no account, no network, no tokens.

For `--rehearse`, for tests, and for people who test their own patterns. Everything runs as it does in earnest, codex
and its tools too; only the model is played. A scripted one, in a thread of the test:

    >>> import os, orchestra
    >>> from orchestra.rehearsal import Fail, Run, Say, Script, StandIn, otherwise, when
    >>> fine = {"summary": "Fine.", "findings": []}
    >>> at = {"path": "src/cart.py", "start_line": 1, "end_line": 1, "quote": "def total(prices=[]):"}
    >>> leak = {"title": "Carts share a list", "severity": "high", "confidence": 0.9, "category": "state",
    ...         "locations": [at], "problem": "One sees another's prices.", "recommendation": "Default to None."}
    >>> script = Script(
    ...     when("LENS: SECURITY", Run("cat src/cart.py"), Say({"summary": "One.", "findings": [leak]})),
    ...     when("LENS: RISK", Fail(503), Say(fine)),
    ...     otherwise(Fail(400)),
    ... )
    >>> with StandIn(script) as model:
    ...     os.environ.update(model.environment)
    ...     report = orchestra.review("src/", lenses=["security", "risk", "clarity"])
    >>> [(worker.label, worker.outcome.value) for worker in report.workers]
    [('w1-security', 'answered'), ('w2-risk', 'answered'), ('w3-clarity', 'failed')]
    >>> [(finding.title, finding.severity.value) for finding in report.open]
    [('Carts share a list', 'high')]
    >>> len(model.asks)
    3

Inside the `with` the command line can be played to as well: give `model.environment` to a process that runs
`orchestra review src/`, and it takes the stand-in for the model it is logged in to.

The understudy plays every role with what can be done without a model (static checks, mending by rule, running the
tests, literal goals) and says what it did not do. `rehearse=True` uses it; as a process of its own:

    >>> from orchestra.rehearsal import Rehearsal
    >>> with Rehearsal() as model:
    ...     os.environ.update(model.environment)
    ...     report = orchestra.review("src/", lenses=["correctness"])
    >>> report.open[0].title
    'Mutable default argument in total'

`StandIn` serves a brain: a `Script` made of rules (`when`, `otherwise`, `asked_for`), the `Understudy`, or anything
with a method `answer(request)`. What a model does: `Say`, `Run`, `Write`, `Call`. What goes wrong: `Fail`,
`quota_exceeded`, `usage_limit`, `FailTurn`, `CutStream`, `Reset`, `Garble`, `Silence`.
"""

from importlib import import_module

TYPE_CHECKING = False  # a type checker takes it for True; typing itself costs 9 ms to import
if TYPE_CHECKING:
    from orchestra.rehearsal.moves import (
        Brain,
        Call,
        CutStream,
        Fail,
        FailTurn,
        Garble,
        Move,
        Reset,
        Run,
        Say,
        Silence,
        Write,
        quota_exceeded,
        usage_limit,
    )
    from orchestra.rehearsal.process import Rehearsal
    from orchestra.rehearsal.request import Request, ToolOutput
    from orchestra.rehearsal.script import Rule, Script, asked_for, otherwise, when
    from orchestra.rehearsal.server import StandIn
    from orchestra.rehearsal.understudy import Understudy
    from orchestra.rehearsal.wire import HungUp, Reply, Tokens

__all__ = [
    "Brain",
    "Call",
    "CutStream",
    "Fail",
    "FailTurn",
    "Garble",
    "HungUp",
    "Move",
    "Rehearsal",
    "Reply",
    "Request",
    "Reset",
    "Rule",
    "Run",
    "Say",
    "Script",
    "Silence",
    "StandIn",
    "Tokens",
    "ToolOutput",
    "Understudy",
    "Write",
    "asked_for",
    "otherwise",
    "quota_exceeded",
    "usage_limit",
    "when",
]

_HOMES = {
    "moves": ("Brain Call CutStream Fail FailTurn Garble Move Reset Run Say Silence Write quota_exceeded usage_limit"),
    "process": "Rehearsal",
    "request": "Request ToolOutput",
    "script": "Rule Script asked_for otherwise when",
    "server": "StandIn",
    "understudy": "Understudy",
    "wire": "HungUp Reply Tokens",
}


def __getattr__(name: str) -> object:
    """Modules load with the first use of a name: the rehearsal's own process must be ready in a tenth of a second."""
    for module, names in _HOMES.items():
        if name in names.split():
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
