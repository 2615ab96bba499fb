"""codex's event stream, folded into what is known about the worker so far."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from orchestra.tested import no_test_ran
from orchestra.usage import Usage
from orchestra.workers.engines.event_lines import EventLines
from orchestra.workers.engines.files_read import files_read, shell_words
from orchestra.workers.task import CommandRun, FileChange

_MANY, _LONG = 10_000, 10_000
"""Commands kept of one worker, and characters of each; more than that is a flood, not work."""
_WARNINGS = 100


@dataclass(slots=True)
class CodexEvents:
    """Follows the JSONL stream; tolerates what it does not know, and never forgets what it has seen."""

    thread_id: str | None = None
    doing: str = "starting"
    seen: int = 0
    """Events understood."""
    completed: bool = False
    """`turn.completed`: the answer is there."""
    turn_failed: str | None = None
    """What `turn.failed` said."""
    messages: int = 0
    last_message: str | None = None
    last_error: str = ""
    """What the last `error` event said: often a retry, so none of them is the end."""
    warnings: list[str] = field(default_factory=list)
    """Items of type error: warnings in all but name."""
    usage: Usage | None = None
    commands: dict[str, CommandRun] = field(default_factory=dict)
    changes: dict[str, FileChange] = field(default_factory=dict)
    blocked: str = ""
    """What codex's sandbox said where it could not be set up, and with it no command be run."""
    read: dict[str, None] = field(default_factory=dict)
    unreadable: int = 0
    lines: EventLines = field(default_factory=EventLines)
    hide: Callable[[bytes], bytes] = bytes
    """Takes out of a line what must be kept nowhere."""

    def heard(self, chunk: bytes) -> None:
        """Take the next bytes."""
        for line in self.lines.feed(chunk):
            self.take(line)

    def end(self) -> None:
        """No more bytes will come: a last line without its line end may still be whole."""
        if torn := self.lines.torn:
            self.take(torn)

    def take(self, line: bytes) -> None:
        """Take one line."""
        try:
            event = json.loads(self.hide(line).decode("utf-8", errors="replace"), strict=False)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict) or not isinstance(kind := event.get("type"), str):
            self.unreadable += 1
            return
        self.seen += 1
        match kind.split("."):
            case ["thread", "started"]:
                self.thread_id = _text(event, "thread_id") or self.thread_id
            case ["turn", "started"]:
                self.doing = "thinking"
            case ["turn", "completed"]:
                self.completed, self.turn_failed, self.doing = True, None, "done"
                self.usage = _usage(event.get("usage")) or self.usage
            case ["turn", "failed"]:
                self.turn_failed = _text(_mapping(event, "error"), "message") or "codex gave no reason"
                self.doing = "failed"
            case ["error"]:
                self.last_error = _text(event, "message")
                self.doing = f"in trouble: {_brief(self.last_error)}"
            case ["item", stage]:
                self._item(stage, _mapping(event, "item"))

    def _item(self, stage: str, item: Mapping[str, Any]) -> None:
        match item.get("type"):
            case "agent_message" if stage == "completed":
                self.messages += 1
                self.last_message = _text(item, "text")
                self.doing = "writing"
            case "reasoning":
                self.doing = "thinking"
            case "command_execution":
                self._command(stage, item)
            case "file_change":
                self._changes(stage, item)
            case "mcp_tool_call":
                self.doing = f"asking {_text(item, 'server')}: {_text(item, 'tool')}"
            case "web_search":
                self.doing = f"searching the web: {_brief(_text(item, 'query'))}"
            case "todo_list":
                self.doing = _todo(item) or self.doing
            case "error" if len(self.warnings) < _WARNINGS and (said := _text(item, "message")):
                self.warnings.append(said[:_LONG])

    def _command(self, stage: str, item: Mapping[str, Any]) -> None:
        line = _text(item, "command")
        if not line:
            return
        status = item.get("exit_code")
        code = status if isinstance(status, int) and not isinstance(status, bool) else None
        key = _text(item, "id") or f"#{len(self.commands)}"
        if key in self.commands or len(self.commands) < _MANY:
            empty = no_test_ran(_text(item, "aggregated_output")[-_LONG:])
            self.commands[key] = CommandRun(command=line[:_LONG], exit_code=code, tested_nothing=empty)
        if code and (said := _text(item, "aggregated_output")).startswith("bwrap: "):
            self.blocked = said.splitlines()[0]
        self.doing = "thinking" if stage == "completed" else f"running {_brief(shell_words(line))}"
        if stage == "completed" and code == 0:
            self.read.update(dict.fromkeys(files_read(line)))

    def _changes(self, stage: str, item: Mapping[str, Any]) -> None:
        changes = item.get("changes")
        for change in changes if isinstance(changes, list) else []:
            path = _text(change, "path") if isinstance(change, dict) else ""
            if path:
                self.doing = f"changing {_brief(path)}"
                if stage == "completed" and item.get("status", "completed") == "completed":
                    self.changes[path] = FileChange(path=path, kind=_text(change, "kind") or "update")


def _mapping(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


def _text(parent: Mapping[str, Any], key: str) -> str:
    found = parent.get(key)
    return found if isinstance(found, str) else ""


def _usage(found: object) -> Usage | None:
    """Token counts, of which old versions name fewer; what is no count is left out."""
    if not isinstance(found, dict):
        return None
    try:
        return Usage(**{name: found[name] for name in Usage.model_fields if isinstance(found.get(name), int)})
    except ValidationError:
        return None


def _todo(item: Mapping[str, Any]) -> str:
    """The first thing on the worker's own list that is not done."""
    items = item.get("items")
    for entry in items if isinstance(items, list) else []:
        if isinstance(entry, dict) and not entry.get("completed") and _text(entry, "text"):
            return _brief(_text(entry, "text"))
    return ""


def _brief(text: str, length: int = 60) -> str:
    """One short line for a live board, without control characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * length]).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"
