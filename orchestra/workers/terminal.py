"""One child in one PTY."""

import contextlib
import errno
import fcntl
import os
import signal
import stat
import struct
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import ptyprocess  # type: ignore[import-untyped]  # pexpect's own half, published without types

if TYPE_CHECKING:
    Spawn = pexpect.spawn[bytes]
else:
    Spawn = pexpect.spawn

READ_SIZE = 64 * 1024
"""A PTY gives about 4 KiB a read whatever is asked; 1 MiB reads only cost memory."""

READS_A_TURN = 8
"""So that one child that floods does not keep the loop from the others."""

ROWS_AND_COLUMNS = (24, 80)

DEFAULT_SIGNALS = (
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

# asm-generic/ioctls.h; Python names them from 3.13 on.
_TIOCSPTLCK = 0x40045431
_TIOCGPTN = 0x80045430
_UNLOCKED = struct.pack("i", 0)
_WINDOW = struct.pack("HHHH", *ROWS_AND_COLUMNS, 0, 0)

# linux/pidfd.h: how a process ended, asked of its pidfd, also when somebody else has reaped it (Linux 6.15).
_PIDFD_GET_INFO = 0xC040FF0B
_PIDFD_INFO_EXIT = 1 << 3
_PIDFD_INFO = struct.Struct("QQ11Ii")

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


class Terminal(Spawn):
    """One child in one PTY: events come over the PTY, the prompt is a file on stdin, warnings go to their own file.

    A `pexpect.spawn` whose `_spawnpty` uses `posix_spawn` instead of a fork (0.2 ms instead of 2 ms, 20 ms from a
    large parent), and which never sleeps. Nothing here waits for the child: `take` what it wrote when the PTY is
    ready, `reap` it when `pidfd` is.
    """

    pidfd = -1
    began = 0.0

    def __init__(self, command: Command, label: str = "child") -> None:
        self.label = label
        self.taken = 0
        """Bytes taken so far."""
        self._streams = command
        super().__init__(command.argv[0], list(command.argv[1:]), timeout=None, maxread=READ_SIZE, echo=False)
        self.delaybeforesend = None
        self.delayafterread = None
        self.delayafterclose = 0.0
        self.delayafterterminate = 0.0

    def __repr__(self) -> str:
        if self.pid is None:
            return f"<Terminal {self.label}: not started>"
        if self.exitstatus is not None:
            state = f"exited with {self.exitstatus}"
        elif self.signalstatus is not None:
            state = f"ended by {signal_name(self.signalstatus)}"
        elif self.terminated:
            state = "ended"
        else:
            state = f"running, pid {self.pid}, {time.monotonic() - self.began:.0f} s"
        return f"<Terminal {self.label}: {state}, {size_in_words(self.taken)}>"

    # ── starting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _spawn(self, command: str, args: list[str], preexec_fn: object = None, dimensions: object = None) -> None:
        """Start exactly what was asked; the stock one searches PATH and splits a path at its spaces."""
        self.command, self.args, self.name = command, [command, *args], f"<{self.label}>"
        self.ptyproc = self._spawnpty(self.args)
        self.pid, self.child_fd, self.pidfd = self.ptyproc.pid, self.ptyproc.fd, self.ptyproc.pidfd
        self.terminated = self.closed = False

    def _spawnpty(self, args: list[str], **_: object) -> "_Child":
        command = self._streams
        refuse_a_pipe(command.stdin)
        argv = args if command.cwd is None else standing_in(command.cwd, args)
        try:
            master, slave = open_pty()
        except OSError as error:
            raise NotStarted(f"no PTY could be opened: {error.strerror}", want_of_room=True) from error
        self.began = time.monotonic()
        pid = None
        try:
            pid = os.posix_spawn(
                argv[0],
                argv,
                command.environment,
                # The first file action opens the PTY by name: glibc has called setsid by then, so that it becomes
                # the controlling terminal, and ^C and hang-up reach the child as from a person's own terminal.
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 1, slave, os.O_RDWR, 0),
                    (os.POSIX_SPAWN_OPEN, 0, os.fspath(command.stdin), os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, *_stderr(command.stderr)),
                    *((os.POSIX_SPAWN_CLOSE, inherited) for inherited in _inheritable),
                ],
                setsid=True,
                setsigdef=DEFAULT_SIGNALS,
                setsigmask=(),
            )
            return _Child(pid, master, os.pidfd_open(pid))
        except OSError as error:
            os.close(master)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            want_of_room = error.errno in _WANT_OF_ROOM
            raise NotStarted(why_not_started(command, error), want_of_room=want_of_room) from error

    # ── while it runs ────────────────────────────────────────────────────────────────────────────────────────────────

    def take(self, reads: int = READS_A_TURN) -> bytes:
        """What the kernel holds of its output, at most `reads` reads; never waits.

        `flag_eof` is set once nobody has the PTY open any more; the child may live on.
        """
        chunks = []
        try:
            for _ in range(reads):
                chunk = os.read(self.child_fd, READ_SIZE)
                chunks.append(chunk)
                if len(chunk) < 1024:
                    break  # as good as empty; asking once more costs an exception, the poller will tell
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self.flag_eof = True
        whole = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self.taken += len(whole)
        return whole

    def interrupt(self) -> None:
        """^C, as a person types it."""
        with contextlib.suppress(OSError):  # full of unread input, or closed by the child: TERM and KILL follow
            os.write(self.child_fd, b"\x03")

    def signal_group(self, number: signal.Signals) -> None:
        """Signal everything in the child's process group; only as long as it has not been reaped."""
        if self.terminated:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.ptyproc.pid, number)

    # ── when it has ended ────────────────────────────────────────────────────────────────────────────────────────────

    def reap(self) -> bool:
        """Take the exit status if it has ended; whether it has. The status is None when somebody else took it."""
        return not self.isalive()

    def isalive(self) -> bool:
        alive = bool(self.ptyproc.isalive())
        if not alive and not self.terminated:
            self.terminated = True
            child = self.ptyproc
            self.status, self.exitstatus, self.signalstatus = child.status, child.exitstatus, child.signalstatus
        return alive

    def close(self, force: bool = True) -> None:
        """Let go of the PTY, which hangs up on a child that still runs. Never sleeps, never waits."""
        self.ptyproc.close(force)
        self.child_fd = self.pidfd = -1
        self.closed = True


