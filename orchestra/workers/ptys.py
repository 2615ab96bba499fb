"""PTYs: a fresh one, and a few that lie ready for the next starts."""

import contextlib
import fcntl
import os
import struct
import termios

ROWS_AND_COLUMNS = (24, 80)

# asm-generic/ioctls.h; Python names them from 3.13 on.
_TIOCSPTLCK = 0x40045431
_TIOCGPTN = 0x80045430
_UNLOCKED = struct.pack("i", 0)
_TERMIOS = struct.Struct("IIII20s")
_WINDOW = struct.pack("HHHH", *ROWS_AND_COLUMNS, 0, 0)

_MASTER = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK


def open_pty() -> tuple[int, str]:
    """A new PTY: its non-blocking master, close-on-exec as everything Python opens, and the name of the other end.

    What `os.openpty` does, without opening the other end here: the settings can be made through the master.
    """
    master = os.open("/dev/ptmx", _MASTER)
    try:
        fcntl.ioctl(master, _TIOCSPTLCK, _UNLOCKED)
        number = int.from_bytes(fcntl.ioctl(master, _TIOCGPTN, b"\0\0\0\0"), "little")
        fcntl.ioctl(master, termios.TCSETS, _settings or _first_settings(master))
        fcntl.ioctl(master, termios.TIOCSWINSZ, _WINDOW)
    except OSError:
        os.close(master)
        raise
    return master, f"/dev/pts/{number}"


class SparePtys:
    """PTYs for the next starts, opened while nobody waits for them: to open one is a fifth of what a start takes."""

    MOST = 2
    """Exits often come in twos."""

    def __init__(self) -> None:
        self._ptys: list[tuple[int, str]] = []

    def open(self) -> None:
        """Have them. Where there is no room for one, the next start says so, if it is still true then."""
        with contextlib.suppress(OSError):
            while len(self._ptys) < self.MOST:
                self._ptys.append(open_pty())

    def take(self) -> tuple[int, str] | None:
        """One is the caller's now, if there is one."""
        return self._ptys.pop() if self._ptys else None

    def close(self) -> None:
        """Give them back to the kernel."""
        while (pty := self.take()) is not None:
            os.close(pty[0])


_settings = b""


def _first_settings(master: int) -> bytes:
    """A fresh PTY's settings without ECHO and OPOST, as the kernel takes them; all fresh PTYs are alike."""
    global _settings
    fresh = fcntl.ioctl(master, termios.TCGETS, bytes(_TERMIOS.size))
    iflag, oflag, cflag, lflag, rest = _TERMIOS.unpack(fresh)
    lflag &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL)
    _settings = _TERMIOS.pack(iflag, oflag & ~termios.OPOST, cflag, lflag, rest)
    return _settings
