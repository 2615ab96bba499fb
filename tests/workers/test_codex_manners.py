"""How the real codex works as a worker: what it is given, what it gives back, and what is left when it ends."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from orchestra.brief.ask import Scope
from orchestra.errors import PromptTooLong, UsageError
from orchestra.outcome import Outcome
from orchestra.rehearsal import Run, Say, Script, Silence, StandIn, otherwise, when
from orchestra.workers.engines.codex import PROMPT_LIMIT, CodexEngine
from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.pool import Pool
from orchestra.workers.task import WorkerResult
from orchestra.workers.worker import work

from .codex_stage import CodexStage, appears, processes_of

SCHEMA = {
    "title": "Verdict",
    "type": "object",
    "properties": {"verdict": {"type": "string"}},
    "required": ["verdict"],
    "additionalProperties": False,
}


def test_an_answer(codex_stage: CodexStage, codex: CodexBinary) -> None:
    (codex_stage.tree / "app.py").write_text("x = 1\n")
    played = codex_stage.play(
        Script(otherwise(Run("cat app.py"), Say("on the way", '{"verdict": "fine"}'))),
        prompt="Judge app.py.",
        answer_schema=SCHEMA,
        model="a-model",
        effort="low",
    )
    result = played.result
    assert result.answered
    assert (result.message, result.message_source) == ('{"verdict": "fine"}', "file")
    assert [run.exit_code for run in result.commands] == [0]
    assert result.files_read == ("app.py",)
    assert result.usage is not None
    assert result.usage.total > 0
    assert result.exit_status == 0
    assert played.left == ()
    first = played.requests[0]
    assert first.prompt == "Judge app.py."
    assert first.body["model"] == "a-model"
    assert first.effort == "low" or codex.number < (0, 145, 0)  # before, not for models it did not know
    assert first.schema == SCHEMA


def test_what_stands_in_the_attempts_folder(codex_stage: CodexStage) -> None:
    played = codex_stage.play(
        Script(otherwise(Say("hello"))),
        prompt="What?",
        answer_schema=SCHEMA,
        environ={"OPENAI_API_KEY": "sk-the-users-own-key", "GITHUB_TOKEN": "not-passed-at-all"},
    )
    files = played.task.files
    assert files.path.stat().st_mode & 0o777 == 0o700
    for file in (files.prompt, files.schema, files.command, files.events, files.stderr):
        assert file.stat().st_mode & 0o777 == 0o600, file
    assert files.prompt.read_text() == "What?"
    assert json.loads(files.schema.read_text()) == SCHEMA
    told = json.loads(files.command.read_text())
    assert told["argv"][1] == "exec"
    assert told["codex"]["version"] == played.result.engine_version
    assert {"PATH", "CODEX_HOME", "OPENAI_API_KEY", "ORCHESTRA_WORKER"} <= set(told["environment"])
    assert "GITHUB_TOKEN" not in told["environment"]
    everything = b"".join(file.read_bytes() for file in files.path.iterdir())
    assert b"sk-the-users-own-key" not in everything


def test_a_look_at_the_command_line_writes_nothing(codex_stage: CodexStage) -> None:
    task = codex_stage.task(answer_schema=SCHEMA)
    line = CodexEngine().command_line(task)
    assert not task.folder.exists()
    told = CodexEngine().command(task).argv
    assert [word for word in line if "ORCHESTRA_WORKER" not in word] == [
        word for word in told if "ORCHESTRA_WORKER" not in word
    ]


def test_a_long_prompt_arrives_whole(codex_stage: CodexStage) -> None:
    prompt = "".join(f"{number:06} a line of the prompt, \N{GREEK SMALL LETTER ALPHA}\n" for number in range(10_000))
    assert len(prompt.encode()) > 300_000
    played = codex_stage.play(Script(otherwise(Say("read"))), prompt=prompt)
    assert played.result.answered
    assert played.requests[0].prompt == prompt, (len(played.requests[0].prompt), len(prompt))


def test_a_prompt_over_the_limit_is_refused_before_anything_is_started(codex_stage: CodexStage) -> None:
    with pytest.raises(PromptTooLong, match=r"1,048,577 characters; codex takes at most 1,048,576"):
        codex_stage.play(Script(otherwise(Say("never asked"))), prompt="x" * (PROMPT_LIMIT + 1))


@pytest.mark.parametrize("length", [PROMPT_LIMIT, PROMPT_LIMIT + 1])
def test_the_limit_is_codexs_own(codex_stage: CodexStage, length: int) -> None:
    """Characters, not bytes: put into the prompt file behind orchestra's back, codex takes the one, not the other."""
    with StandIn(Script(otherwise(Say("read"))), home=codex_stage.home) as model:
        engine = CodexEngine(environ={**os.environ, **model.environment})
        task = codex_stage.task()
        command, reader = engine.command(task), engine.reader(task)
        task.files.prompt.write_text("\N{GREEK SMALL LETTER ALPHA}" * length)

        async def live() -> WorkerResult:
            async with Pool(1) as pool:
                return reader.result(await pool.wait(pool.start(command, task.deadlines, reader)))

        result = asyncio.run(live())
    assert result.answered is (length == PROMPT_LIMIT), result
    if length > PROMPT_LIMIT:
        assert "1048576" in result.reason
        assert result.seconds < 5


