"""The life of each finding, night by night, out of what the kept nights tell of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from orchestra.findings.finding import Standing
from orchestra.nightly.site.night import Missing, Night, NoReport, Sighting
from orchestra.reports.history import Life
from orchestra.value import Value

GONE = "gone"
Line = Sequence[Night | NoReport]
"""The nights of one job, or the runs of none, oldest first."""


class Entry(Value):
    """What one night says of a finding."""

    run: str
    line: str | None
    day: str
    linked: bool
    """The night has a page."""
    word: str
    """`new`, `still there`, `gone`, `not seen`."""
    why: str = ""
    sighting: Sighting | None = None
    missing: Missing | None = None
    as_before: bool = False
    """The night before said the same."""


class Strand(Value):
    """What one line of nights says of a finding; without a name, what runs that stand alone say."""

    line: str | None
    entries: tuple[Entry, ...]
    """Newest first."""

    @property
    def source(self) -> Entry:
        """The night that knows most: the last that reported it, else the last that carried it along."""
        reported = [one for one in self.entries if one.sighting]
        return (reported or [one for one in self.entries if one.missing])[0]

    @property
    def title(self) -> str:
        """As it was last reported."""
        said = self.source.sighting or self.source.missing
        return said.title if said else ""

    @property
    def severity(self) -> str:
        """As it was last reported."""
        said = self.source.sighting or self.source.missing
        return said.severity if said else ""

    @property
    def now(self) -> str:
        """Where it stands."""
        return _standing(self.entries[0])


def lives(lines: Mapping[str | None, Line]) -> dict[str, tuple[Strand, ...]]:
    """By id, what every night says of it. Between its first night and its last none is left out.

    Ids are given job by job: the same one in two jobs may be two problems, so each job has a strand of its own.
    """
    told: dict[str, list[Strand]] = {}
    for name, line in lines.items():
        for id, entries in _strands(name, line).items():
            told.setdefault(id, []).append(Strand(line=name, entries=tuple(reversed(entries))))
    return {id: tuple(sorted(strands, key=_newest, reverse=True)) for id, strands in told.items()}


def day(started: datetime) -> str:
    """`2026-11-20 03:15`, in UTC."""
    known = started.replace(tzinfo=UTC) if started.tzinfo is None else started.astimezone(UTC)
    return known.strftime("%Y-%m-%d %H:%M")


def day_of(run: str) -> str:
    """The same, of a run of which only the name is known."""
    return f"{run[:4]}-{run[4:6]}-{run[6:8]} {run[9:11]}:{run[11:13]}" if run[:8].isdigit() else run


def _newest(strand: Strand) -> str:
    return strand.entries[0].run


def _strands(name: str | None, line: Line) -> dict[str, list[Entry]]:
    """Oldest first."""
    told: dict[str, list[Entry]] = {}
    there: dict[str, None] = {}
    for night in line:
        for id, entry in _of_night(night, there, told):
            before = told.setdefault(id, [])
            before.append(_beside(entry, before[-1] if before else None))
            if entry.word == GONE:
                there.pop(id, None)
            elif name is not None:
                there[id] = None
    return told


def _beside(entry: Entry, before: Entry | None) -> Entry:
    if before is None or entry.sighting is None or before.sighting is None or entry.word != Life.STILL_THERE:
        return entry
    counted = {"life": None, "runs_seen": 0, "why": ""}
    same = vars(entry.sighting) | counted == vars(before.sighting) | counted
    return entry.model_copy(update={"as_before": same})


def _of_night(
    night: Night | NoReport, there: Mapping[str, None], told: Mapping[str, object]
) -> list[tuple[str, Entry]]:
    if isinstance(night, NoReport):
        return [(id, _entry(night, "no report", night.why)) for id in there]
    seen = {one.id: _entry(night, one.life or "reported", one.why, one) for one in night.seen}
    missed = {
        one.id: _missed(night, one)
        for one in night.missing
        # What has long been gone is said once.
        if one.id not in seen and (not one.looked_again or one.id in there or one.id not in told)
    }
    silence = night.lacks or "the report does not speak of it"
    untold = {id: _entry(night, "not told", silence) for id in there if id not in seen and id not in missed}
    return [*seen.items(), *missed.items(), *untold.items()]


def _missed(night: Night, one: Missing) -> Entry:
    if one.looked_again:
        return _entry(night, GONE, one.why or "its lines were looked at again", missing=one)
    lacks = f": {night.lacks}" if night.lacks else ""
    return _entry(night, "not seen", one.why or f"its lines were not looked at again{lacks}", missing=one)


def _entry(
    night: Night | NoReport,
    word: str,
    why: str,
    sighting: Sighting | None = None,
    missing: Missing | None = None,
) -> Entry:
    read = isinstance(night, Night)
    return Entry(
        run=night.run,
        line=night.line,
        day=day(night.started) if isinstance(night, Night) else day_of(night.run),
        linked=read,
        word=word,
        why=why,
        sighting=sighting,
        missing=missing,
    )


def _standing(entry: Entry) -> str:
    where = f"the last night of {entry.line}" if entry.line else "the last run that reports it"
    if entry.sighting:
        standing, reason = entry.sighting.standing, entry.sighting.reason
        why = f": {reason}" if reason and standing is not Standing.OPEN else ""
        return f"{standing.capitalize()} in {where}, {entry.day}{why}."
    if entry.word == GONE and entry.missing:
        since = day_of(entry.missing.gone_since) if entry.missing.gone_since else entry.day
        return f"Gone since {since}: {entry.why.rstrip('.')}."
    return f"{entry.word.capitalize()} in {where}, {entry.day}: {entry.why.rstrip('.')}."
