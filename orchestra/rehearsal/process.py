"""The stand-in as a process of its own, which cannot outlive whoever started it."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from types import TracebackType

from orchestra.errors import EnvironmentLacking

READY_WITHIN = 10.0
"""Seconds until a server that has not said it is ready counts as broken; it takes 0.1 on an idle machine."""


class Rehearsal:
    """A stand-in model in its own process, which plays every role without a model.

    Starting returns at once; asking for `url` or `environment` waits until the server listens. It ends when its
    stdin closes, so it ends with this process, however this process ends.

    Example:
        >>> with Rehearsal() as model:
        ...     sorted(model.environment)
        ['CODEX_HOME', 'NO_PROXY', 'ORCHESTRA_REHEARSAL_KEY', 'no_proxy']
    """

    def __init__(self, *, brain: str = "understudy", home: str | os.PathLike[str] | None = None) -> None:
        self.brain = brain
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._reading = threading.Lock()
        self._said: dict[str, object] | None = None

    def __repr__(self) -> str:
        state = "not running" if self._process is None else f"pid {self._process.pid}"
        return f"<Rehearsal with {self.brain}: {state}>"

    def __enter__(self) -> "Rehearsal":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the server's process, while there is one."""
        return self._process.pid if self._process else None

    @property
    def url(self) -> str:
        """The base address, `http://127.0.0.1:PORT/v1`."""
        return str(self._ready()["url"])

    @property
    def environment(self) -> dict[str, str]:
        """What a codex needs in its environment to talk to this server."""
        said = self._ready()["environment"]
        return {str(name): str(value) for name, value in said.items()} if isinstance(said, dict) else {}

    def start(self) -> None:
        """Start the server and do not wait for it."""
        if self._process is not None:
            return
        # -P: the folder it is started in, which may be the one under review, must not lend it modules.
        command = [sys.executable, "-P", "-m", "orchestra.rehearsal", "--brain", self.brain]
        if self._home is not None:
            command += ["--home", os.fspath(self._home)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # ^C in the terminal is for the orchestrator, which then closes the server
        )

    def close(self) -> None:
        """Close its stdin and wait for it to leave."""
        process, self._process, self._said = self._process, None, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ready(self) -> dict[str, object]:
        with self._reading:  # several threads may ask; one reads the line
            if self._said is None:
                self._said = self._first_line()
            return self._said

    def _first_line(self) -> dict[str, object]:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("the rehearsal is not started, or closed already")
        descriptor, line = self._process.stdout.fileno(), b""
        poll, deadline = select.poll(), time.monotonic() + READY_WITHIN
        poll.register(descriptor, select.POLLIN)
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            chunk = os.read(descriptor, 65536) if left > 0 and poll.poll(left * 1000) else b""
            if not chunk:
                raise EnvironmentLacking(
                    "The stand-in model for the rehearsal did not start.",
                    next_step=f"See what it says: `{sys.executable} -m orchestra.rehearsal --brain {self.brain}`.",
                )
            line += chunk
        said = json.loads(line)
        return said if isinstance(said, dict) else {}
