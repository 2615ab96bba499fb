"""Git repositories the tests of trees stand in, and what can be seen of them from outside."""

import atexit
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Files = dict[str, tuple[str, bytes]]
"""Path -> what it is (`file`, `program`, `link`) and what stands in it."""


def git(folder: Path, *arguments: str, given: str = "") -> str:
    """What git prints, with nobody's configuration but the repository's."""
    done = subprocess.run(
        ["git", "-C", folder, *arguments], input=given.encode(), capture_output=True, check=False, env=ENVIRONMENT
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {os.fsdecode(done.stderr)}"
    return os.fsdecode(done.stdout).strip()


ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}


def repository(folder: Path) -> Path:
    """A repository with two commits: a file, a program, a folder, and something git ignores."""
    shutil.copytree(_template(), folder, symlinks=True)
    git(folder, "update-index", "--refresh")
    return folder


@cache
def _template() -> Path:
    """Made once: each git costs some milliseconds, and every story wants one of its own."""
    folder = Path(tempfile.mkdtemp(prefix="orchestra-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")
    write(folder, "one.txt", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n")
    write(folder, "src/app.py", "print('hello')\n")
    write(folder, "run.sh", "#!/bin/sh\necho run\n").chmod(0o755)
    write(folder, ".gitignore", "*.log\nbuild/\n")
    commit(folder, "Begin")
    write(folder, "src/more.py", "more = 1\n")
    commit(folder, "Go on")
    return folder


def write(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file, and the folders it lies in."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def commit(folder: Path, message: str = "More") -> str:
    """Commit everything that git does not ignore."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def files(folder: Path) -> Files:
    """Everything that lies in a folder, but git's and our own."""
    found: Files = {}
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", ".orchestra")]
        for path in (Path(here, name) for name in [*names, *folders]):
            mode = path.lstat().st_mode
            key = str(path.relative_to(folder))
            if stat.S_ISLNK(mode):
                found[key] = ("link", os.fsencode(path.readlink()))
            elif stat.S_ISREG(mode) and path.name != ".git":
                found[key] = ("program" if mode & 0o100 else "file", path.read_bytes())
    return found


@dataclass(frozen=True)
class Seen:
    """Everything of a repository that is the user's: nobody else changes it."""

    files: Files
    times: dict[str, int]
    index: str
    refs: str
    head: str
    config: bytes
    stash: str
    reflog: dict[str, bytes]
    state: tuple[str, ...]


def seen(folder: Path) -> Seen:
    """The user's repository as it stands."""
    git_dir = Path(git(folder, "rev-parse", "--absolute-git-dir"))
    index = git_dir / "index"
    lying = files(folder)
    refs = git(folder, "for-each-ref", "--format=%(refname) %(objectname)")
    return Seen(
        files=lying,
        times={name: (folder / name).lstat().st_mtime_ns for name in lying},
        index=hashlib.sha256(index.read_bytes()).hexdigest() if index.exists() else "",
        refs="\n".join(line for line in refs.splitlines() if "refs/heads/orchestra/" not in line),
        head=(git_dir / "HEAD").read_text(),
        config=(git_dir / "config").read_bytes() if (git_dir / "config").exists() else b"",
        stash=git(folder, "stash", "list"),
        reflog={str(log): log.read_bytes() for log in sorted((git_dir / "logs").rglob("*")) if _of_the_user(log)},
        state=tuple(sorted(entry.name for entry in git_dir.iterdir() if entry.name.isupper())),
    )


def _of_the_user(log: Path) -> bool:
    return log.is_file() and "refs/heads/orchestra/" not in log.as_posix()


Arrange = Callable[[Path], object]
"""Brings a repository into the state a story is about."""
