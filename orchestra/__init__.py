"""Put a team of codex workers on one question and get one answer worth reading.

    import orchestra

    report = orchestra.review("src/", lenses=["correctness", "risk"])
    for finding in report.open:
        print(finding.id, finding.severity, finding.title)

Run a pattern and wait for its report (the options are told at `review`):

    review         Review files and folders through several lenses.
    fix            Mend the worst findings of a review, or of an earlier run, and verify the change.
    act            Reach a goal: a scout looks around, a writer changes files, a verifier checks.
    split          Give one task to a worker for every section of the target at once.
    research       Research a question from several angles; every claim cites a source.
    options        Have options proposed and scored by criteria; one is chosen and refined.
    ask            Ask one worker one thing; its final message is the report's `answer`.

On a running event loop:

    review_async   Review on a running event loop and await the report.
    run_async      Run any pattern on a running event loop and await its report.
    open_run       Open a run of any pattern on a running event loop, as a handle.

With a handle, to look on and to stop:

    start          Start any pattern in the background and return a handle at once.
    Run            A run in the background, as `start` returns it: poll it, wait for it, stop it.
    AsyncRun       A run on the caller's event loop, as `open_run` returns it.
    Status         A run at one moment: its plan, its workers, what they used.
    WorkerStatus   One worker of a run at one moment.
    RunState       What a run is, seen from outside.
    Event          One thing that happened in a run: a line of its `events.jsonl`.

Before a run, and after it:

    plan           Tell what a run would do, with each prompt and command; nothing is started.
    report         Read the report of an earlier run.
    resume         Take up a run that was stopped, interrupted or out of budget.
    retry          Ask one worker of a run that ended again, with a note in its prompt.

What comes back:

    Report         What a run came to: findings or an answer, what to do next, who did not answer.
    MergedFinding  One problem of a report: what, where, how bad, what to do, and who reported it.
    Severity       How much harm a problem does if it is left alone.
    Standing       Whether a finding counts: only an open one can fail a gate; none is hidden.
    Outcome        How a worker ended. Only `answered` counts; silence is never agreement.
    Usage          Tokens a worker or a run used, as codex counts them. Two of them can be added.
    Plan           What a run would do, as far as that is known before anybody answered.
    OrchestraError Every error raised on purpose: `what` happened, `where`, the `next_step`.

What is said to a run:

    ContextPack    What workers cannot infer: the goal, what is not wanted, how success is checked.
    context_pack   Read a Context Pack from a file or from values, and add what is said besides.
    Lens           What a reviewer looks for; for those of `orchestra lenses` the name does.

A pattern of your own (`orchestra.rehearsal` helps to test it):

    pattern        Make an async function a pattern, with its name and its plan.
    Crew           What a pattern is given to ask with: it starts workers and makes the report.
    Ask            One thing one worker is asked: everything that decides the answer, no more.
    Scope          What a worker may touch: nothing, a throw-away copy, or a tree that is kept.
    Target         What a run looks at: its files, their folder, and what was left out.
    Section        A disjoint part of the target for one worker.
    Reply          How one ask ended, and its answer if there is one.
    Replies        All that came back from asking several: `answers`, and who was `silent`.
    fenced         Put data into a prompt between two fences that nothing in it can close.
    curate         Merge what several workers say into one ranked list, without a model.
    Message        What `curate` takes: the final message of one worker, as text or already read.
    Curated        What `curate` returns: one ranked list, and what reading had to forgive.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # as typing's own, which would cost a third of what importing orchestra may cost
if TYPE_CHECKING:
    from orchestra import rehearsal as rehearsal
    from orchestra.api import (
        act,
        ask,
        fix,
        open_run,
        options,
        plan,
        report,
        research,
        resume,
        retry,
        review,
        review_async,
        run_async,
        split,
        start,
    )
    from orchestra.brief.ask import Ask, Scope
    from orchestra.brief.context_file import context_pack
    from orchestra.brief.context_pack import ContextPack
    from orchestra.brief.data import fenced
    from orchestra.brief.lenses import Lens
    from orchestra.brief.target import Section, Target
    from orchestra.crew.crew import Crew
    from orchestra.crew.events import Event
    from orchestra.crew.planning import Plan
    from orchestra.crew.reply import Replies, Reply
    from orchestra.crew.run import AsyncRun, Run
    from orchestra.crew.status import RunState, Status, WorkerStatus
    from orchestra.errors import OrchestraError
    from orchestra.findings.curate import Curated, Message, curate
    from orchestra.findings.finding import MergedFinding, Severity, Standing
    from orchestra.outcome import Outcome
    from orchestra.patterns.catalogue import pattern
    from orchestra.reports.report import Report
    from orchestra.usage import Usage

_HOMES = {
    "api": "act ask fix open_run options plan report research resume retry review review_async run_async split start",
    "brief.ask": "Ask Scope",
    "brief.context_file": "context_pack",
    "brief.context_pack": "ContextPack",
    "brief.data": "fenced",
    "brief.lenses": "Lens",
    "brief.target": "Section Target",
    "crew.crew": "Crew",
    "crew.events": "Event",
    "crew.planning": "Plan",
    "crew.reply": "Replies Reply",
    "crew.run": "AsyncRun Run",
    "crew.status": "RunState Status WorkerStatus",
    "errors": "OrchestraError",
    "findings.curate": "Curated Message curate",
    "findings.finding": "MergedFinding Severity Standing",
    "outcome": "Outcome",
    "patterns.catalogue": "pattern",
    "reports.report": "Report",
    "usage": "Usage",
}
__all__ = [
    "Ask",
    "AsyncRun",
    "ContextPack",
    "Crew",
    "Curated",
    "Event",
    "Lens",
    "MergedFinding",
    "Message",
    "OrchestraError",
    "Outcome",
    "Plan",
    "Replies",
    "Reply",
    "Report",
    "Run",
    "RunState",
    "Scope",
    "Section",
    "Severity",
    "Standing",
    "Status",
    "Target",
    "Usage",
    "WorkerStatus",
    "act",
    "ask",
    "context_pack",
    "curate",
    "fenced",
    "fix",
    "open_run",
    "options",
    "pattern",
    "plan",
    "report",
    "research",
    "resume",
    "retry",
    "review",
    "review_async",
    "run_async",
    "split",
    "start",
]


def __getattr__(name: str) -> object:
    """Heavy modules load with the first use of a name."""
    from importlib import import_module

    if name == "rehearsal":
        return import_module(f"{__name__}.{name}")
    for module, names in _HOMES.items():
        if name in names.split():
            found: object = getattr(import_module(f"{__name__}.{module}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
