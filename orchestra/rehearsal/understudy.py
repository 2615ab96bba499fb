"""The brain of `--rehearse`: no model, but real reading through codex and real static checks.

Whatever it says begins with what it is. It is stateless: each request brings the whole thread, and the next move
follows from it alone, so the same prompt over the same files gives the same answer.
"""

from orchestra.rehearsal.assignment import Assigned, files_of, lenses_of
from orchestra.rehearsal.instance import fitted, instance_of
from orchestra.rehearsal.moves import Move, Run, Say
from orchestra.rehearsal.reading import Reading
from orchestra.rehearsal.request import Request
from orchestra.rehearsal.wire import Tokens

LABEL = "Rehearsal (understudy, not a model): "
"""How everything it says begins."""

PATIENCE = 30.0
"""Seconds codex is to wait for a page: the most it allows. A machine full of workers starts commands late."""


class Understudy:
    """Recognises its role by the answer schema's title and does what it honestly can in it."""

    def __repr__(self) -> str:
        return "<Understudy>"

    def answer(self, request: Request) -> Move:
        """The next pages, or the answer."""
        if request.schema is None:
            return Say(_plain(request), usage=_tokens(request))
        if request.title == "ReviewMessage":
            return self._review(request)
        note = f"{LABEL}it has no trade of its own for {request.title or 'an answer without a title'}."
        return Say(instance_of(request.schema, note), usage=_tokens(request))

    def _review(self, request: Request) -> Move:
        files = _assigned(request)
        reading = Reading(files, request.outputs)
        if commands := reading.next_commands():
            return Run(*commands, wait=PATIENCE, usage=_tokens(request))
        from orchestra.rehearsal.reviewing import review  # 50 ms of checks that the first answer need not wait for

        lenses = next(filter(None, map(lenses_of, request.prompts)), ())
        answer = review(reading.texts(), lenses, LABEL)
        return Say(fitted(answer, request.schema or {}, LABEL), usage=_tokens(request))


def _assigned(request: Request) -> tuple[Assigned, ...]:
    """The files of the first prompt that names any: a later turn of the thread may only ask to mend the answer."""
    return next(filter(None, map(files_of, request.prompts)), ())


def _plain(request: Request) -> str:
    size = len(request.prompt)
    return f"{LABEL}a prompt of {size:,} characters arrived whole. It was neither understood nor answered."


def _tokens(request: Request) -> Tokens:
    """What a model would have read so far, at four bytes a token, so that budgets are rehearsed too."""
    characters = sum(len(prompt) for prompt in request.prompts) + sum(len(output.raw) for output in request.outputs)
    return Tokens(input=characters // 4, output=50)
