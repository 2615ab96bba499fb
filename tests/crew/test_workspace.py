"""What workers of each scope may touch, what becomes of what they changed, and what is said about it."""

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import orchestra
from orchestra.brief.target import target
from orchestra.crew.changes import CHANGED_WHILE_READING
from orchestra.crew.grounds import Grounds
from orchestra.crew.integrate import integrate, writers_of
from orchestra.patterns.catalogue import pattern
from orchestra.reports.report import Report
from tests.crew import write_plays
from tests.crew.repositories import commit, files, git, repository, seen, write
from tests.crew.theatre import until
from tests.crew.writers import SHELL, Asks, changes, played, seal


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with work that is not committed."""
    folder = repository(tmp_path / "project")
    write(folder, "one.txt", "one\ntwo\nthree changed\nfour\nfive\nsix\nseven\neight\n")
    write(folder, "notes.md", "not known to git\n")
    return folder


def test_a_writer_changes_its_own_tree_and_the_orchestrator_commits(project: Path) -> None:
    before = seen(project)
    script = "echo nine >> one.txt; mkdir -p new; echo x > 'new/a b'; rm notes.md; echo o > x.log; cat one.txt | wc -l"
    report, folder = played(project, [{"run": script}])

    assert report.answer == "w1-implementer: 9"
    assert seen(project) == before
    made = changes(folder, "w1-implementer")
    assert [(file.path, file.kind, file.added, file.removed) for file in made.files] == [
        ("new/a b", "added", 1, 0),
        ("notes.md", "deleted", 0, 1),
        ("one.txt", "changed", 1, 0),
    ]
    assert made.in_words == "3 files changed, +2 -1"
    assert made.branch == f"orchestra/{folder.id}/w1-implementer"
    assert made.ignored == ("x.log",)
    assert git(project, "rev-parse", made.branch) == made.commit
    assert git(project, "rev-parse", f"{made.commit}^") == made.ground.commit
    assert git(project, "show", f"{made.ground.commit}:notes.md") == "not known to git"
    message = git(project, "log", "-1", "--format=%an%n%B", str(made.commit))
    assert message.startswith("orchestra\nimplementer: rounds")
    assert all(said in message for said in ("Task: RUN", f"Orchestra-Run: {folder.id}", "Worker: w1-implementer"))

    (change,) = report.changes
    assert (change.commit, change.branch) == (made.commit, made.branch)
    assert change.integrate == f"orchestra integrate {folder.id} w1-implementer"
    assert "+nine\n" in change.diff
    (line,) = report.workers
    assert line.files_changed == ("new/a b", "notes.md", "one.txt")
    assert "Not committed, because git ignores it: x.log" in line.notes
    own = folder.attempt("w1-implementer", 1).tree
    assert git(own, "status", "--porcelain") == ""
    assert git(own, "symbolic-ref", "--short", "HEAD") == made.branch


@pytest.mark.parametrize(
    ("scope", "run", "notes", "patched"),
    [
        ("write", "cat one.txt > /dev/null", ["It changed nothing, so there is no commit."], False),
        ("write", "touch one.txt; echo done", ["It changed nothing, so there is no commit."], False),
        (
            "write",
            "echo x >> one.txt; exit 3",
            ["What it changed was thrown away; a patch is kept in ", "one.txt"],
            True,
        ),
        ("scratch", "echo x >> one.txt; echo y > z", ["What it changed was thrown away: one.txt, z"], False),
        ("scratch", "rm -rf .git; echo gone", [], False),
        ("scratch", "mkdir -p a/b; echo x > a/b/c; chmod 500 a/b a; echo done", ["thrown away: a/b/c"], False),
    ],
)
def test_what_is_not_kept_leaves_no_tree_and_no_branch(
    project: Path, scope: str, run: str, notes: list[str], patched: bool
) -> None:
    before = seen(project)
    report, folder = played(project, [{"run": f"{run}; echo said", "scope": scope}])
    (line,) = report.workers
    assert all(note in " ".join(line.notes) for note in notes)
    assert seen(project) == before
    assert git(project, "worktree", "list", "--porcelain").count("worktree ") == 1
    assert git(project, "branch", "--list", "orchestra/*") == ""
    attempt = folder.attempt("w1-implementer", 1)
    assert not attempt.tree.exists()
    assert attempt.patch.exists() is patched
    assert report.changes == ()
    assert changes(folder, "w1-implementer").commit is None


def test_a_worker_that_commits_switches_and_hides_is_seen_through(project: Path) -> None:
    script = """
