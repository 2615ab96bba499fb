"""The folder of one run: its files, and who owns it. The only place that names or locks them."""

import errno
import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestra.brief.context_pack import ContextPack
from orchestra.brief.rules import Rules
from orchestra.crew.basis import Basis
from orchestra.crew.changes import Changes
from orchestra.crew.lineage import Lineage, Origin
from orchestra.errors import StateUnusable, UsageError
from orchestra.misread import sentence
from orchestra.value import Value
from orchestra.workers.task import AttemptFolder, WorkerResult

SCHEMA_VERSION = 1
LOOKS_PASS = 5
"""Times 10 ms that a lock is tried for; a look takes a thousandth of that."""
_LABEL = re.compile(r"w\d+(-[a-z0-9+-]+)?")


class RunRecord(Value):
    """`run.json`: what was asked, and of what. Written once."""

    schema_version: int = SCHEMA_VERSION
    id: str
    pattern: str
    function: str
    """`module:qualname`: where a resumed run finds its pattern."""
    inputs: dict[str, Any]
    settings: dict[str, Any]
    origins: dict[str, str]
    context: ContextPack = ContextPack()
    """What the user said that workers cannot infer."""
    rules: Rules | None = None
    """The commit whose settings, prompts and decisions hold, where the checkout itself is judged."""
    rehearse: bool = False
    lineage: Lineage = Lineage()
    """The job it belongs to, and the runs it goes on from."""
    asked: str
    """In words: `review of src/ through correctness, risk`."""
    versions: dict[str, str]
    started: datetime


class Seal(Value):
    """`result.json`: how an attempt ended. Only an answered one is ever given back."""

    schema_version: int = SCHEMA_VERSION
    key: str
    # Both keys stand at the head of the file: later runs find an answer by them without reading the rest.
    first_key: str | None = None
    """The key before somebody wanted it asked again."""
    attempt: int
    sealed: datetime
    exit_seen: bool = True
    """False: its orchestrator died first, and the event log shows that the answer was complete."""
    result: WorkerResult
    changes: Changes | None = None
    """Of a worker with a tree of its own: what it changed, committed before this was written."""
    basis: Basis | None = None
    """Of an answer: what it rests on besides its key."""
    origin: Origin | None = None
    """Of a copy: the run that paid for it, and when it was answered."""


