"""The server codex talks to: the Responses API on 127.0.0.1, a thread for each connection.

Written on bare sockets because `http.server` alone takes 70 ms to import, and a rehearsal is to be ready in 100.
"""

import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import BinaryIO

from orchestra.rehearsal.moves import Brain, Fail, Move
from orchestra.rehearsal.request import Request, read_request
from orchestra.rehearsal.venue import Venue
from orchestra.rehearsal.wire import Reply


class StandIn:
    """A model server with a brain, in threads of this process.

    `environment` is what a codex needs to talk to it, `asks` what it was asked, `peak` how many asked at one time.
    `home` is the CODEX_HOME it prepares; without one it makes its own and removes it at the end. Every request is
    remembered, which a long rehearsal of many workers may not want: `remember=False`.

    Example:
        >>> with StandIn(Script(Say("Fine."))) as model:
        ...     os.environ.update(model.environment)
        ...     report = orchestra.ask("Well?")
        >>> [request.prompt.splitlines()[0] for request in model.asks]
        ['CONTEXT: WORKER']
    """

    def __init__(
        self,
        brain: Brain,
        *,
        home: str | os.PathLike[str] | None = None,
        venue: Venue | None = None,
        remember: bool = True,
    ) -> None:
        self.brain = brain
        self._home = home
        self._venue = venue
        self._seen = threading.Condition()
        self._remember = remember
        self._requests: list[Request] = []
        self._count = 0
        self._open: set[socket.socket] = set()
        self._answering = 0
        self._peak = 0

    def __repr__(self) -> str:
        where = self._venue.url if self._venue else "nowhere"
        return f"<StandIn at {where}: {self._count} requests>"

    def __enter__(self) -> "StandIn":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ── what a test looks at ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def venue(self) -> Venue:
        """Its port and its home, while it is open."""
        if self._venue is None:
            raise RuntimeError("the stand-in is not started, or closed already")
        return self._venue

    @property
    def url(self) -> str:
        """The base address, `http://127.0.0.1:PORT/v1`."""
        return self.venue.url

    @property
    def environment(self) -> dict[str, str]:
        """What a codex needs in its environment to talk to this server."""
        return self.venue.environment

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, in the order of arrival, retries included."""
        with self._seen:
            return tuple(self._requests)

    @property
    def asks(self) -> tuple[Request, ...]:
        """The first request of each turn: how often the model was asked something, retries and tool calls apart."""
        first: dict[tuple[str | None, int], Request] = {}
        for request in self.requests:
            if request.begins_turn:
                first.setdefault((request.thread_id, len(request.prompts)), request)
        return tuple(first.values())

    @property
    def peak(self) -> int:
        """The largest number of requests that were being answered at one time."""
        return self._peak

    def wait_for(self, count: int, seconds: float = 30.0) -> tuple[Request, ...]:
        """Wait until so many requests have come; a `TimeoutError` says how many did."""
        with self._seen:
            if not self._seen.wait_for(lambda: self._count >= count, seconds):
                raise TimeoutError(f"{self._count} of {count} requests came within {seconds:g} s")
            return tuple(self._requests)

    # ── its life ─────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Open the venue, unless one was given, and answer; ready when this returns."""
        self._venue = self._venue or Venue(self._home)
        threading.Thread(target=self._listen, args=(self._venue.listener,), name="stand-in", daemon=True).start()

    def refuse(self) -> None:
        """Refuse connections from now on. The port stays taken, so that nobody else answers in its place."""
        self.venue.listener.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Break off what is being answered and close the venue."""
        venue, self._venue = self._venue, None
        if venue is None:
            return
        _shut(venue.listener)  # wakes the listening thread; closing alone would not
        with self._seen:
            for connection in self._open:
                _shut(connection)
        venue.close()

    # ── its threads ──────────────────────────────────────────────────────────────────────────────────────────────

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:  # shut down by refuse() or close()
                return
            threading.Thread(target=self._converse, args=(connection,), name="stand-in-reply", daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with self._seen:
            self._open.add(connection)
        try:
            with connection, connection.makefile("rb") as stream:
                request = self._hear(stream)
                if request is not None:
                    self._answer(request, Reply(connection, request.number))
                    _finish(connection)
        except (OSError, ValueError):
            pass  # whoever asked has gone (HungUp), or speaks no HTTP: nobody is left to be told
        finally:
            with self._seen:
                self._open.discard(connection)

    def _hear(self, stream: BinaryIO) -> Request | None:
        method, path, *_ = [*stream.readline(65536).decode("latin-1").split(), "", ""]
        headers: dict[str, str] = {}
        while line := stream.readline(65536).decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        if not method:
            return None  # a connection that was opened and not used
        with self._seen:
            self._count += 1
            request = read_request(self._count, method, path, headers, body)
            if self._remember:
                self._requests.append(request)
            self._seen.notify_all()
        return request

    def _answer(self, request: Request, reply: Reply) -> None:
        with self._seen:
            self._answering += 1
            self._peak = max(self._peak, self._answering)
        try:
            self._decide(request).play(request, reply)
        finally:
            with self._seen:
                self._answering -= 1

    def _decide(self, request: Request) -> Move:
        if (request.method, request.path) != ("POST", "/v1/responses"):
            return Fail(404, f"The stand-in has no {request.method} {request.path}.")
        try:
            return self.brain.answer(request)
        except Exception as error:
            # 400 is the one status codex neither retries nor hides: the sentence reaches the worker's result.
            return Fail(400, f"The stand-in's brain failed: {type(error).__name__}: {error}")


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was quicker
        connection.shutdown(socket.SHUT_RDWR)


def _finish(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed or reset by the move itself
        connection.shutdown(socket.SHUT_WR)
