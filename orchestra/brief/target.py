"""What is looked at: files, their digests, and what was left out and why."""

import hashlib
import os
import sys
from collections import Counter
from collections.abc import Collection, Container, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from orchestra.brief.changes import Asked, changes
from orchestra.brief.git import repository
from orchestra.brief.globs import UNWANTED, Globs
from orchestra.brief.kinds import written_by_tools
from orchestra.brief.listing import listed, plain
from orchestra.brief.sections import Section, sections
from orchestra.brief.taking import TOO_LARGE, digest, take, taken, unfit
from orchestra.brief.target_file import Change, Comparison, LeftOut, Lines, TargetFile
from orchestra.brief.texts import LinksOut, Texts
from orchestra.errors import TargetInvalid
from orchestra.value import Value

__all__ = ["Change", "Comparison", "LeftOut", "Lines", "Section", "Target", "TargetFile", "target"]

STANDARD_INPUT = "-"
_SHOWN = 60
"""Characters of a name that is too long for a file."""
_DIFF_STARTS = ("diff --git ", "--- ", "Index: ", "From ")


class Target(Value):
    """What a run looks at: its files, their folder, and what was left out.

    A pattern with a parameter of this type is called with names of files and folders.

    Example:
        >>> @orchestra.pattern("greet", steps=("Greet",))
        ... async def greet(crew: orchestra.Crew, target: orchestra.Target) -> orchestra.Report:
        ...     return crew.report(answer=repr(target))
        >>> orchestra.start(greet, target="src/").wait().answer
        '<Target src/: 2 files, 0 left out>'
    """

    root: Path
    asked: tuple[str, ...]
    """As it was said: `src/`, `README.md`."""
    files: tuple[TargetFile, ...]
    left_out: tuple[LeftOut, ...] = ()
    compared: Comparison | None = None
    """What the files are compared with, where only changes are looked at."""
    given: str | None = None
    """The text of the only file, where it came over standard input: it lies nowhere but here, and so in `run.json`."""

    def __repr__(self) -> str:
        return f"<Target {self.words}: {len(self.files):,} files, {len(self.left_out):,} left out>"

    @property
    def words(self) -> str:
        """What was asked, as a person says it: `src/ and docs/`, `. (changes since main)`."""
        said = ["standard input" if name == STANDARD_INPUT else name for name in self.asked]
        places = " and ".join(said) if len(said) < 4 else f"{said[0]} and {len(said) - 1} more"
        return f"{places} ({self.compared.words})" if self.compared else places

    @cached_property
    def digest(self) -> str:
        """One for the whole: paths, contents and what they are compared with."""
        lines = [f"{file.path}\0{file.digest}" for file in self.files]
        lines += [self.compared.base, *self.compared.deleted] if self.compared else []
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Cut by names and folders, so that a file that grows moves no border; see `sections.py`."""
        found = tuple(sections(self.files))
        if self.compared is None and self.given is None:
            return found
        return tuple(
            section.model_copy(update={"compared": self.compared, "text": self._given_lines(section.lines)})
            for section in found
        )

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The text of every file, read when it is asked for, and once."""
        return Texts(self.root, tuple(file.path for file in self.files), self.given)

    @property
    def leads_out(self) -> Container[str]:
        """The links that lead out of the root, also those beside what is looked at."""
        return LinksOut(self.root)

    def _given_lines(self, lines: Lines | None) -> str | None:
        if self.given is None or lines is None:
            return self.given
        return "\n".join(self.given.split("\n")[lines.first - 1 : lines.last])

    def changed(self) -> tuple[str, ...]:
        """The files that are no longer what they were when the target was taken."""
        if self.given is not None:
            return ()
        return tuple(file.path for file in self.files if digest(f"{self.root}/{file.path}") != file.digest)


