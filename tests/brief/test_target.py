"""What is looked at, what is left out and why, with git and without."""

import hashlib
import io
import os
import socket
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from orchestra.brief.target import Target, target
from orchestra.errors import TargetInvalid, UsageError
from tests.brief.conftest import Repository

FILES: dict[str, str | bytes] = {
    "README.md": "# A\n",
    "src/app.py": "print(1)\n",
    "src/deep/er/x.py": "x = 1",
    "src/latin.txt": b"caf\xe9\n",
    "logo.png": b"\x89PNG\0\0",
    "src/empty.py": "",
    "src/blank.py": " \n\n",
    "wide.txt": "h\u00e9".encode("utf-16"),
    "large.csv": "a,b\n" * 600_000,
    "package-lock.json": "{}\n",
    "lib/x.min.js": "x\n",
    "build/out.py": "y\n",
    "secret.key": "k\n",
    "node_modules/left/index.js": "z\n",
    "src/__pycache__/app.pyc": b"\0",
    ".gitignore": "build/\n*.key\n",
    "src/.gitignore": "gen*\n!generous.py\n",
    "src/generated.py": "g\n",
    "src/generous.py": "g\n",
    "sp ace's (1).txt": "s\n",
    'qu"ote\\.txt': "q\n",
    "\u00fcml\u00e4ut.md": "u\n",
}
KEPT = {
    "README.md", "src/app.py", "src/deep/er/x.py", "src/latin.txt", ".gitignore", "src/.gitignore", "src/generous.py",
    "sp ace's (1).txt", 'qu"ote\\.txt', "\u00fcml\u00e4ut.md",
}  # fmt: skip
LEFT_OUT = {
    "logo.png": "binary",
    "src/empty.py": "empty",
    "src/blank.py": "empty",
    "wide.txt": "text in UTF-16, which workers cannot read",
    "large.csv": "too large (2,400,000 bytes)",
    "package-lock.json": "a lock file",
    "lib/x.min.js": "minified",
    "build/": "ignored by git",
    "secret.key": "ignored by git",
    "src/generated.py": "ignored by git",
    "link.py": "a symbolic link",
    "pipe": "not a regular file",
    "new\\nline.txt": "its name cannot be printed",
    "over\\u202eride.txt": "its name cannot be printed",
}


