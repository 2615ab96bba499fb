"""A project to stand in, the real command to type there, and workers that do as the test says."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect

from tests.cli.warm import Warm

ORCHESTRA = [sys.executable, "-P", "-m", "orchestra"]

WORKER = r"""
prompt=$(cat)
lens=$(printf '%s' "$prompt" | sed -n 's/^LENS: //p' | head -1 | tr A-Z a-z)
here=$(dirname "$0")
printf '%s\n' "$lens" >> "$here/asked"
echo
while [ -e "$here/hold-$lens" ]; do sleep 0.02; done
if [ -e "$here/fail-$lens" ]; then cat "$here/fail-$lens" >&2; exit 3; fi
cat "$here/message.json"
"""

NOTHING = {"summary": "Fine. Nothing to say.", "findings": []}
ONE_HIGH = {
    "summary": "Not fine. One thing.",
    "findings": [
        {
            "title": "The list is shared",
            "severity": "high",
            "confidence": 0.9,
            "category": "state",
            "locations": [
                {"path": "src/a.py", "start_line": 1, "end_line": 1, "quote": "def add(item, to=[]):"},
            ],
            "problem": "Every call without `to` adds to the same list.",
            "recommendation": "Default to None.",
            "rewrite": None,
        }
    ],
}


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for an event, with a bound."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"it did not happen within {seconds} s"
        time.sleep(0.01)


class House:
    """A project with two files to review, and `workers/`, whose files say how each lens's worker behaves."""

    def __init__(self, folder: Path, warm: Warm) -> None:
        self._warm = warm
        self.project = folder / "project"
        self.stage = folder / "workers"
        (self.project / "src").mkdir(parents=True)
        self.stage.mkdir()
        (self.project / "src/a.py").write_text("def add(item, to=[]):\n    to.append(item)\n    return to\n")
        (self.project / "src/b.py").write_text("print('b')\n")
        (self.stage / "worker.sh").write_text(WORKER)
        engine = json.dumps(["sh", str(self.stage / "worker.sh")])
        (self.project / "orchestra.toml").write_text(f'engine = "stub"\n[engines]\nstub = {engine}\n')
        self.says(NOTHING)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORCHESTRA", "_ORCHESTRA"))}
        kept |= {"XDG_CONFIG_HOME": str(folder / "config"), "HOME": str(folder)}
        self.environment = {name: value for name, value in kept.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        self._children: list[subprocess.Popen[str]] = []
        self._spawned: list[pexpect.spawn[str]] = []

    # ── how workers behave ───────────────────────────────────────────────────────────────────────────────────────────

    def says(self, message: object) -> None:
        """What every worker answers from now on."""
        (self.stage / "message.json").write_text(json.dumps(message))

    def hold(self, *lenses: str) -> None:
        """Workers with these lenses do not answer before they are let go."""
        for lens in lenses:
            (self.stage / f"hold-{lens}").touch()

    def let_go(self, *lenses: str) -> None:
        for lens in lenses:
            (self.stage / f"hold-{lens}").unlink()

    def fails(self, lens: str, words: str = "no luck") -> None:
        """The worker with this lens exits with 3."""
        (self.stage / f"fail-{lens}").write_text(words)

    def works(self, lens: str) -> None:
        (self.stage / f"fail-{lens}").unlink()

    def asked(self) -> list[str]:
        """The lenses of all workers that were started, in order."""
        file = self.stage / "asked"
        return file.read_text().split() if file.exists() else []

    # ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, *words: str, exit: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Type a command, wait for its end, check its exit status."""
        done = self._warm.run(words, self.project, self.environment)
        assert exit is None or done.returncode == exit, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *words: str, exit: int = 0) -> Any:
        """The JSON a command prints."""
        told = json.loads(self.run(*words, "--json", exit=exit).stdout)
        assert told["schema_version"] == 1
        return told

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        """Type a command and go on."""
        child = subprocess.Popen(
            [*ORCHESTRA, *words],
            cwd=self.project,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )
        self._children.append(child)
        return child

    def at_a_terminal(
        self, *words: str, columns: int = 100, rows: int = 30, environment: dict[str, str] | None = None
    ) -> "pexpect.spawn[str]":
        """Type a command at a terminal of this size."""
        child: pexpect.spawn[str] = pexpect.spawn(
            ORCHESTRA[0],
            [*ORCHESTRA[1:], *words],
            cwd=str(self.project),
            env={**self.environment, "TERM": "xterm-256color", **(environment or {})},
            dimensions=(rows, columns),
            encoding="utf-8",
            timeout=30,
        )
        self._spawned.append(child)
        return child

    def spawned(self, child: "pexpect.spawn[str]") -> None:
        """A program at a terminal that is to end with the house."""
        self._spawned.append(child)

    def review(self, *words: str, lenses: str = "risk,clarity", exit: int = 0) -> str:
        """A whole review; the id of its run."""
        self.run("review", "src", "--lenses", lenses, *words, exit=exit)
        return self.runs()[-1].name

    def running(self, *held: str, lenses: str = "risk,clarity") -> tuple[subprocess.Popen[str], str]:
        """A review whose held workers are at work and whose others have answered; its process, its id."""
        self.hold(*held)
        before, asked = len(self.runs()), len(self.asked())
        child = self.start("review", "src", "--lenses", lenses)
        until(lambda: len(self.runs()) > before)
        run = self.runs()[-1]
        workers = lenses.split(",")
        until(lambda: len(self.asked()) == asked + len(workers))
        until(lambda: self.events(run, "ended") == len(set(workers) - set(held)))
        return child, run.name

    # ── what is there ────────────────────────────────────────────────────────────────────────────────────────────────

    def runs(self) -> list[Path]:
        """The folders of all runs, oldest first."""
        folders = (self.project / ".orchestra/runs").glob("[0-9]*")
        records = [folder / "run.json" for folder in folders if (folder / "run.json").exists()]
        return [
            record.parent for record in sorted(records, key=lambda file: (file.parent.name[:15], file.stat().st_mtime))
        ]

    @staticmethod
    def events(run: Path, kind: str) -> int:
        """How many events of a kind its log has."""
        log = run / "events.jsonl"
        return log.read_text().count(f'"kind":"{kind}"') if log.exists() else 0

    def snapshot(self) -> dict[str, tuple[int, bytes]]:
        """Every file of the state folder, to show that nothing was changed."""
        files = [file for file in (self.project / ".orchestra").rglob("*") if file.is_file() and not file.is_symlink()]
        return {str(file): (file.stat().st_mode, file.read_bytes()) for file in files}

    @contextlib.contextmanager
    def emptied(self) -> Iterator["House"]:
        """At the end nothing that was started here is left."""
        try:
            yield self
        finally:
            for file in self.stage.glob("hold-*"):
                file.unlink()
            for child in self._children:
                with contextlib.suppress(ProcessLookupError):
                    child.send_signal(signal.SIGKILL)
                child.communicate()
            for spawned in self._spawned:
                spawned.close(force=True)
            for owner in owners(self.project):
                os.kill(owner, signal.SIGKILL)


def owners(project: Path) -> list[int]:
    """The processes that own detached runs of a project."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == project:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                found += [int(entry.name)] if b"own" in words and b"--lock" in words else []
    return found


def without_signs(text: str) -> str:
    """What a terminal was sent, without the sequences that steer it."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\r", "", text)
