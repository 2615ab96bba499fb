"""One file taken into the target: read once, measured, or left out with a reason."""

import errno
import hashlib
import os
import stat

from orchestra.brief.headings import parts
from orchestra.brief.listing import plain
from orchestra.brief.sections import SECTION_BYTES
from orchestra.brief.target_file import Change, LeftOut, TargetFile

TOO_LARGE = 2_000_000
"""Bytes of a file that no worker reads well, not even in parts; it is left out and named."""
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe without a writer must not hold us up
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def take(root: str, path: str, change: Change | None = None) -> TargetFile | LeftOut | None:
    """The file at a path below the root, or why it is left out; None if it is not there at all.

    100,000 files go through here, so there is one open and one read for each, and no `Path`.
    """
    shown = plain(path)
    if shown != path:
        return LeftOut(path=shown, reason="its name cannot be printed")
    try:
        content = _read(f"{root}/{path}")
    except FileNotFoundError:
        return None
    except Unfit as refused:
        return LeftOut(path=path, reason=str(refused))
    except OSError as error:
        return LeftOut(path=path, reason=_why(error))
    if reason := unfit(content):
        return LeftOut(path=path, reason=reason)
    return taken(path, content, change)


def taken(path: str, content: bytes, change: Change | None = None) -> TargetFile:
    """The file, from what stands in it."""
    size = len(content)
    return TargetFile(
        path=path,
        digest=hashlib.sha256(content).hexdigest(),
        lines=content.count(b"\n") + (not content.endswith(b"\n")),
        size=size,
        change=change,
        parts=parts(path, content.decode("utf-8", "replace"), SECTION_BYTES) if size > SECTION_BYTES else (),
    )


def digest(file: str) -> str | None:
    """What the content is now; None if it cannot be read any more."""
    try:
        return hashlib.sha256(_read(file)).hexdigest()
    except (OSError, Unfit):
        return None


class Unfit(Exception):
    """Why nobody can read a file that could be opened."""


def _read(file: str) -> bytes:
    descriptor = os.open(file, _FLAGS)
    try:
        state = os.fstat(descriptor)
        if stat.S_ISDIR(state.st_mode):
            raise Unfit("a repository of its own")  # git lists a folder only for that
        if not stat.S_ISREG(state.st_mode):
            raise Unfit("not a regular file")
        if state.st_size > TOO_LARGE:
            raise Unfit(f"too large ({state.st_size:,} bytes)")
        content = os.read(descriptor, state.st_size + 1)
        while len(content) != state.st_size and (more := os.read(descriptor, TOO_LARGE)):
            content += more
        return content
    finally:
        os.close(descriptor)


def _why(error: OSError) -> str:
    # O_NOFOLLOW says ELOOP for a link; a socket cannot be opened and says ENXIO.
    known = {errno.ELOOP: "a symbolic link", errno.ENXIO: "not a regular file"}
    return known.get(error.errno or 0) or f"cannot be read: {error.strerror}"


def unfit(content: bytes) -> str | None:
    """Why no worker can read it, if none can."""
    if content.startswith(_UTF_16):
        return "text in UTF-16, which workers cannot read"
    if b"\0" in content[:8192]:
        return "binary"
    if not content or content.isspace():
        return "empty"
    return None