def target(
    asked: Sequence[str | Path],
    start: Path,
    *,
    uncommitted: bool = False,
    base: str | None = None,
    commit: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    standard_input: BinaryIO | None = None,
) -> Target:
    """Take the target: files and folders, what git would not ignore, without what no worker can read.

    With `uncommitted`, `base` or `commit` only what changed; then nothing needs to be named. `-` reads one document
    from standard input. Names and globs are relative to `start`.
    """
    which = Asked(uncommitted, base, commit)
    said = tuple(str(name) for name in asked)
    if STANDARD_INPUT in said:
        return _of_standard_input(said, start, which, standard_input)
    if not said and not which:
        raise TargetInvalid("No target was named.", next_step="Name a file or a folder; `.` is the one you are in.")
    wanted = [_there(start, name) for name in said]
    root = _compared_root(wanted, start, which) if which else _root(wanted, start.resolve())
    compared, found, passed_over = _found(root, wanted, which)
    paths, away = Globs(include, exclude, start=start.resolve(), root=root).kept(found)
    named = {_relative(path, root) for path in wanted if not path.is_dir()}
    files, unfit = _taken(root, {path: found[path] for path in paths}, named)
    left_out = (*passed_over, *away, *unfit)
    if not files:
        raise _nothing(" and ".join(said) or ".", which, compared, left_out)
    return Target(root=root, asked=said or (".",), files=files, left_out=left_out, compared=compared)


def _there(start: Path, name: str) -> Path:
    if not name:  # a shell variable that is not set: all of the project was hardly meant
        raise TargetInvalid("The name of a target is empty.", next_step="Say `.` for the folder you are in.")
    path = (start / name).absolute()
    try:
        if path.exists():
            return path.resolve()
    except (OSError, ValueError) as error:  # a name that is too long, a NUL in it
        why = getattr(error, "strerror", None) or str(error)
        shown = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        raise TargetInvalid(f"The target {shown!r} cannot be looked at: {why}.") from error
    raise _missing(start, name)


def _missing(start: Path, name: str) -> TargetInvalid:
    """Says what was probably meant: the nearest name where the first part of it that is not there should be."""
    path = (start / name).absolute()
    gone = next(one for one in (*reversed(path.parents), path) if not one.exists())
    try:
        near = get_close_matches(gone.name, [one.name for one in gone.parent.iterdir()], n=1)
    except OSError:  # a file, or a folder that may not be listed
        near = []
    guess = ""
    if near:
        whole = gone.with_name(near[0]) / path.relative_to(gone)  # `srcc/cart.py`: the rest may be right
        meant = whole if whole.exists() else gone.with_name(near[0])
        guess = f" Did you mean {os.path.relpath(meant, start)!r}?"
    what = f"The target {name!r} does not exist.{guess}"
    if gone.is_symlink():
        what = f"The target {name!r} cannot be looked at: {gone.name} is a link that leads nowhere."
    next_step = "Name a file or a folder that is there; `.` is the one you are in."
    return TargetInvalid(what, where=path, next_step=next_step)


def _root(wanted: Sequence[Path], start: Path) -> Path:
    """The repository the target lies in; without one, the folder one stands in, or that holds all of it.

    A writer gets a copy of the root: with the folder one stands in, the tests beside `src/` are in it. A home folder is
    no project, and nobody wants it copied.
    """
    common = Path(os.path.commonpath(wanted))
    folder = common if common.is_dir() else common.parent
    around = start if folder.is_relative_to(start) and not _holds_a_home(start) else folder
    return repository(folder) or around


def _holds_a_home(folder: Path) -> bool:
    home = os.environ.get("HOME")
    return bool(home) and Path(os.path.realpath(str(home))).is_relative_to(folder)


def _compared_root(wanted: Sequence[Path], start: Path, which: Asked) -> Path:
    """The one repository in which something can have changed."""
    places = wanted or [start.resolve()]
    top = repository(places[0])
    for path in places:
        if repository(path) is None:
            raise TargetInvalid(
                f"{path.name or path} lies in no git repository, so {which} has no meaning.",
                where=path,
                next_step="Leave it out to look at everything.",
            )
        if repository(path) != top:
            raise TargetInvalid(
                f"{which} is about one repository, and {path.name} lies in another.",
                where=path,
                next_step="Ask about each on its own.",
            )
    return top or places[0]


