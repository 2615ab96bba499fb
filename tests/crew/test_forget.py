"""A run is removed: its trees go with it, work that nobody has taken over does not."""

from pathlib import Path
from typing import Any

import pytest

from orchestra.crew import pruning
from orchestra.crew.integrate import State, integrate
from orchestra.crew.run_folder import RunFolder
from tests.crew.repositories import commit, files, git, repository, seen, write
from tests.crew.writers import changes, played

NINE = {"run": "echo nine >> one.txt; echo ok", "title": "a"}
OTHER = {"run": "echo b > b; echo ok", "title": "b"}
ON_A = {"run": "echo c > c; echo ok", "title": "c", "base": "w1-a"}


def branches(project: Path) -> list[str]:
    return git(project, "branch", "--list", "orchestra/*", "--format=%(refname:short)").split()


def no_worktree_is_left(project: Path) -> bool:
    return "worktrees" not in [entry.name for entry in (project / ".git").iterdir()]


def rebase_away(project: Path, folder: RunFolder) -> None:
    """The user takes it over and then rebases, which drops the merge and makes new commits of the rest."""
    integrate(folder)
    git(project, "checkout", "--quiet", "-b", "rebased", "HEAD~1")
    write(project, "src/app.py", "print('another base')\n")
    commit(project)
    git(project, "cherry-pick", "main^2")
    git(project, "branch", "--quiet", "--force", "main", "rebased")
    git(project, "checkout", "--quiet", "main")
    git(project, "branch", "--quiet", "--delete", "--force", "rebased")
    git(project, "reflog", "expire", "--expire=now", "--all")


def merge_elsewhere(project: Path, folder: RunFolder) -> None:
    """The user merges it into a branch they are not on."""
    git(project, "checkout", "--quiet", "-b", "elsewhere")
    git(project, "merge", "--quiet", "--no-ff", "-m", "by hand", f"orchestra/{folder.id}/w1-a")
    git(project, "checkout", "--quiet", "main")


def stand_on_it(project: Path, folder: RunFolder) -> None:
    """The user takes it over, and goes on on the worker's own branch in a worktree of theirs."""
    integrate(folder)
    git(project, "worktree", "remove", "--force", str(folder.attempt("w1-a", 1).tree))
    git(project, "worktree", "add", "--quiet", str(project.parent / "mine"), f"orchestra/{folder.id}/w1-a")


def without_a_branch(project: Path, folder: RunFolder) -> None:
    """The user takes it over where no branch holds it, as in the middle of a bisection."""
    git(project, "checkout", "--quiet", "--detach")
    integrate(folder)


STORIES: list[tuple[str, list[list[dict[str, Any]]], Any, list[str]]] = [
    ("nobody took it over", [[NINE]], None, ["w1-a"]),
    ("taken over", [[NINE]], lambda project, folder: integrate(folder), []),
    ("one of two was taken over", [[NINE, OTHER]], lambda project, folder: integrate(folder, "w2-b"), ["w1-a"]),
    ("another built on it: the last has all", [[NINE], [ON_A]], None, ["w2-c"]),
    ("taken over and rebased", [[NINE]], rebase_away, []),
    ("merged by hand elsewhere", [[NINE]], merge_elsewhere, []),
    ("taken over where no branch is", [[NINE]], without_a_branch, ["w1-a"]),
    ("somebody stands on it", [[NINE]], stand_on_it, ["w1-a"]),
    ("nothing was changed", [[{"run": "echo ok", "title": "a"}]], None, []),
    ("thrown away", [[{"run": "echo x > x; echo ok", "title": "a", "scope": "scratch"}]], None, []),
]


@pytest.mark.parametrize("begun", [False, True], ids=["all committed", "begun by the user"])
@pytest.mark.parametrize(("what", "rounds", "then", "kept"), STORIES, ids=[row[0] for row in STORIES])
def test_what_is_kept(
    what: str, rounds: list[list[dict[str, Any]]], then: Any, kept: list[str], begun: bool, tmp_path: Path
) -> None:
    project = repository(tmp_path / "project")
    if begun:
        write(project, "src/more.py", "mine = 1\n")
    _, folder = played(project, *rounds)
    if begun:
        commit(project)
    if then is not None:
        then(project, folder)
    work = {label: changes(folder, label).commit for label in folder.labels()}
    before = seen(project)

    said = pruning.remove(folder)

    assert said == tuple(f"orchestra/{folder.id}/{label}" for label in kept)
    assert branches(project) == [f"orchestra/{folder.id}/{label}" for label in kept]
    for label in kept:
        assert git(project, "rev-parse", f"orchestra/{folder.id}/{label}") == work[label]
    assert not folder.path.exists()
    assert seen(project) == before
    if then is not stand_on_it:
        assert no_worktree_is_left(project)


def test_what_somebody_did_by_hand_in_a_writers_tree_is_kept_on_its_branch(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [NINE])
    integrate(folder)
    write(folder.attempt("w1-a", 1).tree, "by-hand.txt", "mine\n")
    branch = f"orchestra/{folder.id}/w1-a"
    assert pruning.remove(folder) == (branch,)
    assert git(project, "show", f"{branch}:by-hand.txt") == "mine"


def test_a_worktree_of_the_users_whose_disk_is_away_is_not_forgotten(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    git(project, "worktree", "add", "--quiet", "-b", "mine", str(tmp_path / "disk"))
    (tmp_path / "disk").rename(tmp_path / "away")
    _, folder = played(project, [NINE])
    pruning.remove(folder)
    (tmp_path / "away").rename(tmp_path / "disk")
    assert git(tmp_path / "disk", "symbolic-ref", "--short", "HEAD") == "mine"
    assert git(project, "worktree", "list", "--porcelain").count("worktree ") == 2


def test_outside_git_a_patch_outlives_the_run(tmp_path: Path) -> None:
    project = tmp_path / "plain"
    (project / ".orchestra").mkdir(parents=True)
    write(project, "one.txt", "one\n")
    before = files(project)
    _, folder = played(project, [NINE], [ON_A])
    (kept,) = pruning.remove(folder)
    assert kept == f".orchestra/kept/{folder.id}-w2-c.patch"
    assert files(project) == before
    git(project, "apply", str(project / kept))
    assert files(project) == {"one.txt": ("file", b"one\nnine\n"), "c": ("file", b"c\n")}

    _, folder = played(project, [NINE])
    (label,) = folder.labels()
    own = folder.attempt(label, 1).tree
    assert (own / "one.txt").exists()
    assert not (own / ".orchestra").exists()  # nobody works on what was kept of others
    assert integrate(folder)[0].writers[0].state is State.MERGED
    assert pruning.remove(folder) == ()


def test_a_repository_that_is_gone_keeps_no_run_alive(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [NINE])
    (project / ".git").rename(tmp_path / "away")
    assert pruning.remove(folder) == ()
    assert not folder.path.exists()
