"""What differs between two trees: the files, and the patch."""

import os
from collections.abc import Iterator
from pathlib import Path

from orchestra.brief.listing import plain
from orchestra.crew.checkout import Checkout
from orchestra.reports.report_parts import ChangedFile

_KINDS = {"A": "added", "D": "deleted", "R": "renamed", "C": "added"}
_PATCH = (
    "diff-tree", "-p", "--binary", "--full-index", "--find-renames", "--unified=3", "--no-color", "--no-ext-diff",
    "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip


def changed_files(at: Checkout, before: str, after: str) -> tuple[ChangedFile, ...]:
    """What differs between two trees or commits, by path."""
    said = iter(at.names("diff-tree", "-r", "-z", "--find-renames", "--raw", "--numstat", before, after))
    kinds: dict[str, str] = {}
    lines: dict[str, tuple[int, int]] = {}
    for facts in said:
        if facts.startswith(b":"):
            letter = os.fsdecode(facts.split()[-1][:1])
            kinds[_last_name(said, 2 if letter in "RC" else 1)] = _KINDS.get(letter, "changed")
        else:
            added, removed, name = os.fsdecode(facts).split("\t", 2)
            path = plain(name) if name else _last_name(said, 2)
            lines[path] = (int(added) if added != "-" else 0, int(removed) if removed != "-" else 0)
    found = ((path, kind, *lines.get(path, (0, 0))) for path, kind in sorted(kinds.items()))
    return tuple(ChangedFile(path=path, kind=kind, added=more, removed=less) for path, kind, more, less in found)


def patch(at: Checkout, before: str, after: str) -> bytes:
    """The difference as a unified diff that `git apply` takes, binary files and modes included."""
    return at.git(*_PATCH, before, after)


def write_patch(at: Checkout, before: str, after: str, file: Path) -> None:
    """Keep it in a file; a link in its place is refused."""
    content = patch(at, before, after)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _last_name(said: Iterator[bytes], names: int) -> str:
    """A renamed file has two names; the new one is the last."""
    return plain(os.fsdecode([next(said) for _ in range(names)][-1]))
