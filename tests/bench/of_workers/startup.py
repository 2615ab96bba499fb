"""What a person waits for before anything begins: the command line's own start, against an empty Python."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

from .rows import Row, interleaved, ratio, skipped

GROUP = "start-up, against `python -c pass`"


def _seconds(line: list[str], environment: Mapping[str, str], succeeds: bool = True) -> float:
    # What pip installs has its bytecode beside it; a checkout gets it with the first run, unless that is forbidden.
    around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    ran = subprocess.run(line, env={**around, **environment}, capture_output=True, check=False)
    took = time.perf_counter() - began
    if succeeds and ran.returncode != 0:
        raise RuntimeError(f"{line} failed: {ran.stderr.decode()[-500:]}")
    return took


def measure(quick: bool, said: Callable[[str], None]) -> list[Row]:
    beside = Path(sys.executable).with_name("orchestra")
    orchestra = str(beside) if beside.exists() else shutil.which("orchestra")
    lines: dict[str, tuple[list[str], dict[str, str], float | None]] = {
        "python -c pass": ([sys.executable, "-c", "pass"], {}, None),
        "import orchestra": ([sys.executable, "-c", "import orchestra"], {}, 1.5),
    }
    rows = []
    if orchestra is None:
        rows.append(skipped(GROUP, "orchestra", "the command is not installed"))
    else:
        completing = {"_ORCHESTRA_COMPLETE": "complete_bash", "COMP_WORDS": "orchestra rev", "COMP_CWORD": "1"}
        lines |= {
            "orchestra --version": ([orchestra, "--version"], {}, 1.8),
            "shell completion": ([orchestra], completing, 8.0),
            "orchestra --help": ([orchestra, "--help"], {}, 15.0),
        }
    contenders = {}
    for name, (line, environment, _) in lines.items():
        try:
            _seconds(line, environment)  # whether it works at all, and once for the disk's cache
        except (RuntimeError, OSError) as error:
            rows.append(skipped(GROUP, name, str(error).replace("\n", " ")[:200]))
        else:
            contenders[name] = partial(_seconds, line, environment)
    figures = interleaved(contenders, 5 if quick else 21, lambda what: said(f"start-up: {what}"))
    base = figures["python -c pass"]
    for name, found in figures.items():
        rows.append(Row(GROUP, name, 1000 * median(found), "ms", ratio(found, base), lines[name][2]))
    return rows