def write_whole(file: Path, content: str, *, sync: bool = False, mode: int = 0o600) -> None:
    """Write to a temporary name and rename: a reader sees the old file or the new one, never half of one."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as stream:
            stream.write(content)
            stream.flush()
            if sync:
                os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def project(self) -> Path:
        """The folder the run belongs to, wherever that has been moved."""
        return self.path.parents[2]

    @property
    def record_file(self) -> Path:
        return self.path / "run.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def report(self) -> Path:
        return self.path / "report.json"

    @property
    def stop_request(self) -> Path:
        return self.path / "stop"

    @property
    def laid_rules(self) -> Path:
        """The rules of the commit that was named with `--base`."""
        return self.path / "rules"

    def rules(self, record: RunRecord) -> Path:
        """The folder whose prompts and decisions hold for this run: the project, or what was laid down for it."""
        if record.rules is None:
            return self.project
        found = self.laid_rules / record.rules.project
        if not found.is_dir():
            raise StateUnusable(
                f"The rules of the run {self.id} are not there any more.", where=found, next_step="Start it anew."
            )
        return found

    @property
    def untold(self) -> Path:
        """There for as long as a night has not handed its report out: nobody may have heard of it yet."""
        return self.path / "untold"

    @property
    def snapshots(self) -> Path:
        """What the user had when the first worker got a tree of its own, by folder."""
        return self.path / "snapshots.json"

    @property
    def store(self) -> Path:
        """What git knows of a folder that lies in no repository."""
        return self.path / "store.git"

    @property
    def output(self) -> Path:
        """What a detached owner would have said to a terminal."""
        return self.path / "owner.log"

    def attempt(self, label: str, number: int) -> AttemptFolder:
        """The folder of one attempt of one worker."""
        if not _LABEL.fullmatch(label):
            raise UsageError(f"{label!r} is no label of a worker.", next_step="`orchestra show RUN` lists them.")
        return AttemptFolder(self.path / "workers" / label / f"attempt-{number}")

    def attempts(self, label: str) -> list[int]:
        """The numbers of the attempts a worker has made, in order."""
        names = _names(f"{self.path}/workers/{label}") if _LABEL.fullmatch(label) else []
        return sorted(int(name[8:]) for name in names if name.startswith("attempt-") and name[8:].isdigit())

    def labels(self) -> list[str]:
        """Every worker that has a folder, by number."""
        found = [name for name in _names(f"{self.path}/workers") if _LABEL.fullmatch(name)]
        return sorted(found, key=lambda label: (int(re.findall(r"\d+", label)[0]), label))

    def record(self) -> RunRecord:
        """What was asked."""
        try:
            text = self.record_file.read_text(encoding="utf-8")
            version = _version_in(text)
            if version > SCHEMA_VERSION:
                raise StateUnusable(
                    f"The run {self.id} was written by a newer orchestra (schema {version}, this one knows up to "
                    f"{SCHEMA_VERSION}).",
                    where=self.record_file,
                    next_step="Update orchestra to look at it or to resume it.",
                )
            return RunRecord.model_validate_json(text)
        except ValidationError as error:
            problem = error.errors()[0]
            said = sentence(".".join(map(str, problem["loc"])) or "it", problem).rstrip(".")
            raise StateUnusable(
                f"The run {self.id} cannot be read by this orchestra: its record was written by another build, or is "
                f"damaged ({said}).",
                where=self.record_file,
                next_step="The workers' files in its folder are plain text, and are all there.",
            ) from error
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "its record is not UTF-8 text"
            raise StateUnusable(f"The run {self.id} cannot be read: {why}.", where=self.record_file) from error

    def seals(self) -> Iterator[Seal]:
        """The ends of all attempts that have one; a seal that cannot be read is none."""
        for label in self.labels():
            for number in self.attempts(label):
                if seal := self.seal(label, number):
                    yield seal

    def seal(self, label: str, number: int) -> Seal | None:
        """The end of one attempt, if it has one."""
        try:
            return Seal.model_validate_json(self.attempt(label, number).result.read_bytes())
        except (OSError, ValidationError):
            return None

    def lock(self) -> "Lock":
        """Own the run, or be told who does."""
        return Lock(self)

    def owned(self) -> bool:
        """A living process owns the run."""
        try:
            descriptor = os.open(self.path / "run.lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


class Lock:
    """Held by the kernel for as long as the owner lives: it cannot outlive its process.

    `handed_over` is the descriptor of a lock that another process took for this one, so that there is no moment in
    which nobody owns the run.
    """

    def __init__(self, folder: RunFolder, handed_over: int | None = None) -> None:
        file = folder.path / "run.lock"
        try:
            self.descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StateUnusable(f"The run's lock cannot be taken: {why_closed(error)}.", where=file) from error
        if handed_over is not None:
            os.close(self.descriptor)
            self.descriptor = handed_over
            os.set_inheritable(handed_over, False)
        if not self._taken():
            owner = os.pread(self.descriptor, 200, 0).decode("utf-8", "replace").strip() or "another process"
            os.close(self.descriptor)
            raise StateUnusable(
                f"The run {folder.id} is owned by {owner}.",
                where=file,
                next_step=f"Follow it: `orchestra attach {folder.id}`. End it: `orchestra stop {folder.id}`.",
            ) from None
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"process {os.getpid()} on {os.uname().nodename}\n".encode(), 0)

    def _taken(self) -> bool:
        """Whoever looks holds a shared lock for some microseconds; that is no owner."""
        for _ in range(LOOKS_PASS):
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.01)
            else:
                return True
        return False

    def release(self) -> None:
        """Let the run go."""
        os.close(self.descriptor)


def why_closed(error: OSError) -> str:
    """Why a file that is opened without following links could not be."""
    return "it is a symbolic link" if error.errno == errno.ELOOP else str(error.strerror)


def _names(folder: str) -> list[str]:
    """What lies in a folder; nothing where there is none. A night looks into thousands, for which Path is too slow."""
    try:
        return os.listdir(folder)  # noqa: PTH208  # likewise
    except OSError:
        return []


def _version_in(text: str) -> int:
    found = re.search(r'"schema_version"\s*:\s*(\d+)', text)
    return int(found[1]) if found else 0
