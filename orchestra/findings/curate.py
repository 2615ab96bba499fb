"""From the messages of several workers to one ranked list of findings: parse, anchor, merge, name, rank."""

from collections.abc import Iterable, Mapping

from orchestra.findings.anchor import Anchors
from orchestra.findings.finding import MergedFinding, ReviewMessage, Said
from orchestra.findings.merge import merge
from orchestra.findings.name import named
from orchestra.findings.parse import parse
from orchestra.findings.rank import ranked
from orchestra.value import Value


class Message(Value):
    """The final message of one worker, as text or already read."""

    worker: str
    """Its label: `w2-security`."""
    message: str | ReviewMessage
    lens: str | None = None
    complete: bool = True
    """False: the worker did not answer in full; what it says stands apart and supports nothing."""


class Curated(Value):
    """The one list, and what reading the messages had to forgive."""

    findings: tuple[MergedFinding, ...]
    notes: tuple[str, ...] = ()


def curate(messages: Iterable[Message], texts: Mapping[str, str] | None = None) -> Curated:
    """Merge what the workers say into one ranked list.

    `texts` are the target's files by path; without them no place can be checked.
    """
    notes: list[str] = []
    anchors = Anchors(texts)
    said = [one for message in messages for one in _said(message, anchors, notes)]
    return Curated(findings=ranked(named(merge(said))), notes=tuple(sorted(notes)))


def _said(message: Message, anchors: Anchors, notes: list[str]) -> Iterable[Said]:
    """The findings of a message, numbered from 1, each with its places looked up."""
    if isinstance(message.message, ReviewMessage):
        findings, complete = message.message.findings, message.complete
    else:
        parsed = parse(message.message)
        findings, complete = parsed.findings, message.complete and parsed.complete
        notes += [f"{message.worker}: {note}" for note in parsed.notes]
    for index, finding in enumerate(findings, 1):
        yield Said(
            worker=message.worker,
            index=index,
            lens=message.lens,
            complete=complete,
            finding=finding,
            places=tuple(anchors.place(location) for location in finding.locations),
        )
