"""The states a user's repository can be in when a worker gets a copy of it."""

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.crew.repositories import Arrange, commit, git, write


@dataclass(frozen=True)
class State:
    """How a repository comes into a state, and which of its files a worker does not get."""

    name: str
    arrange: Arrange
    without: Iterable[str] = ()
    committed: bool = False
    """Everything is: the worker's tree is built on HEAD itself."""
    noted: str = ""
    """What is said about what it does not get."""


def _staged_and_not(folder: Path) -> None:
    write(folder, "one.txt", "staged\n")
    git(folder, "add", "one.txt")
    write(folder, "one.txt", "staged\nand changed again\n")
    write(folder, "new.txt", "new, staged\n")
    git(folder, "add", "new.txt")
    write(folder, "src/untracked.py", "untracked = 1\n")
    write(folder, "noise.log", "ignored\n")
    write(folder, "build/out", "ignored\n")


def _deleted(folder: Path) -> None:
    (folder / "one.txt").unlink()
    git(folder, "rm", "--quiet", "src/app.py")
    git(folder, "rm", "--quiet", "--cached", "run.sh")


def _renamed(folder: Path) -> None:
    git(folder, "mv", "one.txt", "uno.txt")
    (folder / "src").rename(folder / "lib")


def _modes_and_links(folder: Path) -> None:
    (folder / "run.sh").chmod(0o644)
    (folder / "src/app.py").chmod(0o755)
    (folder / "link").symlink_to("one.txt")
    (folder / "dangling").symlink_to("../nowhere")
    (folder / "one.txt").unlink()
    (folder / "one.txt").symlink_to("src/app.py")


def _places_taken(folder: Path) -> None:
    (folder / "one.txt").unlink()
    write(folder, "one.txt/inside", "a folder took the place of a file\n")
    for name in ("app.py", "more.py"):
        (folder / "src" / name).unlink()
    (folder / "src").rmdir()
    write(folder, "src", "a file took the place of a folder\n")


def _folder_to_link(folder: Path) -> None:
    (folder / "src").rename(folder / "real")
    (folder / "src").symlink_to("real")


def _names(folder: Path) -> None:
    for number, name in enumerate(
        (" a b ", "ünï cödé.txt", "new\nline", 'qu"ote', "-dash", "tab\there", "*", ":(top)")
    ):
        write(folder, name, f"{number}\n")
    with open(os.fsencode(folder) + b"/not-\xff-utf8", "wb") as stream:  # noqa: PTH123  # a Path cannot name it
        stream.write(b"bytes\n")
    commit(folder)
    for name in (" a b ", "new\nline", "*"):
        write(folder, name, "changed\n")
    write(folder, "untracked \n name", "untracked\n")


def _unmerged(folder: Path) -> None:
    git(folder, "checkout", "--quiet", "-b", "other")
    write(folder, "one.txt", "theirs\n")
    commit(folder)
    git(folder, "checkout", "--quiet", "main")
    write(folder, "one.txt", "ours\n")
    commit(folder)
    git(folder, "merge-tree", "--write-tree", "main", "main")
    try:
        git(folder, "merge", "other")
    except AssertionError:
        return
    raise AssertionError("the merge should have stopped")


def _intended(folder: Path) -> None:
    write(folder, "meant.txt", "to be added\n")
    git(folder, "add", "--intent-to-add", "meant.txt")


def _line_ends(folder: Path) -> None:
    git(folder, "config", "core.autocrlf", "true")
    git(folder, "config", "core.safecrlf", "true")
    for name in ("one.txt", "src/app.py", "src/more.py", ".gitignore", "run.sh"):
        (folder / name).unlink()
    git(folder, "checkout", "--quiet", "--", ".")
    assert b"\r\n" in (folder / "one.txt").read_bytes()
    write(folder, "one.txt", "one\r\nchanged\r\n")
    write(folder, "new.txt", "new\r\n")


def _filter_that_works(folder: Path) -> None:
    git(folder, "config", "filter.upper.clean", "tr a-z A-Z")
    git(folder, "config", "filter.upper.smudge", "tr A-Z a-z")
    git(folder, "config", "filter.upper.required", "true")
    write(folder, ".gitattributes", "*.low filter=upper\n")
    write(folder, "some.low", "as it lies here\n")
    commit(folder)
    assert git(folder, "show", "HEAD:some.low") == "AS IT LIES HERE"
    write(folder, "some.low", "changed\n")


