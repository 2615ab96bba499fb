"""Any program as a worker: prompt on stdin, output as the message, and every way it can end."""

import asyncio
import json
import re
import resource
from pathlib import Path
from typing import Any

import pytest

from orchestra.errors import EngineMissing, UsageError
from orchestra.outcome import Deadline, Outcome
from orchestra.workers.engines.command import MESSAGE_LIMIT, CommandEngine
from orchestra.workers.pool import Ending, Pool
from orchestra.workers.task import Deadlines, WorkerResult, WorkerTask
from orchestra.workers.worker import work

from .codex_stage import Heard, processes_of

PATIENT = Deadlines(start=20, idle=30, wall=60, linger=10)


def _task(folder: Path, **fields: Any) -> WorkerTask:
    (folder / "tree").mkdir(exist_ok=True)
    plain = {"label": "w1-lint", "run": str(folder), "prompt": "?", "deadlines": PATIENT}
    return WorkerTask(**{**plain, "folder": folder / "attempt-1", "cwd": folder / "tree", **fields})


def _live(engine: CommandEngine, task: WorkerTask) -> WorkerResult:
    async def live() -> WorkerResult:
        async with Pool(1) as pool:
            return await work(task, engine, pool)

    result = asyncio.run(live())
    assert list(processes_of(task.mark)) == []
    return result


def _shell(script: str) -> CommandEngine:
    return CommandEngine(["sh", "-c", script])


# script, outcome, reason, message
STORIES = {
    "an answer": ("echo fine", Outcome.ANSWERED, "answered", "fine\n"),
    "the prompt comes back": ("cat", Outcome.ANSWERED, "answered", "a question\n"),
    "nothing": ("true", Outcome.EMPTY, "sh exited with 0 and printed nothing", None),
    "blanks": ("printf ' \\n\\n'", Outcome.EMPTY, "sh exited with 0 and printed nothing", None),
    "warnings are no answer": ("echo warning >&2", Outcome.EMPTY, "sh exited with 0 and printed nothing", None),
    "a failure": ("echo half; exit 3", Outcome.FAILED, "sh exited with 3: half", "half\n"),
    "a failure that says why": (
        "echo half; echo no such option >&2; exit 2",
        Outcome.FAILED,
        "sh exited with 2: no such option",
        "half\n",
    ),
    "a silent failure": ("exit 7", Outcome.FAILED, "sh exited with 7", None),
    "a long complaint": (
        "for n in 1 2 3 4 5; do echo line $n >&2; done; exit 1",
        Outcome.FAILED,
        "sh exited with 1: line 3 / line 4 / line 5",
        None,
    ),
    "a complaint in colour": (
        "printf '\\033[31mred\\033[0m\\n' >&2; exit 1",
        Outcome.FAILED,
        "sh exited with 1: [31mred [0m",
        None,
    ),
    "a signal": ("echo half; kill -SEGV $$", Outcome.FAILED, "sh was killed by SIGSEGV", "half\n"),
    "text that is none": (
        "printf 'caf\\303'",
        Outcome.ANSWERED,
        "answered",
        "caf\N{REPLACEMENT CHARACTER}",
    ),
    "two lines, to the byte": ("printf 'a\\r\\n\\tb'", Outcome.ANSWERED, "answered", "a\r\n\tb"),
}


@pytest.mark.parametrize("story", STORIES)
def test_how_a_program_ends(tmp_path: Path, story: str) -> None:
    script, outcome, reason, message = STORIES[story]
    result = _live(_shell(script), _task(tmp_path, prompt="a question\n"))
    assert (result.outcome, result.reason, result.message) == (outcome, reason, message)
    assert result.message_source == ("output" if message else None)
    assert bool(result.notes) is (story == "text that is none")
    assert result.engine.startswith("command:sh -c ")
    assert result.usage is None


CLOCKS = {
    "silent": ("sleep 300", Deadlines(start=0.1, idle=0.5, wall=60), Deadline.IDLE),
    "endless": ("yes", Deadlines(start=20, idle=60, wall=0.7), Deadline.WALL),
    "deaf": ("trap '' INT TERM; echo half; while :; do sleep 1; done", Deadlines(idle=60, wall=0.7), Deadline.WALL),
}


@pytest.mark.parametrize("story", CLOCKS)
def test_a_clock_ends_what_does_not_end(tmp_path: Path, story: str) -> None:
    script, deadlines, clock = CLOCKS[story]
    result = _live(_shell(script), _task(tmp_path, deadlines=deadlines))
    assert (result.outcome, result.deadline) == (Outcome.TIMED_OUT, clock), result
    assert f"{clock} deadline" in result.reason
    assert result.seconds < 10
    # How much of the endless one came depends on the machine: more than a message may have, and it is none.
    assert result.message in {"silent": (None,), "deaf": ("half\n",)}.get(story, (None, result.message))


def test_a_program_that_says_nothing_until_its_end_is_not_late(tmp_path: Path) -> None:
    """There is no first event to wait for: the `start` clock is not for it."""
    result = _live(_shell("sleep 0.6; echo fine"), _task(tmp_path, deadlines=Deadlines(start=0.2)))
    assert result.answered


