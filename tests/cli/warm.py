"""The real command line in a process of its own each time, without the half second of loading it.

A parent loads everything once and forks for each command; signals, terminals and start-up times are tested with
commands that are started from nothing.
"""

import atexit
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory


class Warm:
    """Runs commands, one at a time."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="orchestra-warm-")
        self._parent = subprocess.Popen(
            [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, words: tuple[str, ...], cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Type a command and wait for its end."""
        out, err = Path(self._folder.name, "out"), Path(self._folder.name, "err")
        asked = {"words": words, "cwd": str(cwd), "environment": environment, "out": str(out), "err": str(err)}
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(asked) + "\n")
        self._parent.stdin.flush()
        status = int(self._parent.stdout.readline())
        return subprocess.CompletedProcess(words, status, out.read_text(), err.read_text())

    def close(self) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.stdout.close()
        self._parent.wait(30)
        self._folder.cleanup()


def serve() -> None:
    """The parent: everything is loaded, and a fork is all a command costs."""
    import orchestra.api
    import orchestra.cli.app
    import orchestra.cli.detaching
    import orchestra.cli.ending
    import orchestra.cli.going_on
    import orchestra.cli.views  # all of these are loaded here so that no command has to

    orchestra.cli.app.command_line()

    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            be_the_command(asked)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def be_the_command(asked: dict[str, object]) -> None:
    """The child: stand where the command was typed, be it, and end as it ends."""
    from orchestra.__main__ import main

    words, environment = asked["words"], asked["environment"]
    assert isinstance(words, list)
    assert isinstance(environment, dict)
    os.chdir(str(asked["cwd"]))
    os.environ.clear()
    os.environ.update(environment)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    for name, number in (("out", 1), ("err", 2)):
        file = os.open(str(asked[name]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
    os.closerange(3, 64)
    sys.argv = ["orchestra", *words]
    status: object = 0
    try:
        main()
    except SystemExit as leaving:
        status = leaving.code
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 0 if status is None else 1)


if __name__ == "__main__":
    serve()
