"""What writers changed is taken over whole or not at all, and never with what was the user's own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestra.crew.exclusive import exclusive
from orchestra.crew.integrate import Integration, State, integrate
from orchestra.crew.run_folder import RunFolder
from orchestra.errors import OrchestraError, StateUnusable, UnknownName, UsageError
from tests.crew.repositories import commit, files, git, repository, seen, write
from tests.crew.writers import changes, played

NINE = "echo nine >> one.txt; echo ok"
Act = Callable[[Path], object]


def nothing(project: Path) -> None:
    """The user does nothing."""


def unfinished(project: Path) -> None:
    """The user is in the middle of something when the run starts."""
    write(project, "one.txt", "one\ntwo\nmine\nfour\nfive\nsix\nseven\neight\n")
    write(project, "notes.md", "mine\n")


def finish(project: Path) -> None:
    """...and has committed it since."""
    commit(project, "Mine")


def put_aside(project: Path) -> None:
    """...and has put it aside since."""
    git(project, "stash", "--quiet", "--include-untracked")


def go_on_elsewhere(project: Path) -> None:
    """The user went on in other files."""
    write(project, "src/app.py", "print('went on')\n")
    commit(project, "Went on")


def change_the_same(project: Path) -> None:
    """The user changed the line after which the worker wrote."""
    write(project, "one.txt", "one\ntwo\nthree\nfour\nfive\nsix\nseven\nocho\n")
    commit(project, "The same lines")


def merges_their_own_way(project: Path) -> None:
    """The user's configuration says how merges into the branch are made."""
    git(project, "config", "branch.main.mergeOptions", "--squash --no-commit")
    git(project, "config", "merge.ff", "false")


def signs_commits(project: Path) -> None:
    """The user signs, and cannot at the moment."""
    git(project, "config", "commit.gpgsign", "true")
    git(project, "config", "gpg.program", "/bin/false")


def kept_from_git(project: Path, flag: str) -> None:
    """git was told not to look at a file, and the user changed it."""
    git(project, "update-index", flag, "one.txt")
    write(project, "one.txt", "mine\n")


@dataclass(frozen=True)
class Story:
    name: str
    workers: list[dict[str, Any]]
    before: Act = nothing
    """What the user did before the run, ..."""
    after: Act = nothing
    """... and after it."""
    states: tuple[State, ...] = (State.MERGED,)
    brought: dict[str, str] = field(default_factory=dict)
    """What the user's files are then, as far as they are told here."""


