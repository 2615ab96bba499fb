"""One child in one PTY."""

import contextlib
import fcntl
import os
import signal
import struct
import time
from io import BytesIO
from typing import TYPE_CHECKING

import pexpect
import ptyprocess  # type: ignore[import-untyped]  # pexpect's own half, published without types

from orchestra.workers.launch import Command, NotStarted, launch

if TYPE_CHECKING:
    Spawn = pexpect.spawn[bytes]
else:
    Spawn = pexpect.spawn

__all__ = ["Command", "NotStarted", "Terminal", "signal_name", "size_in_words"]

READ_SIZE = 4096
"""A PTY gives no more at a time, whatever is asked; asking for 64 KiB costs 8 us a read in memory made and cut."""

# linux/pidfd.h: how a process ended, asked of its pidfd, also when somebody else has reaped it (Linux 6.15).
_PIDFD_GET_INFO = 0xC040FF0B
_PIDFD_INFO_EXIT = 1 << 3
_PIDFD_INFO = struct.Struct("QQ11Ii")


class Terminal(Spawn):
    """One child in one PTY: events come over the PTY, the prompt is a file on stdin, warnings go to their own file.

    A `pexpect.spawn` whose `_spawnpty` starts the child without a fork, and which never sleeps. Nothing here waits
    for the child: `take` what it wrote when the PTY is ready, `reap` it when `pidfd` is.
    """

    taken = 0
    """Bytes taken so far."""

    def __init__(self, command: Command, label: str = "child", pty: tuple[int, str] | None = None) -> None:
        # Not the stock constructor, which takes longer than all the rest here: see `_stock` below.
        self.label = label
        self.began = time.monotonic()
        self._asked, self._pty = command, pty
        self.command, self.args, self.name = command.argv[0], list(command.argv), f"<{label}>"
        child = self.ptyproc = self._spawnpty(command.argv)
        self.pid, self.child_fd, self.pidfd = child.pid, child.fd, child.pidfd
        self.terminated = self.closed = False

    def _spawnpty(self, args: object, **_: object) -> "_Child":
        return _Child(*launch(self._asked, self._pty))

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

    # ── while it runs ────────────────────────────────────────────────────────────────────────────────────────────────

    def take(self) -> bytes:
        """One read of what the kernel holds of its output, empty where that is nothing; never waits for the child.

        `flag_eof` is set once nobody has the PTY open any more; the child may live on. One read and no more: the
        next one would find the kernel in the middle of moving bytes, and wait for it. Eight in a row halve the rate.
        """
        try:
            chunk = os.read(self.child_fd, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError:  # EIO
            self.flag_eof = True
            return b""
        self.taken += len(chunk)
        return chunk

    def interrupt(self) -> None:
        """^C, as a person types it."""
        with contextlib.suppress(OSError):  # full of unread input, or closed by the child: TERM and KILL follow
            os.write(self.child_fd, b"\x03")

    def signal_group(self, number: signal.Signals) -> None:
        """Signal everything in the child's process group; only as long as it has not been reaped."""
        if not self.terminated:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.ptyproc.pid, number)

    # ── when it has ended ────────────────────────────────────────────────────────────────────────────────────────────

    def isalive(self) -> bool:
        return not self.reap()

    def reap(self) -> bool:
        """Take the exit status if it has ended; whether it has. The status is None when somebody else took it."""
        if self.terminated:
            return True
        child = self.ptyproc
        status: int | None
        try:
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            if pid == 0:
                return False
        except ChildProcessError:
            status = status_of_reaped(child.pidfd)
        self.terminated = child.terminated = True
        self.status = child.status = status
        if status is None:
            pass
        elif os.WIFEXITED(status):
            self.exitstatus = child.exitstatus = os.WEXITSTATUS(status)
        else:
            self.signalstatus = child.signalstatus = os.WTERMSIG(status)
        return True

    def close(self, force: bool = True) -> None:
        """Let go of the PTY, which hangs up on a child that still runs. Never sleeps, never waits."""
        self.ptyproc.close(force)
        self.child_fd = self.pidfd = -1
        self.closed = True


class _Buffer:
    """A buffer for `expect`, made for those who ask for it."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, terminal: Terminal, owner: type) -> BytesIO:
        buffer = terminal.__dict__[self._name] = BytesIO()
        return buffer


def _stock() -> None:
    """What the stock constructor sets on each child anew, forty attributes and alike for all, set once on the class."""
    stock = pexpect.spawn(
        None,  # type: ignore[arg-type]  # pexpect's own word for: a spawn that has not started anything yet
        timeout=None,
        maxread=READ_SIZE,
        echo=False,
    )
    for name, value in vars(stock).items():
        setattr(Terminal, name, value)
    Terminal.delaybeforesend = Terminal.delayafterread = None  # each of these is a sleep
    Terminal.delayafterclose = Terminal.delayafterterminate = 0.0
    for name in ("_buffer", "_before"):
        buffer = _Buffer()
        buffer.__set_name__(Terminal, name)
        setattr(Terminal, name, buffer)


_stock()


class _Child(ptyprocess.PtyProcess):  # type: ignore[misc]  # its base has no types
    """What pexpect asks of a child: without buffers of its own, without sleeping and without a wait that blocks."""

    delayafterclose = delayafterterminate = 0.0
    terminated = closed = flag_eof = False
    status: int | None = None
    exitstatus: int | None = None
    signalstatus: int | None = None

    def __init__(self, pid: int, fd: int, pidfd: int) -> None:
        self.pid, self.fd, self.pidfd = pid, fd, pidfd

    def _writeb(self, b: bytes, flush: bool = True) -> int:
        return os.write(self.fd, b)

    def close(self, force: bool = True) -> None:
        if not self.closed:
            self.closed = True
            os.close(self.fd)
            os.close(self.pidfd)
            self.fd = self.pidfd = -1


ptyprocess.ptyprocess._make_eof_intr()  # what ^C and ^D are; its constructor asks for every child


def status_of_reaped(pidfd: int) -> int | None:
    """The wait status of a process that another part of the program has reaped; None on kernels that cannot tell."""
    try:
        answer = fcntl.ioctl(pidfd, _PIDFD_GET_INFO, _PIDFD_INFO.pack(_PIDFD_INFO_EXIT, *[0] * 13))
    except OSError:
        return None
    mask, *_, status = _PIDFD_INFO.unpack(answer)
    return int(status) if mask & _PIDFD_INFO_EXIT else None


def signal_name(number: int) -> str:
    """SIGKILL for 9; real-time signals have only their number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def size_in_words(size: int) -> str:
    """3 kB for 3210."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size} {unit}"
        size //= 1000
    return f"{size} GB"
