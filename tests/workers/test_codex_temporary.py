"""Whoever may write near the user's files does not write in a folder that is everybody's."""

from pathlib import Path

import pytest

from orchestra.brief.ask import Scope
from orchestra.workers.engines.codex_temporary import own_temporary
from orchestra.workers.task import WorkerTask

HOME = Path("/home/ada")
STORIES = [
    ("a project of the user's", HOME / "project", {}, Scope.WRITE, False),
    ("in /tmp", Path("/tmp/project"), {}, Scope.WRITE, True),
    ("a throw-away copy in /tmp", Path("/tmp/project"), {}, Scope.SCRATCH, True),
    ("a reader in /tmp", Path("/tmp/project"), {}, Scope.READ, False),
    ("in the user's own $TMPDIR", HOME / "tmp/project", {"TMPDIR": str(HOME / "tmp")}, Scope.WRITE, True),
    ("beside it", HOME / "tmp2/project", {"TMPDIR": str(HOME / "tmp")}, Scope.WRITE, False),
    ("a $TMPDIR that is empty", HOME / "project", {"TMPDIR": ""}, Scope.WRITE, False),
    ("a path that only seems to lie there", Path("/tmp/../home/ada/project"), {}, Scope.WRITE, False),
]


@pytest.mark.parametrize(("what", "cwd", "environ", "scope", "own"), STORIES, ids=[story[0] for story in STORIES])
def test_who_gets_a_temporary_folder_of_its_own(
    what: str, cwd: Path, environ: dict[str, str], scope: Scope, own: bool
) -> None:
    task = WorkerTask(label="w1-x", prompt="", folder=HOME / "run/attempt-1", cwd=cwd, scope=scope)
    assert own_temporary(task, environ) == (HOME / "run/attempt-1/tmp" if own else None)
