"""One child in one PTY: what it stands on, how it is heard, how it ends."""

import gc
import hashlib
import os
import re
import select
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestra.workers.launch import inheritable_descriptors
from orchestra.workers.terminal import NotStarted, Terminal

from .children import DEVNULL, alive, run, sh, until_blocking


def play(terminal: Terminal) -> bytes:
    """Hear it to its end, as a loop would: the pidfd tells the exit, then comes what the kernel still holds."""
    poll = select.poll()
    poll.register(terminal.pidfd, select.POLLIN)
    poll.register(terminal.child_fd, select.POLLIN)
    heard = []
    while not terminal.reap():
        for descriptor, _ in poll.poll(30_000):
            if descriptor == terminal.child_fd:
                heard.append(terminal.take())
                if terminal.flag_eof:
                    poll.unregister(terminal.child_fd)
    while chunk := terminal.take():
        heard.append(chunk)
    terminal.close()
    return b"".join(heard)


def said(script: str, **how: Any) -> list[str]:
    return play(Terminal(sh(script, **how))).decode().splitlines()


def test_it_is_a_terminal_of_its_own() -> None:
    """A session of its own whose controlling terminal the PTY is; bytes come as they were written."""
    heard = play(Terminal(sh("tty <&1; ps -o sid=,pid=,tty= -p $$; stty size <&1; printf 'a\\nb\\n'")))
    assert b"\r" not in heard
    tty, process, size, *rest = heard.decode().splitlines()
    session, pid, controlling = process.split()
    assert tty == f"/dev/{controlling}"
    assert session == pid
    assert size == "24 80"
    assert rest == ["a", "b"]


def test_nothing_that_is_typed_comes_back() -> None:
    terminal = Terminal(sh("read line <&1; echo got $line"))
    assert terminal.sendline("hello") == 6
    assert play(terminal) == b"got hello\n"


def test_a_prompt_of_300_kilobytes_arrives_whole(tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.md"
    prompt.write_bytes(b"".join(b"%07d lines of a prompt\n" % n for n in range(13_000)))
    assert said("sha256sum", stdin=prompt) == [f"{hashlib.sha256(prompt.read_bytes()).hexdigest()}  -"]


def test_warnings_go_to_their_own_file(tmp_path: Path) -> None:
    assert said("echo event; echo warning >&2", stderr=tmp_path / "stderr.log") == ["event"]
    assert (tmp_path / "stderr.log").read_text() == "warning\n"
    assert (tmp_path / "stderr.log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["here", "a=b", "two words"])
def test_it_stands_where_it_was_asked_to(tmp_path: Path, name: str) -> None:
    """Also a program whose path env would take for a variable."""
    folder = tmp_path / name
    folder.mkdir()
    program = folder / "program"
    program.write_text('#!/bin/sh\npwd; echo "$1"\n')
    program.chmod(0o700)
    heard = play(Terminal(run(str(program), "x y", cwd=folder))).decode().splitlines()
    assert heard == [str(folder), "x y"]


def test_it_starts_with_default_signals() -> None:
    """Whatever its parent ignores or blocks: a worker under nohup must die with its terminal."""
    ignored = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ignored}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1})
    try:
        terminal = Terminal(run("/bin/grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in before.items():
            signal.signal(number, handler)
    masks = [int(line.split()[1], 16) for line in play(terminal).decode().splitlines()]
    real = sum(1 << (number - 1) for number in signal.valid_signals())  # the two others are glibc's own, ignored always
    assert [mask & real for mask in masks] == [0, 0]


def test_what_the_orchestrator_inherited_stays_with_it(tmp_path: Path) -> None:
    """A CI's pipe or a lock that a worker's forgotten child would keep open for ever."""
    reader, writer = os.pipe()
    try:
        code = """
            from orchestra.workers.terminal import Terminal
            from tests.workers.children import run
            from tests.workers.test_terminal import play
            print(play(Terminal(run("/bin/ls", "-l", "/proc/self/fd"))).decode())
        """
        heard = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)], pass_fds=[writer], capture_output=True, text=True, check=True
        ).stdout
    finally:
        os.close(reader)
        os.close(writer)
    opened = sorted(int(line.split(" -> ")[0].split()[-1]) for line in heard.splitlines() if " -> " in line)
    assert opened[:3] == [0, 1, 2]
    assert len(opened) == 4, heard  # the fourth is what ls reads the folder with


def test_its_own_descriptors_are_not_inheritable() -> None:
    terminal = Terminal(sh("sleep 100"))
    assert not set(inheritable_descriptors()) & {terminal.child_fd, terminal.pidfd}
    terminal.close()


def plain_file(folder: Path) -> Any:
    (folder / "plain").write_text("not a program")
    return run(str(folder / "plain"))


