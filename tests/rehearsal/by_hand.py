"""An errand played without codex: its commands run in a folder by the shell, which takes milliseconds."""

import subprocess
from pathlib import Path
from typing import Any

from orchestra.rehearsal.errand import Task, played
from orchestra.rehearsal.moves import Run
from orchestra.rehearsal.request import ToolOutput
from orchestra.rehearsal.told import Told


def task(prompt: str) -> Task:
    return Task(Told(prompt), (), can_poll=True)


def by_hand(errand: Any, folder: Path) -> Any:
    """What an errand comes to; `errand` makes it anew for each request, as the understudy does."""
    outputs: list[ToolOutput] = []
    for _ in range(50):
        move, answer = played(errand(), outputs)
        if move is None:
            return answer
        assert isinstance(move, Run), move
        outputs += [_output(command, folder, len(outputs)) for command in move.commands]
    raise AssertionError("the errand never ends")


def _output(command: str, folder: Path, number: int) -> ToolOutput:
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    raw = f"Chunk ID: a\nProcess exited with code {done.returncode}\nOutput:\n{done.stdout}"
    return ToolOutput(str(number), "exec_command", {"cmd": command}, raw)
