"""What a worker's tree is built on, and what the worker changed in it: the files, and the commit that holds them."""

from orchestra.brief.target_file import LeftOut
from orchestra.reports.report_parts import ChangedFile
from orchestra.value import Value

CHANGED_WHILE_READING = "Changed while it ran, though it may only read"
"""How the loud note on a reader begins."""


class Ground(Value):
    """What a worker's tree is built on."""

    commit: str
    tree: str
    """The id of what the commit holds: equal for equal files, whoever committed them and when."""
    foundation: str
    """The commit its history begins with: one of the user's, or a snapshot of what was not committed."""
    uncommitted: bool = False
    """The foundation is such a snapshot, which must never become part of the user's history."""
    left_out: tuple[LeftOut, ...] = ()
    """What the user has and the snapshot has not, and why."""


class Changes(Value):
    """What one worker changed, as git saw it and not as the worker said it."""

    ground: Ground
    """What it built on."""
    kept: bool
    """False: thrown away, as those of a scratch worker and of a writer that did not answer."""
    tree: str = ""
    """The id of what lay in its tree in the end: what is built on it is decided by this."""
    files: tuple[ChangedFile, ...] = ()
    commit: str | None = None
    """None: it changed nothing, or what it changed was thrown away."""
    branch: str | None = None
    top: str = "."
    """The folder its tree was a copy of: relative to the project, where it lies in it."""
    private: bool = False
    """That folder lies in no repository; the commit lies in the run folder."""
    patch: str | None = None
    """The changes as a unified diff, a file of the run folder."""
    ignored: tuple[str, ...] = ()
    """What it made and git ignores; never committed."""
    left_out: tuple[LeftOut, ...] = ()
    """What it made and was not committed for another reason."""
    trouble: str = ""
    """Why its tree is still there though it was to be taken away."""

    def __repr__(self) -> str:
        return f"<Changes: {self.in_words}>"

    @property
    def in_words(self) -> str:
        """`3 files changed, +10 -2`."""
        if not self.files:
            return "nothing changed"
        added, removed = (sum(getattr(file, side) for file in self.files) for side in ("added", "removed"))
        files = "1 file" if len(self.files) == 1 else f"{len(self.files):,} files"
        return f"{files} changed, +{added:,} -{removed:,}"

    @property
    def where(self) -> str:
        """`commit 1a2b3c4d5e on orchestra/20261120-162903-fix-4433/w5-implementer`."""
        if self.commit is None:
            return "no commit"
        return f"the patch {self.patch}" if self.private else f"commit {self.commit[:10]} on {self.branch}"

    @property
    def result(self) -> Ground:
        """What builds on them begins with."""
        return self.ground.model_copy(update={"commit": self.commit or self.ground.commit, "tree": self.tree})