STORIES = [
    Story("everything was committed", [{"run": NINE}], brought={"one.txt": "eight\nnine\n"}),
    Story("the user went on", [{"run": NINE}], after=go_on_elsewhere, brought={"src/app.py": "went on"}),
    Story("it was begun, then committed", [{"run": NINE}], unfinished, finish, brought={"one.txt": "mine\nfour"}),
    Story("it was begun, then put aside", [{"run": NINE}], unfinished, put_aside, brought={"one.txt": "three\nfour"}),
    Story("the same lines", [{"run": NINE}], after=change_the_same, states=(State.CONFLICT,)),
    Story(
        "the worker changed what the user has put aside",
        [{"run": "echo more >> notes.md; echo ok"}],
        unfinished,
        put_aside,
        states=(State.CONFLICT,),
    ),
    Story(
        "two that fit",
        [{"run": NINE}, {"run": "sed -i s/one/ONE/ one.txt; rm src/more.py; echo ok"}],
        unfinished,
        finish,
        states=(State.MERGED, State.MERGED),
        brought={"one.txt": "ONE\ntwo\nmine"},
    ),
    Story(
        "the second does not fit, the third is not tried",
        [{"run": NINE}, {"run": "echo neun >> one.txt; echo ok"}, {"run": "echo x > x; echo ok"}],
        states=(State.MERGED, State.CONFLICT, State.WAITING),
        brought={"one.txt": "eight\nnine\n"},
    ),
    Story("nothing was changed", [{"run": "echo ok"}], states=(State.NOTHING,)),
    Story("merges are made in another way", [{"run": NINE}], merges_their_own_way, brought={"one.txt": "nine\n"}),
    Story("commits are signed", [{"run": NINE}], signs_commits, brought={"one.txt": "nine\n"}),
    Story(
        "binary, modes, links, names",
        [{"run": "printf '\\0\\1' > 'b i n'; chmod -x run.sh; ln -s one.txt link; git mv -k one.txt uno.txt; echo ok"}],
        brought={"uno.txt": "one\n"},
    ),
]


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_what_is_taken_over(story: Story, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    story.before(project)
    _, folder = played(project, story.workers)
    story.after(project)
    before, head = files(project), git(project, "rev-parse", "HEAD")

    (tried,) = integrate(folder, dry_run=True)
    assert git(project, "rev-parse", "HEAD") == head
    assert files(project) == before
    (done,) = integrate(folder)

    assert [writer.state for writer in done.writers] == list(story.states)
    assert [writer.state for writer in tried.writers] == list(story.states)
    assert git(project, "status", "--porcelain") == ""
    merged = [writer for writer in done.writers if writer.state is State.MERGED]
    if not merged:
        assert files(project) == before
        assert git(project, "rev-parse", "HEAD") == head
    for name, text in story.brought.items():
        assert text in (project / name).read_text()
    first_parents = git(project, "rev-list", "--first-parent", "--count", f"{head}..HEAD")
    assert int(first_parents) == len(merged)
    assert git(project, "rev-list", "--merges", "--count", f"{head}..HEAD") == str(len(merged))
    # the snapshot of what was not committed never becomes history
    said = git(project, "log", "--format=%s", "HEAD")
    assert "not committed when orchestra took it" not in said
    for worker in merged:
        own = {file.path for file in changes(folder, worker.worker).files}
        assert {file.path for file in worker.files} == own

    again = integrate(folder)[0]
    assert [writer.state for writer in again.writers] == [
        State.THERE if state is State.MERGED else state for state in story.states
    ]


@pytest.mark.parametrize("begun", [nothing, unfinished], ids=["all committed", "begun by the user"])
def test_only_what_the_worker_did_is_in_its_commit(begun: Act, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    begun(project)
    _, folder = played(project, [{"run": NINE}])
    put_aside(project)
    integrate(folder)
    assert git(project, "diff", "HEAD~1", "HEAD", "--stat").splitlines()[-1].strip() == "1 file changed, 1 insertion(+)"
    assert git(project, "log", "-1", "--format=%an", "HEAD") == "Ada"
    assert git(project, "log", "-1", "--format=%an", "HEAD^2") == "orchestra"
    message = git(project, "log", "-1", "--format=%B", "HEAD")
    assert f"Orchestra-Commit: {changes(folder, 'w1-implementer').commit}" in message


CHAIN = [
    [{"run": "echo nine >> one.txt; echo a > a; echo ok", "title": "a"}],
    [{"run": "sed -i s/nine/NINE/ one.txt; echo b > b; echo ok", "title": "b", "base": "w1-a"}],
]


@pytest.mark.parametrize("begun", [nothing, unfinished], ids=["all committed", "begun by the user"])
@pytest.mark.parametrize(
    "which", [[None], ["w1-a", "w2-b"], ["w2-b", "w1-a"]], ids=["all", "in turn", "the last first"]
)
def test_a_writer_that_built_on_another(which: list[str | None], begun: Act, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    begun(project)
    _, folder = played(project, *CHAIN)
    commit(project) if begun is unfinished else None
    told = [state for one in which for state in states(integrate(folder, one))]
    assert (
        told
        == {
            None: [("w1-a", State.WITHIN), ("w2-b", State.MERGED)],
            "w1-a": [("w1-a", State.MERGED), ("w2-b", State.MERGED)],
            "w2-b": [("w2-b", State.MERGED), ("w1-a", State.THERE)],
        }[which[0]]
    )
    assert (project / "one.txt").read_text().endswith("eight\nNINE\n")
    assert (project / "a").exists()
    assert (project / "b").exists()


def states(done: tuple[Integration, ...]) -> list[tuple[str, State]]:
    return [(writer.worker, writer.state) for one in done for writer in one.writers]


def test_what_was_put_together_is_taken_over_as_one(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    unfinished(project)
    rounds = [
        [{"run": "echo a > a; echo ok", "title": "a"}, {"run": "echo b > b; echo ok", "title": "b"}],
        [{"run": "cat a b; echo c > c", "title": "c", "base": "together"}],
    ]
    _, folder = played(project, *rounds)
    finish(project)
    assert states(integrate(folder)) == [
        ("w1-a", State.WITHIN),
        ("w2-b", State.WITHIN),
        ("w3-c", State.MERGED),
    ]
    assert all((project / name).exists() for name in "abc")
    assert states(integrate(folder, "w1-a")) == [("w1-a", State.THERE)]


REFUSED: list[tuple[str, Act, str]] = [
    ("a change", lambda project: write(project, "src/app.py", "x\n"), "Not everything is committed in your tree: src/"),
    ("a staged file", lambda project: (write(project, "new", "x"), git(project, "add", "new")), "committed in your"),
    ("a deleted file", lambda project: (project / "run.sh").unlink(), "run.sh"),
    ("a file in the way", lambda project: write(project, "made/by/worker", "mine\n"), "lie where changed ones belong"),
    ("a link in the way", lambda project: (project / "made").symlink_to("/etc"), "lie where changed ones belong: made"),
    (
        "an ignored file in the way",
        lambda project: (write(project, ".git/info/exclude", "made\n"), write(project, "made/by/worker", "mine")),
        "lie where changed ones belong: made/by/worker",
    ),
    ("a file said to be unchanged", lambda project: kept_from_git(project, "--assume-unchanged"), "belong: one.txt"),
    ("a file to be passed over", lambda project: kept_from_git(project, "--skip-worktree"), "belong: one.txt"),
]


@pytest.mark.parametrize(("what", "act", "said"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_not_committed_is_never_touched(what: str, act: Act, said: str, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [{"run": "mkdir -p made/by; echo x > made/by/worker; echo y >> one.txt; echo ok"}])
    act(project)
    before = seen(project)
    with pytest.raises(UsageError) as told:
        integrate(folder)
    assert said in told.value.what
    assert "again" in str(told.value.next_step)
    assert seen(project) == before


def test_an_untracked_file_that_is_not_in_the_way_stays(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    write(project, "notes.md", "mine\n")
    _, folder = played(project, [{"run": NINE}])
    assert integrate(folder)[0].writers[0].state is State.MERGED
    assert (project / "notes.md").read_text() == "mine\n"
    assert git(project, "status", "--porcelain") == "?? notes.md"


def test_without_a_branch_head_moves(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    git(project, "checkout", "--quiet", "--detach")
    main = git(project, "rev-parse", "main")
    _, folder = played(project, [{"run": NINE}])
    (done,) = integrate(folder)
    assert done.into == "HEAD (no branch)"
    assert git(project, "rev-parse", "main") == main
    assert git(project, "rev-parse", "HEAD^") == main


def test_without_a_name_for_the_user(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [{"run": NINE}])
    for key in ("name", "email"):
        git(project, "config", "--unset", f"user.{key}")
    git(project, "config", "user.useConfigOnly", "true")
    integrate(folder)
    assert git(project, "log", "-1", "--format=%an") == "orchestra"


def test_before_the_first_commit_there_is_nothing_to_merge_into(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "--quiet")
    write(project, "one.txt", "one\n")
    _, folder = played(project, [{"run": NINE}])
    with pytest.raises(UsageError, match="no commit yet"):
        integrate(folder)
    git(project, "config", "user.name", "Ada")
    git(project, "config", "user.email", "a@b")
    commit(project)
    assert integrate(folder)[0].writers[0].state is State.MERGED
    assert (project / "one.txt").read_text() == "one\nnine\n"


def test_whom_there_is_nothing_to_take_over_from(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [{"run": "echo x > x; echo ok", "scope": "scratch"}])
    with pytest.raises(UsageError, match="kept changes"):
        integrate(folder)
    _, folder = played(project, [{"run": NINE}])
    with pytest.raises(UnknownName, match="w1-implementer"):
        integrate(folder, "w9-nobody")


@pytest.mark.parametrize("gone", ["the commit", "the repository"])
def test_what_is_gone_is_said(gone: str, tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [{"run": NINE}])
    if gone == "the commit":
        commit_id = str(changes(folder, "w1-implementer").commit)
        (project / ".git/objects" / commit_id[:2] / commit_id[2:]).unlink()
    else:
        (project / ".git").rename(tmp_path / "taken away")
    with pytest.raises(OrchestraError) as told:
        integrate(folder)
    assert told.value.what in (
        f"The commit of w1-implementer ({str(changes(folder, 'w1-implementer').commit)[:10]}) is not in the "
        "repository any more.",
        "There is no git repository any more.",
    )


def test_a_lock_that_was_left_is_named_and_nothing_is_touched(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [{"run": NINE}])
    write(project, ".git/index.lock", "")
    before = files(project)
    with pytest.raises(StateUnusable) as told:
        integrate(folder)
    assert "index.lock" in told.value.what
    assert told.value.where == project
    assert str(told.value.next_step) == f"Mend that, then `orchestra integrate {folder.id}` again."
    assert files(project) == before
    (project / ".git/index.lock").unlink()
    assert states(integrate(folder)) == [("w1-implementer", State.MERGED)]


def test_only_one_at_a_time(tmp_path: Path) -> None:
    project = repository(tmp_path / "project")
    _, folder = played(project, [{"run": NINE}])
    with (
        exclusive(folder.path.parent / ".integrate.lock", StateUnusable("never")),
        pytest.raises(UsageError, match="Another `orchestra integrate` is at work"),
    ):
        integrate(folder)


# ── outside git ──────────────────────────────────────────────────────────────────────────────────────────────────────


def plain_run(tmp_path: Path, *rounds: list[dict[str, Any]]) -> tuple[Path, RunFolder]:
    project = tmp_path / "plain"
    (project / ".orchestra").mkdir(parents=True)
    write(project, "text.md", "one\ntwo\nthree\nfour\nfive\nsix\n")
    write(project, "dos.txt", "a\r\nb\r\n")
    write(project, ".gitattributes", "*.txt text eol=lf\n")
    _, folder = played(project, *rounds)
    return project, folder


def test_outside_git_the_folder_is_changed_by_a_patch(tmp_path: Path) -> None:
    work = "sed -i s/one/ONE/ text.md; printf 'c\\r\\n' >> dos.txt; printf '\\0\\1' > bin; echo ok"
    project, folder = plain_run(
        tmp_path, [{"run": work}], [{"run": "echo seven >> text.md; echo ok", "base": "w1-implementer"}]
    )
    write(project, "text.md", "one\ntwo\nthree\nfour, and mine\nfive\nsix\n")
    write(project, "mine.md", "mine\n")
    assert states(integrate(folder, dry_run=True)) == states(integrate(folder))
    assert (project / "text.md").read_text() == "ONE\ntwo\nthree\nfour, and mine\nfive\nsix\nseven\n"
    assert (project / "dos.txt").read_bytes() == b"a\r\nb\r\nc\r\n"
    assert (project / "bin").read_bytes() == b"\0\1"
    assert (project / "mine.md").read_text() == "mine\n"
    assert states(integrate(folder)) == [("w1-implementer", State.WITHIN), ("w2-implementer", State.THERE)]


def test_outside_git_a_conflict_touches_nothing(tmp_path: Path) -> None:
    project, folder = plain_run(tmp_path, [{"run": "sed -i s/one/ONE/ text.md; echo x > x; echo ok"}])
    write(project, "text.md", "eins\ntwo\nthree\nfour\nfive\nsix\n")
    before = files(project)
    (done,) = integrate(folder)
    assert done.conflict is not None
    assert done.conflict.conflicts == ("text.md",)
    assert done.conflict.by_hand.startswith("git apply --reject ")
    assert files(project) == before


def test_outside_git_a_folder_that_was_still_to_be_made(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / ".orchestra").mkdir(parents=True)
    new = tmp_path / "new" / "thing"
    _, folder = played(project, [{"run": "echo hello > hello.txt; echo ok", "cwd": str(new)}])
    assert not new.exists()
    (done,) = integrate(folder)
    assert done.into == str(new)
    assert files(new) == {"hello.txt": ("file", b"hello\n")}
