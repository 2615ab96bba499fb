"""Nights to tell stories with: some code, what reviewers say of it, and who of them did not answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import MergedFinding
from orchestra.outcome import Outcome
from orchestra.reports.decisions import Decisions, decided
from orchestra.reports.excerpts import excerpts
from orchestra.reports.lifecycle import MOST_GONE, Known, known_from, under_known_ids, with_history
from orchestra.reports.look import Look
from orchestra.reports.report import Report
from tests.findings.tellings import message
from tests.reports.stories import report, worker

CODE = {
    "a.py": "import os\n\ndef load(path):\n    f = open(path)\n    return parse(f)\n",
    "b.py": "def take(self):\n    if self.free > 0:\n        self.free -= 1\n        return True\n",
    "c.py": "def login(token):\n    log.info('token %s', token)\n    return check(token)\n",
}
SAID: dict[str, dict[str, Any]] = {
    "leak": {
        "title": "The file is never closed",
        "severity": "high",
        "category": "leak",
        "problem": "The handle stays open when parsing fails. Under load the process runs out of descriptors.",
        "recommendation": "Open it in a with statement.",
        "locations": [{"path": "a.py", "start_line": 4, "end_line": 4, "quote": "f = open(path)"}],
    },
    "race": {
        "title": "Two callers can take the same place",
        "severity": "critical",
        "category": "race",
        "problem": "Between the look and the decrement another thread may come in, and both are admitted.",
        "recommendation": "Take the lock before looking.",
        "locations": [{"path": "b.py", "start_line": 2, "end_line": 2, "quote": "if self.free > 0:"}],
    },
    "secret": {
        "title": "The access token is written into the log",
        "severity": "medium",
        "category": "secrets",
        "problem": "Whoever reads the log file can log in as the user whose token was printed.",
        "recommendation": "Log its last four characters.",
        "locations": [{"path": "c.py", "start_line": 2, "end_line": 2, "quote": "log.info('token %s', token)"}],
    },
}
IN_OTHER_WORDS = {
    "leak": {
        "title": "Descriptor leak: the opened file is not closed",
        "problem": "open() without with: when parsing fails the handle stays open, and descriptors run out under load.",
    }
}
LENS_OF = {"leak": "risk", "race": "risk", "secret": "security"}
FIRST = datetime(2026, 11, 1, 3, 15, tzinfo=UTC)


@dataclass
class Nights:
    """One job, night after night."""

    code: dict[str, str] = field(default_factory=lambda: dict(CODE))
    decisions: Decisions = field(default_factory=dict)
    room: int = MOST_GONE
    reports: list[Report] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    """What each problem was called when it was first reported."""

    def night(
        self,
        told: Iterable[str] = (),
        *,
        silent: Iterable[str] = (),
        target: Iterable[str] | None = None,
        changes_only: bool = False,
        lenses: Iterable[str] = ("risk", "security"),
        differently: Mapping[str, Mapping[str, Any]] | None = None,
        today: date | None = None,
        together: tuple[str, str] | None = None,
    ) -> Report:
        """The report of one more night. Problems are told by the reviewers whose lens they are seen through.

        Two that are told `together` are taken for one by merge, which now and then happens.
        """
        given = {path: text for path, text in self.code.items() if target is None or path in target}
        labels = {lens: f"w{number}-{lens}" for number, lens in enumerate(lenses, 1)}
        mute = set(silent)
        said = {lens: [self._said(one, differently) for one in told if LENS_OF[one] == lens] for lens in labels}
        messages = [
            Message(worker=label, lens=lens, message=message(*said[lens]))
            for lens, label in labels.items()
            if lens not in mute
        ]
        found = curate(messages, given).findings
        if together:
            found = _as_one(found, *(SAID[name]["title"] for name in together))
        look = Look(
            files=tuple(given),
            answered={label: lens for lens, label in labels.items() if lens not in mute},
            silent={label: lens for lens, label in labels.items() if lens in mute},
            changes_only=changes_only,
        )
        number = len(self.reports) + 1
        made = report(
            found,
            [worker(label, Outcome.LOST if lens in mute else Outcome.ANSWERED) for lens, label in labels.items()],
            run=f"202611{number:02}-031500-review-0000",
            started=FIRST + timedelta(days=number - 1),
            looks=(look,),
            target_digests={path: str(hash(text)) for path, text in given.items()},
            excerpts=excerpts(found, given),
        )
        self.reports.append(self.told_on(made, today or date(2026, 11, number)))
        self.ids |= {key: one.id for one in self.reports[-1].findings if (key := problem(one.title)) not in self.ids}
        return self.reports[-1]

    def told_on(self, made: Report, today: date) -> Report:
        """As the owner of a run finishes its report."""
        earlier = self.reports[-1] if self.reports else None
        known: tuple[Known, ...] = ()
        if earlier:
            known = known_from(earlier, made)
            made = under_known_ids(made, known, earlier.history.let_go if earlier.history else ())
        now = decided(made, self.decisions, lying=self.code, today=today)
        return with_history(now.report, earlier, known, lying=self.code, lapsed=now.lapsed, room=self.room)

    def _said(self, name: str, differently: Mapping[str, Mapping[str, Any]] | None) -> dict[str, Any]:
        said = {**SAID[name], "confidence": 0.8, **(differently or {}).get(name, {})}
        where = [dict(place) for place in said["locations"]]
        for place in where:  # a file that was renamed is told under its new name
            if place["path"] not in self.code:
                text = CODE[place["path"]]
                place["path"] = next((path for path, now in self.code.items() if now == text), place["path"])
        return {**said, "locations": where}

    def states(self) -> dict[str, str]:
        """Problem -> what the last report says of its life."""
        last = self.reports[-1]
        assert last.history is not None
        names = {name: key for key, name in self.ids.items()}
        told = {names[one.id]: last.history.lived[one.id].life.value for one in last.findings}
        return told | {names[one.id]: "gone" if one.looked_again else "not seen" for one in last.history.departed}

    def why(self, name: str) -> str:
        """Why the last report says so."""
        history = self.reports[-1].history
        assert history is not None
        departed = {one.id: one.why for one in history.departed}
        return departed[self.ids[name]] if self.ids[name] in departed else history.lived[self.ids[name]].why


def _as_one(found: Iterable[MergedFinding], title: str, other: str) -> tuple[MergedFinding, ...]:
    by_title = {one.title: one for one in found}
    second = by_title.pop(other)
    first = by_title[title]
    both = {"said_by": (*first.said_by, *second.said_by), "places": (*first.places, *second.places)}
    return tuple({**by_title, title: first.model_copy(update=both)}.values())


def problem(title: str) -> str:
    """Which problem a title is about."""
    titles = {said["title"]: name for name, said in SAID.items()}
    titles |= {said["title"]: name for name, said in IN_OTHER_WORDS.items()}
    return titles[title]
