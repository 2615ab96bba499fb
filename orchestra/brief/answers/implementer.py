"""What a writer answers."""

from orchestra.brief.lenience import Answer


class FileChanged(Answer):
    """What was done in one file."""

    path: str
    what: str = ""


class Implementation(Answer):
    """What a writer changed."""

    summary: str
    """What changed and why, in two or three sentences."""
    changes: tuple[FileChanged, ...] = ()
    reproduce: tuple[str, ...] = ()
    """Commands that show that it works, each with what it should show."""
    risks: tuple[str, ...] = ()
    follow_ups: tuple[str, ...] = ()


class Fixed(Answer):
    """A finding that was mended."""

    finding: str
    how: str = ""


class NotFixed(Answer):
    """A finding that was not."""

    finding: str
    reason: str = ""


class Fixes(Implementation):
    """What a writer changed to mend findings."""

    fixed: tuple[Fixed, ...] = ()
    not_fixed: tuple[NotFixed, ...] = ()