def broken_program(folder: Path) -> Any:
    (folder / "broken").write_bytes(b"\x7fELF, or so it says")
    (folder / "broken").chmod(0o700)
    return run(str(folder / "broken"))


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (lambda folder: run(str(folder / "nothing")), "nothing is not there"),
        (lambda folder: run(str(folder / ("x" * 300))), "x cannot be reached: File name too long"),
        (lambda folder: run(str(folder)), "is not a program that may be run"),
        (plain_file, "plain is not a program that may be run"),
        (broken_program, "could not be started: Exec format error"),
        (lambda folder: sh("cat", stdin=folder / "prompt.md"), "prompt.md cannot be read: No such file or directory"),
        (lambda folder: sh("true", stderr=folder / "no" / "stderr.log"), "no is not there"),
        (lambda folder: sh("true", stderr=folder / ("x" * 300) / "log"), "x is not there, or may not be entered"),
        (lambda folder: sh("true", cwd=folder / "no"), "no is not there"),
        (lambda folder: sh("true", cwd=folder / ("x" * 300)), "x is not there, or may not be entered"),
        (lambda folder: run(str(folder / "nothing"), cwd=folder), "nothing is not there or is not a program"),
        (lambda folder: sh("true", "x" * 200_000), "longer than the kernel takes"),
        (lambda folder: sh("true", "a\0b"), "cannot be passed on: embedded null byte"),
        (lambda folder: sh("true", "\ud800"), "cannot be passed on: 'utf-8' codec"),
        (lambda folder: sh("true", environment={"A=B": "x"}), "cannot be passed on: illegal environment"),
    ],
)
def test_what_cannot_be_started_says_why(tmp_path: Path, command: Callable[[Path], Any], sentence: str) -> None:
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(NotStarted, match=sentence) as refused:
        Terminal(command(tmp_path))
    assert not refused.value.want_of_room
    del refused
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


def test_a_pipe_for_a_prompt_keeps_nobody_waiting(tmp_path: Path) -> None:
    """To open one waits for its writer, and the orchestrator would wait with its child."""
    os.mkfifo(tmp_path / "pipe")
    assert said("cat; echo over", stdin=tmp_path / "pipe") == ["over"]


def test_interrupting_is_typing_it() -> None:
    terminal = Terminal(sh("trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.01; done"))
    until_blocking(lambda: terminal.take() == b"ready\n")
    terminal.interrupt()
    assert play(terminal) == b"caught\n"
    assert (terminal.exitstatus, terminal.signalstatus) == (7, None)


def test_an_end_by_signal() -> None:
    terminal = Terminal(sh("kill -KILL $$"))
    play(terminal)
    assert (terminal.exitstatus, terminal.signalstatus) == (None, signal.SIGKILL)


def test_letting_go_hangs_up() -> None:
    terminal = Terminal(run("/bin/sleep", "100"))
    pid = terminal.pid
    assert pid is not None
    terminal.close()
    until_blocking(lambda: not alive(pid))
    assert terminal.reap()
    assert terminal.signalstatus == signal.SIGHUP


def test_nothing_in_its_life_sleeps() -> None:
    """Neither closing nor being forgotten; pexpect's own sleep for 0.1 to 0.5 s in both."""
    slept = []

    def watch(frame: Any, event: str, function: Any) -> None:
        if event == "c_call" and function is time.sleep:
            slept.append(frame.f_code.co_qualname)

    sys.setprofile(watch)
    try:
        for script in ("exit 3", "sleep 100"):
            closed, forgotten = Terminal(sh(script)), Terminal(sh(script))
            closed.sendline("x")
            closed.close()
            pids = [closed.ptyproc.pid, forgotten.ptyproc.pid]
            del forgotten
            gc.collect()
            for pid in pids:
                os.waitpid(pid, 0)
    finally:
        sys.setprofile(None)
    assert slept == []


def test_a_status_that_somebody_else_took() -> None:
    terminal = Terminal(sh("exit 5"))
    os.waitpid(terminal.ptyproc.pid, 0)
    assert terminal.reap()
    told_by_the_kernel = terminal.status is not None  # Linux 6.15
    assert terminal.exitstatus == (5 if told_by_the_kernel else None)
    terminal.close()


def test_it_is_still_a_pexpect_spawn() -> None:
    terminal = Terminal(sh("echo name?; read name <&1; echo hello $name"))
    assert terminal.expect_exact([b"password?", b"name?"], timeout=20) == 1
    terminal.sendline("you")
    terminal.expect(rb"hello (\w+)", timeout=20)
    assert terminal.match is not None
    assert terminal.match.group(1) == b"you"  # type: ignore[union-attr]  # pexpect's stub knows EOF and TIMEOUT too
    terminal.wait()
    assert terminal.exitstatus == 0
    terminal.close()


def test_it_says_what_it_is() -> None:
    terminal = Terminal(sh("printf %3210s x; sleep 100"), "w2-security")
    until_blocking(lambda: (terminal.take(), terminal.taken == 3210)[1])
    assert re.fullmatch(rf"<Terminal w2-security: running, pid {terminal.pid}, \d+ s, 3 kB>", repr(terminal))
    terminal.signal_group(signal.SIGTERM)
    until_blocking(terminal.reap)
    assert repr(terminal) == "<Terminal w2-security: ended by SIGTERM, 3 kB>"
    terminal.close()
    done = Terminal(run("/bin/true", stdin=DEVNULL))
    play(done)
    assert repr(done) == "<Terminal child: exited with 0, 0 B>"