@pytest.fixture(params=["with git", "without git"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same tree, in a repository and not; git is not told of all of it."""
    root = tmp_path / "tree"
    if request.param == "with git":
        made = Repository(root)
        made.commit({"README.md": FILES["README.md"], "gone.py": "deleted\n"})
        (root / "gone.py").unlink()
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    (root / "link.py").symlink_to("src/app.py")
    os.mkfifo(root / "pipe")
    (root / "new\nline.txt").write_text("n\n")
    (root / "over\u202eride.txt").write_text("n\n")
    (root / os.fsdecode(b"byte\xff.txt")).write_text("n\n")
    return root


def test_what_is_kept_and_what_is_left_out(tree: Path) -> None:
    found = target(["."], tree)
    assert {file.path for file in found.files} == KEPT
    left_out = {one.path: one.reason for one in found.left_out}
    pipe = left_out.pop("pipe", "not a regular file")  # git does not even list it
    assert pipe == "not a regular file"
    assert left_out.pop("byte\\udcff.txt") == "its name cannot be printed"
    assert left_out.pop("node_modules", None) or left_out.pop("node_modules/")
    left_out.pop("src/__pycache__", None) or left_out.pop("src/__pycache__/", None)
    assert left_out == {name: reason for name, reason in LEFT_OUT.items() if name != "pipe"}


def test_links_that_lead_out_are_known(tree: Path) -> None:
    outside = tree.parent / "outside"
    outside.mkdir()
    links = {"out": outside, "none": outside / "x", "twice": tree / "out", "in": tree / "src", "loop": tree / "loop"}
    for name, behind in links.items():
        (tree / name).symlink_to(behind)
    for asked in (".", "src"):
        leads_out = target([asked], tree).leads_out
        assert {name for name in (*links, "src", "x" * 300, "\0", "\udcff") if name in leads_out} == {
            "out",
            "none",
            "twice",
        }


def test_a_file_is_measured_once_and_its_text_is_what_stands_in_it(tree: Path) -> None:
    found = target(["src/deep"], tree)
    (file,) = found.files
    assert (file.path.removeprefix("src/deep/"), file.lines, file.size) == ("er/x.py", 1, 5)
    assert file.digest == hashlib.sha256(b"x = 1").hexdigest()
    assert found.texts[file.path] == "x = 1"
    assert "nothing" not in found.texts
    with pytest.raises(KeyError):
        found.texts["../../etc/passwd"]


NAMED = [
    ("an ignored folder that is named is meant", ["build"], {"build/out.py"}),
    ("an ignored file that is named is meant", ["secret.key"], {"secret.key"}),
    ("a lock file that is named is meant", ["package-lock.json"], {"package-lock.json"}),
    ("a folder of tools that is named is meant", ["node_modules"], {"node_modules/left/index.js"}),
    ("several", ["README.md", "src/deep", "README.md"], {"README.md", "src/deep/er/x.py"}),
    ("a link that is named is what it leads to", ["link.py"], {"src/app.py"}),
]


@pytest.mark.parametrize(("story", "asked", "kept"), NAMED, ids=[story[0] for story in NAMED])
def test_what_is_named_is_meant(tree: Path, story: str, asked: list[str], kept: set[str]) -> None:
    found = target(asked, tree)
    assert {str((found.root / file.path).relative_to(tree)) for file in found.files} == kept
    assert found.asked == tuple(asked)


def test_the_root_is_the_repository_or_the_folder_one_stands_in(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write({"a/b/c.py": "1\n"})
    assert target(["a/b"], repository.root).root == repository.root
    assert target(["c.py"], repository.root / "a/b").files[0].path == "a/b/c.py"
    (tmp_path / "loose/x").mkdir(parents=True)
    (tmp_path / "loose/x/y.py").write_text("1\n")
    assert target(["loose"], tmp_path).root == tmp_path
    assert target(["loose/x/y.py"], tmp_path).files[0].path == "loose/x/y.py"
    assert target(["../loose/x/y.py"], tmp_path / "loose").root == tmp_path / "loose"
    assert target(["../loose/x"], repository.root).root == tmp_path / "loose/x"
    # nobody wants all of a home copied for each writer
    for home in (tmp_path, tmp_path / "users/me"):
        monkeypatch.setenv("HOME", str(home))
        assert target(["loose"], tmp_path).root == tmp_path / "loose"


def test_a_repository_inside_a_repository_is_named_and_not_entered(repository: Repository) -> None:
    repository.commit({"a.py": "1\n"})
    Repository(repository.root / "inner").commit({"b.py": "2\n"})
    found = target(["."], repository.root)
    assert [file.path for file in found.files] == ["a.py"]
    assert [(one.path, one.reason) for one in found.left_out] == [("inner/", "a repository of its own")]
    both = target([".", "inner"], repository.root)
    assert [file.path for file in both.files] == ["a.py", "inner/b.py"]
    assert both.left_out == ()


def test_hundreds_of_ignored_files_are_counted(repository: Repository) -> None:
    repository.write({".gitignore": "*.o\n", **{f"{n}.o": "o\n" for n in range(300)}})
    left_out = target(["."], repository.root).left_out
    assert len(left_out) == 41
    assert left_out[-1].reason == "ignored by git: 260 more files and folders"


GLOBS = [
    ((), (), {"README.md", "app/main.py", "app/test_main.py", "docs/a.md"}),
    (("*.py",), (), {"app/main.py", "app/test_main.py"}),
    (("*.py", "docs/"), ("test_*",), {"app/main.py", "docs/a.md"}),
    ((), ("app/**", "/README.md"), {"docs/a.md"}),
    (("main.py",), (), {"app/main.py"}),
]


@pytest.mark.parametrize(("include", "exclude", "kept"), GLOBS)
def test_globs(repository: Repository, include: tuple[str, ...], exclude: tuple[str, ...], kept: set[str]) -> None:
    repository.write(dict.fromkeys(["README.md", "app/main.py", "app/test_main.py", "docs/a.md"], "x\n"))
    found = target(["."], repository.root, include=include, exclude=exclude)
    assert {file.path for file in found.files} == kept


def test_globs_may_be_said_from_where_one_stands_and_say_how_many_they_kept_away(repository: Repository) -> None:
    repository.write(dict.fromkeys(["app/gen/a.py", "app/gen/b.py", "app/main.py", "gen/c.py"], "x\n"))
    found = target([".", "../gen"], repository.root / "app", exclude=["gen/a.py", "/gen/b.py"])
    assert {file.path for file in found.files} == {"app/main.py", "gen/c.py"}
    assert [(one.path, one.reason) for one in found.left_out] == [
        ("gen/a.py", "excluded by you (1 files)"),
        ("/gen/b.py", "excluded by you (1 files)"),
    ]
    found = target(["."], repository.root, include=["main.py"])
    assert [one.reason for one in found.left_out] == ["not among the included main.py (3 files)"]


def test_what_changed_since_is_named(repository: Repository) -> None:
    repository.write({"a.py": "1\n", "b.py": "2\n", "c.py": "3\n"})
    found = target(["."], repository.root)
    assert found.changed() == ()
    (repository.root / "a.py").write_text("9\n")
    (repository.root / "b.py").unlink()
    assert found.changed() == ("a.py", "b.py")
    assert found.texts["b.py"] == ""


def test_the_digest_is_that_of_all_contents(repository: Repository) -> None:
    repository.write({"a.py": "1\n", "b.py": "2\n"})
    first = target(["."], repository.root).digest
    assert target(["a.py", "b.py"], repository.root).digest == first
    (repository.root / "a.py").write_text("1 \n")
    assert target(["."], repository.root).digest != first


def test_a_hook_of_another_repository_does_not_lead_astray(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"a.py": "1\n"})
    other = Repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert [file.path for file in target(["."], repository.root).files] == ["a.py"]


def test_a_target_survives_json(repository: Repository) -> None:
    repository.commit({"a.py": "1\n"})
    repository.write({"a.py": "2\n", "b.py": "3\n"})
    long = "# One\n\n" + "word word\n" * 20_000 + "\n# Two\n\n" + "word word\n" * 20_000
    for found in (
        target(["."], repository.root),
        target([], repository.root, uncommitted=True),
        target(["-"], repository.root, standard_input=io.BytesIO(long.encode())),
    ):
        kept = TypeAdapter(Target).validate_json(TypeAdapter(Target).dump_json(found))
        assert kept == found
        assert kept.sections == found.sections
        assert kept.digest == found.digest


# ── standard input ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_standard_input_is_a_document_of_its_own(repository: Repository) -> None:
    found = target(["-"], repository.root, standard_input=io.BytesIO(b"# Title\r\ntext\r\n"))
    assert [(file.path, file.lines) for file in found.files] == [("standard-input.txt", 2)]
    assert found.root == repository.root
    assert dict(found.texts) == {"standard-input.txt": "# Title\ntext\n"}
    assert found.sections[0].text == "# Title\ntext\n"
    assert found.changed() == ()
    assert found.words == "standard input"


def test_a_diff_on_standard_input_is_known_as_one(tmp_path: Path) -> None:
    found = target(["-"], tmp_path, standard_input=io.BytesIO(b"diff --git a/x b/x\n"))
    assert found.files[0].path == "standard-input.diff"


def test_each_section_of_standard_input_has_its_own_lines(tmp_path: Path) -> None:
    text = "".join(f"# Part {n}\n\n" + f"line of part {n}\n" * 6_000 for n in range(6))
    found = target(["-"], tmp_path, standard_input=io.BytesIO(text.encode()))
    assert len(found.sections) > 1
    assert "\n".join(section.text or "" for section in found.sections) == text.rstrip("\n")
    assert all((section.text or "").startswith("# Part") for section in found.sections)


# ── bad input ────────────────────────────────────────────────────────────────────────────────────────────────────────

BAD = [
    ([], {}, "No target was named."),
    (["nowhere.py"], {}, "The target 'nowhere.py' does not exist."),
    (["onyl/c.py"], {}, "The target 'onyl/c.py' does not exist. Did you mean 'only/c.py'?"),
    (["only/b.pgn"], {}, "The target 'only/b.pgn' does not exist. Did you mean 'only/b.png'?"),
    (["a.py/b"], {}, "The target 'a.py/b' does not exist."),
    (["x" * 5000], {}, "cannot be looked at"),
    (["nul\0"], {}, "does not exist"),
    (["hollow"], {}, "There is nothing to look at in hollow."),
    (["only"], {}, "There is nothing to look at in only. Left out: binary (2), empty (1)."),
    (["a.py"], {"include": ["*.rs"]}, "not among the included *.rs (1)"),
    (["a.py"], {"include": ["!a.py"]}, "'!a.py' is no glob."),
    (["-", "a.py"], {}, "`-` is one document"),
    (["-"], {"base": "main"}, "`-` is one document"),
    (["-"], {"standard_input": io.BytesIO(b"\0\0")}, "cannot be looked at: it is binary"),
    (["-"], {"standard_input": io.BytesIO(b" \n")}, "cannot be looked at: it is empty"),
    (["-"], {"standard_input": io.BytesIO(b"x" * 2_000_001)}, "More than 2,000,000 bytes"),
]


@pytest.mark.parametrize(("asked", "options", "said"), BAD, ids=[bad[2] for bad in BAD])
def test_bad_input_is_a_sentence(
    repository: Repository, asked: list[str], options: dict[str, object], said: str
) -> None:
    repository.write({"a.py": "1\n", "only/a.png": b"\0", "only/b.png": b"\0", "only/c.py": ""})
    (repository.root / "hollow").mkdir()
    with pytest.raises(UsageError) as raised:
        target(asked, repository.root, **options)  # type: ignore[arg-type]  # a table
    assert said in raised.value.what.replace(" files", "")
    assert raised.value.exit_code == 2


def test_a_terminal_is_no_document(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "rb") as terminal, pytest.raises(TargetInvalid, match="a terminal"):
        target(["-"], tmp_path, standard_input=terminal)
    os.close(ours)


def test_a_socket_and_a_closed_file_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1\n")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        found = target(["."], tmp_path)
    assert [(one.path, one.reason) for one in found.left_out] == [("s", "not a regular file")]


@pytest.mark.timeout(
    60
)  # half a second; one process for each file would take half a minute, and several on a busy machine
def test_ten_thousand_files_are_a_matter_of_a_second(repository: Repository) -> None:
    for folder in range(100):
        (repository.root / f"part{folder}").mkdir()
        for number in range(100):
            (repository.root / f"part{folder}/m{number}.py").write_text(f"x = {number}\n")
    found = target(["."], repository.root)
    assert len(found.files) == 10_000
    assert len(found.sections) > 200
