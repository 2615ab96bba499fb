"""The brain of `--rehearse`: no model, but real reading, checks, edits and test runs through codex's own tools.

Whatever it says begins with what it is. It is stateless: each request brings the whole thread, and the next move
follows from it alone, so the same prompt over the same files gives the same answer.
"""

from dataclasses import replace

from orchestra.rehearsal.errand import played, task_of
from orchestra.rehearsal.instance import fitted, instance_of
from orchestra.rehearsal.moves import Call, Move, Run, Say
from orchestra.rehearsal.request import Request
from orchestra.rehearsal.trades import LABEL, labelled, trade_for
from orchestra.rehearsal.wire import Tokens

__all__ = ["LABEL", "Understudy"]


class Understudy:
    """A brain that recognises its role by the answer's title and does what it honestly can in it."""

    def __repr__(self) -> str:
        return "<Understudy>"

    def answer(self, request: Request) -> Move:
        """The next command, or the answer."""
        usage = _tokens(request)
        if request.schema is None:
            return Say(_plain(request), usage=usage)
        trade = trade_for(request.title)
        if trade is None:
            note = f"{LABEL}it has no trade of its own for {request.title or 'an answer without a title'}."
            return Say(instance_of(request.schema, note), usage=usage)
        task = task_of(request)
        move, answer = played(trade(task), task.outputs)
        if isinstance(move, Run):
            return Run(*move.commands, wait=move.wait, usage=usage)
        if isinstance(move, Call):
            return replace(move, usage=usage)
        return Say(fitted(labelled(answer or {}), request.schema, LABEL), usage=usage)


def _plain(request: Request) -> str:
    size = len(request.prompt)
    return f"{LABEL}a prompt of {size:,} characters arrived whole. It was neither understood nor answered."


def _tokens(request: Request) -> Tokens:
    """What a model would have read so far, at four bytes a token, so that budgets are rehearsed too."""
    characters = sum(len(prompt) for prompt in request.prompts) + sum(len(output.raw) for output in request.outputs)
    return Tokens(input=characters // 4, output=50)
