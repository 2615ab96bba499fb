"""Any program as a worker: the prompt comes on stdin, what it prints is its message."""

import json
import os
import shlex
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from orchestra.errors import EngineMissing, UsageError
from orchestra.outcome import Outcome
from orchestra.settings import Sourced
from orchestra.workers.engines.attempt_files import write_private
from orchestra.workers.engines.environment import KEYS, worker_environment
from orchestra.workers.engines.secrets import Hider, secrets_in
from orchestra.workers.engines.wording import LOST, STOPPED, head, killed, one_line, ran_out, tail
from orchestra.workers.pool import Ending
from orchestra.workers.task import WorkerResult, WorkerTask
from orchestra.workers.terminal import Command

MESSAGE_LIMIT = 8 << 20
"""Bytes a message may have: a linter's SARIF over a large tree is a tenth of it."""


class CommandEngine:
    """Runs workers with a program of the user's: a linter among the reviewers, another agent, a stub for load tests.

    Exit 0 with output is an answer. `environment` names further variables the program may see; keys of codex are not
    among what it sees by itself.
    """

    memory = 0
    prompt_limit = None
    stagger = 0.0

    def __init__(
        self, argv: Sequence[str], *, environment: Iterable[str] = (), environ: Mapping[str, str] | None = None
    ) -> None:
        if not argv or not argv[0]:
            raise UsageError(
                "An engine `command:` needs a program.", next_step="Say `--engine 'command:PROGRAM ARGS'`."
            )
        self.argv = tuple(argv)
        self.environment = tuple(environment)
        given = os.environ if environ is None else environ
        self.environ = {name: value for name, value in given.items() if name not in KEYS or name in self.environment}

    @classmethod
    def parse(
        cls, line: str, *, environment: Iterable[str] = (), environ: Mapping[str, str] | None = None
    ) -> "CommandEngine":
        """`PROGRAM ARGS` as a shell would split it; nothing else of a shell is there."""
        try:
            return cls(shlex.split(line), environment=environment, environ=environ)
        except ValueError as error:
            raise UsageError(
                f"The command {line!r} cannot be split into words: {error}.",
                next_step="Close its quotation marks.",
            ) from error

    def __repr__(self) -> str:
        return f"<{self.name}>"

    @property
    def name(self) -> str:
        return f"command:{shlex.join(self.argv)}"

    @property
    def program(self) -> str:
        return Path(self.argv[0]).name

    def check(self) -> None:
        """Raise when the program is not there."""
        _ = self._executable

    def command(self, task: WorkerTask) -> Command:
        """Write the attempt's prompt and command.json, and say what to run."""
        argv, files = self.command_line(task), task.files
        files.make()
        environment = worker_environment(
            self.environ, {"NO_COLOR": "1"} | task.environment, self.environment, task.mark
        )
        write_private(files.prompt, task.prompt)
        told = {"argv": argv, "cwd": str(task.cwd), "environment": sorted(environment)}
        write_private(files.command, json.dumps(told, ensure_ascii=False))
        return Command(
            argv=argv,
            environment=environment,
            stdin=files.prompt,
            output=files.events,
            stderr=files.stderr,
            cwd=task.cwd,
        )

    def command_line(self, task: WorkerTask) -> tuple[str, ...]:
        """The same for every task: what is asked comes on stdin."""
        return (self._executable, *self.argv[1:])

    def reader(self, task: WorkerTask) -> "CommandReader":
        """A fresh listener for one attempt."""
        return CommandReader(task, self)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Values that must stand in no reason."""
        return secrets_in(self.environ)

    @cached_property
    def _executable(self) -> str:
        found = shutil.which(self.argv[0], path=self.environ.get("PATH", os.defpath))
        if found is None:
            raise EngineMissing(self.argv[0], ["PATH"], "Install it, or name its full path in the engine's command.")
        return str(Path(found).absolute())


class CommandReader:
    """Counts what the program prints; the message itself is read from the log when it has ended."""

    def __init__(self, task: WorkerTask, engine: CommandEngine) -> None:
        self.task, self.engine = task, engine
        self.size = 0

    def heard(self, chunk: bytes) -> None:
        """Count the next bytes; the pool keeps them."""
        self.size += len(chunk)

    @property
    def started(self) -> bool:
        """At once: a linter may well say nothing until its end, and has no first event to wait for."""
        return True

    @property
    def finished(self) -> bool:
        """Never known before the exit: a program's next byte may still belong to the message."""
        return False

    @property
    def doing(self) -> str:
        return f"running {self.engine.program}" + (f", {self.size:,} bytes so far" if self.size else "")

    def result(self, ending: Ending) -> WorkerResult:
        """The outcome, from the exit and the output."""
        passed = worker_environment(self.engine.environ, self.task.environment, self.engine.environment, "")
        hider = Hider(secrets_in(passed))
        for file in (self.task.files.events, self.task.files.stderr):
            hider.out_of_file(file)
        message, notes = self._message(ending, hider)
        outcome, reason = self._judge(ending, message)
        return WorkerResult(
            label=self.task.label,
            outcome=outcome,
            reason=one_line(reason, self.engine.secrets),
            message=message,
            message_source="output" if message is not None else None,
            notes=(*notes, *ending.notes),
            engine=self.engine.name,
            seconds=ending.seconds,
            exit_status=ending.exit_status,
            signal=ending.signal,
            deadline=ending.deadline,
            swept=ending.swept,
        )

    def _judge(self, ending: Ending, message: str | None) -> tuple[Outcome, str]:
        program = self.engine.program
        if ending.launch_error is not None:
            return Outcome.FAILED, f"{program} could not be started: {ending.launch_error}"
        if ending.stopped:
            return Outcome.STOPPED, STOPPED
        if ending.deadline is not None:
            return Outcome.TIMED_OUT, ran_out(ending.deadline, ending)
        if ending.signal is not None:
            return Outcome.FAILED, killed(program, ending.signal)
        if ending.exit_status is None:
            return Outcome.LOST, LOST
        if self.size > MESSAGE_LIMIT:
            return Outcome.FAILED, f"{program} printed {self.size:,} bytes; a message may have {MESSAGE_LIMIT:,}"
        if ending.exit_status != 0:
            return Outcome.FAILED, f"{program} exited with {ending.exit_status}{self._last_words(message)}"
        if message is None:
            return Outcome.EMPTY, f"{program} exited with 0 and printed nothing"
        return Outcome.ANSWERED, "answered"

    def _message(self, ending: Ending, hider: Hider) -> tuple[str | None, tuple[str, ...]]:
        """What it printed, unless that is too much to be a message."""
        if self.size > MESSAGE_LIMIT:
            return None, ()
        whole = ending.tail if len(ending.tail) == self.size else head(self.task.files.events, MESSAGE_LIMIT)
        if not whole.strip():
            return None, ()
        whole = hider.out_of(whole)
        try:
            return whole.decode("utf-8"), ()
        except UnicodeDecodeError:
            text = whole.decode("utf-8", errors="replace")
            return text, (f"{text.count(chr(0xFFFD))} places of its output were not UTF-8",)

    def _last_words(self, message: str | None) -> str:
        """The end of what it wrote to stderr, else of what it printed: there programs say why they failed."""
        stderr = tail(self.task.files.stderr, 2000).decode("utf-8", errors="replace")
        lines = [line for line in (stderr.strip() or (message or "")[-2000:]).splitlines() if line.strip()]
        return f": {' / '.join(lines[-3:])}" if lines else ""


def engine(said: str, settings: Sourced, environ: Mapping[str, str]) -> CommandEngine:
    """The program that stands after the name, or the one the settings call by this name."""
    chosen = settings.values
    if chosen.engine in chosen.engines:
        return CommandEngine(chosen.engines[chosen.engine], environment=chosen.environment, environ=environ)
    return CommandEngine.parse(said, environment=chosen.environment, environ=environ)
