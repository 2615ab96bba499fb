"""A worker's tree holds what the user has, whatever state that is in, and nothing of the user's is touched by it."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestra.brief.ask import Scope
from orchestra.brief.git import GitFailed
from orchestra.brief.git import git as git_of_ours
from orchestra.crew import tree as trees
from orchestra.crew.changes import Ground
from orchestra.crew.checkout import Checkout, checkout_of
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.snapshot import snapshot
from orchestra.crew.tree import Tree, TreeRecord
from orchestra.errors import StateUnusable, UsageError
from tests.absent import absent
from tests.crew.repositories import commit, files, git, repository, seen, write
from tests.crew.states import STATES, State
from tests.crew.theatre import until

RUN = "20260101-000000-fix-0000"


def run_folder(project: Path) -> RunFolder:
    folder = RunFolder(project / ".orchestra/runs" / RUN)
    (folder.path / "workers").mkdir(parents=True, exist_ok=True)
    ignore = project / ".orchestra/.gitignore"
    ignore.write_text("/.gitignore\n/runs/\n")
    return folder


def taken(project: Path, scope: Scope = Scope.WRITE, number: int = 1) -> tuple[Checkout, Ground, Tree]:
    folder = run_folder(project)
    at = checkout_of(project, folder.store)
    ground = snapshot(at, folder.path, RUN)
    attempt = folder.attempt(f"w{number}-x", 1)
    branch = f"orchestra/{RUN}/w{number}-x" if scope is Scope.WRITE else None
    trees.prepare(attempt)
    record = TreeRecord(scope=scope, top=".", private=at.private, ground=ground, branch=branch)
    return at, ground, trees.make(at, attempt, record)


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_the_tree_holds_what_the_user_has_and_the_user_notices_nothing(state: State, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    state.arrange(project)
    run_folder(project)
    before = seen(project)

    _, ground, tree = taken(project)

    expected = {name: what for name, what in before.files.items() if name not in state.without}
    assert files(tree.attempt.tree) == expected
    assert ground.uncommitted is not state.committed
    assert state.noted in ", ".join(f"{one.path} ({one.reason})" for one in ground.left_out)
    found = tree.found()
    assert found.tree == ground.tree
    assert found.files == ()
    assert seen(project) == before
    assert not (project / "hooked").exists()

    tree.remove()
    assert not tree.attempt.tree.exists()
    assert git(project, "worktree", "list", "--porcelain").count("worktree ") == 1
    assert git(project, "branch", "--list", "orchestra/*") == ""
    assert seen(project) == before


@pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])
def test_what_is_changed_in_the_tree_is_found_and_nothing_else(state: State, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    state.arrange(project)
    at, ground, tree = taken(project)
    own = tree.attempt.tree
    (own / ".gitignore").unlink()
    write(own, "made.log", "no longer ignored\n")
    write(own, "deep/er/file", "new\n")
    link = own / "a link"
    link.symlink_to("/etc/passwd")

    found = tree.found()

    kinds = {file.path: file.kind for file in found.files}
    assert kinds == {".gitignore": "deleted", "made.log": "added", "deep/er/file": "added", "a link": "added"}
    commit_id = tree.commit(found.tree, "What the worker did\n")
    assert git(project, "rev-parse", f"orchestra/{RUN}/w1-x") == commit_id
    assert git(project, "rev-parse", f"{commit_id}^") == ground.commit
    assert git(project, "log", "-1", "--format=%an <%ae>", commit_id) == "orchestra <orchestra@localhost>"
    assert at.tree_of(commit_id) == found.tree


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "--quiet")
    write(project, "first.txt", "first\n")
    before = seen(project)
    _, ground, tree = taken(project)
    assert ground.uncommitted
    assert files(tree.attempt.tree) == files(project)
    assert seen(project) == before


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_is_told_not_to_look_at_stays_the_users_own_and_is_named(flag: str, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    git(project, "update-index", flag, "one.txt", "run.sh")
    write(project, "one.txt", "a password of mine\n")
    before = seen(project)
    _, ground, tree = taken(project)
    assert not ground.uncommitted
    assert files(tree.attempt.tree)["one.txt"][1].startswith(b"one\n")
    assert [one.path for one in ground.left_out] == ["one.txt"]
    assert "told not to look" in ground.left_out[0].reason
    assert seen(project) == before


def test_a_worktree_of_the_users_own(tmp_path: Path) -> None:
    main = repository(tmp_path / "main")
    project = tmp_path / "second"
    git(main, "worktree", "add", "--quiet", "-b", "second", str(project))
    write(project, "one.txt", "changed\n")
    before, before_main = seen(project), seen(main)
    _, _, tree = taken(project)
    assert files(tree.attempt.tree)["one.txt"] == ("file", b"changed\n")
    assert seen(project) == before
    tree.remove()
    assert seen(main) == before_main
    assert git(main, "worktree", "list", "--porcelain").count("worktree ") == 2


def test_a_git_folder_that_lies_elsewhere(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    git(project, "init", "--quiet", "--separate-git-dir", str(tmp_path / "store"))
    write(project, "one.txt", "changed\n")
    _, _, tree = taken(project)
    assert files(tree.attempt.tree)["one.txt"] == ("file", b"changed\n")


def test_a_submodule_as_the_project(tmp_path: Path) -> None:
    outer = repository(tmp_path / "outer")
    library = repository(tmp_path / "library")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "lib")
    commit(outer)
    project = outer / "lib"
    write(project, "one.txt", "changed\n")
    before = seen(project)
    _, _, tree = taken(project)
    assert files(tree.attempt.tree) == before.files
    assert seen(project) == before


def test_outside_git_the_tree_is_a_copy(tmp_path: Path) -> None:
    project = tmp_path / "plain"
    write(project, "a b.txt", "text\r\n")
    write(project, "run.sh", "#!/bin/sh\n").chmod(0o755)
    write(project, ".gitattributes", "*.txt text=auto eol=lf filter=none\n")
    write(project, ".gitignore", "*.log\n")
    write(project, "x.log", "ignored\n")
    write(project, ".hg/store", "somebody else's\n")
    write(project, "node_modules/m/i.js", "tools\n")
    (project / "link").symlink_to("a b.txt")
    before = files(project)
    _, ground, tree = taken(project)
    copied = files(tree.attempt.tree)
    assert copied == {name: what for name, what in before.items() if name.split("/")[0] not in LEFT}
    assert [one.path for one in ground.left_out] == ["node_modules"]
    assert files(project) == before
    assert not (project / ".git").exists()
    write(tree.attempt.tree, "a b.txt", "changed\r\n")
    assert [file.path for file in tree.found().files] == ["a b.txt"]


LEFT = ("x.log", ".hg", "node_modules")


def test_a_folder_that_is_still_to_be_made(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "project")
    at = checkout_of(tmp_path / "new", folder.store)
    ground = snapshot(at, folder.path, RUN)
    assert at.names("ls-tree", "-z", ground.tree) == []
    assert not (tmp_path / "new").exists()


def test_nobody_can_lead_a_tree_elsewhere(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    folder = run_folder(project)
    (tmp_path / "elsewhere").mkdir()
    (folder.path / "workers/w1-x").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateUnusable, match="Something else"):
        taken(project)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("name", ["", "../w1", "w1/x", "w1..x", "-w1", "w1.lock", "w1 x", "w1~1", "w1^", "@{1}", "W1"])
def test_a_name_that_can_be_no_branch_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no part of a branch"):
        trees.branch_name(RUN, name)


@pytest.mark.timeout(120)  # 1.5 s on two cores with nobody else; git's own checkout of them is most of it
def test_ten_thousand_files_are_ready_soon(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    for number in range(10_000):
        write(project, f"d{number % 100}/f{number}.py", f"x = {number}\n" * 20)
    commit(project)
    write(project, "one.txt", "changed\n")
    _, _, tree = taken(project)
    assert len(files(tree.attempt.tree)) == 10_005
    write(tree.attempt.tree, "d5/f5.py", "changed\n")
    assert len(tree.found().files) == 1


def test_a_filter_that_takes_for_ever_is_ended_with_what_it_started(tmp_path: Path) -> None:
    mark = f"60.{os.getpid()}"
    with pytest.raises(GitFailed, match=r"git waits took longer than 0.5 s"):
        git_of_ours(tmp_path, "waits", settings=(f"alias.waits=!exec sleep {mark}",), timeout=0.5, undisturbed=True)
    until(lambda: not running(mark), 5.0)


def running(mark: str) -> list[Path]:
    """The processes whose command has this word."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and mark.encode() in (process / "cmdline").read_bytes():
                found.append(process)
    return found


def test_folders_nobody_may_write_to_are_removed(tmp_path: Path) -> None:
    """As the owner without root's rights: some build tools leave their caches so."""
    folder = tmp_path / "tree"
    write(folder, "cache/deep/file", "x")
    (folder / "link").symlink_to(tmp_path)
    code = f"from pathlib import Path; from orchestra.crew.tree import _remove; _remove(Path({str(folder)!r}))"
    bare = "-dac_override,-dac_read_search"
    dropped = ["setpriv", f"--bounding-set={bare}", f"--inh-caps={bare}"] if os.geteuid() == 0 else []
    if dropped and not shutil.which("setpriv"):
        absent("root's rights can be put down with setpriv only")
    for part in ("cache/deep", "cache"):
        (folder / part).chmod(0o500)
    refused = subprocess.run([*dropped, "rm", "-r", folder], capture_output=True, check=False)
    assert refused.returncode, "the modes did not keep anybody from removing it"
    subprocess.run([*dropped, sys.executable, "-c", code], check=True)
    assert not folder.exists()
    assert tmp_path.exists()
