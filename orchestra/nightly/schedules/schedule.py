"""What must be known to start a job where nobody's shell is: absolute paths, a time, and who runs it."""

import hashlib
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import time
from pathlib import Path

from orchestra import __version__
from orchestra.brief.git import repository
from orchestra.errors import UsageError
from orchestra.value import Value

STANDARD_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
_KEPT = ("CODEX_HOME", "XDG_CONFIG_HOME", "ORCHESTRA_CODEX")
"""Variables that say where something lies; keys are never written into a unit, a line or a workflow."""
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class Schedule(Value):
    """One job, and when and how it is to be started."""

    job: str
    project: Path
    at: time
    program: tuple[str, ...]
    """Starts orchestra, whatever PATH is."""
    path: tuple[str, ...] = STANDARD_PATH
    """Folders of the programs it needs: git, codex, what codex itself needs, the job's own engine."""
    environment: Mapping[str, str] = {}
    package: str = ""
    """What pip installs on a machine that has no orchestra."""
    review: tuple[str, ...] | None = None
    """The words that judge a change as the job would; None: the job runs every night."""

    @property
    def name(self) -> str:
        """What files and units are called: `orchestra-shop-nightly`; a change is judged by another one."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.project.name.lower()).strip("-") or "project"
        return f"orchestra-{slug}-{self.job}"

    @property
    def folder(self) -> str:
        """Where the project lies in its repository: empty, or `services/mail`."""
        top = repository(self.project)
        if top is None:
            raise UsageError(
                f"{self.project.name} lies in no git repository, so no CI can check it out.",
                where=self.project,
                next_step="Begin one with `git init`, or use systemd or cron.",
            )
        return "" if top == self.project else self.project.relative_to(top).as_posix()


class ScheduleFile(Value):
    """A file as its reader wants it."""

    name: str
    text: str


def time_of(said: str | None, job: str, project: Path) -> time:
    """`02:30`; without one, a time of the night that is the same whenever it is asked for, and another elsewhere.

    Machines and forges are busiest when an hour begins, so it is never then.
    """
    if said is None:
        number = int.from_bytes(hashlib.sha256(f"{project.name}/{job}".encode()).digest()[:4])
        return time(1 + number % 4, 3 + number // 4 % 54)
    found = _AT.fullmatch(said)
    if not found:
        raise UsageError(f"{said!r} is no time of the day.", next_step="Say it as HH:MM, for example 02:30.")
    return time(int(found[1]), int(found[2]))


def program() -> tuple[str, ...]:
    """How this very orchestra is started by somebody who has no PATH."""
    script = Path(sys.executable).with_name("orchestra")
    # -P: the folder it stands in must not lend it modules.
    return (str(script),) if os.access(script, os.X_OK) else (sys.executable, "-P", "-m", "orchestra")


def path_for(programs: Iterable[str]) -> tuple[str, ...]:
    """A PATH with the folder of each program that is found now."""
    found = [str(Path(place).absolute().parent) for name in programs if (place := shutil.which(name))]
    return tuple(dict.fromkeys([*(folder for folder in found if folder not in STANDARD_PATH), *STANDARD_PATH]))


def environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What is set here and says where things lie."""
    return {name: environ[name] for name in _KEPT if environ.get(name)}


def package() -> str:
    """This version, as pip names it."""
    return f"codex-orchestra[codex]=={__version__}"


def printable(text: str, what: str) -> str:
    """The text, which goes into one line of a file that others read; a line break in it would begin another."""
    if strange := next((sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")), None):
        raise UsageError(
            f"{what} holds {strange!r}, which no line of a schedule can hold: {text!r}.",
            next_step="Say it without.",
        )
    return text