git config user.name w; git config user.email w@x
echo mine >> one.txt; git add -A; git commit -qm 'by the worker itself'
git checkout -q -b elsewhere; echo more > more.txt
git update-index --assume-unchanged src/app.py; echo hidden >> src/app.py
touch "$(git rev-parse --git-dir)/index.lock"
"""
    _, folder = played(project, [{"run": script + "echo ok"}])
    made = changes(folder, "w1-implementer")
    assert [file.path for file in made.files] == ["more.txt", "one.txt", "src/app.py"]
    assert git(project, "rev-parse", f"{made.commit}^") == made.ground.commit
    assert git(project, "rev-parse", str(made.branch)) == made.commit


def test_nothing_a_worker_leaves_in_its_tree_is_run(project: Path, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    script = f"""
trap="touch '{trap}'"
mkdir inner; git init -q inner; git -C inner config core.fsmonitor "$trap"
echo x > inner/file; git -C inner add -A
git -C inner -c user.name=a -c user.email=a@b -c core.fsmonitor= commit -qm x; echo y >> inner/file
rm .git; git init -q .; git config core.fsmonitor "$trap"; git config core.hooksPath hooks
git config filter.trap.clean "$trap"; git config diff.external "$trap"; git config core.sshCommand "$trap"
mkdir hooks; printf '#!/bin/sh\\n%s\\n' "$trap" > hooks/post-checkout; cp hooks/post-checkout hooks/pre-commit
cp hooks/post-checkout hooks/post-index-change; cp hooks/post-checkout hooks/post-merge; chmod +x hooks/*
echo '* filter=trap diff=trap' > .gitattributes
echo changed >> one.txt; rm -f '{trap}'; echo ok
"""
    _, folder = played(project, [{"run": script}])
    made = changes(folder, "w1-implementer")
    assert "one.txt" in [file.path for file in made.files]
    assert [(one.path, one.reason) for one in made.left_out] == [("inner/", "a repository of its own")]
    git(project, "checkout", "--quiet", "--", ".")
    (project / "notes.md").unlink()
    integrate(folder)
    assert not trap.exists()


def test_a_diff_too_long_for_a_prompt_is_told_with_the_command_that_shows_it(project: Path) -> None:
    rounds = [{"run": "seq 1 30000 > a; echo ok"}], [{"run": "seq 1 9 > b; echo ok", "base": "w1-implementer"}]
    _, folder = played(project, *rounds)
    writers = writers_of(folder)
    grounds = Grounds(folder, project)
    for label, made in writers.items():
        grounds.remember(label, made)
    said = grounds.diff(list(writers))
    assert "too many to stand here" in said
    assert said.endswith("The files it changes: a, b")
    (command,) = re.findall(r"`git ([^`]+)`", said)
    tree = folder.attempt("w2-implementer", 1).tree
    assert git(tree, *command.split(), "--name-only").split() == ["a", "b"]


def test_readers_that_change_something_are_told_of_loudly(project: Path) -> None:
    looked_at = target(["."], project)

    @pattern("peek", steps=("Look",))
    async def peek(crew: Any, target: Any) -> Report:
        async with crew.step("Look"):
            await crew.ask_all(
                [
                    write_plays.an_ask({"run": "echo oops >> src/app.py; rm one.txt; echo hi", "scope": "read"}),
                ]
            )
            await crew.ask_all([write_plays.an_ask({"run": "touch src/more.py; echo quiet", "scope": "read"})])
        return crew.report()  # type: ignore[no-any-return]  # Crew is Any here

    report = orchestra.start(peek, target=looked_at, engine=SHELL, start=project).wait(60)
    loud, quiet = report.workers
    assert loud.notes == (f"{CHANGED_WHILE_READING}: one.txt, src/app.py (by it, by another worker, or by you).",)
    assert quiet.notes == ()
    assert report.notes == (f"w1-implementer: {loud.notes[0]}",)
    assert report.changed_meanwhile == ("one.txt", "src/app.py")


def test_a_round_builds_on_the_one_before(project: Path) -> None:
    report, folder = played(
        project,
        [{"run": "echo first >> one.txt; echo a > a.txt; echo ok"}],
        [{"run": "tail -1 one.txt; echo second >> one.txt", "base": "w1-implementer"}],
        [
            {"run": "tail -1 one.txt; cat a.txt; rm a.txt", "base": "w2-implementer", "scope": "scratch"},
            {"run": "tail -1 one.txt; git status --porcelain", "base": "w2-implementer", "scope": "read"},
            {"run": "tail -1 one.txt; ls a.txt", "base": "HEAD", "scope": "scratch"},
        ],
    )
    assert report.answer is not None
    said = dict(line.split(": ", 1) for line in report.answer.replace("\na\n", " a\n").splitlines() if ": " in line)
    assert said["w2-implementer"] == "first"
    assert said["w3-implementer"].startswith("second")
    assert said["w4-implementer"] == "second"
    first, second = changes(folder, "w1-implementer"), changes(folder, "w2-implementer")
    assert second.ground.commit == first.commit
    assert second.ground.foundation == first.ground.foundation
    assert [file.path for file in second.files] == ["one.txt"]
    assert seal(folder, "w5-implementer").result.outcome == "failed"  # there is no a.txt in HEAD


def test_what_several_wrote_is_put_together_for_one(project: Path) -> None:
    report, folder = played(
        project,
        [
            {"run": "sed -i s/one/ONE/ one.txt; echo a > a.txt; echo ok", "title": "a"},
            {"run": "echo b > b.txt; echo ok", "title": "b"},
            {"run": "sed -i s/eight/EIGHT/ one.txt; echo c > c.txt; echo ok", "title": "c"},
            {"run": "echo nothing to do", "title": "idle"},
        ],
        [{"run": "ls ?.txt | tr '\\n' ' '; head -1 one.txt; tail -1 one.txt; echo d > d.txt", "base": "together"}],
    )
    assert report.answer is not None
    assert "The changes of w1-a, w2-b, w3-c were put together." in report.answer
    assert "a.txt b.txt c.txt ONE\nEIGHT" in report.answer
    last = changes(folder, "w5-implementer")
    assert [file.path for file in last.files] == ["d.txt"]
    assert last.ground.foundation == changes(folder, "w1-a").ground.foundation


def test_putting_together_stops_at_the_first_that_does_not_fit(project: Path) -> None:
    report, _ = played(
        project,
        [{"run": f"sed -i s/one/{word}/ one.txt; echo {word}", "title": word} for word in ("a", "b", "c")],
        [{"run": "head -1 one.txt", "base": "together", "scope": "scratch"}],
    )
    assert report.answer is not None
    assert (
        "What w2-b changed does not fit with what w1-a changed: both changed one.txt. Not tried after that: w3-c."
        in report.notes
    )
    assert report.answer.endswith("w4-implementer: a")


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("w7-nobody", "There is no commit 'w7-nobody' and no writer of that name in this run. There are: w1-x."),
        ("no-such-branch", "There is no commit 'no-such-branch' and no writer"),
        ("--help", "There is no commit '--help' and no writer"),
        ("w2-y", "Nothing can be built on w2-y: what it changed was thrown away."),
    ],
)
def test_a_base_that_is_none_is_a_sentence(project: Path, base: str, said: str) -> None:
    first = [{"run": "echo a", "title": "x"}, {"run": "echo a", "title": "y", "scope": "scratch"}]
    with pytest.raises(orchestra.OrchestraError) as told:
        played(project, first, [{"run": "true", "base": base}])
    assert said in str(told.value)


def test_a_worker_stands_in_its_subfolder(project: Path) -> None:
    (project / "empty").mkdir()
    report, folder = played(
        project,
        [
            {"run": "basename $PWD; ls -1; echo x > here", "cwd": str(project / "src")},
            {"run": "basename $PWD; ls; echo x > there", "cwd": str(project / "empty")},
        ],
    )
    assert report.answer == "w1-implementer: src\napp.py\nmore.py\nw2-implementer: empty"
    assert [file.path for file in changes(folder, "w1-implementer").files] == ["src/here"]
    assert [file.path for file in changes(folder, "w2-implementer").files] == ["empty/there"]


def test_outside_git_a_writer_gets_a_copy_and_leaves_a_patch(tmp_path: Path) -> None:
    project = tmp_path / "plain"
    (project / ".orchestra").mkdir(parents=True)
    write(project, "text.md", "one\ntwo\n")
    write(project, "tool.sh", "#!/bin/sh\n").chmod(0o755)
    before = files(project)
    report, folder = played(
        project,
        [{"run": "echo three >> text.md; chmod -x tool.sh; printf '\\0\\1' > bin; echo ok"}],
        [
            {"run": "tail -1 text.md; echo four >> text.md", "base": "w1-implementer"},
            {"run": "tail -1 text.md; ls; rm text.md", "base": "w1-implementer", "scope": "scratch"},
        ],
    )
    assert files(project) == before
    assert not (project / ".git").exists()
    made = changes(folder, "w1-implementer")
    assert made.private
    assert made.patch == "workers/w1-implementer/attempt-1/changes.patch"
    assert {file.path: file.kind for file in made.files} == {"bin": "added", "text.md": "changed", "tool.sh": "changed"}
    assert "w2-implementer: three" in str(report.answer)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, (_, content) in before.items():
        write(copy, name, content)
    patch = folder.path / str(made.patch)
    subprocess.run(["git", "apply", patch], cwd=copy, check=True)
    assert files(copy)["text.md"] == ("file", b"one\ntwo\nthree\n")
    assert files(copy)["bin"] == ("file", b"\0\1")


def test_the_content_of_the_base_decides_the_key_and_not_its_commit(project: Path) -> None:
    rounds: Asks = [[{"run": "echo x >> one.txt; echo ok"}], [{"run": "tail -1 one.txt", "base": "w1-implementer"}]]
    _, folder = played(project, *rounds)
    before = seal(folder, "w2-implementer")
    second = int(time.time())
    until(lambda: int(time.time()) > second)  # a commit's time is part of its id
    # asked again, the writer changes the same: what was built on it is not asked again
    orchestra.retry(folder.path, "w1-implementer", "").wait(60)
    assert changes(folder, "w1-implementer", 2).commit != changes(folder, "w1-implementer").commit
    assert changes(folder, "w1-implementer", 2).tree == changes(folder, "w1-implementer").tree
    assert folder.attempts("w2-implementer") == [1]
    assert seal(folder, "w2-implementer") == before
    # and the earlier answer's commit is still there, under another name
    names = git(project, "branch", "--list", "orchestra/*", "--format=%(refname:short) %(objectname)").splitlines()
    branch = f"orchestra/{folder.id}/w1-implementer"
    assert dict(line.split() for line in names) == {
        branch: changes(folder, "w1-implementer", 2).commit,
        f"{branch}-1": changes(folder, "w1-implementer").commit,
    }


def test_all_writers_of_a_run_begin_with_the_same(project: Path) -> None:
    _, folder = played(
        project,
        [{"run": f"echo edited meanwhile > '{project}/one.txt'; echo ok"}],
        [{"run": "head -1 one.txt; echo x > x"}],
    )
    assert changes(folder, "w2-implementer").ground == changes(folder, "w1-implementer").ground
    assert seal(folder, "w2-implementer").result.message == "one\n"


def test_what_git_refuses_is_one_failed_worker(project: Path) -> None:
    (project / ".git/objects").chmod(0o700)
    with (project / ".git/config").open("a") as config:
        config.write("\n[broken\n")
    report, _ = played(project, [{"run": "echo x > x"}, {"run": "echo fine", "scope": "read"}])
    writer, reader = report.workers
    assert writer.outcome == "failed"
    assert "Its tree could not be made: git says" in writer.reason
    assert reader.outcome == "answered"


def test_one_writer_in_a_tree(project: Path, tmp_path: Path) -> None:
    """A lock of the kernel's: a second process that takes the same tree is refused, and a dead one holds nothing."""
    code = """
import sys
import time
from pathlib import Path
from orchestra.crew.tree import held
from orchestra.errors import StateUnusable
from orchestra.workers.task import AttemptFolder
try:
    with held(AttemptFolder(Path(sys.argv[1]))):
        print("mine", flush=True)
        sys.stdin.read()
except StateUnusable as error:
    print(error)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "mine\n"
        second = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        assert second.stdout.splitlines()[0] == "Somebody else writes in this tree."
        first.kill()
    third = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert third.stdout == "mine\n"


def test_the_trees_of_many_writers_are_made_at_once(project: Path) -> None:
    asks = [{"run": f"echo {number} > f{number}; echo ok", "title": str(number)} for number in range(12)]
    report, folder = played(project, asks, at_once=8)
    assert [line.outcome for line in report.workers] == ["answered"] * 12
    for number in range(12):
        assert [file.path for file in changes(folder, f"w{number + 1}-{number}").files] == [f"f{number}"]
    commit(project)
