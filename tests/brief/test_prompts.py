"""Templates: which one wins, what they may use, and that data cannot leave its fence."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.brief import prompts
from orchestra.brief.data import as_json, fenced
from orchestra.brief.prompts import Prompt, render
from orchestra.errors import TemplateBroken, UnknownName, UsageError

PREAMBLE = """CONTEXT: WORKER
ROLE: You are a sub-agent run by the ORCHESTRATOR. Do only the assigned task.
RULES: No extra scope, no other workers. Your final output will be provided back to the ORCHESTRATOR.
"""
Own = Callable[[str, str], Path]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """Write a template of the project's own."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / ".orchestra/prompts" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


def test_every_prompt_begins_with_the_preamble_and_then_the_context(own: Own, tmp_path: Path) -> None:
    own("roles/mine", "TASK: {{ what }}")
    prompt = Prompt(template="mine", variables={"what": "this"})
    assert render(prompt, tmp_path, "GOAL: that") == f"{PREAMBLE}\nGOAL: that\n\nTASK: this\n"
    assert render("this", tmp_path) == f"{PREAMBLE}\nTASK: this\n"


def test_the_projects_wins_over_the_users_and_the_users_over_the_built_in(
    own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    assert prompts.find("lenses", "risk", tmp_path).origin == "built in"
    users = tmp_path / "home/orchestra/prompts/lenses/risk.md"
    users.parent.mkdir(parents=True)
    users.write_text("the user's")
    assert prompts.find("lenses", "risk", tmp_path).text == "the user's"
    own("lenses/risk", "the project's")
    assert prompts.find("lenses", "risk", tmp_path).text == "the project's"
    assert [one.origin for one in prompts.everything(tmp_path) if one.name == "risk"] == ["project", "user", "built in"]
    assert prompts.named("risk", tmp_path, built_in_only=True).origin == "built in"


BROKEN = [
    ("{{ missing }} {{ given }}", "it uses 'missing', which is not given"),
    ("nothing", "it never uses 'given', and all that is given has to be used"),
    (
        "{{ mising }}",
        "it uses 'mising', which is not given; it never uses 'given', and all that is given has to be used",
    ),
    ("{{ given", "unexpected end of template"),
    ("a\nb\n{{ given.foo }}", "has no attribute 'foo'"),
    ("{{ given | nosuch }}", "No filter named 'nosuch'"),
    ("{{ given.__class__.__mro__ }}", "__class__"),
    ("{% include '/etc/passwd' %}{{ given }}", "/etc/passwd"),
    ("{{ given + 1 }}", "can only concatenate str"),
]


@pytest.mark.parametrize(("source", "said"), BROKEN, ids=[broken[1] for broken in BROKEN])
def test_a_template_that_does_not_fit_is_named_with_what_is_wrong(
    own: Own, tmp_path: Path, source: str, said: str
) -> None:
    file = own("roles/mine", source)
    with pytest.raises(TemplateBroken) as raised:
        render(Prompt(template="mine", variables={"given": "x"}), tmp_path)
    assert said in raised.value.what
    assert "'mine'" in raised.value.what
    assert str(raised.value.where).startswith(str(file))


def test_the_line_of_what_is_wrong_is_named(own: Own, tmp_path: Path) -> None:
    file = own("roles/mine", "a\nb\n{{ given.foo }}")
    with pytest.raises(TemplateBroken) as raised:
        render(Prompt(template="mine", variables={"given": "x"}), tmp_path)
    assert raised.value.where == f"{file}:3"


@pytest.mark.parametrize("name", ["reviewr", "../lenses/risk", "", "risk/../../x", "."])
def test_an_unknown_name_lists_what_there_is_and_where_to_add_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownName) as raised:
        prompts.find("roles", name, tmp_path)
    assert "reviewer" in raised.value.what
    assert ".orchestra/prompts/roles/" in str(raised.value.next_step)


def test_a_project_cannot_link_a_template_to_somewhere_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    link = tmp_path / ".orchestra/prompts/lenses/mine.md"
    link.parent.mkdir(parents=True)
    link.symlink_to(secret)
    with pytest.raises(TemplateBroken, match="a file, not a link"):
        _ = prompts.find("lenses", "mine", tmp_path).text


def test_names_as_people_say_them(own: Own, tmp_path: Path) -> None:
    assert prompts.named("reviewer", tmp_path).kind == "roles"
    assert prompts.named("lenses/risk", tmp_path).name == "risk"
    own("lenses/reviewer", "x")
    with pytest.raises(UsageError, match="two templates: lenses/reviewer and roles/reviewer"):
        prompts.named("reviewer", tmp_path)
    with pytest.raises(UnknownName, match="Did you mean 'roles/scout'"):
        prompts.named("roles/scot", tmp_path)


def test_halves_of_surrogate_pairs_do_not_reach_a_file(tmp_path: Path) -> None:
    assert render("a\ud800b", tmp_path).endswith("TASK: a?b\n")


@given(st.text())
def test_no_data_can_close_its_fence(text: str) -> None:
    first, *inside, last = fenced(text).split("\n")
    assert first == last
    assert re.fullmatch("`{3,}", first)
    assert all(first not in line for line in inside)
    assert "\n".join(inside) == text.replace("\r\n", "\n").removesuffix("\n")


plain_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(plain_data)
def test_what_is_no_text_is_json(data: object) -> None:
    assert json.loads(as_json(data)) == data
    assert as_json(data) == as_json(data)
    if not isinstance(data, str):
        inside = "\n".join(fenced(data).split("\n")[1:-1])
        assert json.loads(inside) == data
