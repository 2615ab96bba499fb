"""What goes back over one connection: HTTP and server-sent events, well-formed or not."""

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class HungUp(ConnectionError):
    """codex has gone, or the server closes."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The usage one response claims. codex adds them up over a thread."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """Of the input, what came from the provider's cache."""
    reasoning: int = 0
    """Of the output, what was thought and not said."""

    def __str__(self) -> str:
        return f"{self.input} in, {self.output} out"


class Reply:
    """One answer being given. A move plays itself on it."""

    def __init__(self, connection: socket.socket, number: int) -> None:
        self._connection = connection
        self.number = number
        """The number of the request, from which ids are made."""

    def __repr__(self) -> str:
        return f"<Reply to request {self.number}>"

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise HungUp(str(error)) from error

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """The status line and the headers; the connection closes after the body."""
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def whole(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """A complete JSON response."""
        data = json.dumps(body).encode()
        self.head(status, {"content-type": "application/json", "content-length": str(len(data)), **(headers or {})})
        self.send(data)

    def open_stream(self) -> None:
        """The head of an event stream and its first event."""
        self.head(200, {"content-type": "text/event-stream", "cache-control": "no-cache"})
        self.event("response.created", response={"id": self.response_id})

    @property
    def response_id(self) -> str:
        """As the API names the response."""
        return f"resp_{self.number}"

    def event(self, kind: str, **fields: Any) -> None:
        """One well-formed server-sent event."""
        self.send(f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode())

    def items(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Finished output items, one event each."""
        for index, item in enumerate(items):
            self.event("response.output_item.done", output_index=index, item=item)

    def complete(self, usage: Tokens) -> None:
        """The event without which codex takes the stream for cut."""
        self.event(
            "response.completed",
            response={
                "id": self.response_id,
                "usage": {
                    "input_tokens": usage.input,
                    "input_tokens_details": {"cached_tokens": usage.cached},
                    "output_tokens": usage.output,
                    "output_tokens_details": {"reasoning_tokens": usage.reasoning},
                    "total_tokens": usage.input + usage.output,
                },
            },
        )

    def wait(self, seconds: float | None = None) -> None:
        """Say nothing for so long (None: for ever). Raises `HungUp` as soon as the other side has gone."""
        self._connection.settimeout(seconds)
        try:
            self._connection.recv(1)
        except TimeoutError:
            return
        except OSError as error:
            raise HungUp(str(error)) from error
        finally:
            self._connection.settimeout(None)
        raise HungUp("the other side closed the connection")

    def reset(self) -> None:
        """Break the connection off hard: the other side sees a reset, not an end."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()


_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
