"""PTYs: a fresh one, and those that lie ready for the next children."""

import contextlib
import fcntl
import os
import struct
import termios
from typing import NamedTuple

ROWS_AND_COLUMNS = (24, 80)

# asm-generic/ioctls.h; Python names them from 3.13 on.
_TIOCSPTLCK = 0x40045431
_TIOCGPTN = 0x80045430
_UNLOCKED = struct.pack("i", 0)
_TERMIOS = struct.Struct("IIII20s")
_WINDOW = struct.pack("HHHH", *ROWS_AND_COLUMNS, 0, 0)

_OURS = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK


class Pty(NamedTuple):
    """One PTY: its non-blocking master, and the name of the end that a child opens."""

    master: int
    path: str


def open_pty() -> Pty:
    """A new PTY; what `os.openpty` does, without opening the child's end here.

    The settings can be made through the master, which is close-on-exec as everything Python opens.
    """
    master = os.open("/dev/ptmx", _OURS)
    try:
        fcntl.ioctl(master, _TIOCSPTLCK, _UNLOCKED)
        number = int.from_bytes(fcntl.ioctl(master, _TIOCGPTN, b"\0\0\0\0"), "little")
        _set(master)
    except OSError:
        os.close(master)
        raise
    return Pty(master, f"/dev/pts/{number}")


def _set(master: int) -> None:
    fcntl.ioctl(master, termios.TCSETS, _settings or _first_settings(master))
    fcntl.ioctl(master, termios.TIOCSWINSZ, _WINDOW)


def _undo(path: str) -> None:
    """What a child can do to its PTY that outlasts it and is no setting: stop its output, keep everybody else out."""
    end = os.open(path, _OURS)
    try:
        fcntl.ioctl(end, termios.TCXONC, termios.TCOON)
        fcntl.ioctl(end, termios.TIOCNXCL)
    finally:
        os.close(end)


class SparePtys:
    """PTYs for the next starts: left by who has ended, or opened while nobody waits for them.

    To open one and to close it takes 0.1 ms, half of what a start takes.
    """

    FRESH = 2
    """Opened beforehand: exits often come in twos."""

    def __init__(self) -> None:
        self._ptys: list[Pty] = []

    def open(self) -> None:
        """Have some. Where there is no room for one, the next start says so, if it is still true then."""
        with contextlib.suppress(OSError):
            while len(self._ptys) < self.FRESH:
                self._ptys.append(open_pty())

    def keep(self, pty: Pty) -> None:
        """Have this one, which nobody has open any more, as it was when it was fresh. One that was shut is let go."""
        try:
            _undo(pty.path)
            _set(pty.master)
        except OSError:
            os.close(pty.master)
        else:
            self._ptys.append(pty)

    def take(self) -> Pty | None:
        """One is the caller's now, if there is one."""
        return self._ptys.pop() if self._ptys else None

    def close(self) -> None:
        """Give them back to the kernel."""
        while (pty := self.take()) is not None:
            os.close(pty.master)


_settings = b""


def _first_settings(master: int) -> bytes:
    """A fresh PTY's settings without ECHO and OPOST, as the kernel takes them; all fresh PTYs are alike."""
    global _settings
    fresh = fcntl.ioctl(master, termios.TCGETS, bytes(_TERMIOS.size))
    iflag, oflag, cflag, lflag, rest = _TERMIOS.unpack(fresh)
    lflag &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL)
    _settings = _TERMIOS.pack(iflag, oflag & ~termios.OPOST, cflag, lflag, rest)
    return _settings
