"""One attempt of one worker: its work, its message read as the answer's type, and one turn to mend it."""

from typing import Any

from orchestra import answer
from orchestra.answer import Unreadable
from orchestra.brief import prompts
from orchestra.brief.ask import Ask
from orchestra.crew.basis import Basis
from orchestra.crew.changes import Changes
from orchestra.crew.lineage import Origin
from orchestra.outcome import Outcome
from orchestra.value import Value
from orchestra.workers.engines.base import Engine
from orchestra.workers.pool import Ending, Pool
from orchestra.workers.task import AttemptFolder, WorkerResult, WorkerTask
from orchestra.workers.worker import work


class Attempted(Value):
    """How an attempt ended, and its answer where there is one."""

    result: WorkerResult
    value: Any = None
    changes: Changes | None = None
    """Of a worker with a tree of its own: what it changed there."""
    basis: Basis | None = None
    """Of an answer: what it rests on besides its key."""
    origin: Origin | None = None
    """Of the answer of an earlier run: who paid for it, and when."""


async def attempt(task: WorkerTask, ask: Ask[Any], engine: Engine, pool: Pool, hear: Any = None) -> Attempted:
    """Work, read, and let the worker mend once what cannot be read, on the same thread."""
    result = await work(task, engine, pool, hear)
    first = read(result, ask)
    if not isinstance(first, Unreadable):
        return first
    if result.thread_id is None:
        return _malformed(result, first)
    mend = task.model_copy(
        update={
            "prompt": prompts.fill(prompts.built_in() / "repair.md", {"problem": str(first)}),
            "folder": task.files.repair.path,
            "thread_id": result.thread_id,
        }
    )
    mended = await work(mend, engine, pool, hear)
    second = read(mended, ask)
    if isinstance(second, Unreadable) or not mended.answered:
        return _malformed(result, first, mended, str(second) if isinstance(second, Unreadable) else mended.reason)
    return _repaired(result, first, second)


def recover(task: WorkerTask, ask: Ask[Any], engine: Engine) -> Attempted | None:
    """The answer of an attempt whose orchestrator died: complete in its event log, valid, and so never paid again."""
    if not task.files.events.exists():
        return None
    first = read(_from_log(task, engine), ask)
    if not isinstance(first, Unreadable):
        return first if first.result.answered else None
    mend = task.model_copy(update={"folder": task.files.repair.path})
    if not mend.files.events.exists():
        return None
    second = read(_from_log(mend, engine), ask)
    if isinstance(second, Unreadable) or not second.result.answered:
        return None
    return _repaired(_from_log(task, engine), first, second)


def read(result: WorkerResult, ask: Ask[Any]) -> Attempted | Unreadable:
    """The message as the answer's type; an end that is no answer stays what it is."""
    if not result.answered or ask.answer is None:
        return Attempted(result=result, value=result.message if result.answered else None)
    message = result.message or ""
    try:
        reading: answer.Reading[Any]
        if isinstance(ask.answer, dict):
            reading = answer.read_as(message, ask.answer)
        else:
            reading = answer.read(message, ask.answer)
    except Unreadable as problem:
        return problem
    noted = result.model_copy(update={"notes": (*result.notes, *reading.notes)})
    return Attempted(result=noted, value=reading.value)


def _from_log(task: WorkerTask, engine: Engine) -> WorkerResult:
    reader = engine.reader(task)
    files: AttemptFolder = task.files
    with files.events.open("rb") as log:
        while chunk := log.read(1 << 16):
            reader.heard(chunk)
    return reader.result(Ending(seconds=0.0))


def _repaired(result: WorkerResult, problem: Unreadable, mended: Attempted) -> Attempted:
    kept = mended.result.model_copy(
        update={
            "seconds": result.seconds + mended.result.seconds,
            "notes": (*result.notes, f"mended in a second turn: {problem}", *mended.result.notes),
            "commands": (*result.commands, *mended.result.commands),
            "files_read": tuple(dict.fromkeys((*result.files_read, *mended.result.files_read))),
            "files_changed": (*result.files_changed, *mended.result.files_changed),
            "usage": mended.result.usage or result.usage,
        }
    )
    return Attempted(result=kept, value=mended.value)


def _malformed(
    result: WorkerResult, problem: Unreadable, mended: WorkerResult | None = None, why: str = ""
) -> Attempted:
    """What it said is kept: a reader may still find findings in it, apart from the answers."""
    turn = "" if mended is None else ", and its repair turn did not mend it"
    turn += f" ({why})" if why not in ("", str(problem)) else ""
    return Attempted(
        result=result.model_copy(
            update={
                "outcome": Outcome.MALFORMED,
                "reason": f"The final message could not be read: {problem}{turn}.",
                "usage": (mended.usage if mended else None) or result.usage,
                "seconds": result.seconds + (mended.seconds if mended else 0.0),
            }
        )
    )
