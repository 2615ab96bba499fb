"""The real codex, driven plainly: the prompt from a file on stdin, events and warnings to files."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from orchestra.rehearsal import Rehearsal, StandIn

HASTE = (
    "model_providers.rehearsal.request_max_retries=1",
    "model_providers.rehearsal.stream_max_retries=1",
    "model_providers.rehearsal.stream_idle_timeout_ms=3000",
)
"""codex's own settings that shorten its patience: one retry instead of 4 and 5, 3 s instead of 5 min."""


@dataclass(frozen=True)
class Heard:
    """What one codex printed and left."""

    status: int | None
    """None: it had to be killed."""
    events: tuple[dict[str, Any], ...]
    last_message: str | None
    """What stands in the file of `-o`; None if there is none."""
    warnings: str

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]

    @property
    def thread_id(self) -> str:
        return str(next(event["thread_id"] for event in self.events if event["type"] == "thread.started"))

    @property
    def messages(self) -> list[str]:
        return [item["text"] for item in self._items("agent_message")]

    @property
    def commands(self) -> list[str]:
        return [item["command"] for item in self._items("command_execution")]

    @property
    def complaint(self) -> str:
        """Why the turn failed, in codex's words."""
        failed = [event["error"]["message"] for event in self.events if event["type"] == "turn.failed"]
        return str(failed[-1]) if failed else ""

    @property
    def usage(self) -> dict[str, int]:
        return next(dict(event["usage"]) for event in self.events if event["type"] == "turn.completed")

    def _items(self, kind: str) -> list[dict[str, Any]]:
        done = (event["item"] for event in self.events if event["type"] == "item.completed")
        return [item for item in done if item["type"] == kind]


class Codex:
    """The real codex, in a folder of its own."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self._count = count()

    def __call__(
        self,
        model: StandIn | Rehearsal,
        prompt: str,
        *settings: str,
        cwd: Path | None = None,
        schema: Mapping[str, Any] | None = None,
        sandbox: str = "read-only",
        resume: str | None = None,
        seconds: float = 60.0,
    ) -> Heard:
        """Run one turn to its end, or for so many seconds."""
        place = self.folder / f"turn-{next(self._count)}"
        place.mkdir()
        (place / "prompt.md").write_text(prompt, encoding="utf-8")
        command = [self.program, "exec", "--skip-git-repo-check", "-s", sandbox, "--color", "never"]
        command += ["-C", str(cwd or place), *(["resume", resume] if resume else []), "--json"]
        for setting in ("project_doc_max_bytes=0", "features.multi_agent=false", *settings):
            command += ["-c", setting]
        if schema is not None:
            (place / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
            command += ["--output-schema", str(place / "schema.json")]
        command += ["-o", str(place / "last.md"), "-"]
        return self._listen(place, command, {**os.environ, **model.environment}, seconds)

    def _listen(self, place: Path, command: list[str], environment: dict[str, str], seconds: float) -> Heard:
        events, warnings, last = place / "events.jsonl", place / "stderr.log", place / "last.md"
        with (place / "prompt.md").open("rb") as stdin, events.open("wb") as out, warnings.open("wb") as err:
            process = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=err, env=environment)
            try:
                status: int | None = process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = None
        return Heard(
            status=status,
            events=tuple(json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()),
            last_message=last.read_text(encoding="utf-8") if last.exists() else None,
            warnings=warnings.read_text(encoding="utf-8", errors="replace"),
        )
