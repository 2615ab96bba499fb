"""Every row of what goes wrong with codex, played by the real one: the outcome, the reason in words, nothing left."""

import asyncio
import os
import re
import socket
from pathlib import Path

import pytest

from orchestra.outcome import Deadline, Outcome
from orchestra.rehearsal import (
    CutStream,
    Fail,
    FailTurn,
    Garble,
    Reset,
    Run,
    Say,
    Script,
    Silence,
    StandIn,
    otherwise,
    quota_exceeded,
    usage_limit,
)
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.task import Deadlines

from .codex_stage import HASTE, CodexStage

FAILED, LIMITED, UNAUTHORISED = Outcome.FAILED, Outcome.RATE_LIMITED, Outcome.UNAUTHORISED

# move, outcome, words of the reason, whether it can pass, seconds after which codex itself must have given up
REFUSALS = {
    "a bad request": (Fail(400, "That is no request."), FAILED, "That is no request", False, 20),
    "a prompt too long for the model": (
        Fail(400, "Your input exceeds the context window.", code="context_length_exceeded"),
        FAILED,
        "context_length_exceeded|context window",
        False,
        20,
    ),
    "a wrong key": (Fail(401, "Incorrect API key provided."), UNAUTHORISED, "401 Unauthorized", False, 20),
    "a forbidden model": (Fail(403, "Not for you."), UNAUTHORISED, "403 Forbidden", False, 20),
    "an unknown model": (Fail(404, "No such model."), FAILED, "404 Not Found", False, 20),
    "too many requests": (Fail(429, "Slow down."), LIMITED, "429 Too Many Requests", True, 20),
    "too many requests, with a time": (Fail(429, "Slow down.", retry_after=1), LIMITED, "429", True, 30),
    "a request that took too long": (Fail(408), FAILED, "408 Request Timeout", True, 20),
    "a status nobody has a name for": (Fail(529, "Overloaded."), FAILED, "529|high demand", True, 30),
    "a limit told in the stream": (
        FailTurn("rate_limit_exceeded", "Rate limit reached. Please try again in 1.2s."),
        LIMITED,
        "try again in 1.2s",
        True,
        20,
    ),
    "no credit left": (quota_exceeded(), LIMITED, "Quota exceeded|429", None, 20),
    "the plan's limit": (usage_limit(), LIMITED, "usage limit", None, 20),
    "a broken server": (Fail(500), FAILED, "high demand", True, 30),
    "a bad gateway": (Fail(502), FAILED, "502|high demand", True, 30),
    "an overloaded server": (Fail(503), FAILED, "503|high demand|capacity", True, 30),
    "a connection reset": (Reset(), FAILED, "onnection|sending request|disconnected", True, 30),
    "a stream that is cut": (CutStream(), FAILED, "stream disconnected", True, 20),
    "a stream cut after a message": (CutStream("half of it"), FAILED, "stream disconnected", True, 20),
    "malformed events": (Garble(), FAILED, "stream disconnected", True, 20),
    "a turn the server fails": (FailTurn("server_error", "It broke."), FAILED, "It broke|disconnected", None, 20),
    "a stream that falls silent": (Silence(headers=True), FAILED, "idle timeout", True, 20),
}


@pytest.mark.parametrize("story", REFUSALS)
def test_a_refused_worker_says_why(codex_stage: CodexStage, story: str) -> None:
    move, outcome, words, can_pass, seconds = REFUSALS[story]
    played = codex_stage.play(Script(otherwise(move)), options={"overrides": HASTE})
    result = played.result
    assert (result.outcome, result.answered) == (outcome, False), result
    assert re.search(words, result.reason), result.reason
    assert can_pass is None or result.can_pass is can_pass
    assert result.seconds < seconds
    assert result.exit_status == 1
    assert result.thread_id is not None
    assert result.thread_id in (result.continue_command or "")
    assert played.left == ()


def test_a_refused_connection_ends(codex_stage: CodexStage) -> None:
    """From 0.148 on codex would wait for the network for ever; workers tell it not to."""
    played = codex_stage.play(
        Script(otherwise(Say("never asked"))),
        options={
            "overrides": {**HASTE, "model_providers.rehearsal.base_url": f'"http://127.0.0.1:{_unused_port()}/v1"'}
        },
    )
    assert played.requests == ()
    assert played.result.outcome is FAILED
    assert played.result.can_pass
    assert re.search("[Cc]onnection failed|error sending request", played.result.reason)
    assert played.result.seconds < 10
    assert played.left == ()


