"""One file that is looked at: what it was when the run began, and what changed in it."""

from typing import Literal

from orchestra.value import Value


class Lines(Value):
    """Lines of a file, first and last included."""

    first: int
    last: int

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


class Part(Value):
    """Some lines of a file that is too long for one worker, named by its heading."""

    name: str
    lines: Lines
    size: int


class Change(Value):
    """What differs from the version a file is compared with."""

    kind: Literal["added", "changed", "renamed"]
    lines: tuple[Lines, ...] = ()
    """The lines of the file as it stands that are new or stand where others were removed; none for an added file."""
    was: str | None = None
    """Its earlier path, if it was renamed."""
    added: int = 0
    removed: int = 0
    diff: str = ""
    """The hunks; empty for an added file, which says it all itself, and where they are too long."""
    note: str = ""
    """What a reader of the diff has to know: that it is too long, that the file changed again since."""


class Comparison(Value):
    """What the files are compared with."""

    words: str
    """`uncommitted changes`, `changes since main`, `commit 1a2b3c4d5e`."""
    base: str
    """The commit that holds the earlier version."""
    command: str
    """What shows the differences: `git diff` and the commits."""
    deleted: tuple[str, ...] = ()
    """Files that are no longer there."""


class TargetFile(Value):
    """One file as it was when the run began."""

    path: str
    """Relative to the target's root, with `/`."""
    digest: str
    lines: int
    size: int
    change: Change | None = None
    parts: tuple[Part, ...] = ()
    """Where it is cut, if it is longer than one worker reads well."""

    @property
    def changed(self) -> tuple[Lines, ...]:
        """The changed lines; those of an added file are all it has."""
        if self.change is None:
            return ()
        return (Lines(first=1, last=self.lines),) if self.change.kind == "added" else self.change.lines


class LeftOut(Value):
    """What nobody will look at, and why: a file, a folder (`build/`), or a glob that kept files away."""

    path: str
    reason: str
