"""What is looked at: files, their digests, and what was left out and why."""

import hashlib
import itertools
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from orchestra.errors import TargetInvalid
from orchestra.value import Value

TOO_LARGE = 2_000_000
"""Bytes of a file that no worker reads well; it is left out and named."""
SECTION_FILES = 60
"""Files one worker is given at most; a larger target is cut by folders."""
_NEVER = {".git", ".hg", ".svn", ".orchestra", "__pycache__", "node_modules", ".venv", ".tox", ".mypy_cache"}


class TargetFile(Value):
    """One file as it was when the run began."""

    path: str
    """Relative to the target's root, with `/`."""
    digest: str
    lines: int
    size: int


class LeftOut(Value):
    """A file nobody will look at, and why."""

    path: str
    reason: str


class Section(Value):
    """A disjoint part of the target: whole files, for one worker."""

    name: str
    files: tuple[TargetFile, ...]


class Target(Value):
    """The files of a run, the folder they are relative to, and what was left out."""

    root: Path
    asked: tuple[str, ...]
    """As it was said: `src/`, `README.md`."""
    files: tuple[TargetFile, ...]
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Cut by names and folders alone, so that a file that grows does not move its neighbours."""
        return tuple(_sections(self.files))

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The text of every file, read once."""
        return {file.path: (self.root / file.path).read_text("utf-8", errors="replace") for file in self.files}

    def changed(self) -> tuple[str, ...]:
        """The files that are no longer what they were when the target was taken."""
        return tuple(file.path for file in self.files if _digest(self.root / file.path) != file.digest)


def target(asked: Sequence[str | Path], start: Path) -> Target:
    """Take the target: files and folders, what git would not ignore, without what no worker can read."""
    wanted = [_inside(start, str(name)) for name in asked]
    if not wanted:
        raise TargetInvalid("No target was named.", next_step="Name a file or a folder, for example `.`")
    root = _root(wanted)
    kept: dict[str, TargetFile] = {}
    left_out: dict[str, LeftOut] = {}
    for file in sorted(set(_walk(wanted, root))):
        name = file.relative_to(root).as_posix()
        reason, taken = _take(file, name)
        if taken:
            kept[name] = taken
        else:
            left_out[name] = LeftOut(path=_plain(name), reason=reason)
    if not kept:
        why = f" Left out: {next(iter(left_out.values())).reason} and the like." if left_out else ""
        raise TargetInvalid(f"There is nothing to look at in {', '.join(map(str, asked))}.{why}")
    return Target(
        root=root,
        asked=tuple(str(name) for name in asked),
        files=tuple(kept.values()),
        left_out=tuple(left_out.values()),
    )


def _inside(start: Path, name: str) -> Path:
    path = (start / name).absolute()
    if not path.exists():
        raise TargetInvalid(f"The target {name!r} does not exist.", where=path)
    return path.resolve()


def _root(wanted: Sequence[Path]) -> Path:
    """The repository the target lies in; without one, the folder that holds all of it."""
    common = Path(os.path.commonpath(wanted))
    folder = common if common.is_dir() else common.parent
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return folder


def _walk(wanted: Sequence[Path], root: Path) -> Iterable[Path]:
    for path in wanted:
        if path.is_file():
            yield path
            continue
        listed = _listed_by_git(path)
        yield from listed if listed is not None else _listed_by_hand(path, root)


def _listed_by_git(folder: Path) -> list[Path] | None:
    """What git tracks and what it does not ignore; None where there is no git or no repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "ls-files", "-coz", "--exclude-standard", "--deduplicate"],
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    names = (os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    found = [folder / name for name in names if not _NEVER & set(Path(name).parts)]
    return [path for path in found if path.is_symlink() or path.is_file()]


def _listed_by_hand(folder: Path, root: Path) -> Iterable[Path]:
    import pathspec

    ignore = root / ".gitignore"
    lines = ignore.read_text("utf-8", errors="replace").splitlines() if ignore.is_file() else []
    ignored = pathspec.GitIgnoreSpec.from_lines(lines)
    for here, folders, files in os.walk(folder):
        relative = Path(here).relative_to(root)
        folders[:] = sorted(
            name for name in folders if name not in _NEVER and not ignored.match_file(f"{relative / name}/")
        )
        yield from (Path(here, name) for name in files if not ignored.match_file(str(relative / name)))


def _take(file: Path, name: str) -> tuple[str, TargetFile | None]:
    """The file, or the reason why it is left out."""
    if name != _plain(name):
        return "its name holds control characters", None
    try:
        if file.is_symlink():
            return "a symbolic link", None
        size = file.stat().st_size
        if size > TOO_LARGE:
            return f"too large ({size:,} bytes)", None
        content = file.read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror}", None
    if b"\0" in content[:8192]:
        return "binary", None
    if not content.strip():
        return "empty", None
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return "", TargetFile(path=name, digest=hashlib.sha256(content).hexdigest(), lines=lines, size=size)


def _digest(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _plain(name: str) -> str:
    """The name with everything that is not printable made visible."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)


def _sections(files: Sequence[TargetFile], depth: int = 0) -> Iterable[Section]:
    if len(files) <= SECTION_FILES:
        yield Section(name=_common_folder(files), files=tuple(files))
        return
    groups: dict[str, list[TargetFile]] = {}
    for file in files:
        parts = file.path.split("/")
        groups.setdefault(parts[depth] if len(parts) > depth + 1 else "", []).append(file)
    here = groups.pop("", [])
    for start in range(0, len(here), SECTION_FILES):
        part = here[start : start + SECTION_FILES]
        yield Section(name=f"{_common_folder(part)}:{part[0].path.split('/')[-1]}", files=tuple(part))
    for name in sorted(groups):
        yield from _sections(groups[name], depth + 1)


def _common_folder(files: Sequence[TargetFile]) -> str:
    parents = [file.path.split("/")[:-1] for file in files]
    shared = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*parents, strict=False))
    return "/".join(names[0] for names in shared) or "."