# move, deadlines, the clock that ends it, what it was at
SILENCES = {
    "no headers": (Silence(), Deadlines(start=20, idle=0, wall=2, linger=5), Deadline.WALL),
    "no bytes for too long": (Silence(headers=True), Deadlines(start=20, idle=1.5, wall=60, linger=5), Deadline.IDLE),
    "a tool that never ends": (
        Run("sleep 300", wait=30),
        Deadlines(start=20, idle=1.5, wall=60, linger=5),
        Deadline.IDLE,
    ),
}


@pytest.mark.parametrize("story", SILENCES)
def test_a_silent_worker_is_ended_by_its_clock(codex_stage: CodexStage, story: str) -> None:
    move, deadlines, clock = SILENCES[story]
    played = codex_stage.play(Script(otherwise(move)), deadlines=deadlines)
    result = played.result
    assert (result.outcome, result.deadline) == (Outcome.TIMED_OUT, clock), result
    assert clock in result.reason
    assert result.seconds < 10
    assert result.message is None
    assert played.left == ()


def test_retries_are_no_end(codex_stage: CodexStage) -> None:
    """`error` events on the way to an answer do not make it a failure."""
    played = codex_stage.play(Script(otherwise(CutStream(), Say("after all"))), options={"overrides": HASTE})
    assert played.result.answered
    assert played.result.message == "after all"
    assert len(played.requests) == 2


# what stands in config.toml instead of the stand-in's, words of the reason
CONFIGURATIONS = {
    "broken": ('model = ["', "config.toml"),
    "of a wrong type": ("model = 5", "invalid type"),
    "with an unknown provider": ('model_provider = "nosuch"', "Model provider `nosuch` not found"),
    "without the key it names": (
        'model_provider = "x"\n[model_providers.x]\nname = "x"\nbase_url = "http://x"\nenv_key = "NO_SUCH_KEY"',
        "NO_SUCH_KEY",
    ),
}


@pytest.mark.parametrize("story", CONFIGURATIONS)
def test_a_configuration_codex_refuses_ends_at_once(codex_stage: CodexStage, tmp_path: Path, story: str) -> None:
    text, words = CONFIGURATIONS[story]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text(text)
    played = codex_stage.play(Script(otherwise(Say("never asked"))), environ={"CODEX_HOME": str(tmp_path / "home")})
    assert played.requests == ()
    assert played.result.outcome is (UNAUTHORISED if "KEY" in words else FAILED)
    assert words in played.result.reason
    assert played.result.seconds < 5


def test_not_logged_in(codex_stage: CodexStage, tmp_path: Path) -> None:
    """What `check` spares everybody: codex's own provider without a login, 13 s of retries whose number is fixed."""
    (tmp_path / "home").mkdir()
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CODEX_HOME": str(tmp_path / "home"), "NO_PROXY": "*"}
    with StandIn(Script(otherwise(Fail(401, "Missing bearer authentication."))), home=codex_stage.home) as model:
        engine = CodexEngine(environ=bare, overrides={"openai_base_url": f'"{model.url}"'})
        result = asyncio.run(codex_stage.live(engine, codex_stage.task()))
    assert result.outcome is UNAUTHORISED
    assert "401 Unauthorized" in result.reason
    assert not result.can_pass


def test_a_missing_codex_home_ends_at_once(codex_stage: CodexStage, tmp_path: Path) -> None:
    played = codex_stage.play(Script(otherwise(Say("never asked"))), environ={"CODEX_HOME": str(tmp_path / "none")})
    assert played.result.outcome is FAILED
    assert "CODEX_HOME" in played.result.reason
    assert "does not exist" in played.result.reason


def test_an_empty_codex_home_is_fine(codex_stage: CodexStage, tmp_path: Path) -> None:
    """It gets as far as asking the model."""
    (tmp_path / "empty").mkdir()
    asking = {"name": '"x"', "base_url": f'"http://127.0.0.1:{_unused_port()}/v1"', "stream_max_retries": "0"}
    played = codex_stage.play(
        Script(otherwise(Say("never asked"))),
        environ={"CODEX_HOME": str(tmp_path / "empty")},
        options={
            "overrides": {"model_provider": '"x"', **{f"model_providers.x.{key}": say for key, say in asking.items()}}
        },
    )
    assert re.search("[Cc]onnection failed|error sending request", played.result.reason)
    assert played.result.thread_id is not None


def _unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
