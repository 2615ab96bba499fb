"""The live board at real terminals, and what ^C does there."""

import importlib.util
import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pexpect
import pytest

from orchestra.workers.pool import GRACE
from tests.absent import absent
from tests.cli.house import ORCHESTRA, House, until, without_signs

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|9[0-7])")


class Terminals:
    """A tmux of the test's own: terminals whose screen can be read."""

    def __init__(self, house: House, socket: Path) -> None:
        self.house, self.socket = house, socket

    def open(self, name: str, columns: int, rows: int, *words: str) -> None:
        """Type a command at a terminal of this size; the window stays when it has ended."""
        size = ["-x", str(columns), "-y", str(rows)]
        self._tmux("new-session", "-d", "-s", name, *size, "-c", str(self.house.project), "sh")
        line = " ".join([*ORCHESTRA, *words])
        self.type(name, f"PS1=; clear; {line}; echo exit=$?", "Enter")

    def type(self, name: str, *keys: str) -> None:
        self._tmux("send-keys", "-t", name, *keys)

    def screen(self, name: str) -> list[str]:
        """The lines one sees."""
        return self._tmux("capture-pane", "-p", "-t", name).rstrip("\n").split("\n")

    def shows(self, name: str, what: str) -> bool:
        return any(what in line for line in self.screen(name))

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self.socket), "-f", "/dev/null", *words],
            env=self.house.environment | {"LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


@pytest.fixture
def terminals(house: House, tmp_path: Path) -> Iterator[Terminals]:
    if shutil.which("tmux") is None:
        absent("tmux is not there")
    socket = Path("/tmp") / f"orchestra-test-{uuid.uuid4().hex[:8]}"
    try:
        yield Terminals(house, socket)
    finally:
        subprocess.run(["tmux", "-S", str(socket), "kill-server"], capture_output=True, check=False)
        socket.unlink(missing_ok=True)


def test_the_board_at_60_100_and_200_columns_and_lines_at_40(house: House, terminals: Terminals) -> None:
    house.hold("risk", "security")
    run = house.json("review", "src", "--lenses", "risk,clarity,security,testing", "--at-once", "3", "--detach")["run"]
    until(lambda: "testing" in house.asked())
    until(lambda: house.json("status", run)["counts"].get("answered") == 2)
    for columns in (40, 60, 100, 200):
        terminals.open(f"at{columns}", columns, 24, "attach", run)
    for columns in (60, 100, 200):
        until(lambda columns=columns: terminals.shows(f"at{columns}", "2 running, 2 answered"))  # type: ignore[misc]  # mypy cannot type a default of a lambda
        screen = terminals.screen(f"at{columns}")
        start = next(number for number, line in enumerate(screen) if line.startswith("review of src"))
        assert screen[start : start + 4] == [
            "review of src through risk, clarity, security, testing"[: columns - 1],
            "▸ Review through each lens",
            "· Merge the findings",
            "",
        ]
        rows = screen[start + 4 : start + 8]
        assert [row.split()[:2] for row in rows] == [
            ["w1-risk", "running"],
            ["w2-clarity", "answered"],
            ["w3-security", "running"],
            ["w4-testing", "answered"],
        ]
        assert len({row.index(state) for row, state in zip(rows, ["running", "answered"] * 2, strict=True)}) == 1
        assert screen[start + 10] == "^C leaves; the run goes on"
    until(lambda: terminals.shows("at40", "w4-testing  answered"))
    assert not terminals.shows("at40", "running")

    house.let_go("risk", "security")
    for columns in (40, 60, 100, 200):
        until(lambda columns=columns: terminals.shows(f"at{columns}", "exit=0"))  # type: ignore[misc]  # as above
    left = terminals.screen("at200")
    assert left[0] == f"run {run}"
    assert left[1].startswith("complete: 4 answered"), "the board leaves nothing behind"
    assert left[2] == "review of src through risk, clarity, security, testing"


def test_control_c_once_keeps_what_was_answered_and_says_how_to_go_on(house: House) -> None:
    house.hold("risk")
    board = house.at_a_terminal("review", "src", "--lenses", "risk,clarity")
    board.expect("w2-clarity[^\n]*answered")
    board.expect_exact("^C stops the workers; what was answered is kept")
    board.sendintr()
    board.expect_exact("Stopping: the workers are asked to stop")
    board.expect(pexpect.EOF)
    board.close()
    assert board.exitstatus == 130
    run = house.runs()[-1]
    said = without_signs(str(board.before))
    assert "Stopped: 1 of 2 workers did not answer: w1-risk (stopped)." in said
    assert said.rstrip().splitlines()[-1] == f"go on: orchestra resume {run.name}"
    assert json.loads((run / "report.json").read_text())["state"] == "stopped"

    house.let_go("risk")
    house.run("resume", run.name)
    assert house.asked().count("clarity") == 1


def test_control_c_twice_ends_workers_that_do_not_listen(house: House) -> None:
    """Workers that ignore ^C and SIGTERM get some seconds; a second ^C takes them away."""
    deaf = "command:sh -c 'trap \"\" INT TERM; echo; while :; do sleep 0.1; done'"
    board = house.at_a_terminal("review", "src", "--lenses", "risk", "--engine", deaf)
    board.expect("w1-risk[^\n]*running")
    board.sendintr()
    board.expect_exact("Stopping: the workers are asked to stop")
    board.sendintr()
    board.expect(pexpect.EOF)
    board.close()
    assert board.exitstatus == 130
    events = [json.loads(line) for line in (house.runs()[-1] / "events.jsonl").read_text().splitlines()]
    at = {event["kind"]: datetime.fromisoformat(event["at"]) for event in events}
    assert (at["ended"] - at["stop_asked"]).total_seconds() < GRACE / 3, "it waited for the deaf"
    assert "w1-risk (stopped)" in without_signs(str(board.before))


def test_without_colour_there_is_none(house: House) -> None:
    for wanted, said in ((True, "FORCE_NOTHING"), (False, "NO_COLOR")):
        board = house.at_a_terminal("review", "src", "--lenses", "risk", environment={said: "1"})
        board.expect(pexpect.EOF)
        board.close()
        assert board.exitstatus == 0
        assert bool(COLOUR.search(str(board.before))) is wanted


def test_where_nothing_can_be_redrawn_each_change_is_a_line(house: House) -> None:
    house.fails("risk", "the model said \x1b[2J\x1b]0;gone\x07 and \u202eleft")
    said = house.run("review", "src", "--lenses", "risk,clarity", exit=4)
    lines = said.stderr.splitlines()
    run = house.runs()[-1].name
    assert lines[:2] == [f"run {run}", "Review through each lens"]
    assert lines.count("  w2-clarity  started") == lines.count("  w2-clarity  answered") == 1
    assert lines[-1] == f"go on: orchestra resume {run}"
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", said.stderr)
    dumb = house.at_a_terminal("status", "--watch", environment={"TERM": "dumb"})
    dumb.expect(pexpect.EOF)
    dumb.close()
    assert "\x1b" not in str(dumb.before)


def test_what_a_worker_says_never_steers_the_terminal(house: House) -> None:
    house.hold("risk")
    talker = "command:sh -c 'printf \"\\033[2J\\033]0;mine\\007\"; sleep 1; exit 3'"
    board = house.at_a_terminal("review", "src", "--lenses", "risk", "--engine", talker)
    board.expect(pexpect.EOF)
    board.close()
    assert board.exitstatus == 4
    assert "\x1b[2J" not in str(board.before)
    assert "\x1b]0;" not in str(board.before)


def test_a_terminal_that_goes_away_ends_its_run_in_an_orderly_way(house: House) -> None:
    house.hold("risk")
    board = house.at_a_terminal("review", "src", "--lenses", "risk,clarity")
    board.expect("w2-clarity[^\n]*answered")
    # The window is closed: the kernel hangs up.
    board.ptyproc.fileobj.close()  # type: ignore[attr-defined]  # pexpect has it, its types leave it out
    report = house.runs()[-1] / "report.json"
    until(report.exists)
    assert json.loads(report.read_text())["state"] == "stopped"
    until(lambda: house.json("status")["state"] == "stopped")


def test_the_board_over_the_real_codex_tells_what_it_is_at_and_what_it_cost(house: House) -> None:
    if shutil.which("codex") is None and importlib.util.find_spec("codex_cli_bin") is None:
        absent("there is no codex: install the extra `codex`")
    board = house.at_a_terminal("review", "src", "--lenses", "risk", "--engine", "codex", "--rehearse")
    board.expect("w1-risk[^\n]*running[^\n]*(thinking|reading|running|writing)", timeout=60)
    board.expect("complete: 1 answered, [0-9,]+ tokens", timeout=60)
    board.expect_exact("Rehearsed")
    board.expect(pexpect.EOF)
    board.close()
    assert board.exitstatus == 0
    told = house.json("show", "last", "w1")["worker"]
    assert told["usage"]["input_tokens"] > 0
    assert sorted(told["attempts"][0]["files_read"]) == ["src/a.py", "src/b.py"]
    page = house.run("show", "last", "w1").stdout
    assert "asked as  reviewer, risk" in page
    assert "codex resume" not in page, "the rehearsal's CODEX_HOME is gone"
    assert "Model metadata" not in page
    assert " complete, rehearsed " in house.run("runs").stdout
