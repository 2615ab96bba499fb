"""The orchestrator of real codex writers is killed: finished work is committed, unfinished work is kept to read."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestra.crew.forget import forget
from orchestra.crew.integrate import integrate
from orchestra.crew.run_folder import RunFolder
from orchestra.rehearsal import Run, Say, Script, Silence, StandIn, Write, otherwise, when
from tests.crew.repositories import git, repository, seen, write
from tests.crew.stopping_git import stopping_git
from tests.crew.theatre import asked, killed, only_run, orchestrator, played, processes_of, until
from tests.crew.writers import changes, seal

TREE = "/attempt-1/tree"
RESUME = "print(orchestra.resume().wait(60).state)"


def start(*rounds: list[dict[str, Any]]) -> str:
    return f"from tests.crew import write_plays\norchestra.start(write_plays.rounds, asks={list(rounds)!r}).wait(60)"


@pytest.fixture
def project() -> Iterator[Path]:
    """A repository with work that is not committed, where codex's sandbox lets nobody write: not in /tmp."""
    folder = Path(tempfile.mkdtemp(prefix="orchestra-test-", dir="/var/tmp"))
    made = repository(folder / "project")
    write(made, "one.txt", "changed\n")
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def worktrees(project: Path) -> int:
    return git(project, "worktree", "list", "--porcelain").count("worktree ")


WRITER = [{"prompt": "Write new.py.", "scope": "write"}]
WRITES = when("Write new.py", Write("new.py", "x = 1\n"), Say("written"))


