"""The empty file that older codexes leave in a writer's tree: it is told and committed as nobody's change."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from orchestra.brief.ask import Scope
from orchestra.workers.engines.codex import CodexEngine
from orchestra.workers.pool import Ending
from orchestra.workers.task import WorkerTask

from .codex_stage import CodexStage
from .stub_codex import ANSWER, stub_codex

# the version, the scope, what lies in the tree, whether the empty file stays
MOUNT_POINTS = {
    "codex's own": ("0.125.0", Scope.WRITE, "", False),
    "codex's own, in a throw-away copy": ("0.122.0", Scope.SCRATCH, "", False),
    "there before": ("0.125.0", Scope.WRITE, "touch .codex", True),
    "a link there before": ("0.125.0", Scope.WRITE, "ln -s nowhere .codex", True),
    "a newer codex, which makes none": ("0.128.0", Scope.WRITE, "", True),
    "a reader, who can make none": ("0.125.0", Scope.READ, "", True),
}


@pytest.mark.parametrize("story", MOUNT_POINTS)
def test_what_codex_itself_leaves_in_the_tree_is_no_change_of_the_workers(tmp_path: Path, story: str) -> None:
    """An empty file `.codex`: the mount point of its sandbox, up to 0.125."""
    version, scope, before, stays = MOUNT_POINTS[story]
    tree = tmp_path / "tree"
    tree.mkdir()
    subprocess.run(["sh", "-c", before], cwd=tree, check=True)
    making = f"[ -L '{tree}/.codex' ] || touch '{tree}/.codex'"
    engine = CodexEngine(codex=stub_codex(tmp_path, making, *ANSWER, version=version))
    task = WorkerTask(label="w1", prompt="?", folder=tmp_path / "attempt-1", cwd=tree, scope=scope)
    assert asyncio.run(CodexStage.live(engine, task)).answered
    assert (tree / ".codex").is_symlink() or (tree / ".codex").exists() is stays


def test_whoever_takes_the_attempt_up_later_clears_it_too(tmp_path: Path) -> None:
    """The orchestrator died between the answer and the seal: the file lies there when the log is read again."""
    engine = CodexEngine(codex=stub_codex(tmp_path, *ANSWER, version="0.125.0"))
    task = WorkerTask(label="w1", prompt="?", folder=tmp_path / "attempt-1", cwd=tmp_path, scope=Scope.WRITE)
    asyncio.run(CodexStage.live(engine, task))
    (tmp_path / ".codex").touch()
    again = engine.reader(task)
    again.heard(task.files.events.read_bytes())
    assert again.result(Ending(seconds=0.0)).answered
    assert not (tmp_path / ".codex").exists()
