"""How an ending is put into words that are safe to print anywhere."""

import os
import re
import signal
from collections.abc import Iterable
from pathlib import Path

from orchestra.outcome import Deadline
from orchestra.workers.pool import Ending

_LOOKS_SECRET = re.compile(r"\b(sk-|Bearer )[\w.~+/-]{8,}")

STOPPED = "stopped on request before it had answered"
LOST = "its process is gone and nobody saw how it ended"

_RAN_OUT = {
    Deadline.START: "it gave no first sign of life",
    Deadline.IDLE: "it fell silent",
    Deadline.WALL: "it took longer than it was given",
    Deadline.LINGER: "it ended its turn without an answer and would not leave",
}


_HINTS: dict[int, str] = {
    signal.SIGKILL: " (out of memory?)",
    signal.SIGABRT: " (it crashed; too little memory, or too few processes and threads allowed? see ulimit -v and -u)",
    signal.SIGXFSZ: " (its files may not grow that large; see ulimit -f)",
    signal.SIGXCPU: " (it may not take that much time of the processor; see ulimit -t)",
}


def ran_out(deadline: Deadline, ending: Ending, doing: str = "") -> str:
    """Which clock ran out, how long it was, and what the worker was at."""
    last = f"; last: {doing}" if doing else ""
    return f"{_RAN_OUT[deadline]} ({deadline} deadline, {ending.allowed:g} s{last})"


def killed(program: str, number: int) -> str:
    """Which signal ended it."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{program} was killed by {name}{_HINTS.get(number, '')}"


def one_line(text: str, secrets: Iterable[str] = (), length: int = 500) -> str:
    """A text on one line, without control characters, without secrets, and not longer than a person reads."""
    for secret in secrets:
        text = text.replace(secret, "***")
    text = _LOOKS_SECRET.sub(r"\1***", text)
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def head(path: Path, limit: int) -> bytes:
    """The first bytes of a file; nothing where there is none."""
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError:
        return b""


def tail(path: Path, limit: int) -> bytes:
    """The last bytes of a file; nothing where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - limit))
            return file.read()
    except OSError:
        return b""
