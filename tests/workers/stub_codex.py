"""A stub that is called like codex and misbehaves as told: for the shapes of a stream no real codex gives twice."""

import json
from pathlib import Path
from shlex import quote

_HEAD = """\
#!/bin/sh
if [ "$1" = --version ]; then echo "codex-cli {version}"; exit; fi
if [ "$1" = login ]; then echo "Logged in"; exit; fi
while [ $# -gt 0 ]; do
  if [ "$1" = -o ]; then LAST=$2; fi
  shift
done
"""

THREAD = "01a1f9c2-b0e1-7c83-9e40-bc99e1059d74"
STARTED = {"type": "thread.started", "thread_id": THREAD}
TURN = {"type": "turn.started"}
COMPLETED = {"type": "turn.completed", "usage": {"input_tokens": 7, "output_tokens": 3}}


def said(text: str) -> dict[str, object]:
    """An agent message as an event."""
    return {"type": "item.completed", "item": {"id": "item_1", "type": "agent_message", "text": text}}


def ran(command: str, exit_code: int | None = 0, name: str = "item_0", output: str = "") -> dict[str, object]:
    """A command that was run, as an event."""
    item = {"id": name, "type": "command_execution", "command": command, "exit_code": exit_code, "status": "completed"}
    return {"type": "item.completed", "item": item | {"aggregated_output": output}}


def line(event: object) -> str:
    """The shell line that prints an event."""
    return f"printf '%s\\n' {quote(json.dumps(event))}"


def last_message(text: str) -> str:
    """The shell line that writes the last-message file."""
    return f'printf %s {quote(text)} > "$LAST"'


ANSWER = (line(STARTED), line(TURN), line(said("the answer")), line(COMPLETED), last_message("the answer"))


def stub_codex(folder: Path, *body: str, version: str = "0.163.0") -> Path:
    """A codex whose every worker does `body`, which is shell."""
    file = folder / "codex"
    file.write_text(_HEAD.format(version=version) + "\n".join(body) + "\n")
    file.chmod(0o755)
    return file
