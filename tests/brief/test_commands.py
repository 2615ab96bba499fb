"""The commands about what workers are told, through the real command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.brief.conftest import Repository


def orchestra(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_CONFIG_HOME": str(cwd.parent / "config"), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "orchestra", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_list_of_lenses(repository: Repository) -> None:
    done = orchestra("lenses", cwd=repository.root)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) >= 10
    told = json.loads(orchestra("lenses", "--json", cwd=repository.root).stdout)
    assert told["schema_version"] == 1
    assert {"name", "meaning", "body"} <= told["lenses"][0].keys()


def test_a_template_is_shown_ejected_changed_and_then_used(repository: Repository) -> None:
    shown = orchestra("prompts", "show", "lenses/risk", cwd=repository.root)
    assert shown.stdout.startswith("---\nmeaning: ")
    assert "built in" in shown.stderr
    assert orchestra("prompts", "eject", "risk", cwd=repository.root).returncode == 0
    own = repository.root / ".orchestra/prompts/lenses/risk.md"
    assert own.read_text() == shown.stdout
    again = orchestra("prompts", "eject", "risk", cwd=repository.root)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    own.write_text("---\nmeaning: Mine?\n---\nmine\n")
    assert orchestra("prompts", "show", "risk", cwd=repository.root).stdout == own.read_text()
    assert "Mine?" in orchestra("lenses", cwd=repository.root).stdout
    listed = json.loads(orchestra("prompts", "list", "--json", cwd=repository.root).stdout)["templates"]
    assert [(one["origin"], one["used"]) for one in listed if one["name"] == "risk"] == [
        ("project", True), ("built in", False),
    ]  # fmt: skip
    assert "not used: another one wins" in orchestra("prompts", "list", cwd=repository.root).stdout
    assert ".orchestra/prompts" in repository.git("status", "--porcelain", "-uall")


def test_a_template_for_all_projects(repository: Repository) -> None:
    assert orchestra("prompts", "eject", "reviewer", "--user", cwd=repository.root).returncode == 0
    assert (repository.root.parent / "config/orchestra/prompts/roles/reviewer.md").is_file()
    assert not (repository.root / ".orchestra").exists()


def test_a_context_pack_is_begun_and_not_overwritten(repository: Repository) -> None:
    repository.commit({"src/a.py": "1\n", "Makefile": "test:\n"})
    begun = orchestra("context", "init", "--target", "src", cwd=repository.root)
    assert begun.returncode == 0
    file = repository.root / ".orchestra/context.toml"
    assert "tests: make test" in file.read_text()
    assert "recent history of src:" in file.read_text()
    again = orchestra("context", "init", cwd=repository.root)
    assert again.returncode == 2
    elsewhere = orchestra("context", "init", "packs/mine.toml", cwd=repository.root)
    assert elsewhere.returncode == 0
    assert "--context packs/mine.toml" in (repository.root / "packs/mine.toml").read_text()


WRONG = [
    (("prompts", "show", "reviewr"), "Did you mean 'reviewer'?"),
    (("prompts", "show", "../../secret"), "There is no template"),
    (("prompts", "eject", "mine"), "There is no template"),
    (("context", "init", "pack.md"), "should end in .toml"),
    (("context", "init", "--target", "/etc"), "lies outside"),
    (("context", "init", "--target", "gone"), "does not exist"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[wrong[1] for wrong in WRONG])
def test_bad_input_is_a_sentence(repository: Repository, arguments: tuple[str, ...], said: str) -> None:
    done = orchestra(*arguments, cwd=repository.root)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
