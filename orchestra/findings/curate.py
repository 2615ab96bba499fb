"""From the messages of several workers to one ranked list of findings: parse, anchor, merge, name, rank."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from orchestra.findings.anchor import Anchors
from orchestra.findings.finding import Finding, MergedFinding, ReviewMessage, Said
from orchestra.findings.merge import merge
from orchestra.findings.name import named
from orchestra.findings.parse import Parsed, parse
from orchestra.findings.rank import ranked
from orchestra.findings.uncollected import uncollected
from orchestra.value import Value


class Message(Value):
    """What `curate` takes: the final message of one worker, as text or already read.

    Example:
        >>> orchestra.Message(worker="w1-risk", message="- HIGH app.py:3: the file is never closed")
        <Message of w1-risk: 41 characters>
    """

    worker: str
    """Its label: `w2-security`."""
    message: str | ReviewMessage
    lens: str | None = None
    complete: bool = True
    """False: the worker did not answer in full; what it says stands apart and supports nothing."""

    def __repr__(self) -> str:
        said = self.message
        what = f"{len(said):,} characters" if isinstance(said, str) else f"{len(said.findings)} findings"
        return f"<Message of {self.worker}: {what}{'' if self.complete else ', not complete'}>"


class Curated(Value):
    """What `curate` returns: one ranked list, and what reading had to forgive.

    Example:
        >>> orchestra.curate([])
        <Curated: 0 findings>
    """

    findings: tuple[MergedFinding, ...]
    notes: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    """The workers whose message was no full answer."""

    def __repr__(self) -> str:
        return f"<Curated: {len(self.findings):,} finding{'s' * (len(self.findings) != 1)}>"


@uncollected
def curate(
    messages: Iterable[Message], texts: Mapping[str, str] | None = None, leads_out: Container[str] = ()
) -> Curated:
    """Merge what several workers say into one ranked list, without a model.

    `texts` are the target's files by path; without them no place can be checked. `leads_out` are the paths that lie
    in it by name only: links to somewhere else.

    Example:
        >>> said = [orchestra.Message(worker=who, message="- HIGH app.py:3: the file is never closed")
        ...         for who in ("w1", "w2")]
        >>> [(finding.title, len(finding.said_by)) for finding in orchestra.curate(said).findings]
        [('the file is never closed', 2)]
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
        for number, (message, times) in enumerate(sorted(same_label.items(), key=_by_what_it_says), 1):
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


def _by_what_it_says(counted: tuple[Message, int]) -> str:
    message = counted[0]
    return repr((message.message, message.lens, message.complete))


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
