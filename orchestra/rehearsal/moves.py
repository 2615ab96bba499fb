"""What a brain can do with a request: say something, run something, or commit a fault. Each move plays itself.

A move is a frozen value, so that a script reads as a story and one move can stand in many places of it.
"""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestra.rehearsal.request import Request
from orchestra.rehearsal.wire import Reply, Tokens

ORDINARY = Tokens(input=100, output=10)
"""What a scripted response claims to have used unless the script says otherwise."""


class Move(ABC):
    """One answer to one request: what a brain decides, and a script is made of."""

    @abstractmethod
    def play(self, request: Request, reply: Reply) -> None:
        """Give the answer. `HungUp` may be raised at any point and is the server's to handle."""


class Brain(Protocol):
    """Decides what the model answers. Called from many threads at once, one for each request.

    Example:
        >>> class Echo:
        ...     def answer(self, request):
        ...         return Say(f"You said: {request.prompt.splitlines()[-1]}")
        >>> with StandIn(Echo()) as model:
        ...     os.environ.update(model.environment)
        ...     orchestra.ask("Well?").answer
        'You said: TASK: Well?'
    """

    def answer(self, request: Request) -> Move:
        """The move for this request."""


# ── what a model does ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, init=False)
class Say(Move):
    """End the turn with a message; with several, all but the last are said on the way. `Say()` ends it with none.

    What is not text is said as JSON. `over` are the seconds it takes, `usage` the tokens it claims.

    Example:
        >>> Script(Say({"summary": "fine", "findings": []}, over=0.5))
        <Script of 1 rules: 0 threads came>
    """

    messages: tuple[str, ...]
    usage: Tokens
    over: float
    """Seconds from the first piece of the last message to its end."""

    def __init__(self, *messages: object, usage: Tokens = ORDINARY, over: float = 0.0) -> None:
        texts = tuple(message if isinstance(message, str) else json.dumps(message) for message in messages)
        object.__setattr__(self, "messages", texts)
        object.__setattr__(self, "usage", usage)
        object.__setattr__(self, "over", over)

    def play(self, request: Request, reply: Reply) -> None:
        reply.open_stream()
        if self.over and self.messages:
            self._slowly(reply, self.messages[-1])
        reply.items([_message(text) for text in self.messages])
        reply.complete(self.usage)

    def _slowly(self, reply: Reply, text: str) -> None:
        reply.event("response.output_item.added", output_index=0, item=_message(""))
        size = max(1, len(text) // 20)
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        for piece in pieces:
            reply.wait(self.over / len(pieces))
            reply.event("response.output_text.delta", output_index=0, content_index=0, delta=piece)


@dataclass(frozen=True, init=False)
class Run(Move):
    """Have codex run shell commands, all at once; what they print comes with the next request.

    Example:
        >>> Script(Run("cat src/cart.py", "ls"), Say("I read it."))
        <Script of 1 rules: 0 threads came>
    """

    commands: tuple[str, ...]
    wait: float
    """Seconds codex waits for each before it lets it run on in the background (0.25 to 30)."""
    shell: str
    """Not the user's own, whose start-up files may print into the output: inside codex's sandbox bash cannot find out
    that its stdin is no network connection, and reads ~/.bashrc even for `bash -c` where SHLVL is not set."""
    usage: Tokens

    def __init__(self, *commands: str, wait: float = 10.0, shell: str = "/bin/sh", usage: Tokens = ORDINARY) -> None:
        object.__setattr__(self, "commands", commands)
        object.__setattr__(self, "wait", wait)
        object.__setattr__(self, "shell", shell)
        object.__setattr__(self, "usage", usage)

    def play(self, request: Request, reply: Reply) -> None:
        reply.open_stream()
        reply.items(
            [
                _call(reply, index, *_shell_call(request.tools, command, self))
                for index, command in enumerate(self.commands)
            ]
        )
        reply.complete(self.usage)


@dataclass(frozen=True)
class Call(Move):
    """Call any tool codex offers.

    Example:
        >>> Call("post", {"text": "hello"}, namespace="mcp__board").tool
        'post'
    """

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    namespace: str | None = None
    usage: Tokens = ORDINARY

    def play(self, request: Request, reply: Reply) -> None:
        call = _call(reply, 0, self.tool, self.arguments)
        reply.open_stream()
        reply.items([{**call, "namespace": self.namespace} if self.namespace else call])
        reply.complete(self.usage)


@dataclass(frozen=True)
class Write(Move):
    """Write a new file with codex's own patch tool, which reports it as a file change.

    Example:
        >>> with StandIn(Script(Write("new.py", "x = 1\\n"), Say("Done."))) as model:
        ...     os.environ.update(model.environment)
        ...     report = orchestra.ask("Write new.py.", scope="write")
        >>> [file.path for change in report.changes for file in change.files]
        ['new.py']
    """

    path: str
    text: str

    def play(self, request: Request, reply: Reply) -> None:
        lines = "\n".join(f"+{line}" for line in self.text.removesuffix("\n").split("\n"))
        patch = f"*** Begin Patch\n*** Add File: {self.path}\n{lines}\n*** End Patch"
        Run(f"apply_patch <<'PATCH'\n{patch}\nPATCH").play(request, reply)


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Fail(Move):
    """Answer with an HTTP status and an error body. codex tries 5xx again, and gives up at 400.

    Example:
        >>> Script(Fail(503), Fail(429, retry_after=1), Say("At last."))
        <Script of 1 rules: 0 threads came>
    """

    status: int
    message: str = "The stand-in was told to fail."
    type: str = "rehearsal_error"
    code: str | None = None
    retry_after: float | None = None
    """Seconds, as the `retry-after` header."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the error body."""

    def play(self, request: Request, reply: Reply) -> None:
        headers = {} if self.retry_after is None else {"retry-after": f"{self.retry_after:g}"}
        error = {"message": self.message, "type": self.type, "code": self.code, **self.details}
        reply.whole(self.status, {"error": error}, headers)


def quota_exceeded() -> Fail:
    """Say that the account has no credit left: a move.

    Example:
        >>> quota_exceeded().status
        429
    """
    return Fail(429, "You exceeded your current quota.", type="insufficient_quota", code="insufficient_quota")


def usage_limit(resets_in: int = 3600) -> Fail:
    """Say that the plan's limit is reached, and in how many seconds it is over: a move.

    Example:
        >>> usage_limit(resets_in=60).details["resets_in_seconds"]
        60
    """
    when = {"plan_type": "pro", "resets_at": int(time.time()) + resets_in, "resets_in_seconds": resets_in}
    return Fail(429, "The usage limit has been reached", type="usage_limit_reached", details=when)


@dataclass(frozen=True)
class FailTurn(Move):
    """Open the stream well and end it with `response.failed`."""

    code: str = "server_error"
    message: str = "The stand-in was told to fail."

    def play(self, request: Request, reply: Reply) -> None:
        reply.open_stream()
        error = {"code": self.code, "message": self.message}
        reply.event("response.failed", response={"id": reply.response_id, "status": "failed", "error": error})


@dataclass(frozen=True)
class CutStream(Move):
    """Begin to answer and close the connection before the response is complete."""

    after: str = ""
    """A message that still comes whole before the cut."""

    def play(self, request: Request, reply: Reply) -> None:
        reply.open_stream()
        if self.after:
            reply.items([_message(self.after)])


@dataclass(frozen=True)
class Reset(Move):
    """Break the connection off hard instead of answering."""

    def play(self, request: Request, reply: Reply) -> None:
        reply.reset()


@dataclass(frozen=True)
class Garble(Move):
    """Send something else than the events codex waits for."""

    data: str = "event: response.output_item.done\ndata: {not json\n\n"

    def play(self, request: Request, reply: Reply) -> None:
        reply.open_stream()
        reply.send(self.data.encode())


@dataclass(frozen=True)
class Silence(Move):
    """Accept the request and say nothing, until codex or the server goes."""

    headers: bool = False
    """Send the headers and the first event before falling silent."""
    seconds: float | None = None
    """After so long, close the connection."""

    def play(self, request: Request, reply: Reply) -> None:
        if self.headers:
            reply.open_stream()
        reply.wait(self.seconds)


# ── the API's items ──────────────────────────────────────────────────────────────────────────────────────────────────


def _message(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def _call(reply: Reply, index: int, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    call_id = f"call_{reply.number}_{index}"
    return {"type": "function_call", "name": tool, "arguments": json.dumps(arguments), "call_id": call_id}


def _shell_call(offered: tuple[str, ...], command: str, run: Run) -> tuple[str, dict[str, Any]]:
    """The shell tool's name and form differ between versions of codex; take the one that is offered."""
    milliseconds = int(run.wait * 1000)
    if "shell_command" in offered:
        return "shell_command", {"command": command, "timeout_ms": milliseconds, "login": False}
    if "shell" in offered:
        return "shell", {"command": [run.shell, "-c", command], "timeout_ms": milliseconds}
    return "exec_command", {"cmd": command, "yield_time_ms": milliseconds, "shell": run.shell, "login": False}
