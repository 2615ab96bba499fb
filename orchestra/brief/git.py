"""Asking git: one place that knows how to call it so that nobody's configuration changes the answer."""

import os
import shlex
import signal
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from orchestra.project import is_repository

_MOST_ARGUMENTS = 100_000  # bytes of paths in one call: Linux takes 131,071 in one argument, 2 MB in all
_NAILED = (
    "core.quotePath=false",
    "core.fsmonitor=false",  # it names a program, and a checkout is not a place to take programs from
    "diff.suppressBlankEmpty=false",
)
NOT_INSTALLED = "git is not installed"


class GitFailed(Exception):
    """git is not there, or it refused; `said` is its own first line that is no warning."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said

    def remedy(self, top: Path) -> str | None:
        """What makes git answer in this repository, where that is known."""
        if self.said == NOT_INSTALLED:
            return "Install git."
        if "dubious ownership" in self.said:
            return f"If you trust it: `git config --global --add safe.directory {shlex.quote(str(top))}`."
        return None


def git(
    folder: Path,
    *arguments: str,
    paths: Sequence[str] = (),
    given: bytes = b"",
    settings: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    accepted: Collection[int] = (0,),
    timeout: float | None = None,
    undisturbed: bool = False,
) -> bytes:
    """What git prints, called in a folder. `paths` are taken literally and never as options or patterns.

    `given` comes on its standard input, `settings` are further `-c NAME=VALUE`, `environment` is added to what git
    sees, and any exit status that is not `accepted` is a `GitFailed`, as is one that takes longer than `timeout`.
    `undisturbed`: in a session of its own, so that a ^C at the terminal does not end it in the middle of something.
    """
    nailed = [word for setting in (*_NAILED, *settings) for word in ("-c", setting)]
    command = ["git", "-C", str(folder), "--literal-pathspecs", *nailed, *arguments]
    try:
        process = subprocess.Popen(
            [*command, "--", *paths] if paths else command,
            env=_environment(os.environ) | dict(environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=undisturbed,
        )
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        raise GitFailed(NOT_INSTALLED if missing else f"git cannot be run: {error.strerror}") from error
    with process:
        try:
            printed, told = process.communicate(given, timeout)
        except BaseException as error:
            # What it started itself (a filter that waits for a network) goes too, where it can be told apart.
            os.killpg(process.pid, signal.SIGKILL) if undisturbed else process.kill()
            if isinstance(error, subprocess.TimeoutExpired):
                raise GitFailed(f"git {arguments[0]} took longer than {timeout:g} s") from error
            raise
    if process.returncode not in accepted:
        lines = os.fsdecode(told).strip().splitlines() or [f"git ended with status {process.returncode}"]
        said = next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[0])  # not a warning
        raise GitFailed(said.removeprefix("fatal: ").removeprefix("error: "))
    return printed


def in_calls(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    """Paths in portions that fit one command line."""
    portion: list[str] = []
    size = 0
    for path in paths:
        size += len(os.fsencode(path)) + 1
        if portion and size > _MOST_ARGUMENTS:
            yield portion
            portion, size = [], len(os.fsencode(path)) + 1
        portion.append(path)
    if portion:
        yield portion


def repository(path: Path) -> Path | None:
    """The top of the working tree a file or folder lies in; found without a process."""
    return next((folder for folder in (path, *path.parents) if is_repository(folder)), None)


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Without what a hook of another repository left behind (GIT_DIR, GIT_INDEX_FILE), and in one language."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_") or "CONFIG" in name}
    return kept | {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat"}
