"""The face of orchestra for programs: start a pattern, wait for its report, look at a run, resume it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack

from orchestra.brief.ask import Scope
from orchestra.crew import journal, runs, view
from orchestra.crew.events import Kind
from orchestra.crew.planning import Plan
from orchestra.crew.run import AsyncRun, Run
from orchestra.crew.run_folder import RunFolder
from orchestra.errors import UnknownName
from orchestra.patterns.begun import Begun, begun, engine_to_look_at, taken_up
from orchestra.patterns.calls import Lenses, Names, OfATarget, OfFix, OfOptions, OfReview, Options
from orchestra.patterns.prepared import prepare
from orchestra.reports.report import Report
from orchestra.settings import project_root

# ── the six patterns, each a call that blocks ────────────────────────────────────────────────────────────────────────


def review(target: Names, *, lenses: Lenses | None = None, **options: Unpack[OfReview]) -> Report:
    """Review files and folders through several lenses.

    `verify="high"` has somebody try to refute each finding that severe, `curate=True` has a worker order them.
    `base="main"`, `uncommitted=True` and `commit=` look at changes only, `include=` and `exclude=` are globs.

    Every call takes `context=` (a Context Pack, its file, or its values as in `{"success_check": "make test"}`),
    `rehearse=True` (no account, no tokens), and every setting by its name: `model=`, `effort=`, `at_once=`,
    `max_tokens=`, ... Ctrl-C stops the workers and keeps what was answered; `resume` goes on from there.

    Example:
        >>> report = orchestra.review("src/", lenses=["correctness"], at_once=2)
        >>> [finding.title for finding in report.failing("high")]
        ['Mutable default argument in total', 'Bare except catches everything']
    """
    return _to_the_end(start("review", target=target, lenses=lenses, **options))


def fix(target: Names | None = None, *, from_run: str | None = None, **options: Unpack[OfFix]) -> Report:
    """Mend the worst findings of a review, or of an earlier run, and verify the change.

    One writer works in a tree of its own, then a verifier tries the change out. `only=[...]` names findings by their
    ids, `top=` says how many of the first, `rounds=` how often there is a try. With `only` and no run the findings are
    those of the newest run that has any. Your files stay as they are: the change waits on a branch until `orchestra
    integrate` merges it. Further options: see `review`.

    Example:
        >>> report = orchestra.fix("src/cart.py", lenses=["correctness"], top=1)
        >>> [file.path for file in report.changes[0].files]
        ['src/cart.py']
    """
    newest = "last" if options.get("only") else None
    return _to_the_end(start("fix", target=target, from_run=from_run or newest, **options))


def act(goal: str, *, new: str | None = None, **options: Unpack[Options]) -> Report:
    """Reach a goal: a scout looks around, a writer changes files, a verifier checks.

    What is to be made anew goes to `new`, where that is said. Options: see `review`; `context={"success_check":
    COMMAND}` says how it is told that the goal is reached.

    Example:
        >>> goal, check = "Create the file HINT.md with the text 'hello'", "grep hello HINT.md"
        >>> report = orchestra.act(goal, context={"success_check": check})
        >>> report.verdicts[0].outcome.value
        'pass'
    """
    return _to_the_end(start("act", goal=goal, new=new, **options))


def split(target: Names, *, task: str, write: bool = False, **options: Unpack[OfATarget]) -> Report:
    """Give one task to a worker for every section of the target at once.

    With `write` each worker changes its own section. Further options: see `review`.

    Example:
        >>> orchestra.split("src/", task="List every place that runs another program").state.value
        'complete'
    """
    return _to_the_end(start("split", target=target, task=task, write=write, **options))


def research(question: str, *, angles: Sequence[str] | None = None, **options: Unpack[Options]) -> Report:
    """Research a question from several angles; every claim cites a source.

    Options: see `review`.

    Example:
        >>> report = orchestra.research("Which queue fits a small shop?", angles=["cost", "operations"])
        >>> [worker.role for worker in report.workers]
        ['researcher', 'researcher', 'curator']
    """
    return _to_the_end(start("research", question=question, angles=angles, **options))


def options(question: str, *, count: int | None = None, **options: Unpack[OfOptions]) -> Report:
    """Have options proposed and scored by criteria; one is chosen and refined.

    Each proposer has a stance of its own. Further options: see `review`.

    Example:
        >>> report = orchestra.options("How do we split the cart?", count=2, criteria=["cost: effort to keep it up"])
        >>> len(report.matrix.options)
        2
    """
    return _to_the_end(start("options", question=question, count=count, **options))


def ask(
    prompt: str,
    *,
    cwd: str | Path | None = None,
    scope: Scope | str = Scope.READ,
    schema: Mapping[str, Any] | None = None,
    **options: Unpack[Options],
) -> Report:
    """Ask one worker one thing; its final message is the report's `answer`.

    It stands in `cwd`, else where you stand, and may touch nothing, unless `scope` says `scratch` or `write`. With a
    JSON `schema` its message has to fit. Further options: see `review`.

    Example:
        >>> orchestra.ask("What is the cart for?").answer
        'Rehearsal (understudy, not a model): ...'
    """
    where = Path(cwd or options.get("start") or Path.cwd()).absolute()
    return _to_the_end(start("ask", prompt=prompt, cwd=where, scope=scope, schema=schema, **options))


# ── the same on a running loop, and with a handle ────────────────────────────────────────────────────────────────────


async def review_async(target: Names, *, lenses: Lenses | None = None, **options: Unpack[OfReview]) -> Report:
    """Review on a running event loop and await the report.

    For the other patterns there is `run_async`.

    Example:
        >>> import asyncio
        >>> asyncio.run(orchestra.review_async("src/", lenses=["risk"])).state.value
        'complete'
    """
    return await run_async("review", target=target, lenses=lenses, **options)


async def run_async(pattern: str | Callable[..., Any], **given: Any) -> Report:
    """Run any pattern on a running event loop and await its report.

    Cancelling it stops the workers, and keeps what was answered.

    Example:
        >>> import asyncio
        >>> async def both():
        ...     one = orchestra.run_async("review", target="src/", lenses=["risk"])
        ...     other = orchestra.run_async("split", target="src/", task="List what runs a program")
        ...     return await asyncio.gather(one, other)
        >>> [report.pattern for report in asyncio.run(both())]
        ['review', 'split']
    """
    async with open_run(pattern, **given) as run:
        return await run.wait()


def start(pattern: str | Callable[..., Any], **given: Any) -> Run:
    """Start any pattern in the background and return a handle at once.

    The handle has `poll()`, `wait(timeout)`, `stop()` and `report()`. The pattern is said by its name or as its
    function, its inputs and all options by their names.

    Example:
        >>> with orchestra.start("review", target="src/", lenses=["risk"]) as run:
        ...     report = run.wait(timeout=60)
        >>> run.poll().state.value
        'complete'
    """
    return Run(*_of_new(pattern, given))


def open_run(pattern: str | Callable[..., Any], **given: Any) -> AsyncRun:
    """Open a run of any pattern on a running event loop, as a handle.

    Example:
        >>> import asyncio
        >>> async def main():
        ...     async with orchestra.open_run("review", target="src/", lenses=["risk"]) as run:
        ...         return await run.wait()
        >>> asyncio.run(main()).pattern
        'review'
    """
    return AsyncRun(*_of_new(pattern, given))


# ── looking, and going on ────────────────────────────────────────────────────────────────────────────────────────────


def plan(pattern: str | Callable[..., Any], **given: Any) -> Plan:
    """Tell what a run would do, with each prompt and command; nothing is started.

    As far as that can be known before anybody answered.

    Example:
        >>> orchestra.plan("review", target="src/", lenses=["correctness", "risk"])
        <Plan of review of src/ through correctness, risk: 2 workers, and more that depends on answers>
    """
    ready = prepare(pattern, given)
    return ready.with_commands(engine_to_look_at(ready.settings, ready.rehearse))


def report(run: str | Path = "last", *, project: Path | None = None) -> Report:
    """Read the report of an earlier run.

    The run is named by its id, a unique part of it, `last`, or the path of a saved report.

    Example:
        >>> orchestra.report("last").render("csv").splitlines()[0].split(",")[:2]
        ['kind', 'rank']
    """
    return view.saved_report(_project(project), run)


def resume(
    run: str | Path = "last",
    *,
    at_once: int | None = None,
    max_tokens: int | None = None,
    deadlines: Mapping[str, float] | None = None,
    project: Path | None = None,
    person: bool = False,
    ending: bool = False,
) -> Run:
    """Take up a run that was stopped, interrupted or out of budget.

    Sealed answers are not asked again. `at_once`, `max_tokens` and single `deadlines` may be others than the run began
    with: none of them decides an answer. `ending` starts nobody: what was finished is sealed, and the run ends as one
    that was stopped.

    Example:
        >>> run = orchestra.start("review", target="src/", lenses=["risk", "security"], at_once=1)
        >>> run.stop()
        >>> run.wait().state.value
        'stopped'
        >>> orchestra.resume(run.id).wait().state.value
        'complete'
    """
    changed = {"at_once": at_once, "max_tokens": max_tokens, "deadlines": deadlines}
    return Run(*taken_up(_found(run, project), person=person, changed=changed, ending=ending))


def retry(run: str | Path, worker: str, note: str = "", *, project: Path | None = None) -> Run:
    """Ask one worker of a run that ended again, with a note in its prompt.

    The old attempt is kept. Whatever was built on the old answer is asked again too; everything else is not paid twice.

    Example:
        >>> report = orchestra.review("src/", lenses=["correctness", "risk"])
        >>> again = orchestra.retry(report.run, "w2-risk", "Look at receipt() once more.").wait()
        >>> [(worker.label, worker.outcome.value) for worker in again.workers]
        [('w1-correctness', 'answered'), ('w2-risk', 'answered')]
    """
    folder = _found(run, project)
    if worker not in folder.labels():
        raise UnknownName("worker", worker, folder.labels())
    lock = folder.lock()
    try:
        again = taken_up(folder, lock)
        journal.add(folder.events, Kind.RETRY, worker=worker, text=note)
    except BaseException:
        lock.release()
        raise
    return Run(*again)


def _to_the_end(run: Run) -> Report:
    """Whoever interrupts the wait has no handle to stop the run with: its workers stop, what was answered is kept."""
    try:
        with run:
            return run.wait()
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(f"What was answered is kept; orchestra.resume({run.id!r}).wait() goes on from there.")
        raise


def _of_new(pattern: str | Callable[..., Any], given: Mapping[str, Any]) -> Begun:
    said = dict(given)
    person = bool(said.pop("person", False))
    return begun(prepare(pattern, said), person)


def _found(run: str | Path, project: Path | None) -> RunFolder:
    return runs.find(_project(project), run)


def _project(said: Path | None) -> Path:
    return said or project_root(Path.cwd())
