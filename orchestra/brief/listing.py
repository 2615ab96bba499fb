"""Which files there are under some folders: what git would not ignore, also where there is no git."""

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from orchestra.brief.git import GitFailed, git, repository
from orchestra.brief.target_file import LeftOut

OWN = frozenset({".git", ".hg", ".svn", ".jj", ".orchestra"})
"""Folders that are nobody's work; not even mentioned."""
# fmt: off
TOOLS = frozenset({
    "__pycache__", "node_modules", ".venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    ".hypothesis", ".eggs", ".gradle", ".terraform", ".next", ".nuxt", ".parcel-cache", ".DS_Store",
})
# fmt: on
"""What tools put into a tree; looked at only when it is named itself."""
_MOST_IGNORED = 40
"""Ignored files and folders that are named one by one; the others are counted."""


def listed(folders: Sequence[Path], root: Path) -> tuple[set[str], list[LeftOut]]:
    """The paths, relative to the root, of all files under the folders, and what was passed over."""
    names: set[str] = set()
    left_out: list[LeftOut] = []
    for top, inside in _by_repository(folders).items():
        found = _by_git(top, inside, root, left_out) if top else None
        for folder in inside:
            taken = _under(folder, found, root) if found is not None else []
            # A folder that git ignores altogether was named all the same: then it is meant.
            names.update(taken or _by_hand(folder, root, left_out))
    # A repository inside another is one name in the outer one's list; here it was named itself.
    names.difference_update(prefix(folder, root) for folder in folders)
    names.difference_update(prefix(folder, root).rstrip("/") for folder in folders)
    return names, left_out


def _by_repository(folders: Sequence[Path]) -> dict[Path | None, list[Path]]:
    grouped: dict[Path | None, list[Path]] = {}
    for folder in folders:
        grouped.setdefault(repository(folder), []).append(folder)
    return grouped


# ── with git ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _by_git(top: Path, folders: Sequence[Path], root: Path, left_out: list[LeftOut]) -> list[str] | None:
    """What git tracks and what it does not ignore, sorted; None where git cannot say."""
    inside = [] if top in folders else [folder.relative_to(top).as_posix() for folder in folders]
    before = prefix(top, root)
    try:
        found = _paths(top, before, inside, "-co", "--exclude-standard", "--deduplicate")
        ignored = _paths(top, before, inside, "-oi", "--exclude-standard", "--directory")
    except GitFailed:
        return None
    named = [prefix(folder, root) for folder in folders]
    kept, passed_over = _without_tools(found, named)
    left_out += [LeftOut(path=name, reason=f"a folder of tools ({count:,} files)") for name, count in passed_over]
    meant = [name for name in ignored if any(folder.startswith(name) for folder in named)]
    left_out += _counted([name for name in ignored if name not in meant and not _belongs_to_tools(name)])
    return sorted(kept)


def _paths(top: Path, before: str, inside: Sequence[str], *options: str) -> list[str]:
    said = git(top, "ls-files", "-z", *options, paths=inside)
    return [f"{before}{os.fsdecode(name)}" for name in said.split(b"\0") if name]


def _without_tools(names: Iterable[str], named: Sequence[str]) -> tuple[list[str], list[tuple[str, int]]]:
    """The names that are not in a folder of tools below the ones that were named, and those folders."""
    kept, passed_over = [], Counter[str]()
    for name in names:
        parts = name.split("/")
        hidden = next((index for index, part in enumerate(parts) if part in TOOLS or part in OWN), None)
        if hidden is None or any(before.startswith("/".join(parts[: hidden + 1]) + "/") for before in named):
            kept.append(name)
        elif parts[hidden] in TOOLS:
            passed_over["/".join(parts[: hidden + 1])] += 1
    return kept, sorted(passed_over.items())


def _belongs_to_tools(name: str) -> bool:
    return any(part in TOOLS or part in OWN for part in name.split("/"))


def _counted(ignored: Sequence[str]) -> Iterator[LeftOut]:
    yield from (LeftOut(path=plain(name), reason="ignored by git") for name in ignored[:_MOST_IGNORED])
    if len(ignored) > _MOST_IGNORED:
        yield LeftOut(path="…", reason=f"ignored by git: {len(ignored) - _MOST_IGNORED:,} more files and folders")


def _under(folder: Path, names: Sequence[str], root: Path) -> Sequence[str]:
    """The names, out of a sorted list, that begin with a folder's own."""
    begin = prefix(folder, root)
    return names[bisect_left(names, begin) : bisect_left(names, begin + "\U0010ffff")] if begin else names


def prefix(folder: Path, root: Path) -> str:
    """What the paths of a folder's files begin with: `src/`, or nothing for the root itself."""
    relative = folder.relative_to(root).as_posix()
    return "" if relative == "." else f"{relative}/"


# ── without git ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _by_hand(folder: Path, root: Path, left_out: list[LeftOut]) -> Iterator[str]:
    """Every file but what a `.gitignore` on the way to it says."""
    rules: dict[str, list[tuple[str, Any]]] = {}
    closed: list[OSError] = []
    for here, folders, files in os.walk(folder, onerror=closed.append):
        before = prefix(Path(here), root)
        mine = rules[before] = [*rules.get(_above(before), []), *_rules(here, before, ".gitignore" in files)]
        walked = []
        for name in sorted(folders):
            if Path(here, name).is_symlink():
                yield f"{before}{name}"  # reading will say what it is
            elif name in TOOLS:
                left_out.append(LeftOut(path=plain(f"{before}{name}/"), reason="a folder of tools"))
            elif name not in OWN:
                walked.append(name)
        ignored = [f"{before}{name}/" for name in walked if _ignored(f"{before}{name}/", mine)]
        ignored += [f"{before}{name}" for name in files if mine and _ignored(f"{before}{name}", mine)]
        left_out += _counted([name for name in ignored if not _belongs_to_tools(name)])
        folders[:] = [name for name in walked if f"{before}{name}/" not in ignored]
        passed_over = set(ignored)
        yield from (f"{before}{name}" for name in files if name not in TOOLS and f"{before}{name}" not in passed_over)
    left_out += [_closed(error, root) for error in closed]


def _above(before: str) -> str:
    folder = before.rstrip("/").rpartition("/")[0]
    return f"{folder}/" if folder else ""


def _rules(here: str, before: str, there: bool) -> Iterator[tuple[str, Any]]:
    file = Path(here, ".gitignore")
    if not there or not file.is_file() or not os.access(file, os.R_OK):
        return
    import pathspec

    yield before, pathspec.GitIgnoreSpec.from_lines(file.read_text("utf-8", errors="replace").splitlines())


def _ignored(path: str, rules: Sequence[tuple[str, Any]]) -> bool:
    """The nearest `.gitignore` that says something about a path decides."""
    for before, spec in reversed(rules):
        said = spec.check_file(path.removeprefix(before)).include
        if said is not None:
            return bool(said)
    return False


def _closed(error: OSError, root: Path) -> LeftOut:
    path = Path(os.fsdecode(error.filename or root))
    return LeftOut(path=plain(f"{os.path.relpath(path, root)}/"), reason=f"cannot be read: {error.strerror}")


def plain(name: str) -> str:
    """The name with everything that is not printable made visible."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)
