"""What the tests of the crew play with: a model that always answers the same, an orchestrator to kill, comparisons."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from orchestra.rehearsal import Request, Say, StandIn
from orchestra.workers.sweep import mark_of

CHECKOUT = Path(__file__).parents[2]


class Parrot:
    """Answers every prompt with its digest, after a moment."""

    def __init__(self, over: float = 0.3) -> None:
        self.over = over

    def answer(self, request: Request) -> Say:
        return Say(f"answer {hashlib.sha256(request.prompt.encode()).hexdigest()[:8]}", over=self.over)


@contextmanager
def orchestrator(
    project: Path, code: str, model: StandIn | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that imports orchestra and the plays, and runs `code` in the project; it is gone at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import orchestra\nfrom tests.crew import plays\n{code}"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **(model.environment if model else {}), **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def played(project: Path, code: str, model: StandIn | None = None) -> str:
    """What such a process prints; it must succeed."""
    with orchestrator(project, code, model) as process:
        out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    return out.strip()


def killed(victim: subprocess.Popen[str], run: Path) -> None:
    """Kill an orchestrator; its workers are gone within two seconds."""
    victim.kill()
    victim.wait()
    until(lambda: not processes_of(run.name), 2.0)


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for an event, with a bound."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.005)


def processes_of(run: str) -> list[str]:
    """The living processes that belong to a run's workers."""
    pids = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if (mark_of(int(pid)) or "").startswith(f"{run}/")]


def only_run(project: Path) -> Path:
    """The folder of the project's one run, once it has begun."""
    until(lambda: list((project / ".orchestra/runs").glob("*/events.jsonl")))
    return next((project / ".orchestra/runs").glob("*/events.jsonl")).parent


def asked(model: StandIn, after: int = 0) -> Counter[str]:
    """How many threads came with each prompt."""
    return Counter({request.thread_id: request.prompt for request in model.asks[after:]}.values())


def finished_prompts(run: Path) -> list[str]:
    """The prompts of the attempts whose event log shows a complete answer."""
    return [
        (log.parent / "prompt.md").read_text()
        for log in run.glob("workers/*/attempt-*/events.jsonl")
        if '"turn.completed"' in log.read_text(errors="replace")
    ]


def a_day_earlier(run: Path) -> None:
    """Everything that happened in a run so far happened a day before."""
    stamp = re.compile(r'(?<="at":")[^"]+|(?<="started": ")[^"]+|(?<="started":")[^"]+')
    for file in (run / "run.json", run / "events.jsonl"):
        file.write_text(stamp.sub(_a_day_earlier, file.read_text()))


def _a_day_earlier(stamp: re.Match[str]) -> str:
    return (datetime.fromisoformat(stamp[0]) - timedelta(days=1)).isoformat()


TIMES_AND_IDS = {"run", "started", "seconds", "thread_id", "continue_command", "next_step"}


def bare(report: Path) -> object:
    """A report without times and ids."""

    def strip(node: object) -> object:
        if isinstance(node, dict):
            return {name: strip(value) for name, value in node.items() if name not in TIMES_AND_IDS}
        return [strip(item) for item in node] if isinstance(node, list) else node

    return strip(json.loads(report.read_text()))
