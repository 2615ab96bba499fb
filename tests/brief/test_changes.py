"""What changed: uncommitted, since a branch, in a commit; with the lines of the tree as it stands."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestra.brief.patch import Hunk, carried, joined, read_patch
from orchestra.brief.target import target
from orchestra.brief.target_file import Lines
from orchestra.errors import TargetInvalid, UsageError
from tests.brief.conftest import Repository

TEN = "".join(f"line {n}\n" for n in range(1, 11))


def changed(repository: Repository, **which: object) -> dict[str, tuple[str, list[str]]]:
    found = target([], repository.root, **which)  # type: ignore[arg-type]  # a table
    return {
        file.path: (file.change.kind, [str(lines) for lines in file.change.lines])
        for file in found.files
        if file.change
    }


EDITS = [
    ("a line changed", TEN.replace("line 4\n", "LINE 4\n"), ["4"]),
    ("lines added", TEN.replace("line 4\n", "line 4\nnew\nnew\n"), ["5-6"]),
    ("lines removed: the two around the gap", TEN.replace("line 4\nline 5\n", ""), ["3-4"]),
    ("removed at the beginning", TEN.replace("line 1\n", ""), ["1"]),
    ("removed at the end", TEN.replace("line 10\n", ""), ["9"]),
    ("two places", TEN.replace("line 2\n", "x\n").replace("line 9\n", "y\n"), ["2", "9"]),
    ("the last newline", TEN.rstrip("\n"), ["10"]),
    ("lines that look like a diff", TEN + "--- a/x\n+++ b/x\n@@ -1 +1 @@\ndiff --git a/x b/x\n", ["11-14"]),
    ("carriage returns and form feeds", TEN.replace("line 4\n", "a\rb\x0cc\n"), ["4"]),
]


@pytest.mark.parametrize(("story", "content", "lines"), EDITS, ids=[edit[0] for edit in EDITS])
def test_the_lines_that_changed(repository: Repository, story: str, content: str, lines: list[str]) -> None:
    repository.commit({"a.txt": TEN})
    repository.write({"a.txt": content})
    assert changed(repository, uncommitted=True) == {"a.txt": ("changed", lines)}


def test_uncommitted_is_staged_unstaged_new_renamed_and_deleted(repository: Repository) -> None:
    repository.commit({"staged.py": TEN, "unstaged.py": TEN, "old.py": TEN, "gone.py": "1\n2\n", "same.py": TEN})
    repository.write({"staged.py": TEN + "x\n", ".gitignore": "*.log\n"})
    repository.git("mv", "old.py", "moved.py")
    repository.git("add", "-A")
    repository.write({"unstaged.py": "y\n" + TEN, "new.py": "1\n2\n", "noise.log": "z\n", "new.bin": b"\0"})
    (repository.root / "gone.py").unlink()
    found = target([], repository.root, uncommitted=True)
    assert changed(repository, uncommitted=True) == {
        ".gitignore": ("added", []),
        "moved.py": ("renamed", []),
        "new.py": ("added", []),
        "staged.py": ("changed", ["11"]),
        "unstaged.py": ("changed", ["1"]),
    }
    assert found.compared is not None
    assert found.compared.deleted == ("gone.py",)
    assert found.compared.words == "uncommitted changes"
    assert found.words == ". (uncommitted changes)"
    assert [(one.path, one.reason) for one in found.left_out] == [("new.bin", "binary")]
    new = next(file for file in found.files if file.path == "new.py")
    assert [str(lines) for lines in new.changed] == ["1-2"]


def test_uncommitted_before_the_first_commit_is_everything(repository: Repository) -> None:
    repository.write({"a.py": "1\n", "b.py": "2\n"})
    repository.git("add", "a.py")
    assert changed(repository, uncommitted=True) == {"a.py": ("added", []), "b.py": ("added", [])}


def test_a_base_is_where_the_branches_parted(repository: Repository) -> None:
    repository.commit({"a.py": TEN, "b.py": TEN})
    repository.git("switch", "-qc", "feature")
    repository.commit({"a.py": TEN + "mine\n"})
    repository.git("switch", "-q", "main")
    repository.commit({"b.py": TEN + "theirs\n"})
    repository.git("switch", "-q", "feature")
    repository.write({"c.py": "not yet committed\n"})
    assert changed(repository, base="main") == {"a.py": ("changed", ["11"]), "c.py": ("added", [])}
    found = target([], repository.root, base="main")
    assert found.words == ". (changes since main)"
    assert [section.compared for section in found.sections] == [found.compared]


def test_a_commit_is_what_it_did_in_the_lines_of_today(repository: Repository) -> None:
    first = repository.commit({"a.py": TEN, "b.py": TEN, "c.py": TEN})
    commit = repository.commit({"a.py": TEN + "added\n", "b.py": TEN.replace("line 5", "LINE 5"), "c.py": "short\n"})
    repository.commit({"b.py": "one\ntwo\n" + TEN.replace("line 5", "LINE 5")}, gone=("c.py",))
    found = target([], repository.root, commit=commit[:9])
    assert changed(repository, commit=commit) == {"a.py": ("changed", ["11"]), "b.py": ("changed", ["7"])}
    assert [(one.path, one.reason) for one in found.left_out] == [("c.py", "no longer there")]
    assert {file.path: file.change and file.change.note for file in found.files} == {
        "a.py": "",
        "b.py": "it changed again since that commit; the lines named are those of today",
    }
    assert changed(repository, commit=first).keys() == {"a.py", "b.py"}  # the first has no parent


def test_a_merge_is_compared_with_its_first_parent(repository: Repository) -> None:
    repository.commit({"a.py": TEN})
    repository.git("switch", "-qc", "side")
    repository.commit({"b.py": TEN})
    repository.git("switch", "-q", "main")
    repository.commit({"c.py": TEN})
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    assert changed(repository, commit="HEAD").keys() == {"b.py"}


def test_only_what_is_named_and_not_excluded(repository: Repository) -> None:
    repository.commit({"src/a.py": TEN, "docs/b.md": TEN})
    repository.write({"src/a.py": "1\n", "docs/b.md": "2\n", "src/new.py": "3\n", "src/new_test.py": "4\n"})
    found = target(["../src"], repository.root / "docs", uncommitted=True, exclude=["*_test.py"])
    assert [file.path for file in found.files] == ["src/a.py", "src/new.py"]


def test_nobodys_configuration_changes_the_answer(repository: Repository) -> None:
    repository.commit({"sub/a.py": TEN, "b.py": TEN})
    repository.git("mv", "b.py", "c.py")
    repository.write({"sub/a.py": TEN + "x\n"})
    usual = target([], repository.root, uncommitted=True)
    for name, value in {
        "diff.noprefix": "true", "diff.mnemonicPrefix": "true", "color.ui": "always", "diff.context": "0",
        "diff.interHunkContext": "20", "diff.renames": "false", "diff.external": "false", "diff.relative": "true",
        "core.quotePath": "true", "diff.algorithm": "minimal", "core.fsmonitor": "false",
    }.items():  # fmt: skip
        repository.git("config", name, value)
    assert target([], repository.root, uncommitted=True) == usual


ODD = [
    "sp ace.py",
    'qu"ote.py',
    "back\\slash.py",
    "\u00fc.py",
    "tab\there.py",
    "-dash.py",
    "a b/c d.py",
    "[x].py",
    "x => y.py",
]


def test_odd_names(repository: Repository) -> None:
    repository.commit(dict.fromkeys(ODD, TEN))
    repository.write(dict.fromkeys(ODD, TEN + "x\n"))
    found = target([], repository.root, uncommitted=True)
    assert {file.path for file in found.files} == set(ODD) - {"tab\there.py"}
    assert [one.path for one in found.left_out] == ["tab\\there.py"]
    assert changed(repository, uncommitted=True)["sp ace.py"] == ("changed", ["11"])
    only = target(["[x].py"], repository.root, uncommitted=True)
    assert [file.path for file in only.files] == ["[x].py"]


def test_a_long_diff_is_named_and_not_carried(repository: Repository) -> None:
    repository.commit({"a.txt": "x\n" * 20_000})
    repository.write({"a.txt": "y\n" * 20_000})
    (file,) = target([], repository.root, uncommitted=True).files
    assert file.change is not None
    assert file.change.diff == ""
    assert file.change.note == "its diff of 40,000 lines is too long to be shown"
    assert [str(lines) for lines in file.change.lines] == ["1-20000"]


# ── bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────

BAD = [
    ({"base": "mian"}, "There is no branch, tag or commit 'mian'. Did you mean 'main'?"),
    ({"commit": "0000000000"}, "There is no branch, tag or commit '0000000000'."),
    ({"base": "--output=x"}, "There is no branch, tag or commit '--output=x'."),
    ({"base": "main..feature"}, "There is no branch, tag or commit"),
    ({"base": "stranger"}, "HEAD and 'stranger' have no commit in common."),
    ({"uncommitted": True}, "Nothing that can be read changed in . (--uncommitted)."),
    ({"base": "main"}, "Nothing that can be read changed in . (--base main)."),
    ({"base": "main", "commit": "main"}, "only one can be said"),
    ({"uncommitted": True, "base": "main"}, "only one can be said"),
]


@pytest.mark.parametrize(("which", "said"), BAD, ids=[bad[1] for bad in BAD])
def test_bad_input_is_a_sentence(repository: Repository, which: dict[str, object], said: str) -> None:
    repository.commit({"a.py": TEN})
    repository.git("switch", "-q", "--orphan", "stranger")
    repository.commit({"b.py": TEN})
    repository.git("switch", "-q", "main")
    with pytest.raises(UsageError) as raised:
        target([], repository.root, **which)  # type: ignore[arg-type]  # a table
    assert said in raised.value.what
    assert raised.value.exit_code == 2
    assert not (repository.root / "x").exists()


def test_only_deletions_are_nothing_to_look_at(repository: Repository) -> None:
    repository.commit({"a.py": TEN, "b.py": TEN})
    (repository.root / "a.py").unlink()
    with pytest.raises(TargetInvalid, match=r"Left out: deleted \(1\)"):
        target([], repository.root, uncommitted=True)


def test_outside_of_a_repository_there_is_nothing_to_compare_with(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.py": TEN})
    (tmp_path / "loose.py").write_text("1\n")
    for asked in (["../loose.py"], ["a.py", "../loose.py"]):
        with pytest.raises(TargetInvalid, match=r"loose\.py lies in no git repository, so --base main has no meaning"):
            target(asked, repository.root, base="main")
    with pytest.raises(TargetInvalid, match="lies in no git repository"):
        target([], tmp_path, uncommitted=True)
    other = Repository(tmp_path / "other")
    other.commit({"b.py": TEN})
    with pytest.raises(TargetInvalid, match="is about one repository"):
        target(["a.py", "../other/b.py"], repository.root, base="main")


def test_a_shallow_clone_says_so(repository: Repository, tmp_path: Path) -> None:
    repository.commit({"a.py": TEN})
    repository.git("switch", "-qc", "feature")
    repository.commit({"a.py": TEN + "x\n"})
    repository.git("switch", "-q", "main")
    repository.commit({"b.py": TEN})
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", f"file://{repository.root}", str(clone)], check=True
    )
    with pytest.raises(TargetInvalid, match="in this shallow clone") as raised:
        target([], clone, base="origin/feature")
    assert "git fetch --unshallow" in str(raised.value.next_step)


# ── the laws of a patch ──────────────────────────────────────────────────────────────────────────────────────────────

texts = st.lists(st.sampled_from(["a", "b", "c", "d", "", "--- x", "+++ y", "@@ -1 +1 @@"]), max_size=25)


def diff(old: list[str], new: list[str], folder: Path) -> bytes:
    for name, lines in (("old", old), ("new", new)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    command = ["git", "diff", "--no-index", "--no-color", "--no-ext-diff", "-U3", "old", "new"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, texts)
def test_what_is_not_touched_stood_there_before(tmp_path: Path, old: list[str], new: list[str]) -> None:
    patches = list(read_patch(diff(old, new, tmp_path)))
    touched = {n for patch in patches for span in patch.lines for n in range(span.first, span.last + 1)}
    untouched = [line for number, line in enumerate(new, 1) if number not in touched]
    before = iter(old)
    assert all(line in before for line in untouched), "the rest is a part of the old version, in its order"
    assert bool(patches) == (old != new)
    if new and old != new:
        assert touched
        assert touched <= set(range(1, len(new) + 1))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, texts)
def test_a_line_that_stayed_is_carried_to_where_it_stands(tmp_path: Path, old: list[str], new: list[str]) -> None:
    command = ["git", "diff", "--no-index", "--no-color", "--no-ext-diff", "-U0", "old", "new"]
    diff(old, new, tmp_path)
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout
    hunks = [hunk for patch in read_patch(said) for hunk in patch.hunks]
    gone = {n for hunk in hunks for n in range(hunk.old, hunk.old + hunk.old_count)}
    for number, line in enumerate(old, 1):
        there = carried([Lines(first=number, last=number)], hunks)
        if number not in gone:
            (span,) = there
            assert span.first == span.last
            assert new[span.first - 1] == line


def test_lines_that_were_removed_since_are_dropped() -> None:
    assert carried([Lines(first=3, last=4)], [Hunk(2, 4, 1, 0)]) == ()
    assert carried([Lines(first=1, last=9)], [Hunk(4, 2, 4, 5)]) == (Lines(first=1, last=12),)


def test_neighbours_are_joined() -> None:
    spans = [Lines(first=5, last=6), Lines(first=1, last=2), Lines(first=3, last=3), Lines(first=5, last=5)]
    assert [str(span) for span in joined(spans)] == ["1-3", "5-6"]
