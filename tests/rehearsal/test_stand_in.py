"""The server: what arrives at the model's end, and what becomes of those who hang on it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from orchestra.errors import EnvironmentLacking
from orchestra.rehearsal import (
    Brain,
    Call,
    Rehearsal,
    Run,
    Say,
    Script,
    Silence,
    StandIn,
    Tokens,
    Write,
    otherwise,
    when,
)
from orchestra.rehearsal.venue import KEY, KEY_VARIABLE

from .driving import Codex

Stage = Callable[[Brain], StandIn]


def test_a_prompt_of_300_kb_arrives_whole(codex: Codex, stage: Stage) -> None:
    prompt = "".join(
        f"{number:06d} \u00e9t\u00e9 \u2713 \U0001f600 and the rest of the line\n" for number in range(7_000)
    )
    assert len(prompt.encode()) > 300_000
    model = stage(Script(Say("read")))
    assert codex(model, prompt).last_message == "read"
    assert model.requests[0].prompt == prompt


def test_what_codex_asks_is_recorded_without_the_key(codex: Codex, stage: Stage) -> None:
    model = stage(Script(Say("fine", usage=Tokens(input=700, output=30, cached=600, reasoning=20))))
    heard = codex(model, "How are you?")
    (request,) = model.requests
    assert (request.method, request.path, request.prompts) == ("POST", "/v1/responses", ("How are you?",))
    assert request.thread_id == heard.thread_id
    assert "exec_command" in request.tools
    assert request.begins_turn
    assert KEY not in json.dumps(dict(request.headers))
    assert heard.usage["input_tokens"] == 700
    assert heard.usage["cached_input_tokens"] == 600
    assert heard.usage["output_tokens"] == 30
    assert heard.usage["reasoning_output_tokens"] == 20


def test_a_story_of_several_turns(codex: Codex, stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the word is heron\n")
    model = stage(
        Script(
            when("Look", Run("cat secret.txt", "cat nothing.txt"), Say("heron"), Say("still heron")),
            otherwise(Say("who are you?")),
        )
    )
    heard = codex(model, "Look around.", cwd=tmp_path)
    assert heard.messages == ["heron"]

    found, missing = model.requests[1].outputs
    assert (found.command, found.text, found.exit_code, found.truncated) == (
        "cat secret.txt",
        "the word is heron\n",
        0,
        False,
    )
    assert (missing.exit_code, "No such file" in missing.text) == (1, True)

    again = codex(model, "And now?", resume=heard.thread_id)
    assert again.messages == ["still heron"]
    assert model.requests[-1].prompts == ("Look around.", "And now?")
    assert [ask.prompt for ask in model.asks] == ["Look around.", "And now?"]

    assert codex(model, "Hello.").messages == ["who are you?"]


def test_the_model_can_write_a_file(codex: Codex, stage: Stage, tmp_path: Path) -> None:
    model = stage(Script(Write("new/name.txt", "one\n\n$two\n"), Say("written")))
    heard = codex(model, "Write.", cwd=tmp_path, sandbox="workspace-write")
    assert heard.messages == ["written"]
    assert (tmp_path / "new/name.txt").read_text() == "one\n\n$two\n"
    assert any(event.get("item", {}).get("type") == "file_change" for event in heard.events)


def test_the_sandbox_of_a_reader_holds(codex: Codex, stage: Stage, tmp_path: Path) -> None:
    model = stage(Script(Run("echo x > made.txt; cat seen.txt"), Say("tried")))
    (tmp_path / "seen.txt").write_text("seen\n")
    assert codex(model, "Try.", cwd=tmp_path).messages == ["tried"]
    assert "seen\n" in model.requests[1].outputs[0].text
    assert not (tmp_path / "made.txt").exists()


def test_a_tool_that_runs_on_has_no_exit_code(codex: Codex, stage: Stage) -> None:
    model = stage(Script(Run("echo begun; sleep 30", wait=0.25), Say("enough")))
    assert codex(model, "Begin.").messages == ["enough"]
    (output,) = model.requests[1].outputs
    assert output.exit_code is None


def test_any_tool_can_be_called(codex: Codex, stage: Stage) -> None:
    model = stage(Script(Call("no_such_tool", {"a": 1}), Say("no matter")))
    assert codex(model, "Call.").messages == ["no matter"]
    (output,) = model.requests[1].outputs
    assert (output.tool, output.arguments, output.text) == ("no_such_tool", {"a": 1}, "unsupported call: no_such_tool")


def test_sixteen_at_once_are_all_answered(codex: Codex, stage: Stage) -> None:
    model = stage(Script(*(when(f"number {number}.", Say(f"answer {number}")) for number in range(16))))
    with ThreadPoolExecutor(16) as crowd:
        heard = list(crowd.map(lambda number: codex(model, f"This is number {number}."), range(16)))
    assert [one.last_message for one in heard] == [f"answer {number}" for number in range(16)]
    assert len(model.asks) == 16


def test_connections_are_answered_side_by_side(stage: Stage) -> None:
    model = stage(Script(Silence()))
    crowd = [_ask(model, f"thread-{number}") for number in range(64)]
    model.wait_for(64)
    assert model.peak == 64
    model.close()
    for connection in crowd:
        with connection:
            assert connection.recv(1) == b""


def test_a_thread_no_rule_is_for_is_told_so(codex: Codex, stage: Stage) -> None:
    heard = codex(stage(Script(when("something else", Say("no")))), "Hello.")
    assert "no rule of the script fits the prompt that begins 'Hello.'" in heard.complaint


def test_other_addresses_are_not_there(stage: Stage) -> None:
    model = stage(Script(Say("x")))
    with socket.create_connection(_address(model.url)) as connection:
        connection.sendall(b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n")
        assert connection.makefile("rb").readline() == b"HTTP/1.1 404 Not Found\r\n"
    assert [(request.method, request.path) for request in model.requests] == [("GET", "/v1/models")]


@pytest.mark.parametrize(
    "noise", [b"", b"\r\n\r\n", b"\x16\x03\x01\x02", b"POST /v1/responses HTTP/1.1\r\ncontent-length: many\r\n\r\n"]
)
def test_noise_does_no_harm(noise: bytes, stage: Stage) -> None:
    model = stage(Script(Say("x")))
    with socket.create_connection(_address(model.url)) as connection:
        connection.sendall(noise)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(10)
        connection.recv(100)
    with _ask(model, "after") as connection:
        assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"


def test_waiting_for_requests_that_do_not_come_ends(stage: Stage) -> None:
    with pytest.raises(TimeoutError, match=r"0 of 2 requests came within 0\.05 s"):
        stage(Script(Say("x"))).wait_for(2, seconds=0.05)


def test_a_home_that_was_given_stays_and_one_of_its_own_goes(tmp_path: Path) -> None:
    with StandIn(Script(Say("x")), home=tmp_path / "mine") as model:
        assert model.environment["CODEX_HOME"] == str(tmp_path / "mine")
        config = (tmp_path / "mine/config.toml").read_text()
        assert f'base_url = "{model.url}"' in config
        assert KEY not in config
    assert (tmp_path / "mine/config.toml").exists()

    with StandIn(Script(Say("x"))) as model:
        own = Path(model.environment["CODEX_HOME"])
        assert own.stat().st_mode & 0o777 == 0o700
    assert not own.exists()


def test_a_home_whose_venue_was_killed_is_removed_by_the_next() -> None:
    kill_it = (
        "import os, orchestra.rehearsal.venue as venue; print(venue.Venue().home, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", kill_it], stdout=subprocess.PIPE, text=True, check=False)
    abandoned = Path(killed.stdout.strip())
    assert (abandoned / "config.toml").exists()
    with StandIn(Script(Say("x"))) as living:
        home = Path(living.environment["CODEX_HOME"])
        os.utime(home, (0, 0))
        with StandIn(Script(Say("x"))):
            pass
        assert abandoned.exists()  # made a moment ago: whoever made it may not have locked it yet
        os.utime(abandoned, (0, 0))
        with StandIn(Script(Say("x"))):
            pass
        assert not abandoned.exists()
        assert home.exists()


# ── as a process of its own ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_rehearsal_lives_as_long_as_its_block(codex: Codex) -> None:
    with Rehearsal() as model:
        process = psutil.Process(model.pid)
        assert codex(model, "Hello?").messages == [
            "Rehearsal (understudy, not a model): a prompt of 6 characters arrived whole."
            " It was neither understood nor answered."
        ]
        own = Path(model.environment["CODEX_HOME"])
    assert not process.is_running()
    assert not own.exists()


def test_a_rehearsal_does_not_outlive_who_started_it() -> None:
    """Killed outright, as by the kernel: nobody is left to close anything."""
    story = """