def _filter_that_is_not_there(folder: Path) -> None:
    write(folder, ".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
    write(folder, "some.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n")
    commit(folder)
    for key in ("clean", "smudge", "process"):
        git(folder, "config", f"filter.lfs.{key}", "git-lfs-that-is-not-there")
    git(folder, "config", "filter.lfs.required", "true")
    write(folder, "other.bin", "new here\n")


def _submodule(folder: Path) -> None:
    library = folder.parent / "library"
    library.mkdir()
    git(library, "init", "--quiet")
    write(library, "lib.c", "int x;\n")
    git(library, "add", ".")
    git(library, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "x")
    git(folder, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib")
    commit(folder)
    write(folder, "lib/lib.c", "int changed;\n")
    write(folder, "one.txt", "changed\n")


def _inner_repository(folder: Path) -> None:
    git(folder, "init", "--quiet", "inner")
    write(folder, "inner/file", "whose?\n")


def _unreadable_kinds(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()  # noqa: PTH109  # the name of a socket is short
        os.chdir(folder)
        try:
            one.bind("socket")
        finally:
            os.chdir(here)


def _too_large(folder: Path) -> None:
    with (folder / "dump.bin").open("wb") as dump:
        dump.truncate(50_000_001)


def _tools(folder: Path) -> None:
    write(folder, "node_modules/left-pad/index.js", "module.exports = 1\n")
    write(folder, "src/__pycache__/app.pyc", b"\0")


def _young(folder: Path) -> None:
    """Changed in the same tick as the index, with the same size: only the content tells."""
    file = folder / "one.txt"
    before = file.stat()
    content = file.read_bytes()
    index = folder / ".git/index"
    file.write_bytes(b"ONE" + content[3:])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.utime(index, ns=(before.st_mtime_ns, before.st_mtime_ns))


def _hooks(folder: Path) -> None:
    for name in ("post-checkout", "reference-transaction", "pre-commit", "post-index-change", "post-merge"):
        write(folder, f".git/hooks/{name}", f"#!/bin/sh\ntouch '{folder}/hooked'\nexit 1\n").chmod(0o755)


def _sparse(folder: Path) -> None:
    git(folder, "sparse-checkout", "set", "--no-cone", "/*", "!/src/")
    assert not (folder / "src").exists()
    write(folder, "one.txt", "changed\n")


def _unignored_runs(folder: Path) -> None:
    write(folder, ".orchestra/runs/20260101-000000-review-0000/run.json", "{}\n")
    write(folder, ".orchestra/prompts/mine.md", "a team's own\n")


def _detached(folder: Path) -> None:
    git(folder, "checkout", "--quiet", "--detach", "HEAD~1")
    write(folder, "one.txt", "changed\n")


def _split_index(folder: Path) -> None:
    git(folder, "update-index", "--split-index")
    write(folder, "one.txt", "changed\n")
    write(folder, "two.txt", "new\n")
    git(folder, "add", "two.txt")


def _hidden_changes(folder: Path) -> None:
    git(folder, "config", "status.showUntrackedFiles", "no")
    git(folder, "config", "diff.ignoreSubmodules", "all")
    git(folder, "config", "core.fsmonitor", "touch hooked")
    write(folder, "one.txt", "changed\n")
    write(folder, "two.txt", "new\n")


STATES = [
    State("everything is committed", lambda folder: None, committed=True),
    State("staged, changed again, new, ignored", _staged_and_not, without=("noise.log", "build/out")),
    State("deleted, with and without git", _deleted),
    State("renamed, a file and a folder", _renamed),
    State("modes and links", _modes_and_links),
    State("a folder where a file was, and the other way round", _places_taken),
    State("a link where a folder was", _folder_to_link),
    State("strange names", _names),
    State("in the middle of a merge", _unmerged),
    State("meant to be added", _intended),
    State("line ends of Windows", _line_ends),
    State("a filter", _filter_that_works),
    State("a filter that is not there", _filter_that_is_not_there),
    State("a submodule", _submodule, without=("lib/lib.c",), noted="lib (a submodule)"),
    State(
        "a repository inside",
        _inner_repository,
        without=("inner/file",),
        committed=True,
        noted="inner/ (a repository of its own)",
    ),
    State("a pipe and a socket", _unreadable_kinds, committed=True),
    State("a file that is too large", _too_large, without=("dump.bin",), committed=True, noted="dump.bin (too large"),
    State(
        "what tools keep",
        _tools,
        without=("node_modules/left-pad/index.js", "src/__pycache__/app.pyc"),
        committed=True,
        noted="node_modules",
    ),
    State("changed in the tick of the index", _young),
    State("hooks", _hooks, committed=True),
    State("a sparse checkout", _sparse),
    State("runs that git would see", _unignored_runs),
    State("no branch", _detached),
    State("a split index", _split_index),
    State("settings that hide changes", _hidden_changes),
]
