"""What decides an answer changes the key of its ask, and nothing else does."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from orchestra.brief.ask import Ask, Scope
from orchestra.brief.target import target
from orchestra.crew.keys import Keys, asked_again


class Verdict(BaseModel):
    passed: bool


class Longer(BaseModel):
    passed: bool
    why: str


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.py").write_text("one = 1\n")
    (tmp_path / "a" / "two.py").write_text("two = 2\n")
    subprocess.run(["git", "init", "-q", tmp_path / "a"], check=True)
    return tmp_path / "a"


def section_of(checkout: Path) -> Any:
    return target(["."], checkout).sections[0]


def keys(**changed: Any) -> Keys:
    return Keys(**{"engine": "codex", "model": None, "effort": None, **changed})


def key_of(ask: Ask[Any], prompt: str = "Look.", step: str = "Look", **who: Any) -> str:
    return keys(**who).key(ask, prompt, step)


CHANGES: list[tuple[str, dict[str, Any], Callable[[Ask[Any]], Ask[Any]]]] = [
    ("a byte of the prompt", {"prompt": "Look!"}, lambda ask: ask),
    ("the role", {}, lambda ask: replace(ask, role="scout")),
    ("the scope", {}, lambda ask: replace(ask, scope=Scope.SCRATCH)),
    ("the schema", {}, lambda ask: replace(ask, answer=Longer)),
    ("no schema", {}, lambda ask: replace(ask, answer=None)),
    ("web search", {}, lambda ask: replace(ask, web_search=True)),
    ("the model", {"model": "other"}, lambda ask: ask),
    ("the effort", {"effort": "high"}, lambda ask: ask),
    ("the engine", {"engine": "command:cat"}, lambda ask: ask),
    ("the step", {"step": "Look again"}, lambda ask: ask),
    ("no section", {}, lambda ask: replace(ask, section=None)),
]
STAYS: list[tuple[str, Callable[[Ask[Any]], Ask[Any]]]] = [
    ("the title in the label", lambda ask: replace(ask, title="another")),
    ("the deadlines", lambda ask: replace(ask, wall=1.0, idle=1.0)),
    ("the folder it stands in", lambda ask: replace(ask, cwd=Path("/elsewhere"))),
    ("a field of the schema that says the same", lambda ask: replace(ask, answer=Verdict)),
]


def an_ask(checkout: Path) -> Ask[Any]:
    return Ask(role="verifier", prompt="Look.", answer=Verdict, section=section_of(checkout))


@pytest.mark.parametrize(("what", "said", "change"), CHANGES, ids=[row[0] for row in CHANGES])
def test_it_changes_with(
    what: str, said: dict[str, Any], change: Callable[[Ask[Any]], Ask[Any]], checkout: Path
) -> None:
    ask = an_ask(checkout)
    assert key_of(change(ask), **said) != key_of(ask)


@pytest.mark.parametrize(("what", "change"), STAYS, ids=[row[0] for row in STAYS])
def test_it_stays_with(what: str, change: Callable[[Ask[Any]], Ask[Any]], checkout: Path) -> None:
    ask = an_ask(checkout)
    assert key_of(change(ask)) == key_of(ask)


def test_it_changes_with_a_file_of_the_section(checkout: Path) -> None:
    before = key_of(an_ask(checkout))
    (checkout / "two.py").write_text("two = 3\n")
    assert key_of(an_ask(checkout)) != before


def test_it_stays_when_the_checkout_is_moved(checkout: Path) -> None:
    before = key_of(an_ask(checkout))
    moved = checkout.rename(checkout.parent / "b")
    assert key_of(an_ask(moved)) == before


def test_equal_asks_are_told_apart_by_their_number_in_the_step(checkout: Path) -> None:
    ask = an_ask(checkout)
    once, again = keys(), keys()
    first = [once.key(ask, "Look.", "Look") for _ in range(3)]
    assert len(set(first)) == 3
    assert [again.key(ask, "Look.", "Look") for _ in range(3)] == first


def test_others_asked_between_them_do_not_change_it(checkout: Path) -> None:
    ask = an_ask(checkout)
    book = keys()
    book.key(ask, "Something else.", "Look")
    assert book.key(ask, "Look.", "Look") == key_of(ask)


def test_asking_again_changes_it_each_time(checkout: Path) -> None:
    key = key_of(an_ask(checkout))
    again = [asked_again(key, notes) for notes in ([""], ["be brief"], ["", ""], ["", "be brief"])]
    assert len({key, *again}) == 5


def test_it_changes_with_what_the_worker_builds_on(checkout: Path) -> None:
    ask = an_ask(checkout)
    keyed = {tree: keys().key(ask, "Look.", "Look", tree) for tree in (None, "4b825dc6", "9daeafb9")}
    assert len(set(keyed.values())) == 3
    assert keyed[None] == key_of(replace(ask, base="w1-implementer"))  # its name decides nothing
