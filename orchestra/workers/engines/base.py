"""An engine turns a task into a command, and what the child prints into a result. Nothing outside knows its flags."""

from typing import Protocol

from orchestra.workers.pool import Ending, Listener
from orchestra.workers.task import WorkerResult, WorkerTask
from orchestra.workers.terminal import Command


class Reader(Listener, Protocol):
    """Follows one child while it runs and judges it when it has ended."""

    @property
    def doing(self) -> str:
        """What the worker is doing now, in a few words, from its last event."""

    def result(self, ending: Ending) -> WorkerResult:
        """The outcome, from the events, the last-message file and the exit; never from terminal text."""


class Engine(Protocol):
    """One kind of worker."""

    @property
    def name(self) -> str:
        """`codex`, `command:PROGRAM`: part of what decides an answer."""

    @property
    def stagger(self) -> float:
        """Seconds between two starts, where starting together costs more than starting apart."""

    @property
    def memory(self) -> int:
        """Bytes one of its workers needs; 0: nobody knows."""

    @property
    def prompt_limit(self) -> int | None:
        """Characters of a prompt it takes; a longer one is refused before anything is started."""

    def check(self) -> None:
        """Raise `EnvironmentLacking` when no worker of this engine could answer: missing, too old, not logged in."""

    def command(self, task: WorkerTask) -> Command:
        """What to run. The files of `task.files` it names are there when this returns."""

    def command_line(self, task: WorkerTask) -> tuple[str, ...]:
        """The command line alone, for a look at it: nothing is written, nothing is started."""

    def reader(self, task: WorkerTask) -> Reader:
        """A fresh listener for one attempt."""