def test_a_thread_goes_on(codex_stage: CodexStage) -> None:
    """The repair turn: the same thread, the same sandbox, a schema again."""
    brain = Script(otherwise(Say("first"), Run("touch made"), Say("second")))
    with StandIn(brain, home=codex_stage.home) as model:
        engine = CodexEngine(environ={**os.environ, **model.environment})
        task = codex_stage.task()
        first = asyncio.run(codex_stage.live(engine, task))
        mend = task.model_copy(
            update={
                "prompt": "Mend it",
                "folder": task.files.repair.path,
                "thread_id": first.thread_id,
                "answer_schema": SCHEMA,
            }
        )
        second = asyncio.run(codex_stage.live(engine, mend))
    assert (first.message, second.message) == ("first", "second")
    assert second.thread_id == first.thread_id
    assert model.requests[-1].prompts == ("Say something.", "Mend it")
    assert model.requests[-1].schema == SCHEMA
    assert not (codex_stage.tree / "made").exists()
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.total > first.usage.total  # cumulative over the thread


@pytest.mark.parametrize("thread", ["a name", "../../x", "--last", "01A1F9C2-B0E1-7C83-9E40-BC99E1059D74"])
def test_a_thread_is_named_by_its_id(codex_stage: CodexStage, thread: str) -> None:
    """codex takes anything else for a name, and for one it does not know it begins a new thread without a word."""
    with pytest.raises(UsageError, match="not the id of a codex thread"):
        codex_stage.play(Script(otherwise(Say("never asked"))), thread_id=thread)


def test_how_a_person_goes_on(codex_stage: CodexStage, codex: CodexBinary) -> None:
    played = codex_stage.play(Script(otherwise(Say("hello"))))
    command = played.result.continue_command
    assert command is not None
    assert command.startswith(f"CODEX_HOME={codex_stage.home} {codex.typed} resume ")
    assert str(played.result.thread_id) in command
    assert f"-C {codex_stage.tree}" in command
    thrown_away = codex_stage.play(Script(otherwise(Say("hello"))), scope=Scope.SCRATCH).result.continue_command
    assert thrown_away is not None
    assert "-C" not in thrown_away


def test_nobody_is_told_to_go_on_in_a_home_that_goes_with_its_stand_in(codex_stage: CodexStage) -> None:
    with StandIn(Script(otherwise(Say("hello")))) as model:
        engine = CodexEngine(environ={**os.environ, **model.environment})
        result = asyncio.run(codex_stage.live(engine, codex_stage.task()))
    assert result.thread_id is not None
    assert (result.continue_command, result.notes) == (None, ()), "codex wonders at a model it does not know"


ENDS = {
    "an empty message": (Say(""), Outcome.EMPTY, None),
    "no message": (Say(), Outcome.EMPTY, None),
    "two messages": (Say("one", "two"), Outcome.ANSWERED, "two"),
    "half a character": (
        Say("caf\N{LATIN SMALL LETTER E WITH ACUTE}"),
        Outcome.ANSWERED,
        "caf\N{LATIN SMALL LETTER E WITH ACUTE}",
    ),
    "a slow answer": (Say("word by word " * 20, over=1.0), Outcome.ANSWERED, "word by word " * 20),
    "something that breaks the schema": (Say("no JSON"), Outcome.ANSWERED, "no JSON"),
}


@pytest.mark.parametrize("story", ENDS)
def test_what_counts_as_an_answer(codex_stage: CodexStage, story: str) -> None:
    move, outcome, message = ENDS[story]
    played = codex_stage.play(Script(otherwise(move)), answer_schema=SCHEMA)
    assert played.result.outcome is outcome
    assert played.result.message == message
    assert played.left == ()