def _found(
    root: Path, wanted: Sequence[Path], which: Asked
) -> tuple[Comparison | None, Mapping[str, Change | None], list[LeftOut]]:
    """The paths of all files that are meant, and where only changes are, what changed in each."""
    if which:
        compared, changed = changes(root, [] if root in wanted else [_relative(path, root) for path in wanted], which)
        return compared, changed, []
    names, passed_over = listed([path for path in wanted if path.is_dir()], root)
    names.update(_relative(path, root) for path in wanted if not path.is_dir())
    return None, dict.fromkeys(names), passed_over


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _taken(
    root: Path, found: Mapping[str, Change | None], named: Collection[str]
) -> tuple[tuple[TargetFile, ...], list[LeftOut]]:
    """The files, read once; and those that are left out. One that was named itself may be a tool's work."""
    files, left_out = [], []
    for path, change in found.items():
        what = None if path in named else written_by_tools(path)
        one = LeftOut(path=plain(path), reason=what) if what else take(str(root), path, change)
        if isinstance(one, TargetFile):
            files.append(one)
        elif one is not None:
            left_out.append(one)
        elif change is not None:
            left_out.append(LeftOut(path=plain(path), reason="no longer there"))
    return tuple(files), left_out


def _nothing(said: str, which: Asked, compared: Comparison | None, left_out: Sequence[LeftOut]) -> TargetInvalid:
    """Why there is nothing to look at, in a sentence."""
    where = "this folder" if said == "." else said
    what = (
        f"Nothing that can be read changed in {said} ({which})" if which else f"There is nothing to look at in {where}"
    )
    reasons = Counter(one.reason.split(" (")[0] for one in left_out)
    if compared and compared.deleted:
        reasons["deleted"] = len(compared.deleted)
    why = ", ".join(f"{reason} ({count:,})" for reason, count in reasons.most_common(4))
    step = "Name another target." if left_out else "Name a file, or a folder that holds some."
    if any(one.reason.startswith(UNWANTED) for one in left_out):
        step = "Say other globs, or name another target."
    if which:
        step = f"Leave {which} out to look at everything."
    return TargetInvalid(f"{what}. Left out: {why}." if why else f"{what}.", next_step=step)


# ── standard input ───────────────────────────────────────────────────────────────────────────────────────────────────


def _of_standard_input(said: Sequence[str], start: Path, which: Asked, stream: BinaryIO | None) -> Target:
    """One document that lies nowhere: workers get its text in their prompts, and stand where you stand."""
    if len(said) > 1 or which:
        raise TargetInvalid(
            "`-` is one document from standard input; nothing else can be looked at beside it.",
            next_step="Name files and folders, or say `-` alone.",
        )
    source = stream or sys.stdin.buffer
    if source.isatty():
        raise TargetInvalid(
            "`-` reads the document from standard input, and that is a terminal.",
            next_step="Pipe it in: `git diff | orchestra review -`.",
        )
    content = source.read(TOO_LARGE + 1)
    if len(content) > TOO_LARGE:
        raise TargetInvalid(
            f"More than {TOO_LARGE:,} bytes came over standard input.", next_step="Save it as files, and name those."
        )
    if reason := unfit(content):
        raise TargetInvalid(
            f"What came over standard input cannot be looked at: it is {reason}.", next_step="Pipe in a text."
        )
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    name = "standard-input.diff" if text.startswith(_DIFF_STARTS) else "standard-input.txt"
    file = taken(name, text.encode())
    folder = start.resolve()
    return Target(root=repository(folder) or folder, asked=(STANDARD_INPUT,), files=(file,), given=text)
