"""State that cannot be used: a sentence each, exit 3, and nothing changed on disk."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestra.brief import prompts
from orchestra.crew.view import runs_of
from orchestra.errors import StateUnusable
from orchestra.project import is_repository
from tests.absent import absent
from tests.cli.house import House

LOOKS = [("status",), ("show",), ("logs",), ("wait",), ("stop",), ("resume",)]


def newer(run: Path) -> str:
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "schema_version": 99}))
    return "was written by a newer orchestra (schema 99, this one knows up to 1)"


def older(run: Path) -> str:
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({name: value for name, value in record.items() if name != "function"}))
    return "its record was written by another build, or is damaged (function is missing)"


def torn_record(run: Path) -> str:
    (run / "run.json").write_text((run / "run.json").read_text()[:100])
    return "cannot be read"


def record_in_no_encoding(run: Path) -> str:
    (run / "run.json").write_bytes(b"\xff")
    return "cannot be read: its record is not UTF-8 text."


def no_record(run: Path) -> str:
    (run / "run.json").unlink()
    return "cannot be read: No such file or directory."


def linked_log(run: Path) -> str:
    (run / "events.jsonl").rename(run / "elsewhere")
    (run / "events.jsonl").symlink_to("elsewhere")
    return "The run's log cannot be read: it is a symbolic link."


def folder_for_a_log(run: Path) -> str:
    (run / "events.jsonl").unlink()
    (run / "events.jsonl").mkdir()
    return "In the place of the run's log lies something else."


def linked_runs(run: Path) -> str:
    runs = run.parent
    runs.rename(runs.with_name("elsewhere"))
    runs.symlink_to("elsewhere")
    return "In the place of orchestra's state folder lies a symbolic link."


def file_for_a_state_folder(run: Path) -> str:
    state = run.parents[1]
    state.rename(state.with_name("elsewhere"))
    state.write_text("")
    return "In the place of orchestra's state folder lies a file."


def foreign(run: Path) -> str:
    os.chown(run, 12345, -1)
    return "The folder belongs to another user (uid 12345)."


@pytest.fixture
def ended(house: House) -> House:
    house.fails("risk")
    house.review(lenses="risk", exit=4)
    return house


@pytest.mark.parametrize(
    "spoil",
    [
        newer,
        older,
        torn_record,
        record_in_no_encoding,
        no_record,
        linked_log,
        folder_for_a_log,
        linked_runs,
        file_for_a_state_folder,
        foreign,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_a_run_that_cannot_be_used_is_told_in_a_sentence(ended: House, spoil: Callable[[Path], str]) -> None:
    if spoil is foreign and os.geteuid():
        absent("only root can give a folder away")
    run = ended.runs()[-1]
    sentence = spoil(run)
    before = ended.snapshot()
    for words in (("status", run.name), ("resume", run.name)):
        said = ended.run(*words, exit=3)
        assert sentence in said.stderr, words
        assert "where: " in said.stderr
        assert said.stdout == ""
    assert ended.snapshot() == before


@pytest.mark.parametrize("place", ["project", ".orchestra", ".orchestra with runs", ".orchestra/runs"])
def test_a_state_folder_that_cannot_be_written(ended: House, unwritable: Callable[[Path], None], place: str) -> None:
    if place == "project":
        for file in sorted((ended.project / ".orchestra").rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        (ended.project / ".orchestra").rmdir()
    elif place == ".orchestra":
        (ended.project / ".orchestra/runs").rename(ended.project / "gone")
    elif place == ".orchestra with runs":
        (ended.project / ".orchestra/.gitignore").unlink()
        place = ".orchestra"
    unwritable(ended.project / place.replace("project", "."))
    before = ended.snapshot()
    for words in ((), ("--detach",)):
        said = ended.run("review", "src", "--lenses", "risk", *words, exit=3)
        assert "cannot be" in said.stderr
        assert "where: " in said.stderr
    assert ended.snapshot() == before


@pytest.mark.parametrize("words", [("resume", "last"), ("resume", "last", "--detach"), ("retry", "last", "w1")])
def test_a_run_folder_that_cannot_be_written(
    ended: House, unwritable: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    run = ended.runs()[-1]
    (run / "run.lock").unlink()
    unwritable(run)
    before = ended.snapshot()
    said = ended.run(*words, exit=3).stderr
    assert "The run's lock cannot be taken" in said
    assert ended.snapshot() == before
    assert ended.json("status")["state"] == "incomplete"


@pytest.fixture
def strangers() -> Iterator[Path]:
    """A project whose state folder is closed to whoever looks: to root, by looking as nobody."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        project.chmod(0o755)
        (project / ".orchestra/prompts/lenses").mkdir(parents=True)
        (project / ".orchestra").chmod(0o600)
        if root := os.geteuid() == 0:
            os.setresuid(65534, 65534, 0)
        try:
            yield project
        finally:
            if root:
                os.setresuid(0, 0, 0)
            (project / ".orchestra").chmod(0o700)


def test_a_state_folder_that_is_closed_is_told_and_not_taken_for_an_empty_one(strangers: Path) -> None:
    for look in (runs_of, lambda project: prompts.names("lenses", project)):
        with pytest.raises(
            StateUnusable, match=r"folder \.orchestra is closed to you; it belongs to uid \d+\."
        ) as told:
            look(strangers)
        assert told.value.where == strangers / ".orchestra"
        assert "Run orchestra as that user" in str(told.value)
    assert not is_repository(strangers / ".orchestra")


def test_a_link_where_a_lock_or_a_request_should_lie(ended: House) -> None:
    run = ended.runs()[-1]
    target = ended.project / "precious"
    target.write_text("keep me")
    (run / "run.lock").unlink()
    (run / "run.lock").symlink_to(target)
    assert "The run's lock cannot be taken: it is a symbolic link." in ended.run("resume", exit=3).stderr
    assert target.read_text() == "keep me"


def test_a_worker_starts_no_workers(house: House) -> None:
    house.environment["ORCHESTRA_WORKER"] = "w1"
    for words in (("review", "src"), ("review", "src", "--detach")):
        assert "workers start no workers" in house.run(*words, exit=2).stderr
    assert not (house.project / ".orchestra").exists()
