"""From a command to a process in a PTY of its own, without a fork."""

import contextlib
import errno
import os
import resource
import signal
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestra.workers.ptys import open_pty

DEFAULT_SIGNALS = tuple(
    int(number)
    for number in (
        signal.SIGPIPE,  # Python ignores it and SIGXFSZ, and an ignored signal stays ignored across exec
        signal.SIGXFSZ,
        signal.SIGHUP,  # ignored by nohup; a worker must die with its terminal
        signal.SIGINT,  # ignored by a shell without job control for what it puts into the background
        signal.SIGQUIT,
        signal.SIGTERM,
        signal.SIGCHLD,
        signal.SIGTSTP,
        signal.SIGTTIN,
        signal.SIGTTOU,
    )
)

_PROMPT = os.O_RDONLY | os.O_NONBLOCK  # to open a pipe would wait for its writer, and with it the whole orchestrator
_KEPT = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
_NOWHERE = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)

_WANT_OF_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EAGAIN, errno.ENOMEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run and where its streams go."""

    argv: tuple[str, ...]
    """argv[0] is the path of an executable."""
    environment: Mapping[str, str]
    stdin: Path
    """A regular file, or /dev/null: a pipe left open blocks codex for ever."""
    output: Path | None = None
    """Where everything that comes over the PTY is kept, to the byte. Made with the first byte."""
    stderr: Path | None = None
    cwd: Path | None = None


class NotStarted(Exception):
    """A child could not be started, and why; `want_of_room` when it could be once another one has ended."""

    def __init__(self, sentence: str, *, want_of_room: bool = False) -> None:
        super().__init__(sentence)
        self.want_of_room = want_of_room


def launch(command: Command, pty: tuple[int, str] | None = None) -> tuple[int, int, int]:
    """Start it; the pid, the master of its PTY, its pidfd. Raises `NotStarted` with the reason in words.

    `pty` is one that was opened beforehand; it is used up, whatever happens.

    0.2 ms, of any size of parent; a fork takes 2 ms, and 20 ms from a parent of 500 MB.
    """
    try:
        master, slave = pty or open_pty()
    except OSError as error:
        raise NotStarted(f"no PTY could be opened: {error.strerror}", want_of_room=True) from error
    pid = None
    try:
        argv = command.argv if command.cwd is None else _standing_in(command.cwd, command.argv)
        pid = os.posix_spawn(
            argv[0],
            argv,
            command.environment,
            # The first file action opens the PTY by name: glibc has called setsid by then, so that it becomes the
            # controlling terminal, and ^C and hang-up reach the child as from a person's own terminal.
            file_actions=(
                (os.POSIX_SPAWN_OPEN, 1, slave, os.O_RDWR, 0),
                (os.POSIX_SPAWN_OPEN, 0, str(command.stdin), _PROMPT, 0),
                _NOWHERE if command.stderr is None else (os.POSIX_SPAWN_OPEN, 2, str(command.stderr), _KEPT, 0o600),
                *_closed_in_workers,
            ),
            setsid=True,
            setsigdef=DEFAULT_SIGNALS,
            setsigmask=(),
        )
        return pid, master, _pidfd(pid)
    except (OSError, ValueError, NotStarted) as error:
        os.close(master)
        if isinstance(error, NotStarted):
            raise
        if pid is not None:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        if isinstance(error, OSError):
            raise NotStarted(_why(command, error), want_of_room=error.errno in _WANT_OF_ROOM) from error
        raise NotStarted(f"its arguments or environment cannot be passed on: {error}") from error


def _pidfd(pid: int) -> int:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        # It has ended already, and another part of the program, or an ignored SIGCHLD, has reaped it: something that
        # is ready at once, as its pidfd would be.
        return os.eventfd(1)


def inheritable_descriptors() -> tuple[int, ...]:
    """Descriptors that this process was itself started with and no worker should keep open: a CI's pipe, a lock."""
    with os.scandir("/proc/self/fd") as entries:
        descriptors = [int(entry.name) for entry in entries]
    found = []
    for descriptor in descriptors:
        try:
            if descriptor > 2 and os.get_inheritable(descriptor):
                found.append(descriptor)
        except OSError:
            continue  # the one scandir itself had open
    return tuple(found)


def _kept_from_workers() -> tuple[tuple[int, int], ...]:
    """What closes them. glibc refuses a number above the limit, and with it the whole start: such a one is marked."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    closed = []
    for descriptor in inheritable_descriptors():
        if limit != resource.RLIM_INFINITY and descriptor >= limit:
            os.set_inheritable(descriptor, False)
        else:
            closed.append((os.POSIX_SPAWN_CLOSE, descriptor))
    return tuple(closed)


_closed_in_workers = _kept_from_workers()


def _standing_in(cwd: Path, argv: tuple[str, ...]) -> tuple[str, ...]:
    """The same command, started in `cwd`: `posix_spawn` itself cannot."""
    program = str(Path(argv[0]).absolute())
    if not (os.access(cwd, os.X_OK) and cwd.is_dir()):
        raise NotStarted(f"the folder {cwd} is not there, or may not be entered")
    if not os.access(program, os.X_OK):
        raise NotStarted(f"{program} is not there or is not a program")
    if "=" in program:  # env would take it for a variable
        return ("/usr/bin/env", "-C", str(cwd), "/bin/sh", "-c", 'exec "$0" "$@"', program, *argv[1:])
    return ("/usr/bin/env", "-C", str(cwd), program, *argv[1:])


def _why(command: Command, error: OSError) -> str:
    """`posix_spawn` tells the error and not the step, so the steps are looked at one by one."""
    program, reason = command.argv[0], error.strerror or str(error)
    try:
        mode = Path(program).stat().st_mode
    except FileNotFoundError:
        return f"{program} is not there"
    except OSError as unreachable:
        return f"{program} cannot be reached: {unreachable.strerror}"
    if stat.S_ISDIR(mode) or not os.access(program, os.X_OK):
        return f"{program} is not a program that may be run"
    if not os.access(command.stdin, os.R_OK):
        return f"its input {command.stdin} cannot be read: {reason}"
    if command.stderr is not None and not os.access(command.stderr.parent, os.X_OK):
        return f"the folder {command.stderr.parent} is not there, or may not be entered"
    if error.errno == errno.E2BIG:
        return f"its arguments and environment are longer than the kernel takes: {reason}"
    return f"{program} could not be started: {reason}"