def test_a_stopped_program(tmp_path: Path) -> None:
    task = _task(tmp_path)

    async def stopped() -> WorkerResult:
        async with Pool(1) as pool:
            heard = Heard()
            doing = asyncio.create_task(work(task, _shell("echo half; sleep 300"), pool, heard))
            await asyncio.wait_for(heard.something.wait(), 20)
            await pool.stop()
            return await doing

    result = asyncio.run(stopped())
    assert (result.outcome, result.message) == (Outcome.STOPPED, "half\n")
    assert list(processes_of(task.mark)) == []


def test_a_message_has_a_limit(tmp_path: Path) -> None:
    result = _live(_shell(f"head -c {MESSAGE_LIMIT} /dev/zero | tr '\\0' x"), _task(tmp_path))
    assert result.answered
    assert len(result.message or "") == MESSAGE_LIMIT
    (tmp_path / "more").mkdir()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = _live(_shell("head -c 100000000 /dev/zero"), _task(tmp_path / "more"))
    assert result.outcome is Outcome.FAILED
    assert result.reason == "sh printed 100,000,000 bytes; a message may have 8,388,608"
    assert result.message is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_where_it_stands_and_what_it_sees(tmp_path: Path) -> None:
    environ = {
        "PATH": "/usr/bin:/bin",
        "OPENAI_API_KEY": "sk-secret",
        "GITHUB_TOKEN": "secret",
        "WANTED": "yes",
        "LC_ALL": "C.UTF-8",
    }
    engine = CommandEngine.parse("sh -c 'pwd; env'", environment=["WANTED"], environ=environ)
    task = _task(tmp_path, environment={"ADDED": "too"})
    message = _live(engine, task).message or ""
    assert message.splitlines()[0] == str(task.cwd)
    assert "secret" not in message
    seen = dict(line.split("=", 1) for line in message.splitlines()[1:])
    assert {
        "WANTED": "yes",
        "ADDED": "too",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }.items() <= seen.items()
    assert seen["ORCHESTRA_WORKER"].startswith(task.mark)
    told = json.loads(task.files.command.read_text())
    assert told["argv"][1:] == ["-c", "pwd; env"]
    assert "WANTED" in told["environment"]
    assert "yes" not in task.files.command.read_text()


def test_a_key_it_may_see_is_kept_nowhere(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "LINT_TOKEN": "told-to-nobody"}
    engine = CommandEngine.parse("sh -c 'env; env >&2'", environment=["LINT_TOKEN"], environ=environ)
    task = _task(tmp_path)
    assert "LINT_TOKEN=***\n" in (_live(engine, task).message or "")
    for file in (task.files.events, task.files.stderr):
        assert "LINT_TOKEN=***\n" in file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_long_prompt_arrives_whole(tmp_path: Path) -> None:
    prompt = "".join(f"{number} of many lines\n" for number in range(30_000))
    assert _live(CommandEngine(["cat"]), _task(tmp_path, prompt=prompt)).message == prompt


def test_two_attempts_have_two_marks(tmp_path: Path) -> None:
    engine, task = CommandEngine(["true"]), _task(tmp_path)
    marks = {engine.command(task).environment["ORCHESTRA_WORKER"] for _ in range(3)}
    assert len(marks) == 3


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("ruff check .", "command:ruff check ."),
        ("sh -c 'echo  x'", "command:sh -c 'echo  x'"),
        ("'with space' x", "command:'with space' x"),
    ],
)
def test_its_name_is_what_it_runs(line: str, name: str) -> None:
    engine = CommandEngine.parse(line)
    assert engine.name == name
    assert repr(engine) == f"<{name}>"


@pytest.mark.parametrize("line", ["", "   ", "echo 'open", "'' x"])
def test_what_is_no_command_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        CommandEngine.parse(line)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    engine = CommandEngine(["no-such-linter"])
    with pytest.raises(EngineMissing, match="no-such-linter was not found") as missing:
        engine.check()
    assert missing.value.next_step
    with pytest.raises(EngineMissing):
        engine.command(_task(tmp_path))
    CommandEngine(["true"]).check()


def test_a_program_that_cannot_run(tmp_path: Path) -> None:
    program = tmp_path / "linter"
    program.write_text("#!/no/such/interpreter\n")
    program.chmod(0o755)
    result = _live(CommandEngine([str(program)]), _task(tmp_path))
    assert result.outcome is Outcome.FAILED
    assert re.search("linter.*No such file or directory", result.reason)


def test_a_program_nobody_saw_ending(tmp_path: Path) -> None:
    reader = CommandEngine(["cat"]).reader(_task(tmp_path))
    reader.heard(b"half of it")
    result = reader.result(Ending(seconds=0.0))
    assert result.outcome is Outcome.LOST


def test_what_it_is_doing(tmp_path: Path) -> None:
    reader = CommandEngine(["/usr/bin/cat", "-n"]).reader(_task(tmp_path))
    assert reader.doing == "running cat"
    reader.heard(b"x" * 2048)
    assert reader.doing == "running cat, 2,048 bytes so far"
