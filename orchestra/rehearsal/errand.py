"""What the understudy does in a role, as a generator: it makes moves and is sent what came of them.

    def count(task: Task) -> Errand[int]:
        listing = yield from ran("ls", task)
        return len(listing.text.splitlines())

The understudy keeps nothing between requests: each brings the whole thread, and the errand is played again over the
outputs in it, up to the first move that has none yet. So an errand must depend on its task and the outputs alone.
"""

import json
from collections import defaultdict, deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.moves import Call, Run
from orchestra.rehearsal.reading import Reading, Text
from orchestra.rehearsal.request import Request, ToolOutput
from orchestra.rehearsal.told import Told

T = TypeVar("T")
Outputs: TypeAlias = Sequence[ToolOutput]
Errand: TypeAlias = Generator[Run | Call, Outputs, T]

PATIENCE = 30.0
"""Seconds codex is to wait for a command: the most it allows. A machine full of workers starts commands late."""
FIRST_LOOK = 5.0
"""Seconds codex waits for a command that may take long; then it lets it run on and is asked again."""
POLL = 60.0
"""Seconds for each further look at a command that runs on; codex comes back at once when it ends."""
LOOKS = 60
"""So an hour in all: what a worker that builds and tests is given between two signs of life."""


@dataclass(frozen=True)
class Task:
    """One task of a worker: what it was told, and with which tools it may work."""

    told: Told
    outputs: tuple[ToolOutput, ...]
    can_poll: bool
    """codex lets a long command run on and can be asked for it later."""


@dataclass(frozen=True)
class Ran:
    """A command that was run, to its end if the patience lasted."""

    command: str
    exit_code: int | None
    """None: it had not ended, or codex would not run it."""
    text: str

    @property
    def tail(self) -> str:
        """The end of what it printed."""
        return "\n".join(self.text.strip().split("\n")[-15:])[-1500:]


def task_of(request: Request) -> Task:
    """The task of a request: the last prompt that gives one; a later turn may only ask to mend the answer."""
    prompts = request.prompts
    given = [number for number, prompt in enumerate(prompts) if "\nTASK:" in f"\n{prompt}"]
    number = given[-1] if given else 0
    told = Told(prompts[number] if prompts else "")
    return Task(told, request.outputs_since(number), can_poll="write_stdin" in request.tools)


def played(errand: Errand[T], outputs: Outputs) -> tuple[Run | Call | None, T | None]:
    """The next move, or what the errand came to."""
    came: dict[str, deque[ToolOutput]] = defaultdict(deque)
    for output in outputs:
        came[output.command or _key(output.tool, output.arguments)].append(output)
    try:
        move = next(errand)
        while True:
            wanted = move.commands if isinstance(move, Run) else (_key(move.tool, move.arguments),)
            if not all(came[key] for key in wanted):
                return move, None
            move = errand.send([came[key].popleft() for key in wanted])
    except StopIteration as done:
        return None, done.value


def read(files: Sequence[Assigned]) -> Errand[tuple[Text, ...]]:
    """The files, in pages."""
    seen: list[ToolOutput] = []
    while commands := Reading(files, seen).next_commands():
        seen += yield Run(*commands, wait=PATIENCE)
    return Reading(files, seen).texts()


def ran(command: str, task: Task, setting: str = "") -> Errand[Ran]:
    """A command and what it printed, however long it takes; `setting` is what the shell is told before it."""
    # Without a way to come back to it, codex has to be told at the start how long to wait.
    [output] = yield Run(setting + command, wait=FIRST_LOOK if task.can_poll else POLL * LOOKS)
    text = output.text
    for _ in range(LOOKS):
        if output.exit_code is not None or output.session is None:
            break
        poll = {"session_id": output.session, "chars": "", "yield_time_ms": int(POLL * 1000)}
        [output] = yield Call("write_stdin", poll)
        text += output.text
    return Ran(command, output.exit_code, text)


def _key(tool: str, arguments: Any) -> str:
    return f"{tool} {json.dumps(dict(arguments), sort_keys=True)}"
