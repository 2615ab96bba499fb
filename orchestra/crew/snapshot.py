"""What lies in a working tree, as a tree of git's: tracked and untracked, staged or not, and nothing of it touched."""

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from orchestra.brief.git import GitFailed
from orchestra.brief.listing import OWN, TOOLS, plain
from orchestra.brief.target_file import LeftOut
from orchestra.crew.changes import Ground
from orchestra.crew.checkout import Checkout
from orchestra.project import STATE_FOLDER
from orchestra.value import Value

LARGEST = 50_000_000
"""Bytes of one file git does not know yet: more is a build, a data set, a dump, and would stay in the repository."""
MOST = 1_000_000_000
"""Bytes of all of them."""
_LINK = b"160000"
_OTHERS = OWN - {STATE_FOLDER}


class Taken(Value):
    """What a working tree held."""

    tree: str
    left_out: tuple[LeftOut, ...] = ()
    unfiltered: bool = False
    """A filter of the user's configuration did not work: its files are taken as they lie there."""


@contextmanager
def index_like(original: Path, folder: Path) -> Iterator[Path]:
    """A copy of an index to work with.

    Its time is copied too: by it git knows which entries are too young to be trusted by their times alone.
    """
    copy = folder / f".index-{secrets.token_hex(4)}"
    try:
        if original.exists():
            shutil.copy2(original, copy)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def snapshot(at: Checkout, folder: Path, run: str) -> Ground:
    """What the user has now, as a commit: HEAD itself where everything is committed.

    The user's index is copied, so that only what changed is read again, and the copy is worked with: index, branch,
    HEAD, stash and files stay as they are. Only objects are added to the repository, which git clears away by itself.
    """
    head = None if at.private else at.commit_of("HEAD")
    with index_like(at.git_dir / "index", folder) as index, tempfile.TemporaryDirectory(dir=folder) as nothing:
        # A folder that is still to be made holds nothing.
        taken = take(at if at.tree.is_dir() else replace(at, tree=Path(nothing)), index)
    hidden = [_left_out(name, "as you changed it: git is told not to look at it") for name in kept_from_git(at)]
    left_out = (*taken.left_out, *_submodules(at, taken.tree), *hidden)
    if head and at.tree_of(head) == taken.tree:
        return Ground(commit=head, tree=taken.tree, foundation=head, left_out=left_out)
    message = f"What was there and not committed when orchestra took it\n\nOrchestra-Run: {run}\n"
    commit = at.commit(taken.tree, [head] if head else [], message)
    return Ground(commit=commit, tree=taken.tree, foundation=commit, uncommitted=True, left_out=left_out)


def take(at: Checkout, index: Path) -> Taken:
    """Bring an index up to what lies in the tree and write that as a tree.

    A filter that does not work (git-lfs is configured and not there) is no reason to fail: its files are taken raw.
    """
    try:
        return _take(at, index)
    except GitFailed:
        raw = at.without_filters()
        if raw == at:
            raise
        return _take(raw, index).model_copy(update={"unfiltered": True})


def _take(at: Checkout, index: Path) -> Taken:
    gone, changed = _differing(at, index)
    fresh, left_out = _untracked(at, index)
    known, unfit = _fitting(at.tree, changed)
    new, too_much = _fitting(at.tree, fresh, bounded=True)
    # Names are removed before others are added: where a folder took the place of a file, both are told.
    _update(at, index, gone, "--force-remove")
    _update(at, index, [*known, *new], "--add", "--replace")
    # --missing-ok: in a partial clone git would fetch what it has not got.
    return Taken(tree=at.line("write-tree", "--missing-ok", index=index), left_out=(*left_out, *unfit, *too_much))


def _update(at: Checkout, index: Path, names: Sequence[bytes], *how: str) -> None:
    if names:
        at.git("update-index", "-z", *how, "--stdin", given=b"".join(name + b"\0" for name in names), index=index)


