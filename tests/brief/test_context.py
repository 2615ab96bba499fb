"""Context Packs: from any form the same bytes, bounded, and strict about what is no field."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.brief.context_file import blank, context_pack, read
from orchestra.brief.context_pack import MOST, ContextPack
from orchestra.brief.repository import facts
from orchestra.errors import UsageError
from tests.brief.conftest import Repository

FORMS = {
    "pack.toml": """
# a comment
goal = "Ship 1.10"
non-goals = ["No rewrite"]
constraints = ["keep: the API", \"\"\"two
lines\"\"\"]
pointers = ["src/app.py is the door"]
success_check = "pytest -q"
citation_style = "APA 7"
""",
    "pack.md": """---
goal: Ship 1.10
constraints:
  - "keep: the API"
  - |
    two
    lines
citation_style: APA 7
---
<!-- a comment
# Not a heading
-->
# Non-goals
- No rewrite

## Pointers

* src/app.py is the door

### Success check:
pytest -q
""",
    "plain.md": """Ship 1.10

# Non Goals
No rewrite

# Constraints
1. keep: the API
2. two
   lines

# Pointers
src/app.py is the door

# Success check
pytest -q

# Citation style
APA 7
""",
    "pack.yaml": """goal: 'Ship 1.10'
non_goals: No rewrite
constraints: ["keep: the API", "two\\nlines"]
pointers: [src/app.py is the door]
success_check: pytest -q
citation_style: APA 7
prior_decisions:
""",
}
RENDERED = """CONTEXT PACK: what cannot be inferred from the tree. It frames your task and adds no other.
GOAL: Ship 1.10
NON-GOALS:
- No rewrite
CONSTRAINTS:
- keep: the API
- two
  lines
- Citations and references follow APA 7.
POINTERS:
- src/app.py is the door
SUCCESS CHECK: pytest -q"""


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_form_gives_the_same_bytes(tmp_path: Path, name: str, ends: str) -> None:
    file = tmp_path / name
    file.write_bytes(FORMS[name].replace("\n", ends).encode("utf-8-sig"))
    assert read(file).render() == RENDERED


def test_python_gives_the_same_bytes() -> None:
    said = {
        "goal": " Ship 1.10 \n",
        "non_goals": "No rewrite",
        "constraints": ["keep: the API", "two\nlines  "],
        "pointers": ("src/app.py is the door", " "),
        "success_check": ["pytest -q"],
        "citation_style": "APA 7",
    }
    assert ContextPack(**said).render() == RENDERED
    assert context_pack(said).render() == RENDERED
    assert context_pack(ContextPack(**said)).render() == RENDERED


def test_what_says_nothing_is_nothing() -> None:
    assert not ContextPack()
    assert ContextPack().render() == ""
    assert context_pack(None, goal="", constraints=()).render() == ""
    assert context_pack({"goal": None, "pointers": ["", "  "]}).render() == ""


def test_what_is_said_besides_replaces_a_text_and_is_added_to_a_list(tmp_path: Path) -> None:
    file = tmp_path / "pack.toml"
    file.write_text('goal = "one"\nconstraints = ["a", "b"]\nsuccess_check = "make"\n')
    both = context_pack(file, goal="two", constraints=("b", "c"), success_check=None, citation_style="MLA 9")
    assert both == ContextPack(goal="two", constraints=("a", "b", "c"), success_check="make", citation_style="MLA 9")
    assert context_pack(str(file)).goal == "one"


WRONG: list[tuple[str, str, int | None, str]] = [
    ("a.toml", 'goal = "x"\nnon_golas = ["y"]\n', 2, "has no field 'non_golas'. Did you mean 'non_goals'?"),
    ("a.toml", 'goal = "x"\n\n[pointer]\nx = 1\n', 3, "no field 'pointer'. Did you mean 'pointers'?"),
    ("a.toml", "goal = 7\n", 1, "'goal' is a text or a list of texts, not 7."),
    ("a.toml", "pointers = [1, 2]\n", 1, "'pointers' is a text or a list of texts"),
    ("a.toml", "goal = \n", 1, "is not TOML"),
    ("a.toml", 'goal = "x"\ngoal = "y"\n', 2, "Cannot overwrite a value"),
    ("a.toml", "goal = ", None, "is not TOML"),
    ("a.md", "---\ngoal: x\nconstraint: y\n---\n", 3, "Did you mean 'constraints'?"),
    ("a.md", "text\n\n# Goals\n- x\n", 3, "no field 'Goals'. Did you mean 'goal'?"),
    ("a.md", "---\ngoal: x\n---\n\nagain\n", 5, "'goal' is said twice."),
    ("a.md", "---\ngoal: x\n", 1, "front matter of the Context Pack has no end"),
    ("a.md", "---\ngoal: [x\n---\n", 3, "cannot be read"),
    ("a.md", "---\npointers:\n  - key: value\n---\n", 2, "'pointers' is a text or a list of texts"),
    ("a.yaml", "- x\n", 1, "is made of `field: value`"),
    ("a.yaml", "goal: {a: b}\n", 1, "'goal' is a text or a list of texts"),
    ("a.json", "{}", None, "not from 'a.json'"),
    ("a.toml", "x" * 1_000_001, None, "too large to be a Context Pack"),
]


@pytest.mark.parametrize(("name", "text", "line", "said"), WRONG, ids=[wrong[3] for wrong in WRONG])
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, name: str, text: str, line: int | None, said: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        read(file)
    assert said in raised.value.what
    assert str(raised.value.where) == (f"{file}:{line}" if line else str(file))
    assert raised.value.exit_code == 2


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read") as raised:
        read(tmp_path / "a.toml")
    assert "context init" in str(raised.value.next_step)
    (tmp_path / "a.toml").write_bytes(b"goal = '\xff'")
    with pytest.raises(UsageError, match="not UTF-8"):
        read(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [({"gaol": "x"}, "Did you mean 'goal'?"), ({"pointers": 7}, "pointers"), ({"goal": 7}, "goal")],
)
def test_wrong_values_from_a_program(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        context_pack(said)
    assert sentence in raised.value.what


def test_a_pack_that_is_too_long_says_what_to_cut_and_is_never_cut() -> None:
    pack = ContextPack(goal="g" * 100, pointers=("p" * 9_000,), prior_decisions=("d" * 6_000, "e" * 6_000))
    with pytest.raises(UsageError) as raised:
        pack.render()
    assert "16,000 are the most" in raised.value.what
    assert "The longest: PRIOR DECISIONS 12,022, POINTERS 9,012, GOAL 106." in str(raised.value.next_step)
    assert len(ContextPack(goal="g" * 15_000).render()) < MOST


texts = st.text(max_size=30)
packs = st.builds(
    ContextPack, goal=texts, non_goals=st.lists(texts, max_size=3), constraints=st.lists(texts, max_size=3),
    pointers=st.lists(texts, max_size=3), prior_decisions=st.lists(texts, max_size=3), success_check=texts,
)  # fmt: skip


@given(packs, packs)
def test_the_same_pack_gives_the_same_bytes_and_survives_json(pack: ContextPack, more: ContextPack) -> None:
    again = ContextPack.model_validate_json(pack.model_dump_json())
    assert again == pack
    assert again.render() == pack.render()
    assert (pack | more) | more == pack | more
    assert pack | ContextPack() == pack
    heads = [line for line in pack.render().split("\n") if line and not line.startswith((" ", "- "))]
    assert all(":" in line for line in heads), "nothing a value says can look like a field of the pack"


# ── one to fill in ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_facts_of_a_repository(repository: Repository) -> None:
    repository.commit(
        {
            "README.md": "[![badge](x)](y)\n\n# The Thing\n\n<p>\nIt does things.\n",
            "pyproject.toml": "[tool.pytest.ini_options]\n",
            "Makefile": "build:\n\ttrue\ntest: build\n\tpytest\n",
            "package.json": '{"scripts": {"test": "jest"}}',
            "yarn.lock": "x\n",
            "src/a.py": "1\n",
            "src/b.py": "2\n",
            "web/c.ts": "3\n",
        }
    )
    repository.commit({"docs/x.md": "y\n"})
    found = facts(repository.root)
    assert found.languages == ("Markdown (2 files)", "Python (2 files)", "TypeScript (1 file)")
    assert found.test_commands == ("make test", "pytest", "yarn test")
    assert found.readme == ("# The Thing", "It does things.")
    assert len(found.history) == 2
    assert len(facts(repository.root, ["src"]).history) == 1


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        (
            {"README.md": "Run the tests with `python3 -m unittest -q`, not with `pytest`.\n"},
            ("python3 -m unittest -q",),
        ),
        ({"README.md": "```sh\npip install -q pytest\n# all of it\n$ pytest -q\n```\n"}, ("pytest -q",)),
        ({"README.md": "We run pytest.\n", "tests/test_a.py": "import unittest\n"}, ("python -m unittest",)),
        ({"tests/test_a.py": "import unittest\n", "tests/b_test.py": "def test_b(): ...\n"}, ("pytest",)),
        ({"tox.ini": "", "test_a.py": "import unittest\n"}, ("tox",)),
        ({"a.py": "import unittest\n"}, ()),
    ],
)
def test_how_it_tests_itself(files: dict[str, str], commands: tuple[str, ...], repository: Repository) -> None:
    repository.commit(files)
    assert facts(repository.root).test_commands == commands


def test_a_folder_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"scripts": []}')
    found = facts(tmp_path)
    assert (found.test_commands, found.readme, found.history, found.languages) == ((), (), (), ())
    assert "no command was found" in blank(found, "context.toml")


def test_the_pack_to_fill_in_is_empty_until_it_is_filled_in(repository: Repository, tmp_path: Path) -> None:
    repository.write({"README.md": 'evil\x1b[31m "quote"\r\nsecond\n', "Makefile": "test:\n"})
    repository.commit({"a.py": "1\n"})
    file = tmp_path / "context.toml"
    file.write_text(blank(facts(repository.root), "context.toml"))
    assert not read(file)
    assert "\x1b" not in file.read_text()
    assert "for example make test" in file.read_text()
    file.write_text(file.read_text().replace('goal = ""', 'goal = "x"'))
    assert read(file).goal == "x"