import time
from orchestra.rehearsal import Rehearsal

with Rehearsal() as model:
    print(model.pid, model.environment["CODEX_HOME"], flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", story], stdout=subprocess.PIPE, text=True) as orchestrator:
        assert orchestrator.stdout is not None
        pid, own = orchestrator.stdout.readline().split()
        server = psutil.Process(int(pid))
        orchestrator.send_signal(signal.SIGKILL)
    psutil.wait_procs([server], timeout=5)
    assert not server.is_running()
    assert _soon(lambda: not Path(own).exists())


@pytest.mark.parametrize("end", ["stdin", "stdout and stdin", "SIGTERM", "SIGINT"])
@pytest.mark.parametrize("when_", ["at once", "when it listens"])
def test_however_it_is_ended_it_leaves_no_home(end: str, when_: str) -> None:
    command = [sys.executable, "-m", "orchestra.rehearsal"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdin
        assert server.stdout
        if when_ == "when it listens":
            assert server.stdout.readline()
        if end.startswith("SIG"):
            server.send_signal(signal.Signals[end])
        if end.startswith("stdout"):
            server.stdout.close()
        if "stdin" in end:
            server.stdin.close()
        server.wait(10)
    left = [
        folder for place in ("/var/tmp", "/tmp") for folder in Path(place).glob(f"orchestra-rehearsal-{server.pid}-*")
    ]
    assert left == []


def test_ctrl_c_in_the_terminal_is_not_for_the_server() -> None:
    with Rehearsal() as model:
        assert model.pid is not None
        assert os.getpgid(model.pid) != os.getpgrp()


def test_a_rehearsal_can_play_a_brain_of_ones_own(
    codex: Codex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plays.py").write_text(
        "from orchestra.rehearsal import Say, Script\nprint('x' * 100_000)\nplay = Script(Say('my own'))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Rehearsal(brain="plays:play") as model:
        assert codex(model, "Hello?").messages == ["my own"]


def test_a_brain_that_is_not_there_is_said_with_a_way_on(capfd: pytest.CaptureFixture[str]) -> None:
    with Rehearsal(brain="no_such_module:play") as model, pytest.raises(EnvironmentLacking) as caught:
        _ = model.environment
    assert "--brain no_such_module:play" in (caught.value.next_step or "")
    assert "no_such_module" in capfd.readouterr().err


def test_an_unknown_option_is_a_usage_error() -> None:
    done = subprocess.run([sys.executable, "-m", "orchestra.rehearsal", "--port", "80"], capture_output=True, text=True)
    assert (done.returncode, "usage:" in done.stderr) == (1, True)


def test_the_folder_a_rehearsal_starts_in_lends_it_no_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ast.py", "json.py", "orchestra.py"):
        (tmp_path / name).write_text("raise SystemExit('the reviewed folder was imported')\n")
    monkeypatch.chdir(tmp_path)
    with Rehearsal() as model:
        assert model.environment[KEY_VARIABLE] == KEY


def _ask(model: StandIn, thread: str) -> socket.socket:
    body = json.dumps({"input": [{"role": "user", "content": "Hello."}]}).encode()
    connection = socket.create_connection(_address(model.url), timeout=30)
    connection.sendall(
        b"POST /v1/responses HTTP/1.1\r\nthread-id: %s\r\ncontent-length: %d\r\n\r\n" % (thread.encode(), len(body))
    )
    connection.sendall(body)
    return connection


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").removesuffix("/v1").partition(":")
    return host, int(port)


def _soon(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()
