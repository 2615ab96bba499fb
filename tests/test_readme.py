"""The README from top to bottom, as somebody types it: each command, each Python block, and what is shown of them."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from orchestra.rehearsal import Rehearsal

CHECKOUT = Path(__file__).parent.parent
ELSEWHERE = re.compile(r"python3 -m venv|pipx |uv |uvx |python -m tests\.bench")
"""Lines that other tests run: `.ci/run` the two that make an environment, the packaging tests the installers."""
EXIT = re.compile(r"\s+# exit (?P<status>\d+)\b.*$")
"""`orchestra review src/ --fail-on high  # exit 1: ...`; without one, 0."""
PROJECT = {
    "src/cart.py": (
        "import subprocess\n\n\ndef total(prices=[]):\n    prices.append(0)\n    return sum(prices)\n\n\n"
        "def receipt(name):\n    subprocess.run('lpr ' + name, shell=True)\n\n\n"
        "def parse(text):\n    try:\n        return int(text)\n    except:\n        pass\n"
    ),
    "src/README.md": "# Cart\n\nAdds prices.\n",
    "tests/test_cart.py": "import sys\nsys.path.append('src')\nfrom cart import total\n\nassert total([1, 2]) == 3\n",
    "PLAN.md": "# Plan\n\nMove the cart to a queue by Friday. Nobody owns the rollback yet.\n",
}
"""Of somebody who has just found orchestra."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line it begins in."""

    language: str
    text: str
    line: int


def blocks(file: Path) -> Iterator[Block]:
    """All fenced blocks of a document."""
    for token in MarkdownIt().parse(file.read_text(encoding="utf-8")):
        if token.type == "fence":
            assert token.map is not None
            yield Block(token.info.strip(), token.content, token.map[0] + 1)


def commands(text: str) -> Iterator[tuple[str, int]]:
    """Each command of a shell block, with the exit status it says it has; a line that ends in `\\` goes on."""
    for line in text.replace("\\\n", " ").splitlines():
        said = EXIT.search(line)
        command = EXIT.sub("", line).strip()
        if command and not command.startswith("#"):
            yield command, int(said["status"]) if said else 0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of theirs."""
    folder = tmp_path_factory.mktemp("shop")
    for name, text in PROJECT.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "The cart"]):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A codex that is logged in, as far as it can tell, and the command on the PATH."""
    bin = tmp_path_factory.mktemp("bin")
    orchestra = bin / "orchestra"
    orchestra.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m orchestra "$@"\n')
    orchestra.chmod(0o755)
    (bin / "python").symlink_to(sys.executable)
    if found := shutil.which("chromium"):
        (bin / "xdg-open").symlink_to(found)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRA")}
    with Rehearsal() as model:
        yield {**kept, **model.environment, "PATH": f"{bin}:{os.environ['PATH']}", "PYTHONPATH": str(CHECKOUT)}


def ran(command: list[str], project: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.timeout(600)
def test_everything_in_the_readme_does_what_it_says(project: Path, environment: dict[str, str]) -> None:
    said = ""
    for block in blocks(CHECKOUT / "README.md"):
        where = f"README.md:{block.line}"
        if block.language == "sh":
            for command, status in commands(block.text):
                if not ELSEWHERE.match(command):
                    done = ran(["bash", "-o", "pipefail", "-c", command], project, environment)
                    assert done.returncode == status, f"{where}: {command}: {done}"
                    said = done.stdout
        elif block.language == "python":
            named = re.search(r"@pattern\(\"(\w+)\"", block.text)
            if named:
                (project / f"{named[1]}.py").write_text(block.text)
            done = ran([sys.executable, "-c", block.text], project, environment)
            assert done.returncode == 0, f"{where}: {done}"
            said = done.stdout
        elif block.language == "text":
            for line in block.text.splitlines():
                assert plainly(line) in plainly(said), f"{where}: {line!r} is not in what was printed:\n{said}"


def plainly(text: str) -> str:
    """Without what differs from run to run: ids, times, tokens, and how wide the terminal was."""
    text = re.sub(r"\d{8}-\d{6}-([a-z-]+)-[0-9a-f]{4}", r"RUN-\1", text)
    text = re.sub(r"\bf-[0-9a-f]{4,}", "f-ID", text)
    text = re.sub(r"\d[\d,.]*( ?(s|min|h|tokens|k|M)\b)", r"N\1", text)
    return " ".join(re.sub(r"[─━│╭╮╰╯]+", " ", text).split())
