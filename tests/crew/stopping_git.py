"""A git that stops where a test wants to look: found first in the PATH, it hands everything else to the real one."""

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def stopping_git(folder: Path, command: str, where: str) -> Iterator[tuple[dict[str, str], Path]]:
    """An environment in which `git COMMAND` stops for ever where its working tree's path ends so; and a file that is
    there once it has."""
    real = shutil.which("git")
    assert real is not None
    folder.mkdir()
    reached = folder / "reached"
    script = folder / "git"
    script.write_text(
        "#!/bin/sh\n"
        f'case " $* " in *" {command} "*) case "$GIT_WORK_TREE" in *{where})\n'
        f"    echo $$ > '{reached}.pid'; mv '{reached}.pid' '{reached}'; exec sleep 120;;\n"
        f'esac;; esac\nexec {real} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(stat.S_IRWXU)
    try:
        yield {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}, reached
    finally:
        if reached.exists():
            os.kill(int(reached.read_text()), signal.SIGKILL)