class _Child(ptyprocess.PtyProcess):  # type: ignore[misc]  # its base has no types
    """What pexpect asks of a child: without buffers of its own, without sleeping and without a wait that blocks."""

    def __init__(self, pid: int, fd: int, pidfd: int) -> None:
        ptyprocess.ptyprocess._make_eof_intr()
        self.pid, self.fd, self.pidfd = pid, fd, pidfd
        self.terminated = self.closed = self.flag_eof = False
        self.status: int | None = None
        self.exitstatus: int | None = None
        self.signalstatus: int | None = None
        self.delayafterclose = self.delayafterterminate = 0.0

    def _writeb(self, b: bytes, flush: bool = True) -> int:
        return os.write(self.fd, b)

    def isalive(self) -> bool:
        if self.terminated:
            return False
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == 0:
                return True
            self.status = status
        except ChildProcessError:
            self.status = status_of_reaped(self.pidfd)
        self.terminated = True
        if self.status is not None and os.WIFEXITED(self.status):
            self.exitstatus = os.WEXITSTATUS(self.status)
        elif self.status is not None:
            self.signalstatus = os.WTERMSIG(self.status)
        return False

    def close(self, force: bool = True) -> None:
        if not self.closed:
            self.closed = True
            os.close(self.fd)
            os.close(self.pidfd)
            self.fd = self.pidfd = -1


# ── the parts of a start ─────────────────────────────────────────────────────────────────────────────────────────────