def test_output_that_is_no_text(codex_stage: CodexStage) -> None:
    """A tool that prints half a character and a megabyte does no harm to the stream."""
    (codex_stage.tree / "binary").write_bytes(b"caf\xc3" + bytes(range(256)) * 4000)
    played = codex_stage.play(Script(otherwise(Run("cat binary"), Say("read"))))
    assert played.result.answered
    assert played.result.files_read == ("binary",)


# ── what is left ─────────────────────────────────────────────────────────────────────────────────────────────────────

LEFT_RUNNING = {
    "in the background": "sleep 300 & echo started > {mark}; wait",
    "in a session of its own": "setsid sleep 300 & echo started > {mark}; wait",
    "after its parent": "(setsid sleep 300 &) ; echo started > {mark}; sleep 300",
}


@pytest.mark.parametrize("sandbox", [None, "danger-full-access"])
@pytest.mark.parametrize("story", LEFT_RUNNING)
def test_no_tool_outlives_its_worker(codex_stage: CodexStage, story: str, sandbox: str | None) -> None:
    """The tool still runs when codex answers or is stopped. With the sandbox it dies with it, without it is swept."""
    mark = codex_stage.tree / "mark"
    command = LEFT_RUNNING[story].format(mark=mark)
    brain = Script(otherwise(Run(command, wait=0.5), Say("done")))
    played = codex_stage.play(brain, options={"sandbox": sandbox}, scope=Scope.SCRATCH)
    assert played.result.answered
    assert mark.exists()
    assert played.left == ()
    if sandbox and "setsid" in command:  # what is in the tool's own session codex ends itself
        assert any("sleep 300" in swept for swept in played.result.swept), played.result.swept


@pytest.mark.parametrize("sandbox", [None, "danger-full-access"])
def test_a_stopped_worker_leaves_nothing(codex_stage: CodexStage, sandbox: str | None) -> None:
    mark = codex_stage.tree / "mark"
    brain = Script(otherwise(Run(f"setsid sleep 300 & echo > {mark}; sleep 300", wait=30)))
    with StandIn(brain, home=codex_stage.home) as model:
        engine = CodexEngine(environ={**os.environ, **model.environment}, sandbox=sandbox)  # type: ignore[arg-type]  # a table of two
        task = codex_stage.task(scope=Scope.SCRATCH)

        async def stopped() -> WorkerResult:
            async with Pool(1) as pool:
                doing = asyncio.create_task(work(task, engine, pool))
                assert await asyncio.to_thread(appears, mark)
                await pool.stop()
                return await doing

        result = asyncio.run(stopped())
    assert result.outcome is Outcome.STOPPED
    assert list(processes_of(task.mark)) == []


ORCHESTRATOR = """
import asyncio, json, sys
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.pool import Pool
from orchestra.workers.task import WorkerTask
from orchestra.workers.worker import work

async def main():
    engine = CodexEngine()
    tasks = [WorkerTask.model_validate(task) for task in json.load(sys.stdin)]
    async with Pool() as pool:
        await asyncio.gather(*(work(task, engine, pool) for task in tasks))

asyncio.run(main())
"""


def test_a_killed_orchestrator_leaves_no_codex(codex_stage: CodexStage) -> None:
    """The PTY hangs up and the workers die with it, those in a turn and those whose tool runs."""
    brain = Script(when("run", Run("sleep 300", wait=30)), otherwise(Silence(headers=True)))
    tasks = [codex_stage.task(prompt=prompt, label=f"w{n}") for n, prompt in enumerate(("run", "think", "run"))]
    with StandIn(brain, home=codex_stage.home) as model:
        orchestrator = subprocess.Popen(
            [sys.executable, "-c", ORCHESTRATOR],
            stdin=subprocess.PIPE,
            env={**os.environ, **model.environment},
            text=True,
        )
        assert orchestrator.stdin is not None
        orchestrator.stdin.write(json.dumps([json.loads(task.model_dump_json()) for task in tasks]))
        orchestrator.stdin.close()
        run = tasks[0].run
        try:
            until = time.monotonic() + 20
            # A tool whose sandbox is only being set up would survive: it learns of its parent's death a moment later.
            while sum(line.strip() == "sleep 300" for line in processes_of(run)) < 2 or len(model.requests) < 3:
                assert time.monotonic() < until, list(processes_of(run))
                time.sleep(0.02)
        finally:
            orchestrator.send_signal(signal.SIGKILL)
            orchestrator.wait()
        until = time.monotonic() + 2
        while left := list(processes_of(run)):
            assert time.monotonic() < until, left
            time.sleep(0.02)
