"""What codex asked the stand-in: one HTTP request, read as the prompt, the answer schema and the tool outputs in it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "x-api-key"}
_CODEX_SAYS = ("<environment_context>", "<user_instructions>", "# AGENTS.md instructions for ")
"""How the messages begin that codex puts before the prompt in the user's name."""
_OUTPUT_HEAD = re.compile(r"\A(?P<head>(?:Chunk ID|Wall time|Exit code).{0,600}?)^Output:\n", re.DOTALL | re.MULTILINE)
_EXIT_CODE = re.compile(r"^(?:Process exited with code|Exit code:) (-?\d+)$", re.MULTILINE)
_SESSION = re.compile(r"^Process running with session ID (\d+)$", re.MULTILINE)
_TRUNCATED = re.compile(
    # The first line came between 0.133 and 0.163; the mark in the middle is older.
    r"\A(?:Warning: truncated output [^\n]*\n)?Total output lines: \d+\n.*\u2026\d+ \w+ truncated\u2026",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What one tool call of the model gave back."""

    call_id: str
    tool: str
    arguments: Mapping[str, Any]
    raw: str
    """As the model got it, with codex's own heading."""

    @property
    def command(self) -> str:
        """The shell command, if it was one."""
        said = self.arguments.get("cmd", self.arguments.get("command", ""))
        return said if isinstance(said, str) else " ".join(map(str, said))

    @property
    def text(self) -> str:
        """What the command printed, without codex's heading."""
        head = _OUTPUT_HEAD.match(self.raw)
        return self.raw[head.end() :] if head else self.raw

    @property
    def exit_code(self) -> int | None:
        """None: it had not ended when codex stopped waiting, or the tool was no command."""
        head = _OUTPUT_HEAD.match(self.raw)
        found = _EXIT_CODE.search(head["head"]) if head else None
        return int(found[1]) if found else None

    @property
    def session(self) -> int | None:
        """By which number codex can be asked for what a command prints that runs on in the background."""
        head = _OUTPUT_HEAD.match(self.raw)
        found = _SESSION.search(head["head"]) if head else None
        return int(found[1]) if found else None

    @property
    def truncated(self) -> bool:
        """codex cut the middle out, as it does above 10 kB."""
        return _TRUNCATED.match(self.text) is not None


@dataclass(frozen=True)
class Request:
    """What codex asked the stand-in: one request as it arrived. Headers that carry secrets are left out."""

    number: int
    """1 for the first the server got."""
    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    def __repr__(self) -> str:
        what = f"{len(self.prompt):,} characters, {len(self.outputs)} tool outputs" if self.body else self.path
        return f"<Request {self.number} of thread {self.thread_id or '?'}: {what}>"

    @property
    def thread_id(self) -> str | None:
        """The thread of the worker that asks: what its `thread.started` event said."""
        said = self.headers.get("thread-id") or self.body.get("prompt_cache_key")
        return str(said) if said else None

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))

    @property
    def effort(self) -> str | None:
        """How hard it is to think."""
        reasoning = self.body.get("reasoning")
        return reasoning.get("effort") if isinstance(reasoning, dict) else None

    @cached_property
    def schema(self) -> Mapping[str, Any] | None:
        """The answer schema the worker was started with."""
        text = self.body.get("text")
        format_ = text.get("format") if isinstance(text, dict) else None
        schema = format_.get("schema") if isinstance(format_, dict) else None
        return schema if isinstance(schema, dict) else None

    @property
    def title(self) -> str:
        """The answer schema's title, which is how a brain knows the role: `ReviewMessage`."""
        return str((self.schema or {}).get("title", ""))

    @property
    def items(self) -> list[dict[str, Any]]:
        """The thread so far, as the API's items."""
        sent = self.body.get("input", [])
        return [item for item in sent if isinstance(item, dict)] if isinstance(sent, list) else []

    @cached_property
    def prompts(self) -> tuple[str, ...]:
        """What the user said, turn by turn, without what codex adds of its own accord."""
        return tuple(_text(item.get("content")) for item in self.items if _said_by_user(item))

    @property
    def prompt(self) -> str:
        """What the user said last."""
        return self.prompts[-1] if self.prompts else ""

    @cached_property
    def outputs(self) -> tuple[ToolOutput, ...]:
        """What the tools gave back, over the whole thread, in order."""
        calls = {str(item.get("call_id")): item for item in self.items if str(item.get("type")).endswith("_call")}
        return tuple(
            _output(item, calls.get(str(item.get("call_id")), {}))
            for item in self.items
            if str(item.get("type")).endswith("_call_output")
        )

    def outputs_since(self, prompt: int) -> tuple[ToolOutput, ...]:
        """What the tools gave back after a prompt, counted from 0."""
        said = [number for number, item in enumerate(self.items) if _said_by_user(item)]
        begin = said[prompt] if prompt < len(said) else 0
        before = sum(str(item.get("type")).endswith("_call_output") for item in self.items[:begin])
        return self.outputs[before:]

    @property
    def begins_turn(self) -> bool:
        """The last thing in the thread is the user's prompt: nothing was answered yet in this turn."""
        last = self.items[-1] if self.items else {}
        return last.get("role") == "user"

    @property
    def tools(self) -> tuple[str, ...]:
        """The names of the tools the model is offered."""
        offered = self.body.get("tools", [])
        return tuple(str(tool.get("name") or tool.get("type")) for tool in offered if isinstance(tool, dict))


def read_request(number: int, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Request:
    """A request from its bytes. A body that is no JSON object is kept as an empty one."""
    try:
        data = json.loads(body) if body else {}
    except ValueError:
        data = {}
    kept = {name: value for name, value in headers.items() if name not in _SECRET_HEADERS}
    return Request(number, method, path, kept, data if isinstance(data, dict) else {})


def _output(item: Mapping[str, Any], call: Mapping[str, Any]) -> ToolOutput:
    try:
        arguments = json.loads(str(call.get("arguments") or "{}"))
    except ValueError:
        arguments = {}
    return ToolOutput(
        call_id=str(item.get("call_id", "")),
        tool=str(call.get("name", "")),
        arguments=arguments if isinstance(arguments, dict) else {},
        raw=_text(item.get("output")),
    )


def _said_by_user(item: Mapping[str, Any]) -> bool:
    return item.get("role") == "user" and not _text(item.get("content")).startswith(_CODEX_SAYS)


def _text(content: object) -> str:
    """The text of a content list; of older versions' plain string too."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return _text(content.get("content"))
    if not isinstance(content, Iterable):
        return ""
    return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
