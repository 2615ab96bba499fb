"""What earlier lives of a run left behind: who was asked, what was answered, what was paid."""

from dataclasses import dataclass, field

from orchestra.crew.events import Event, Kind
from orchestra.crew.run_folder import RunFolder, Seal
from orchestra.usage import Usage


@dataclass(kw_only=True)
class Past:
    """Read from the journal and the seals; a seal counts also where the journal lost its line."""

    labels: dict[str, str] = field(default_factory=dict)
    """Key of an ask -> label of its worker."""
    seals: dict[str, Seal] = field(default_factory=dict)
    """Key of an ask -> its answered attempt."""
    retries: dict[str, list[str]] = field(default_factory=dict)
    """Label -> the note of each time somebody wanted it asked again."""
    unseen: set[str] = field(default_factory=set)
    """Labels of workers that were at work when their orchestrator died: what became of them nobody saw."""
    paid: list[tuple[str, Usage]] = field(default_factory=list)
    """Role and tokens of every attempt that said what it used; an answer of an earlier run was paid there."""

    @classmethod
    def of(cls, folder: RunFolder, log: list[Event]) -> "Past":
        """Take up what is there."""
        past = cls(labels={event.key: event.worker for event in log if event.key and event.worker})
        roles = {event.worker: event.role for event in log if event.worker and event.role}
        for event in log:
            if event.kind is Kind.RETRY and event.worker:
                past.retries.setdefault(event.worker, []).append(event.text or "")
            elif event.kind is Kind.STARTED and event.worker:
                past.unseen.add(event.worker)
            elif event.kind is Kind.ENDED and event.worker and event.attempt is not None:
                past.unseen.discard(event.worker)
        for seal in folder.seals():
            if seal.result.usage and seal.origin is None:
                past.paid.append((roles.get(seal.result.label, ""), seal.result.usage))
            if seal.result.answered:
                past.seals[seal.key] = seal
            past.labels.setdefault(seal.key, seal.result.label)
        return past