@pytest.mark.parametrize("place", ["/var/tmp", "/tmp"])
def test_the_real_codex_writes_in_its_tree_and_nowhere_else(place: str, tmp_path: Path) -> None:
    """Not even where the project lies in /tmp, in which codex's sandbox lets every writer write."""
    folder = Path(tempfile.mkdtemp(prefix="orchestra-test-", dir=place))
    project = repository(folder / "project")
    write(project, "one.txt", "changed\n")
    mine = (
        "git -c user.name=w -c user.email=w@w commit -a -m mine",
        f"echo mine >> {project}/one.txt",
        f"touch {project}/.git/mine",
        "touch .git/mine",
        "mv .git mine",
    )
    fine = ("echo more >> one.txt", "mktemp")
    script = Script(otherwise(Write("new.py", "x = 1\n"), *map(Run, (*mine, *fine)), Say("written")))
    before = seen(project)
    try:
        with StandIn(script, home=tmp_path / "home") as model:
            played(project, start(WRITER), model)
        run = RunFolder(only_run(project))
        assert seen(project) == before
        made = changes(run, "w1-implementer")
        assert {file.path: file.kind for file in made.files} == {"new.py": "added", "one.txt": "changed"}
        assert git(project, "rev-list", "--count", f"HEAD..{made.branch}") == "2"  # the snapshot and the orchestrator's
        result = seal(run, "w1-implementer").result
        worked = [one.command for one in result.commands if one.exit_code == 0]
        assert not [command for command in worked if any(tried in command for tried in mine)], worked
        assert [tried for tried in fine if any(tried in command for command in worked)] == list(fine)
        assert [(change.path, change.kind) for change in result.files_changed] == [
            ("new.py", "added"),
            ("one.txt", "changed"),
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def killed_at(project: Path, ask: list[dict[str, Any]], model: StandIn, folder: Path, at: str, where: str) -> Path:
    """A run whose orchestrator was killed while its git was at something."""
    with (
        stopping_git(folder, at, where) as (environment, reached),
        orchestrator(project, start(ask), model, environment) as victim,
    ):
        run = only_run(project)
        until(reached.exists)
        killed(victim, run)
    return run


@pytest.mark.parametrize("at", ["diff-files", "write-tree", "commit-tree", "update-ref"])
def test_a_writer_that_had_finished_is_committed_and_not_paid_again(at: str, project: Path, tmp_path: Path) -> None:
    with StandIn(Script(WRITES), home=tmp_path / "home") as model:
        run = killed_at(project, WRITER, model, tmp_path / "bin", at, TREE)
        folder = RunFolder(run)
        assert folder.seal("w1-implementer", 1) is None

        assert played(project, RESUME, model) == "complete"

        assert asked(model).total() == 1
    assert seal(folder, "w1-implementer").exit_seen is False
    made = changes(folder, "w1-implementer")
    assert [file.path for file in made.files] == ["new.py"]
    assert git(project, "rev-parse", str(made.branch)) == made.commit
    assert git(project, "show", f"{made.commit}:one.txt") == "changed"
    assert folder.attempts("w1-implementer") == [1]


@pytest.mark.parametrize("scope", ["write", "scratch"])
def test_an_unfinished_worker_is_asked_anew_on_a_fresh_tree(scope: str, project: Path, tmp_path: Path) -> None:
    script = Script(when("Write new.py", Write("half.py", "x = \n"), Silence(), threads=1), WRITES)
    ask = [{"prompt": "Write new.py.", "scope": scope}]
    before = seen(project)
    with StandIn(script, home=tmp_path / "home") as model:
        with orchestrator(project, start(ask), model) as victim:
            run = only_run(project)
            until((run / "workers/w1-implementer/attempt-1/tree/half.py").exists)
            killed(victim, run)
        folder = RunFolder(run)
        assert played(project, RESUME, model) == "complete"
        assert asked(model).total() == 2
    first = folder.attempt("w1-implementer", 1)
    assert not first.tree.exists()
    assert first.patch.exists() is (scope == "write")
    assert scope == "scratch" or "+x = " in first.patch.read_text()
    made = changes(folder, "w1-implementer", 2)
    assert [file.path for file in made.files] == ["new.py"]
    assert worktrees(project) == (2 if scope == "write" else 1)
    branches = git(project, "branch", "--list", "orchestra/*", "--format=%(objectname)").split()
    assert branches == ([made.commit] if scope == "write" else [])
    assert seen(project) == before


@pytest.mark.parametrize("at", ["read-tree", "worktree"])
def test_a_tree_that_was_half_made_is_made_again(at: str, project: Path, tmp_path: Path) -> None:
    where = TREE if at == "read-tree" else "/project"
    before = seen(project)
    with StandIn(Script(WRITES), home=tmp_path / "home") as model:
        run = killed_at(project, WRITER, model, tmp_path / "bin", at, where)
        assert played(project, RESUME, model) == "complete"
        assert asked(model).total() == 1
    folder = RunFolder(run)
    assert [file.path for file in changes(folder, "w1-implementer", 2).files] == ["new.py"]
    assert worktrees(project) == 2
    assert seen(project) == before


@pytest.mark.parametrize("at", ["diff-files", "ls-files"])
def test_a_throw_away_tree_is_gone_after_the_resume(at: str, project: Path, tmp_path: Path) -> None:
    ask = [{"prompt": "Write new.py.", "scope": "scratch", "role": "verifier"}]
    with StandIn(Script(WRITES), home=tmp_path / "home") as model:
        run = killed_at(project, ask, model, tmp_path / "bin", at, TREE)
        folder = RunFolder(run)
        assert folder.attempt("w1-verifier", 1).tree.exists()
        assert played(project, RESUME, model) == "complete"
        assert asked(model).total() == 1
    assert not folder.attempt("w1-verifier", 1).tree.exists()
    assert [file.path for file in changes(folder, "w1-verifier").files] == ["new.py"]
    assert "What it changed was thrown away: new.py" in seal(folder, "w1-verifier").result.notes
    assert worktrees(project) == 1


def test_a_killed_run_is_taken_up_where_the_project_was_moved_to(project: Path, tmp_path: Path) -> None:
    with StandIn(Script(WRITES), home=tmp_path / "home") as model:
        killed_at(project, WRITER, model, tmp_path / "bin", "commit-tree", TREE)
        moved = project.rename(project.parent / "moved")
        assert played(moved, RESUME, model) == "complete"
        assert asked(model).total() == 1
    folder = RunFolder(only_run(moved))
    made = changes(folder, "w1-implementer")
    assert git(moved, "rev-parse", str(made.branch)) == made.commit
    git(moved, "checkout", "--quiet", "--", ".")
    assert integrate(folder)[0].conflict is None
    assert forget(folder) == ()
    assert not (moved / ".git/worktrees").exists()


def test_a_stopped_writer_leaves_nothing_but_its_patch(project: Path, tmp_path: Path) -> None:
    script = Script(otherwise(Write("half.py", "x = \n"), Silence()))
    code = start(WRITER).replace(".wait(60)", "") + "\n"
    code = code.replace("orchestra.start", "run = orchestra.start") + (
        "half = run.folder.attempt('w1-implementer', 1).tree / 'half.py'\n"
        "while not half.exists(): pass\n"
        "run.stop()\nprint(run.wait(60).state)"
    )
    with StandIn(script, home=tmp_path / "home") as model:
        assert played(project, code, model) == "stopped"
    folder = RunFolder(only_run(project))
    assert not processes_of(folder.id)
    attempt = folder.attempt("w1-implementer", 1)
    assert not attempt.tree.exists()
    assert "+x = " in attempt.patch.read_text()
    line = json.loads(folder.report.read_text())["workers"][0]
    assert any("a patch is kept in workers/w1-implementer/attempt-1/changes.patch" in note for note in line["notes"])
    assert line["continue_command"] is not None
    assert f"-C {attempt.tree}" not in line["continue_command"]
    assert git(project, "branch", "--list", "orchestra/*") == ""


def test_leaving_the_interpreter_leaves_no_tree(project: Path, tmp_path: Path) -> None:
    """No thread can be started any more then; what has to be done is done all the same."""
    code = start([{"prompt": "Write.", "scope": "scratch"}]).replace(".wait(60)", "")
    code = code.replace("orchestra.start", "run = orchestra.start") + (
        "\nhalf = run.folder.attempt('w1-implementer', 1).tree / 'half.py'\nwhile not half.exists(): pass"
    )
    with StandIn(Script(otherwise(Write("half.py", "x\n"), Silence())), home=tmp_path / "home") as model:
        played(project, code, model)
    folder = RunFolder(only_run(project))
    assert seal(folder, "w1-implementer").result.outcome == "stopped"
    assert not folder.attempt("w1-implementer", 1).tree.exists()
    assert worktrees(project) == 1


def test_a_key_at_the_terminal_ends_no_git(project: Path, tmp_path: Path) -> None:
    """^C goes to every process of the terminal's foreground; git stands in a session of its own."""
    with (
        StandIn(Script(WRITES), home=tmp_path / "home") as model,
        stopping_git(tmp_path / "bin", "commit-tree", TREE) as (environment, reached),
        orchestrator(project, start(WRITER), model, environment) as victim,
    ):
        until(reached.exists)
        assert os.getsid(int(reached.read_text())) != os.getsid(victim.pid)
        killed(victim, only_run(project))
