"""Streams that no well-behaved codex gives: each ends in its own outcome, with a reason, and leaves nothing behind."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from orchestra.outcome import Deadline, Outcome
from orchestra.usage import Usage
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.task import EXIT_NOT_SEEN, Deadlines, WorkerResult, WorkerTask

from .codex_stage import CodexStage, processes_of
from .stub_codex import ANSWER, COMPLETED, STARTED, THREAD, TURN, last_message, line, ran, said, stub_codex

BEGUN = (line(STARTED), line(TURN))
TURN_FAILED = {"type": "turn.failed", "error": {"message": "stream disconnected before completion"}}
LONG = "head -c 30000000 /dev/zero | tr '\\0' x"


def _live(tmp_path: Path, *body: str, **task: Any) -> WorkerResult:
    engine = CodexEngine(codex=stub_codex(tmp_path, *body))
    (tmp_path / "tree").mkdir(exist_ok=True)
    plain = {
        "label": "w1-stub",
        "run": str(tmp_path),
        "prompt": "?",
        "folder": tmp_path / "attempt-1",
        "cwd": tmp_path / "tree",
        "deadlines": Deadlines(start=20, idle=30, wall=60, linger=10),
    }
    asked = WorkerTask(**{**plain, **task})
    result = asyncio.run(CodexStage.live(engine, asked))
    assert list(processes_of(asked.mark)) == []
    return result


# the stub's life, outcome, words of the reason
STORIES: dict[str, tuple[tuple[str, ...], Outcome, str]] = {
    "an answer": (ANSWER, Outcome.ANSWERED, "answered"),
    "exits 0 with nothing": ((), Outcome.EMPTY, "exited with 0 and said nothing"),
    "completes without a message": ((*BEGUN, line(COMPLETED)), Outcome.EMPTY, "completed its turn without a message"),
    "an empty message": ((*BEGUN, line(said("")), line(COMPLETED)), Outcome.EMPTY, "without a message"),
    "a message of blanks": ((*BEGUN, line(said(" \n")), line(COMPLETED)), Outcome.EMPTY, "without a message"),
    "exits 0 before its turn is complete": (
        (*BEGUN, line(said("half"))),
        Outcome.FAILED,
        "before its turn was complete",
    ),
    "exit 0 hides a failed turn": ((*BEGUN, line(TURN_FAILED)), Outcome.FAILED, "stream disconnected"),
    "a failed turn with a full file": (
        (*BEGUN, line(TURN_FAILED), last_message("old"), "exit 1"),
        Outcome.FAILED,
        "stream disconnected",
    ),
    "exits 1 after its answer": ((*ANSWER, "exit 1"), Outcome.FAILED, "exited with 1 after it had completed its turn"),
    "exits 1 after nothing": (("exit 1",), Outcome.FAILED, "exited with 1 before its turn was complete"),
    "says why on stderr": (
        ("echo 'WARNING: no aliases' >&2", "echo 'Error: Model provider `x` not found' >&2", "exit 1"),
        Outcome.FAILED,
        "Model provider `x` not found",
    ),
    "says why on two lines of stderr": (
        ("printf 'Error loading config.toml:\\nbad value\\n' >&2", "exit 1"),
        Outcome.FAILED,
        "config.toml: bad value",
    ),
    "a trace on stderr": (
        ("echo '2026-11-20T16:25:53.948928Z ERROR codex_core: input_too_large' >&2", "exit 1"),
        Outcome.FAILED,
        "codex_core: input_too_large",
    ),
    "a trace of a tool does not explain a kill": (
        (*BEGUN, "echo '2026-11-20T16:25:53Z ERROR tools: 401' >&2", "kill -TERM $$"),
        Outcome.FAILED,
        "killed by SIGTERM",
    ),
    "is killed": ((*BEGUN, "kill -KILL $$"), Outcome.FAILED, "killed by SIGKILL (out of memory?)"),
    "crashes": ((*BEGUN, "kill -ABRT $$"), Outcome.FAILED, "killed by SIGABRT (it crashed; too little memory"),
    "writes more than it may": (
        (*BEGUN, "ulimit -c 0", "kill -XFSZ $$"),
        Outcome.FAILED,
        "killed by SIGXFSZ (its files may not grow",
    ),
    "is killed after its answer": ((*ANSWER, "kill -KILL $$"), Outcome.ANSWERED, "answered"),
    "terminal text is no reason": (("echo '401 Unauthorized'", "exit 1"), Outcome.FAILED, "exited with 1 before"),
    "an error that passed is no reason": (
        (line({"type": "error", "message": "status 401"}), *ANSWER, "exit 3"),
        Outcome.FAILED,
        "exited with 3 after",
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_how_a_stream_ends(tmp_path: Path, story: str) -> None:
    body, outcome, words = STORIES[story]
    result = _live(tmp_path, *body)
    assert result.outcome is outcome, result
    assert words in result.reason
    if outcome is Outcome.ANSWERED:
        assert (result.message, result.message_source, result.thread_id) == ("the answer", "file", THREAD)
        assert result.usage == Usage(input_tokens=7, output_tokens=3)


# the stub's life, deadlines, the clock that ends it, the outcome
CLOCKS = {
    "never starts": (("sleep 300",), Deadlines(start=0.5, idle=60, wall=60), Deadline.START, Outcome.TIMED_OUT),
    "goes silent": ((*BEGUN, "sleep 300"), Deadlines(start=20, idle=0.5, wall=60), Deadline.IDLE, Outcome.TIMED_OUT),
    "ignores ^C and SIGTERM": (
        ("trap '' INT TERM", *BEGUN, "while :; do sleep 1; done"),
        Deadlines(start=20, idle=60, wall=0.5),
        Deadline.WALL,
        Outcome.TIMED_OUT,
    ),
    "floods with what is no event": (("yes",), Deadlines(start=20, idle=60, wall=1), Deadline.WALL, Outcome.TIMED_OUT),
    "will not leave after its answer": (
        (*ANSWER, "sleep 300"),
        Deadlines(start=20, idle=60, wall=60, linger=0.5),
        Deadline.LINGER,
        Outcome.ANSWERED,
    ),
    "will not leave after a failed turn": (
        (*BEGUN, line(TURN_FAILED), "sleep 300"),
        Deadlines(start=20, idle=60, wall=60, linger=0.5),
        Deadline.LINGER,
        Outcome.FAILED,
    ),
    "will not leave without an answer": (
        (*BEGUN, line(COMPLETED), "sleep 300"),
        Deadlines(start=20, idle=60, wall=60, linger=0.5),
        Deadline.LINGER,
        Outcome.TIMED_OUT,
    ),
}


@pytest.mark.parametrize("story", CLOCKS)
def test_a_clock_ends_what_does_not_end(tmp_path: Path, story: str) -> None:
    body, deadlines, clock, outcome = CLOCKS[story]
    result = _live(tmp_path, *body, deadlines=deadlines)
    assert (result.outcome, result.deadline) == (outcome, clock), result
    assert result.seconds < 10
    if outcome is Outcome.TIMED_OUT:
        assert f"{clock} deadline" in result.reason
    if outcome is Outcome.ANSWERED:
        assert result.message == "the answer"
        assert any("would not leave" in note for note in result.notes)


# the stub's life, the message, its source
ANSWERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "answers twice": (
        (*BEGUN, line(said("first")), line(said("second")), line(COMPLETED), last_message("second")),
        "second",
        "file",
    ),
    "only in events": ((*BEGUN, line(said("first")), line(said("second")), line(COMPLETED)), "second", "event"),
    "only in the file": ((*BEGUN, line(COMPLETED), last_message("the file's")), "the file's", "file"),
    "the file is older than the last event": (
        (*BEGUN, line(said("the event's")), line(COMPLETED), last_message("the file's")),
        "the file's",
        "file",
    ),
    "unknown events and items": (
        (
            *BEGUN,
            line({"type": "news.from.the.future", "item": 5}),
            line({"type": "item.completed", "item": {"type": "hologram", "id": "x"}}),
            line({"type": "item.completed", "item": None}),
            line({"type": "item.completed"}),
            line({"no": "type"}),
            line([1, 2]),
            line({"type": 7}),
            "printf 'null\\n5\\n\\n\\r\\n\\000\\n'",
            *ANSWER,
        ),
        "the answer",
        "file",
    ),
    "lines that end in CRLF": (
        tuple(part.replace("printf '%s\\n'", "printf '%s\\r\\n'") for part in ANSWER),
        "the answer",
        "file",
    ),
    "lines torn in the middle": (
        ('printf \'{"type":"thread.sta\'', "sleep 0.05", f'printf \'rted","thread_id":"{THREAD}"}}\\n\'', *ANSWER),
        "the answer",
        "file",
    ),
    "a last line without an end": (
        (*BEGUN, line(said("whole")), 'printf \'{"type":"turn.completed"}\''),
        "whole",
        "event",
    ),
    "a character cut in half": (
        (*BEGUN, "printf 'caf\\303'", "sleep 0.05", "printf '\\n\\377\\376 no text\\n'", *ANSWER),
        "the answer",
        "file",
    ),
    "a character cut in half in the message": (
        (*BEGUN, line(said("x")), line(COMPLETED), "printf 'caf\\303' > \"$LAST\""),
        "caf\N{REPLACEMENT CHARACTER}",
        "file",
    ),
    "an event too long to be kept": (
        (*BEGUN, 'printf \'{"type":"item.completed","item":"\'', LONG, "printf '\"}\\n'", *ANSWER),
        "the answer",
        "file",
    ),
    "a flood before the answer": ((*BEGUN, "yes | head -c 20000000", *ANSWER), "the answer", "file"),
    "half a line at the end": ((*ANSWER, 'printf \'{"type":"turn.\''), "the answer", "file"),
}


@pytest.mark.parametrize("story", ANSWERS)
def test_the_answer_is_found_in_any_stream(tmp_path: Path, story: str) -> None:
    body, message, source = ANSWERS[story]
    result = _live(tmp_path, *body)
    assert result.answered, result
    assert (result.message, result.message_source) == (message, source)
    assert result.thread_id == THREAD


def test_what_was_odd_is_noted(tmp_path: Path) -> None:
    warning = {"type": "item.completed", "item": {"id": "i", "type": "error", "message": "no \x1b[31mmetadata"}}
    result = _live(tmp_path, 'printf \'{"x":"\'', LONG, "printf '\"}\\n'", line(warning), "echo noise", *ANSWER)
    assert result.notes == (
        "no [31mmetadata",
        "an event of 30,000,008 bytes was too long to be read",
        "1 line of its output was no event",
    )


@pytest.mark.parametrize("another", [0, 1])
def test_a_worker_that_could_run_nothing_says_so(tmp_path: Path, another: int) -> None:
    """Where codex's sandbox cannot be set up every command fails, and the answer is one of somebody blind."""
    blocked = ran("cat a", 1, "a", "bwrap: No permissions to create a new namespace\n")
    result = _live(tmp_path, *BEGUN, line(blocked), line(ran("cat b", another, "b")), *ANSWER)
    assert result.answered
    said = [note for note in result.notes if "none of its commands could run (bwrap: No permissions" in note]
    assert bool(said) is bool(another)


