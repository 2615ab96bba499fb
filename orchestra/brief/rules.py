"""The rules of a run that judges the checkout it was started in: they come from a commit, never from the checkout.

Settings, lenses, templates, decisions and a Context Pack say what is done to a change, so the change must not bring
them itself. With `--base REF` they are those of REF: read into memory, and laid down in the folder of the run.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from orchestra.brief.changes import commit_named
from orchestra.brief.git import GitFailed, git, repository
from orchestra.errors import OrchestraError, TargetInvalid, UnknownName, UsageError
from orchestra.project import DECISIONS_FILE, PROJECT_FILE, STATE_FOLDER, project_root
from orchestra.value import Value

MOST_FILES, MOST_BYTES = 500, 8_000_000
"""No team has written more rules than this; whoever brings more wants to fill a disk."""
_FILES = (PROJECT_FILE, "pyproject.toml", DECISIONS_FILE)
_TEMPLATE = re.compile(rf"{re.escape(STATE_FOLDER)}/prompts/(roles|lenses)/[^/]+\.md", re.DOTALL)
_ON_THE_WAY = {STATE_FOLDER, *(f"{STATE_FOLDER}/prompts{kind}" for kind in ("", "/roles", "/lenses"))}
_OURS = re.compile(rf"{re.escape(STATE_FOLDER)}/(runs|site|index[^/]*)(/|\Z)")
"""What only orchestra itself writes: its runs, and what is made of them."""
_PLAIN_FILES = ("100644", "100755")


class Rules(Value):
    """What the rules are in one commit. Its files are no part of `run.json`: they lie beside it."""

    said: str
    """The commit as it was named: `origin/main`."""
    commit: str
    project: str = ""
    """The folder of the repository they are of: empty, or `services/mail/`."""
    files: dict[str, bytes] = Field(default_factory=dict, exclude=True, repr=False)
    """By their paths in the repository."""

    @property
    def words(self) -> str:
        """For the reader of a plan or a report."""
        return f"Settings, lenses, templates and decisions are those of {self.said} ({self.commit[:7]})."

    def lay(self, folder: Path) -> None:
        """Write them into a folder that is made here and now: nobody else can have put anything into it."""
        folder.mkdir(mode=0o700)
        (folder / self.project).mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in self.files.items():
            file = folder / name
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)


@dataclass(frozen=True, slots=True)
class InForce:
    """Where the rules of a run that is being prepared are read."""

    project: Path
    """The folder with the settings and prompts."""
    rules: Rules | None = None
    laid: Path | None = None
    """Where they were laid down, for as long as the preparation takes."""

    def words(self, text: str) -> str:
        """A text that names a file of theirs, naming it where it really stands: `origin/main:orchestra.toml`."""
        return text.replace(f"{self.laid}/", f"{self.rules.said}:") if self.rules else text

    def pack(self, said: Any, start: Path) -> Any:
        """A Context Pack as it was said; a file of the repository is the one of the commit."""
        inside = self.rules and isinstance(said, str | Path) and _below(repository(start), Path(said))
        return self.laid / inside if self.laid and inside else said


@contextmanager
def in_force(rules: Rules | None, project: Path) -> Iterator[InForce]:
    """Lay the rules down while there is no run yet. An error about one of their files says where it really stands."""
    if rules is None:
        yield InForce(project)
        return
    with tempfile.TemporaryDirectory(prefix="orchestra-rules-") as temporary:
        folder = Path(temporary) / "rules"
        rules.lay(folder)
        here = InForce(folder / rules.project, rules, folder)
        try:
            yield here
        except OrchestraError as error:
            error.where = here.words(str(error.where)) if error.where else None
            if isinstance(error, UnknownName):  # it may well be in the checkout, before everybody's eyes
                whose = f"With --base, settings and prompts are those of {rules.said}."
                error.next_step = " ".join(filter(None, (error.next_step, whose)))
            raise


def of_commit(said: str, start: Path, asked: Sequence[str | Path], pack: object = None) -> Rules | None:
    """The rules in a commit, for a run that begins at `start`. None: what is judged lies in another repository.

    What `asked` and `pack` mean is taken from their words alone: a link in the checkout must not lead out of it.
    """
    top = repository(start)
    if top is None or (asked and not any(_below(top, start / name) is not None for name in asked)):
        return None
    context = _below(top, Path(pack)) if isinstance(pack, str | Path) else None
    try:
        commit = commit_named(top, said)
        project = _project(top, commit, start)
        _refuse_planted(top, start)
        within = [f"{project}{name}" for name in (*_FILES, STATE_FOLDER)]
        entries = _listed(top, commit, [*within, context] if context else within)
        wanted = [one for one in entries if _is_rule(one, project, context, said)]
        files = _contents(top, said, wanted)
    except GitFailed as error:
        raise TargetInvalid(
            f"git cannot say what the rules are in {said!r}: {error.said}.",
            where=top,
            next_step="Without --base everything is looked at, with the rules that lie here.",
        ) from error
    if context and context not in files:
        raise UsageError(
            f"There is no Context Pack {context} in {said}, and with --base it is read from there.",
            where=top,
            next_step="Commit it there first, or name a file outside of the repository.",
        )
    return Rules(said=said, commit=commit, project=project, files=files)


def _below(top: Path | None, path: Path) -> str | None:
    """The path in the repository, by its words; None if it lies elsewhere."""
    named = Path(os.path.abspath(path))  # noqa: PTH100  # resolve() would follow links, and those are the checkout's
    found = next((folder for folder in (named, *named.parents) if folder.resolve() == top), None)
    return named.relative_to(found).as_posix() if found else None


def _project(top: Path, commit: str, start: Path) -> str:
    """The folder whose settings would hold, were the commit checked out: the nearest that has any, else the top."""
    parts = start.relative_to(top).parts
    prefixes = ["".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts), -1, -1)]
    signs = {f"{prefix}{sign}": prefix for prefix in prefixes for sign in (PROJECT_FILE, STATE_FOLDER)}
    there = git(top, "ls-tree", "-z", "--name-only", "--full-tree", commit, paths=list(signs)).split(b"\0")
    found = {signs[os.fsdecode(name)] for name in there if name}
    return max(found, key=len, default="")


def _refuse_planted(top: Path, start: Path) -> None:
    """Runs that come with the checkout would be taken for answers that were given here."""
    state = project_root(start) / STATE_FOLDER
    prefix = f"{state.parent.relative_to(top).as_posix()}/".removeprefix("./")
    tracked = git(top, "ls-files", "-z", paths=[f"{prefix}{STATE_FOLDER}"]).split(b"\0")
    planted = [name for one in tracked if _OURS.match(name := os.fsdecode(one).removeprefix(prefix))]
    if planted:
        raise UsageError(
            f"{planted[0]} is part of the checkout that is judged, and only orchestra itself writes there.",
            where=state,
            next_step=f"Take it out of git: `git rm -r --cached {STATE_FOLDER}/runs`.",
        )


class _Entry(NamedTuple):
    mode: str
    id: str
    size: int
    path: str


def _listed(top: Path, commit: str, names: Sequence[str]) -> list[_Entry]:
    said = git(top, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, paths=names)
    found = []
    for line in filter(None, said.split(b"\0")):
        facts, _, path = os.fsdecode(line).partition("\t")
        mode, _, name, size = facts.split()
        found.append(_Entry(mode, name, 0 if size == "-" else int(size), path))
    return found


def _is_rule(entry: _Entry, project: str, context: str | None, said: str) -> bool:
    name = entry.path.removeprefix(project)
    rule = entry.path == context or name in _FILES or bool(_TEMPLATE.fullmatch(name))
    if (rule and entry.mode not in _PLAIN_FILES) or (not rule and name in _ON_THE_WAY):
        raise UsageError(
            f"{entry.path} is no file in {said}, and rules are read from files only: no links.",
            next_step="Put the file itself there, and commit it.",
        )
    return rule


def _contents(top: Path, said: str, entries: Sequence[_Entry]) -> dict[str, bytes]:
    """What stands in them, byte by byte: no filter and no line ending of the checkout's attributes."""
    size = sum(entry.size for entry in entries)
    if len(entries) > MOST_FILES or size > MOST_BYTES:
        raise UsageError(
            f"The rules in {said} are {len(entries):,} files with {size:,} bytes; "
            f"{MOST_FILES:,} and {MOST_BYTES:,} are the most.",
            next_step=f"Keep in {STATE_FOLDER}/prompts only what workers are told.",
        )
    given = "".join(f"{entry.id}\n" for entry in entries).encode()
    printed = git(top, "cat-file", "--batch", given=given) if entries else b""
    found, at = {}, 0
    for entry in entries:
        begin = printed.index(b"\n", at) + 1
        found[entry.path] = printed[begin : begin + entry.size]
        at = begin + entry.size + 1
    return found