def _differing(at: Checkout, index: Path) -> tuple[list[bytes], list[bytes]]:
    """What the index knows and is no longer there, and what may have changed. Submodules are left as they are.

    `git add` and `git status` would run git inside every repository that lies in the tree, with the configuration of
    that repository; a worker can make one.
    """
    said = at.names("diff-files", "-z", "--raw", "--no-renames", "--ignore-submodules=all", index=index)
    gone: list[bytes] = []
    changed: list[bytes] = []
    for facts, name in zip(said[::2], said[1::2], strict=True):
        before, after, *_, status = facts.lstrip(b":").split()
        if before == _LINK:
            continue
        missing = status == b"D" or after == _LINK or not os.path.lexists(_path(at.tree, name))
        (gone if missing else changed).append(name)
    return list(dict.fromkeys(gone)), list(dict.fromkeys(changed))


def _untracked(at: Checkout, index: Path) -> tuple[list[bytes], list[LeftOut]]:
    """What git does not know and does not ignore, without what tools put there."""
    names: list[bytes] = []
    left_out: dict[str, str] = {}
    for name in at.names("ls-files", "-z", "-o", "--exclude-standard", index=index):
        path = os.fsdecode(name)
        parts = path.split("/")
        tool = next((place for place, part in enumerate(parts) if part in TOOLS), None)
        if f"/{STATE_FOLDER}/runs/" in f"/{path}" or not _OTHERS.isdisjoint(parts[:-1]):
            continue  # our own runs, where nothing keeps git from seeing them, and the stores of other tools than git
        if tool is not None:
            left_out["/".join(parts[: tool + 1])] = "what tools keep for themselves"
        elif path.endswith("/"):
            left_out[path] = "a repository of its own"
        else:
            names.append(name)
    return names, [LeftOut(path=plain(path), reason=reason) for path, reason in left_out.items()]


def kept_from_git(at: Checkout) -> Iterator[bytes]:
    """What the user changed and git passes over, because it was told to (`--assume-unchanged`, `--skip-worktree`).

    That is how people keep a setting or a password of their own to themselves, so no snapshot holds it.
    """
    if at.private:
        return
    for line in at.names("ls-files", "-v", "-s", "-z"):
        facts, _, name = line.partition(b"\t")
        flag, mode, blob, *_ = facts.split()
        file = at.tree / os.fsdecode(name)
        if flag not in (b"h", b"S", b"s") or mode == _LINK or not os.path.lexists(file):
            continue
        if file.is_symlink() or not file.is_file() or _as_git_keeps_it(at, name) != blob:
            yield name


def _as_git_keeps_it(at: Checkout, name: bytes) -> bytes:
    """The id of what lies there; empty where a filter does not work, so that it counts as changed."""
    try:
        return at.git("hash-object", "--", os.fsdecode(name)).strip()
    except GitFailed:
        return b""


def _submodules(at: Checkout, tree: str) -> list[LeftOut]:
    """They are left as they are: a worker finds their folders empty."""
    if not (at.tree / ".gitmodules").exists():
        return []
    entries = (entry.partition(b"\t") for entry in at.names("ls-tree", "-r", "-z", tree))
    return [_left_out(name, "a submodule") for facts, _, name in entries if facts.startswith(_LINK)]


def _fitting(tree: Path, names: Iterable[bytes], bounded: bool = False) -> tuple[list[bytes], list[LeftOut]]:
    """The names git can take; a pipe, a socket or a file nobody may read would end it."""
    kept, left_out, size = [], [], 0
    for name in names:
        try:
            facts = os.lstat(_path(tree, name))
        except OSError:
            continue  # gone since it was listed
        if stat.S_ISREG(facts.st_mode) and not os.access(_path(tree, name), os.R_OK):
            left_out.append(_left_out(name, "cannot be read"))
        elif not (stat.S_ISREG(facts.st_mode) or stat.S_ISLNK(facts.st_mode)):
            left_out.append(_left_out(name, "no file"))
        elif bounded and (facts.st_size > LARGEST or size + facts.st_size > MOST):
            left_out.append(_left_out(name, f"too large, {facts.st_size:,} bytes"))
        else:
            kept.append(name)
            size += facts.st_size
    return kept, left_out


def _path(tree: Path, name: bytes) -> bytes:
    return os.fsencode(tree) + b"/" + name


def _left_out(name: bytes, reason: str) -> LeftOut:
    return LeftOut(path=plain(os.fsdecode(name)), reason=reason)
