"""How a run is told in a line: its states, what happens in it, and spans of time."""

from orchestra.crew.events import Event, Kind
from orchestra.crew.status import Status
from orchestra.reports.plain import plain

UNDER_WAY = ("starting", "running")
STATES = {"timed_out": "timed out", "rate_limited": "rate limited"}


def state_words(state: str) -> str:
    """A state as people read it."""
    return STATES.get(state, state)


def counts_in_words(status: Status) -> str:
    """`2 running, 3 queued, 1 answered`."""
    counted: dict[str, int] = {"running": 0, "queued": 0, "answered": 0}
    for worker in status.workers:
        state = "running" if worker.state in UNDER_WAY else worker.state
        counted[state] = counted.get(state, 0) + 1
    return ", ".join(f"{count:,} {state_words(state)}" for state, count in counted.items() if count)


def event_line(event: Event) -> str | None:
    """The line of an event; None for what is no change of state."""
    match event.kind:
        case Kind.STEP_STARTED:
            said = f"{event.step}"
        case Kind.STARTED:
            again = f" (attempt {event.attempt})" if event.attempt and event.attempt > 1 else ""
            said = f"  {event.worker}  started{again}"
        case Kind.ENDED:
            said = f"  {event.worker}  {_ending(event)}"
        case Kind.HELD:
            said = f"  waiting: {event.text}" if event.text else "  starting again"
        case Kind.STOP_ASKED:
            said = "stopping: the workers are asked to stop"
        case Kind.RETRY:
            said = f"  {event.worker}  to be asked again" + (f": {event.text}" if event.text else "")
        case Kind.RUN_RESUMED:
            said = "resumed"
        case Kind.NOTE if event.text:
            said = f"  {event.text}"
        case _:
            return None
    return plain(said)


def log_line(event: Event) -> str | None:
    """The same for the log, which tells everything."""
    match event.kind:
        case Kind.RUN_STARTED:
            return "started"
        case Kind.ASKED:
            return plain(f"  {event.worker}  queued")
        case Kind.REUSED:  # hundreds in a night in which little changed: elsewhere they are counted
            return plain(f"  {event.worker}  {_ending(event)}")
        case Kind.LEFT:
            return plain(f"  {event.worker}  {event.text}")
        case Kind.DOING:
            return plain(f"  {event.worker}  {event.text}")
        case Kind.STEP_ENDED:
            return plain(f"{event.step}: done")
        case Kind.RUN_ENDED:
            return plain(f"{event.state}: {event.text}")
        case _:
            return event_line(event)


def _ending(event: Event) -> str:
    state = state_words(str(event.outcome))
    tokens = f", {event.usage.total:,} tokens" if event.usage else ""
    why = f": {event.text}" if event.text and event.text != event.outcome else ""
    return f"{state}{tokens}{why}"


def age(seconds: float) -> str:
    """At most six signs, up to a hundred days."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 86400}d{whole % 86400 // 3600:02}h"
