"""From the messages of several workers to one ranked list of findings: parse, anchor, merge, name, rank."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from orchestra.findings.anchor import Anchors
from orchestra.findings.finding import Finding, MergedFinding, ReviewMessage, Said
from orchestra.findings.merge import merge
from orchestra.findings.name import named
from orchestra.findings.parse import Parsed, parse
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
    partial: tuple[str, ...] = ()
    """The workers whose message was no full answer."""


def curate(
    messages: Iterable[Message], texts: Mapping[str, str] | None = None, leads_out: Collection[str] = ()
) -> Curated:
    """Merge what the workers say into one ranked list.

    `texts` are the target's files by path; without them no place can be checked. `leads_out` are the paths that lie
    in it by name only: links to somewhere else.
    """
    voices, notes = _voices(messages)
    anchors = Anchors(texts, leads_out)
    said = [one for voice in voices for one in voice.said(anchors)]
    partial = tuple(voice.worker for voice in voices if not voice.parsed.complete)
    return Curated(findings=ranked(named(merge(said))), notes=notes, partial=partial)


@dataclass(frozen=True)
class _Voice:
    """One worker and what its message was read as."""

    worker: str
    lens: str | None
    parsed: Parsed
    repeats: str | None
    """An earlier worker whose findings are the same word for word: two copies of one text are one voice."""

    def said(self, anchors: Anchors) -> Iterator[Said]:
        """Its findings, numbered from 1, each with its places looked up."""
        for index, finding in enumerate(self.parsed.findings, 1):
            yield Said(
                worker=self.worker,
                index=index,
                lens=self.lens,
                complete=self.parsed.complete,
                repeats=self.repeats,
                finding=finding,
                places=tuple(map(anchors.place, finding.locations)),
            )


def _voices(messages: Iterable[Message]) -> tuple[list[_Voice], tuple[str, ...]]:
    """Each message once, under a label of its own, whatever the order they came in; and what there is to note."""
    voices: list[_Voice] = []
    notes: list[str] = []
    first: dict[tuple[Finding, ...], str] = {}
    for worker, same_label in sorted(_by_label(messages).items()):
        for number, (message, times) in enumerate(sorted(same_label.items(), key=lambda pair: repr(pair[0])), 1):
            label = worker if number == 1 else f"{worker}~{number}"
            parsed = _read(message)
            repeats = first.setdefault(parsed.findings, label) if parsed.findings else label
            voices.append(_Voice(label, message.lens, parsed, repeats if repeats != label else None))
            if times > 1:
                notes.append(f"{label}: the same message came {times} times; it is read once")
            if label != worker:
                notes.append(f"{label}: another message came under the label {worker}; it is called {label}")
            if repeats != label:
                notes.append(f"{label}: word for word what {repeats} says; together they count as one voice")
            notes += [f"{label}: {note}" for note in parsed.notes]
    return voices, tuple(notes)


def _by_label(messages: Iterable[Message]) -> dict[str, Counter[Message]]:
    by_label: dict[str, Counter[Message]] = defaultdict(Counter)
    for message in messages:
        by_label[message.worker][message] += 1
    return by_label


def _read(message: Message) -> Parsed:
    if isinstance(message.message, ReviewMessage):
        return Parsed(summary=message.message.summary, findings=message.message.findings, complete=message.complete)
    parsed = parse(message.message)
    return parsed.model_copy(update={"complete": parsed.complete and message.complete})
