"""What those answer who put together what others said."""

from orchestra.brief.answers.implementer import FileChanged
from orchestra.brief.lenience import Answer


class Group(Answer):
    """Findings that report the same problem, and how it is best said."""

    numbers: tuple[int, ...]
    """The numbers of its findings."""
    title: str = ""
    problem: str = ""
    recommendation: str = ""
    why: str = ""
    """Why they are one, and why they stand here."""


class Curation(Answer):
    """All findings by number, grouped, in the order a reader should take them."""

    groups: tuple[Group, ...]


class Conflict(Answer):
    """Where the results of two sections do not go together."""

    sections: tuple[str, ...] = ()
    problem: str
    resolution: str = ""


class Consistency(Answer):
    """The results of all sections as one."""

    result: str
    """What the sections give together."""
    conflicts: tuple[Conflict, ...] = ()
    missing: tuple[str, ...] = ()
    """What the task asks for and no section gave."""


class SectionWork(Answer):
    """What one worker did with its section."""

    result: str
    """The answer for this section."""
    changes: tuple[FileChanged, ...] = ()
    elsewhere: tuple[str, ...] = ()
    """What other sections have to know or do because of it."""
    unfinished: tuple[str, ...] = ()
