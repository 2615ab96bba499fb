"""`orchestra integrate` and what other commands say of a writer's changes, as it is typed."""

import json

import pytest

from tests.cli.house import House
from tests.crew.repositories import commit, git, write

NINE = "sh -c 'echo nine >> src/a.py; echo done'"


@pytest.fixture
def repository(house: House) -> House:
    """The house's project as a repository, everything committed."""
    git(house.project, "init", "--quiet", "--initial-branch=main")
    git(house.project, "config", "user.name", "Ada")
    git(house.project, "config", "user.email", "ada@example.org")
    commit(house.project, "Begin")
    return house


def written(house: House, command: str = NINE) -> str:
    """The id of a run whose one worker changed something."""
    house.run("ask", "Do it.", "--scope", "write", "--engine", f"command:{command}")
    return house.runs()[-1].name


def test_asked_to_write_it_says_where_the_changes_are(repository: House) -> None:
    done = repository.run("ask", "Do it.", "--scope", "write", "--engine", f"command:{NINE}")
    run = repository.runs()[-1].name
    assert done.stdout == "done\n\n"
    assert f"It changed src/a.py in a tree of its own. Take that over: orchestra integrate {run} w1-ask" in done.stderr
    assert "nine" not in (repository.project / "src/a.py").read_text()
    told = repository.json("ask", "Do it.", "--scope", "write", "--engine", f"command:{NINE}")
    assert [file["path"] for file in told["changes"][0]["files"]] == ["src/a.py"]
    page = repository.run("show", run, "w1").stdout
    assert f"on orchestra/{run}/w1-ask" in page
    assert "1 file changed, +1 -0: commit " in page
    assert f"orchestra integrate {run} w1-ask" in page


def test_taken_over_once_and_told_again(repository: House) -> None:
    run = written(repository)
    assert repository.run("integrate", run, "--dry-run").stdout == "w1-ask: would be taken over into main: 1 file\n"
    assert git(repository.project, "rev-list", "--count", "HEAD") == "1"
    done = repository.run("integrate", run)
    merge = git(repository.project, "rev-parse", "--short=10", "HEAD")
    assert done.stdout == f"w1-ask: taken over into main: 1 file ({merge})\n"
    assert (repository.project / "src/a.py").read_text().endswith("nine\n")
    assert repository.run("integrate", run, "w1").stdout == "w1-ask: already there\n"
    told = repository.json("integrate", run)
    assert told["run"] == run
    assert [writer["state"] for writer in told["taken"][0]["writers"]] == ["already there"]


def test_a_conflict_is_exit_4_and_says_what_to_do(repository: House) -> None:
    run = written(repository)
    write(repository.project, "src/a.py", "print('mine')\n")
    commit(repository.project)
    done = repository.run("integrate", run, exit=4)
    assert done.stdout == "w1-ask: conflict in src/a.py\n"
    assert "w1-ask and main changed the same lines; nothing of it was taken over." in done.stderr
    assert f"by hand: git merge --no-ff orchestra/{run}/w1-ask" in done.stderr
    assert git(repository.project, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("last",), "Not everything is committed in your tree: src/b.py."),
        (("last", "w7"), "There is no worker 'w7'. There are: w1-ask."),
        (("nothing-like-it",), "There is no run 'nothing-like-it'."),
    ],
)
def test_what_cannot_be_taken_over_is_exit_2(repository: House, words: tuple[str, ...], said: str) -> None:
    written(repository)
    write(repository.project, "src/b.py", "print('not committed')\n")
    assert said in repository.run("integrate", *words, exit=2).stderr


def test_a_run_without_writers(repository: House) -> None:
    run = repository.review(lenses="risk")
    assert f"No worker of {run} kept changes." in repository.run("integrate", run, exit=2).stderr


def test_pruning_says_what_it_kept(repository: House) -> None:
    run = written(repository)
    done = repository.run("prune", "--keep", "0")
    assert f"kept orchestra/{run}/w1-ask: changes nobody took over" in done.stderr
    assert git(repository.project, "branch", "--list", "orchestra/*", "--format=%(refname:short)").endswith("/w1-ask")
    run = written(repository)
    told = repository.json("prune", "--keep", "0")
    assert (told["removed"], told["kept_work"]) == ([run], [f"orchestra/{run}/w1-ask"])


def test_outside_git(house: House) -> None:
    run = written(house)
    folder = house.project
    assert house.run("integrate", run).stdout == f"w1-ask: taken over into {folder}: 1 file\n"
    assert (folder / "src/a.py").read_text().endswith("nine\n")
    report = json.loads((house.runs()[-1] / "report.json").read_text())
    assert report["changes"][0]["commit"] is None
    assert report["changes"][0]["branch"] is None