def open_pty() -> tuple[int, str]:
    """A new PTY: its non-blocking master, close-on-exec as everything Python opens, and the name of the other end.

    What `os.openpty` does, without opening the other end here: the settings can be made through the master.
    """
    master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        fcntl.ioctl(master, _TIOCSPTLCK, _UNLOCKED)
        number = int.from_bytes(fcntl.ioctl(master, _TIOCGPTN, b"\0\0\0\0"), "little")
        termios.tcsetattr(master, termios.TCSANOW, _settings(master))
        fcntl.ioctl(master, termios.TIOCSWINSZ, _WINDOW)
    except OSError:
        os.close(master)
        raise
    return master, f"/dev/pts/{number}"


_known_settings: list[Any] = []


def _settings(master: int) -> list[Any]:
    """A fresh PTY's settings without ECHO and OPOST; all fresh PTYs are alike."""
    if not _known_settings:
        settings = termios.tcgetattr(master)
        settings[1] &= ~termios.OPOST
        settings[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL)
        _known_settings.extend(settings)
    return _known_settings


def _stderr(path: Path | None) -> tuple[str, int, int]:
    if path is None:
        return os.devnull, os.O_WRONLY, 0
    return os.fspath(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW, 0o600


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


_inheritable = inheritable_descriptors()


def standing_in(cwd: Path, argv: list[str]) -> list[str]:
    """The same command, started in `cwd`: `posix_spawn` itself cannot."""
    program = str(Path(argv[0]).absolute())
    if not cwd.is_dir():
        raise NotStarted(f"the folder {cwd} is not there")
    if not os.access(program, os.X_OK):
        raise NotStarted(f"{program} is not there or is not a program")
    if "=" in program:  # env would take it for a variable
        return ["/usr/bin/env", "-C", os.fspath(cwd), "/bin/sh", "-c", 'exec "$0" "$@"', program, *argv[1:]]
    return ["/usr/bin/env", "-C", os.fspath(cwd), program, *argv[1:]]


def refuse_a_pipe(stdin: Path) -> None:
    """Opening a pipe waits for its writer, and with it the whole orchestrator."""
    try:
        mode = stdin.stat().st_mode
    except OSError as error:
        raise NotStarted(f"its input {stdin} cannot be read: {error.strerror}") from error
    if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
        raise NotStarted(f"its input {stdin} is not a file")


def why_not_started(command: Command, error: OSError) -> str:
    """`posix_spawn` tells the error and not the step, so the steps are looked at one by one."""
    program, reason = command.argv[0], error.strerror or str(error)
    if not Path(program).exists():
        return f"{program} is not there"
    if Path(program).is_dir() or not os.access(program, os.X_OK):
        return f"{program} is not a program that may be run"
    if not os.access(command.stdin, os.R_OK):
        return f"its input {command.stdin} cannot be read: {reason}"
    if command.stderr is not None and not command.stderr.parent.is_dir():
        return f"the folder {command.stderr.parent} is not there"
    if error.errno == errno.E2BIG:
        return f"its arguments and environment are longer than the kernel takes: {reason}"
    return f"{program} could not be started: {reason}"


def status_of_reaped(pidfd: int) -> int | None:
    """The wait status of a process that another part of the program has reaped; None on kernels that cannot tell."""
    try:
        answer = fcntl.ioctl(pidfd, _PIDFD_GET_INFO, _PIDFD_INFO.pack(_PIDFD_INFO_EXIT, *[0] * 13))
    except OSError:
        return None
    mask, *_, status = _PIDFD_INFO.unpack(answer)
    return int(status) if mask & _PIDFD_INFO_EXIT else None


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def signal_name(number: int) -> str:
    """SIGKILL for 9; real-time signals have only their number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def size_in_words(size: int) -> str:
    """3 kB for 3210."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}"
        size //= 1000
    raise AssertionError("unreachable")
