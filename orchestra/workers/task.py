"""What goes into a worker and what comes out: plain data, so that a worker can run on any machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from orchestra.brief.ask import Scope
from orchestra.outcome import Deadline, Outcome
from orchestra.usage import Usage
from orchestra.value import Value

EXIT_NOT_SEEN = "exit not seen"
"""The note on an answer that was complete when its orchestrator died."""


class Deadlines(Value):
    """Seconds a worker has. 0 switches a clock off."""

    start: float = Field(60.0, ge=0)
    """Until its first event. codex prints one at once; a minute is for a machine under load."""
    idle: float = Field(900.0, ge=0)
    """Without a byte. A model may think long and silently; a tool it runs prints nothing until it ends."""
    wall: float = Field(3600.0, ge=0)
    """All in all."""
    linger: float = Field(10.0, ge=0)
    """Between the complete answer and the exit; codex takes 0.07 s."""


@dataclass(frozen=True, slots=True)
class AttemptFolder:
    """The files of one attempt; the only place that names them."""

    path: Path

    def make(self) -> None:
        """The folder, and the worker's own around it: nobody else's to look into, whatever the umask."""
        for folder in (self.path.parent, self.path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def prompt(self) -> Path:
        return self.path / "prompt.md"

    @property
    def command(self) -> Path:
        return self.path / "command.json"

    @property
    def schema(self) -> Path:
        return self.path / "answer-schema.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def stderr(self) -> Path:
        return self.path / "stderr.log"

    @property
    def last_message(self) -> Path:
        return self.path / "last-message.md"

    @property
    def result(self) -> Path:
        """The seal: when this file is there, the attempt is over."""
        return self.path / "result.json"

    @property
    def tree(self) -> Path:
        """Where a worker with a tree of its own stands."""
        return self.path / "tree"

    @property
    def tree_record(self) -> Path:
        """What that tree was made from."""
        return self.path / "tree.json"

    @property
    def tree_index(self) -> Path:
        """git's list of the tree as it was made; the worker cannot reach it."""
        return self.path / "tree.index"

    @property
    def tree_lock(self) -> Path:
        return self.path / "tree.lock"

    @property
    def patch(self) -> Path:
        """What the worker changed, as a unified diff."""
        return self.path / "changes.patch"

    @property
    def repair(self) -> "AttemptFolder":
        """The one turn in which the worker may mend an answer that could not be read."""
        return AttemptFolder(self.path / "repair")


class WorkerTask(Value):
    """One thing for one worker to do: everything its engine needs to know, and nothing about who asked."""

    label: str
    """`w2-security`."""
    run: str = ""
    """The run it belongs to; its processes are known by it, also when their orchestrator is gone."""
    prompt: str
    folder: Path
    """The attempt's folder: prompt, events, warnings, last message (see `AttemptFolder`)."""
    cwd: Path
    """The tree the worker stands in."""
    scope: Scope = Scope.READ
    model: str | None = None
    effort: str | None = None
    answer_schema: dict[str, Any] | None = None
    """Strict-mode JSON schema of the final message, where its type matters."""
    web_search: bool = False
    thread_id: str | None = None
    """Go on with this thread instead of beginning one."""
    deadlines: Deadlines = Deadlines()
    environment: dict[str, str] = Field(default_factory=dict)
    """What is added to, or replaces, the allow-listed environment of a worker."""

    def __repr__(self) -> str:
        return f"<Task {self.label}: {self.scope}, a prompt of {len(self.prompt):,} characters>"

    @property
    def files(self) -> AttemptFolder:
        return AttemptFolder(self.folder)

    @property
    def mark(self) -> str:
        """How its processes are marked: `20261120-162903-review-4433/w2-security`."""
        return f"{self.run}/{self.label}"


class CommandRun(Value):
    """A command the worker ran with its own tools."""

    command: str
    exit_code: int | None = None
    """None: it never completed."""
    tested_nothing: bool = False
    """What it printed says that no test ran."""


class FileChange(Value):
    """A file the worker said it changed."""

    path: str
    kind: str


class WorkerResult(Value):
    """How it ended, in one word and in one sentence, and everything that was observed on the way."""

    label: str
    outcome: Outcome
    reason: str
    """One sentence a person understands."""
    message: str | None = None
    """The final message; of a worker that did not answer, the last it said."""
    message_source: Literal["file", "event", "output"] | None = None
    notes: tuple[str, ...] = ()
    """Warnings, and where something was read leniently."""
    engine: str
    engine_version: str | None = None
    seconds: float = 0.0
    exit_status: int | None = None
    signal: int | None = None
    deadline: Deadline | None = None
    """The clock that ended it, if one did."""
    usage: Usage | None = None
    thread_id: str | None = None
    continue_command: str | None = None
    """What a person types to go on talking to this worker."""
    commands: tuple[CommandRun, ...] = ()
    files_changed: tuple[FileChange, ...] = ()
    files_read: tuple[str, ...] = ()
    """Files it was SEEN to read, from its command events."""
    can_pass: bool = False
    """Its cause can pass (a rate limit, overload, a locked database): asking again makes sense."""
    retry_after: float | None = None
    """Seconds until asking again makes sense, where the failure named a time."""
    swept: tuple[str, ...] = ()
    """Processes it left behind that were ended: `pid 812 sleep 300`."""

    def __repr__(self) -> str:
        why = "" if self.answered else f": {self.reason}"
        return f"<Result of {self.label}: {self.outcome} after {self.seconds:.1f} s{why}>"

    @property
    def answered(self) -> bool:
        return self.outcome is Outcome.ANSWERED