def test_what_it_did_is_kept(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    for name in ("a.py", "b.py"):
        (tmp_path / "tree" / name).write_text("x = 1\n")
    change = {"path": "a.py", "kind": "update"}
    result = _live(
        tmp_path,
        *BEGUN,
        line(ran("/bin/bash -lc 'cat a.py nosuch.py'")),
        line(ran("/bin/bash -lc 'rm b.py'", exit_code=1, name="item_9")),
        line({"type": "item.started", "item": {"id": "i5", "type": "command_execution", "command": "sleep 9"}}),
        line({"type": "item.completed", "item": {"id": "i6", "type": "file_change", "changes": [change]}}),
        *ANSWER,
    )
    assert [(run.command, run.exit_code) for run in result.commands] == [
        ("/bin/bash -lc 'cat a.py nosuch.py'", 0),
        ("/bin/bash -lc 'rm b.py'", 1),
        ("sleep 9", None),
    ]
    assert [(one.path, one.kind) for one in result.files_changed] == [("a.py", "update")]
    assert result.files_read == ("a.py",)


def test_a_reason_is_one_harmless_line(tmp_path: Path) -> None:
    """Control characters, line breaks, endless text and keys stay out of it; CI commands stay inside the line."""
    said_by_server = "bad \x1b[2J\r\n::error::x key-of-the-user and sk-abcdefghijklmnop " + "y" * 5000
    failed = {"type": "turn.failed", "error": {"message": said_by_server}}
    key = {"OPENAI_API_KEY": "key-of-the-user"}
    result = _live(tmp_path, *BEGUN, line(failed), "exit 1", environment=key)
    assert result.reason.startswith("bad [2J ::error::x *** and sk-*** yyy")
    assert len(result.reason) == 500
    assert result.reason.isprintable()


def test_a_codex_that_cannot_be_started(tmp_path: Path) -> None:
    program = stub_codex(tmp_path, *ANSWER)
    engine = CodexEngine(codex=program)
    assert engine.binary.version == "0.163.0"
    program.unlink()
    task = WorkerTask(label="w1", prompt="?", folder=tmp_path / "attempt-1", cwd=tmp_path)
    result = asyncio.run(CodexStage.live(engine, task))
    assert result.outcome is Outcome.FAILED
    assert "could not be started" in result.reason
    assert result.message is None


def test_an_answer_whose_exit_nobody_saw(tmp_path: Path) -> None:
    """What the crew does at resume: the log is read again, and a complete answer in it is one."""
    from orchestra.workers.pool import Ending

    engine = CodexEngine(codex=stub_codex(tmp_path, *ANSWER))
    task = WorkerTask(label="w1", prompt="?", folder=tmp_path / "attempt-1", cwd=tmp_path)
    asyncio.run(CodexStage.live(engine, task))
    again = engine.reader(task)
    again.heard(task.files.events.read_bytes())
    result = again.result(Ending(seconds=0.0))
    assert (result.answered, result.message, result.notes) == (True, "the answer", (EXIT_NOT_SEEN,))
    half = engine.reader(task)
    half.heard(task.files.events.read_bytes()[:-20])
    assert half.result(Ending(seconds=0.0)).outcome is Outcome.LOST
