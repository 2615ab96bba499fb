"""A shop's repository, the developer who commits to it, the model its nights talk to, and what is told of them."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from orchestra.rehearsal import Fail, Move, Reply, Request, Say, StandIn, Understudy
from orchestra.rehearsal.assignment import files_of, lenses_of
from orchestra.reports.report import Report
from tests.cli.house import ORCHESTRA
from tests.cli.warm import Warm

FOLDERS = ("accounts", "billing")
FILLERS = 20
"""Files in each folder besides those the story is about: with more than 40 together, each folder is a section."""
SETTINGS = """
[jobs.night]
targets = ["shop"]
lenses = "security,correctness"
fail_on = "new:high"
at_once = 4
"""
AUTHOR = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
PATIENCE = 60.0


# ── the model ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Held(Move):
    """Answers when it may. Such an answer is not on record: whoever waits for it may be killed."""

    move: Move
    gate: threading.Event

    def play(self, request: Request, reply: Reply) -> None:
        self.gate.wait(PATIENCE)
        self.move.play(request, reply)


@dataclass(frozen=True)
class Asked:
    """One ask, as the model saw it."""

    thread: str
    lens: str
    section: str
    what: str
    """The prompt, and the content of every file it names: what an answer is paid for."""


class Model:
    """The understudy, which can be told to lose workers, to keep them waiting, and to say the same in other words."""

    def __init__(self, project: Path) -> None:
        self._project, self._understudy, self._lock = project, Understudy(), threading.Lock()
        self.asked: list[Asked] = []
        """This night."""
        self.answered: list[Asked] = []
        """Ever."""
        self.words: Mapping[str, Mapping[str, str]] = {}
        """Title as the understudy says it -> what is said instead, from then on."""
        self.begin_night()

    def begin_night(self) -> None:
        """Forget what was told for the night before."""
        self.loses: Callable[[Asked], bool] = lambda asked: False
        self.holds: Callable[[Asked], bool] = lambda asked: False
        self.when_asked: Callable[[], None] = lambda: None
        self.may_answer = threading.Event()
        self.asked = []

    def answer(self, request: Request) -> Move:
        """The understudy's move, or what was told instead."""
        asked = self._read(request)
        if request.begins_turn:
            with self._lock:
                self.asked.append(asked)
                self.when_asked()
        if self.loses(asked):
            return Fail(400, "The model is out of order.")
        move = self._understudy.answer(request)
        if not isinstance(move, Say):
            return move
        said = Say(self._reworded(move.messages[-1]), usage=move.usage)
        if self.holds(asked):
            return Held(said, self.may_answer)
        with self._lock:
            self.answered.append(asked)
        return said

    def _read(self, request: Request) -> Asked:
        prompt = request.prompts[0]
        files = [self._project / file.path for file in files_of(prompt)]
        (lens,) = lenses_of(prompt)
        texts = [file.read_text() if file.exists() else "" for file in files]
        return Asked(request.thread_id or "", lens, files[0].parent.name, "\0".join([prompt, *texts]))

    def _reworded(self, message: str) -> str:
        said = json.loads(message)
        for finding in said["findings"]:
            finding.update(self.words.get(finding["title"], {}))
        return json.dumps(said)


# ── the repository ───────────────────────────────────────────────────────────────────────────────────────────────────


class Shop:
    """The checkout, and the real command in it."""

    def __init__(self, project: Path, warm: Warm, served: StandIn, model: Model) -> None:
        self.project, self.model, self._warm = project, model, warm
        hidden = ("ORCHESTRA", "_ORCHESTRA", "NO_COLOR", "COLUMNS")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        self.environment = {**kept, "HOME": str(project.parent), **served.environment}
        self.git("init", "--quiet", "-b", "main")

    def git(self, *words: str) -> None:
        subprocess.run(["git", *AUTHOR, *words], cwd=self.project, capture_output=True, check=True)

    def commit(self, message: str, date: str) -> None:
        """Everything as it lies there; a commit of that day."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, "--date", f"{date} 17:00:00")

    def write(self, path: str, text: str) -> None:
        file = self.project / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def change(self, path: str, old: str, new: str) -> None:
        """Edit one place of a file."""
        text = (self.project / "shop" / path).read_text()
        assert text.count(old) == 1, (path, old)
        self.write(path, text.replace(old, new))

    def move(self, path: str, to: str) -> None:
        self.git("mv", f"shop/{path}", f"shop/{to}")

    # ── the command ──────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, *words: str, exit: int | None = 0) -> "subprocess.CompletedProcess[str]":
        """Type a command, wait for its end."""
        done = self._warm.run(words, self.project, self.environment)
        assert exit in (None, done.returncode), f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *words: str) -> Any:
        """The JSON a command prints."""
        return json.loads(self.run(*words, "--json").stdout)

    @contextmanager
    def started(self, *words: str) -> Iterator["subprocess.Popen[str]"]:
        """A command in a process of its own; whatever happens, it does not outlive its story."""
        out = subprocess.PIPE
        command = [*ORCHESTRA, *words]
        with subprocess.Popen(
            command, cwd=self.project, env=self.environment, stdout=out, stderr=out, text=True
        ) as child:
            try:
                yield child
            finally:
                with suppress(ProcessLookupError):
                    child.kill()

    @contextmanager
    def full(self) -> Iterator[Callable[[], None]]:
        """Fills the disk when it is called; afterwards there is room again."""
        file = self.project.parent / "ballast"
        with file.open("wb", buffering=0) as ballast:

            def fill() -> None:
                with suppress(OSError):
                    while True:
                        ballast.write(b"x" * 4096)

            yield fill
        file.unlink()

    # ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────

    def report(self, run: str) -> Report:
        return Report.model_validate_json((self.project / ".orchestra/runs" / run / "report.json").read_text())

    def events(self, kind: str) -> int:
        """How many events of a kind the newest run has."""
        logs = sorted((self.project / ".orchestra/runs").glob("[0-9]*/events.jsonl"))
        return logs[-1].read_text().count(f'"kind":"{kind}"') if logs else 0

    def page(self, name: str = "index") -> str:
        return (self.project / ".orchestra/site" / f"{name}.html").read_text()


def told_in(report: Report) -> dict[str, str]:
    """Id -> the life of the finding in a report, with what somebody decided of it."""
    history = report.history
    assert history is not None
    told = {one.id: "gone" if one.looked_again else "not seen" for one in history.departed}
    for finding in report.findings:
        decided = f", {finding.standing}" if finding.standing.is_decided else ""
        told[finding.id] = f"{history.lived[finding.id].life}{decided}"
    return told


def rows(page: str, table: str) -> list[dict[str, str]]:
    """The rows of the tables of a class: what each cell tells of, and what a reader without a browser reads there."""
    return _Tables(page, table).rows


class _Tables(HTMLParser):
    def __init__(self, page: str, wanted: str) -> None:
        super().__init__()
        self.rows: list[dict[str, str]] = []
        self._wanted, self._inside, self._cell = wanted, False, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "table":
            self._inside = said.get("class") == self._wanted
        elif tag == "td" and self._inside:
            self._cell = said.get("data-of") or ""
            if not self.rows or self._cell in self.rows[-1]:
                self.rows.append({})
            self.rows[-1][self._cell] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "table"):
            self._cell = ""

    def handle_data(self, data: str) -> None:
        if self._cell:
            row = self.rows[-1]
            row[self._cell] = " ".join(f"{row.get(self._cell, '')} {data}".split())
