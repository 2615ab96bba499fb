"""Whether codex's own sandbox can run a command on this machine; in many containers it cannot."""

import subprocess
from collections.abc import Mapping

from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.engines.environment import worker_environment

PATIENCE = 10.0
"""Seconds; a working sandbox answers in 0.05."""
SPELLINGS = (("sandbox", "--"), ("sandbox", "linux", "--"))
"""How the command is spelt in newer and in older versions."""


def trouble(codex: CodexBinary, environ: Mapping[str, str]) -> str | None:
    """Why a command cannot run in the sandbox; None: it can."""
    said = ""
    for spelling in SPELLINGS:
        try:
            done = subprocess.run(
                [codex.path, *spelling, "/bin/echo", "it works"],
                env=worker_environment(environ, {}, (), "doctor"),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error)
            continue
        if done.returncode == 0 and "it works" in done.stdout:
            return None
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
        said = " ".join(lines[:2]) or f"exit {done.returncode}"  # of a panic, the second line says why
    return said
