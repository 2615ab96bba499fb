"""Put a team of codex workers on one question and get one answer worth reading.

    import orchestra

    report = orchestra.review("src/", lenses=["correctness", "risk"])
    for finding in report.open:
        print(finding.id, finding.severity, finding.title)

`start("review", ...)` returns a handle at once, `review_async(...)` is awaited, `resume(...)` takes up a run.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False  # as typing's own, which would cost a third of what importing orchestra may cost
if TYPE_CHECKING:
    from orchestra.api import (
        act,
        fix,
        open_run,
        options,
        plan,
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
    from orchestra.brief.context_pack import ContextPack, context_pack
    from orchestra.brief.data import fenced
    from orchestra.brief.lenses import Lens
    from orchestra.brief.target import Section, Target
    from orchestra.crew.crew import Crew
    from orchestra.crew.events import Event, RunState, Status, WorkerStatus
    from orchestra.crew.run import AsyncRun, Run
    from orchestra.errors import OrchestraError
    from orchestra.findings.curate import curate
    from orchestra.outcome import Outcome
    from orchestra.patterns.catalogue import pattern
    from orchestra.reports.report import Report
    from orchestra.usage import Usage

_HOMES = {
    "api": "act fix open_run options plan research resume retry review review_async run_async split start",
    "brief.ask": "Ask Scope",
    "brief.context_pack": "ContextPack context_pack",
    "brief.data": "fenced",
    "brief.lenses": "Lens",
    "brief.target": "Section Target",
    "crew.crew": "Crew",
    "crew.events": "Event RunState Status WorkerStatus",
    "crew.run": "AsyncRun Run",
    "errors": "OrchestraError",
    "findings.curate": "curate",
    "outcome": "Outcome",
    "usage": "Usage",
    "patterns.catalogue": "pattern",
    "reports.report": "Report",
}
__all__ = [
    "Ask",
    "AsyncRun",
    "ContextPack",
    "Crew",
    "Event",
    "Lens",
    "OrchestraError",
    "Outcome",
    "Report",
    "Run",
    "RunState",
    "Scope",
    "Section",
    "Status",
    "Target",
    "Usage",
    "WorkerStatus",
    "act",
    "context_pack",
    "curate",
    "fenced",
    "fix",
    "open_run",
    "options",
    "pattern",
    "plan",
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

    for module, names in _HOMES.items():
        if name in names.split():
            found: object = getattr(import_module(f"{__name__}.{module}"), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
