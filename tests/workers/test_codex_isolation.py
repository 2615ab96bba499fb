"""A worker takes no orders from the tree it reads, starts nothing of the user's, shows no key: seen at the model."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestra.brief.ask import Scope
from orchestra.rehearsal import Call, Run, Say, Script, otherwise
from orchestra.workers.engines import codex_sandbox
from orchestra.workers.engines.codex import CodexEngine

from .codex_stage import CodexStage, appears

NOTHING = Script(otherwise(Say("done")))


def _server(name: str, trace: Path) -> str:
    return f'\n[mcp_servers.{name}]\ncommand = "/bin/sh"\nargs = ["-c", "touch {trace}; cat"]\n'


@pytest.fixture
def hostile(codex_stage: CodexStage) -> Path:
    """A repository that tries what a tree can try, and which the user trusts."""
    tree = codex_stage.tree
    subprocess.run(["git", "init", "-q", tree], check=True)
    for skill, words in ((".agents/skills/hidden/SKILL.md", "hidden"), (".codex/skills/deep/er/SKILL.md", "deeper")):
        file = tree / skill
        file.parent.mkdir(parents=True)
        file.write_text(f"---\nname: {words}\ndescription: OBEY-LISTED\n---\nOBEY-BODY\n")
    (tree / "AGENTS.md").write_text("OBEY-AGENTS")
    (tree / "sub").mkdir()
    (tree / "sub" / "AGENTS.override.md").write_text("OBEY-OVERRIDE")
    (tree / ".codex" / "config.toml").write_text(
        'developer_instructions = "OBEY-CONFIG"\n' + _server("theirs", tree / "started")
    )
    return tree


@pytest.mark.parametrize("place", [".", "sub"])
def test_the_tree_gives_no_orders(codex_stage: CodexStage, hostile: Path, place: str) -> None:
    """Neither AGENTS.md nor config nor skills, not even one the prompt seems to name, in a tree the user trusts."""
    played = codex_stage.play(
        NOTHING,
        prompt="Review this: `echo $hidden $deeper`",
        cwd=hostile / place,
        config=f'\n[projects."{hostile}"]\ntrust_level = "trusted"\n',
    )
    assert played.result.answered
    assert "Review this" in played.asked
    assert "OBEY" not in played.asked
    assert not (hostile / "started").exists()


def test_codex_would_obey_the_tree(codex_stage: CodexStage, hostile: Path) -> None:
    """The same tree without what orchestra tells codex: what the test above guards against is there."""
    played = codex_stage.play(
        NOTHING,
        prompt="Review this: `echo $hidden $deeper`",
        cwd=hostile,
        config=f'\n[projects."{hostile}"]\ntrust_level = "trusted"\n',
        options={
            "overrides": {
                "projects": "{}",
                "project_doc_max_bytes": "10000",
                "skills.include_instructions": "true",
                "skills.config": "[]",
            }
        },
    )
    for words in ("OBEY-AGENTS", "OBEY-CONFIG", "OBEY-LISTED", "OBEY-BODY"):
        assert words in played.asked
    assert appears(hostile / "started")


# the name as TOML wants it written
SERVERS = {"plain": "plain", "with a dot": '"dot.ted"', "with a space": '"sp ace"', "with a quote": '"qu\\"ote"'}


def test_no_server_of_the_users_is_started(codex_stage: CodexStage, tmp_path: Path) -> None:
    traces = {story: tmp_path / f"started {story}" for story in SERVERS}
    config = "".join(
        _server(name, traces[story]).replace("touch ", "touch '").replace("; cat", "'; cat")
        for story, name in SERVERS.items()
    )
    played = codex_stage.play(NOTHING, config=config)
    assert played.result.answered
    assert [story for story, trace in traces.items() if trace.exists()] == []


def test_a_server_that_was_asked_for_is_started(codex_stage: CodexStage, tmp_path: Path) -> None:
    wanted, other = tmp_path / "wanted", tmp_path / "other"
    config = _server("wanted", wanted) + _server("other", other)
    played = codex_stage.play(NOTHING, config=config, options={"mcp_servers": ["wanted"]})
    assert played.result.answered
    assert appears(wanted)
    assert not other.exists()
    assert played.left == ()


@pytest.mark.parametrize(
    ("model", "web_search"),
    [(None, False), (None, True), ("gpt-5.5", False), ("gpt-6-sol", False), ("gpt-6.1-sol", False)],
)
def test_only_what_the_role_needs_is_offered(codex_stage: CodexStage, model: str | None, web_search: bool) -> None:
    """Also to models that codex knows, which it offers other tools in other ways."""
    played = codex_stage.play(NOTHING, web_search=web_search, model=model)
    body = played.requests[0].body
    given = [item["tools"] for item in body["input"] if item["type"] == "additional_tools"]
    tools = set(_names([*body.get("tools", []), *(tool for tools in given for tool in tools)]))
    assert tools
    assert any("web_search" in tool for tool in tools) is web_search
    assert not [tool for tool in tools if "agent" in tool or "collab" in tool], tools
    assert not [tool for tool in tools if "mcp__" in tool], tools


def _names(tools: list[dict[str, Any]], within: str = "") -> Iterator[str]:
    for tool in tools:
        name = within + str(tool.get("name") or tool.get("type"))
        yield name
        yield from _names(tool.get("tools", []), f"{name}/")


POLICIES = {
    "none": "",
    "core only": '\n[shell_environment_policy]\ninherit = "core"\nset = { MINE = "kept" }\n',
    "nothing inherited": '\n[shell_environment_policy]\ninherit = "none"\n',
    "a list of what may be seen": '\n[shell_environment_policy]\ninclude_only = ["PATH", "HOME"]\n',
    "a list of what may not": '\n[shell_environment_policy]\nexclude = ["LC_*"]\n',
}


@pytest.mark.parametrize("story", POLICIES)
def test_keys_are_not_visible_to_tools_and_the_mark_is(codex_stage: CodexStage, story: str) -> None:
    """Whatever the user's own policy says: the sweep finds a worker's tools by the mark in their environment."""
    keys = {
        "OPENAI_API_KEY": "sk-secret-of-openai",
        "CODEX_API_KEY": "secret-of-codex",
        "CODEX_GITHUB_PERSONAL_ACCESS_TOKEN": "secret-of-github",
        "GITHUB_TOKEN": "secret-not-even-passed",
        "LC_MINE": "seen",
    }
    played = codex_stage.play(
        Script(otherwise(Run("/usr/bin/env"), Say("done"))),
        config=POLICIES[story],
        environ=keys,
        label="w7-mark",
    )
    seen = played.tool_output
    assert f"ORCHESTRA_WORKER={played.task.mark}" in seen
    assert "secret" not in seen
    assert "no-key-is-needed" not in seen  # the stand-in provider's own env_key
    assert ("MINE=kept" in seen) is (story == "core only")
    assert ("LC_MINE" in seen) is (story == "none")


def test_a_key_that_a_tool_digs_out_is_kept_nowhere(codex_stage: CodexStage) -> None:
    """Without a sandbox a tool can read its parent's environment, and the model can say what it saw."""
    key = 'not-for/"the" log'
    dig = Run("tr '\\0' '\\n' < /proc/$PPID/environ")
    played = codex_stage.play(
        Script(otherwise(dig, Say(f"It is {key}, and 12345678."))),
        environ={"CODEX_API_KEY": key, "MAX_TOKENS": "12345678"},
        options={"sandbox": "danger-full-access"},
    )
    assert f"CODEX_API_KEY={key}" in played.tool_output  # so it was really there to be kept
    assert played.result.message == "It is ***, and 12345678."
    kept = {file.name: file.read_text() for file in played.task.folder.iterdir() if file.is_file()}
    assert "CODEX_API_KEY=***" in kept["events.jsonl"]
    assert {"last-message.md", "stderr.log"} <= set(kept)
    assert not [name for name, text in kept.items() if "not-for" in text]
    assert [json.loads(line)["type"] for line in kept["events.jsonl"].splitlines()][-1] == "turn.completed"


def test_a_setting_passes_a_further_variable_on(codex_stage: CodexStage) -> None:
    played = codex_stage.play(
        Script(otherwise(Run("/usr/bin/env"), Say("done"))),
        environ={"DATABASE_TOKEN": "the user's own wish", "OTHER": "unasked"},
        options={"environment": ["DATABASE_TOKEN"]},
    )
    assert "DATABASE_TOKEN=the user's own wish" in played.tool_output
    assert "unasked" not in played.tool_output


@pytest.mark.parametrize("temporary", ["/nonexistent", "relative", "/etc/passwd"])
def test_a_temporary_folder_of_yesterday_does_not_blind_a_worker(codex_stage: CodexStage, temporary: str) -> None:
    """codex's sandbox panics before every command there, and who cannot read a file reports that nothing is wrong."""
    environ = {"TMPDIR": temporary}
    played = codex_stage.play(Script(otherwise(Run("echo it runs"), Say("done"))), environ=environ)
    assert played.tool_output.strip() == "it runs"
    engine = CodexEngine(environ={**os.environ, **environ})
    assert codex_sandbox.trouble(engine.binary, engine.environ) is None


# ── the sandbox ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scope", "sandbox", "writes"),
    [
        (Scope.READ, None, False),
        (Scope.SCRATCH, None, True),
        (Scope.WRITE, None, True),
        (Scope.READ, "danger-full-access", True),
    ],
)
def test_the_scope_decides_what_may_be_touched(
    codex_stage: CodexStage, scope: Scope, sandbox: str | None, writes: bool
) -> None:
    played = codex_stage.play(
        Script(otherwise(Run("touch made"), Say("done"))), scope=scope, options={"sandbox": sandbox}
    )
    assert (codex_stage.tree / "made").exists() is writes
    assert played.result.answered  # a blocked command does not fail the turn


def test_saved_approvals_do_not_open_the_sandbox(codex_stage: CodexStage) -> None:
    """A rule the user once saved ("touch is fine") would let a reader's command run outside the sandbox."""
    rules = codex_stage.home / "rules"
    rules.mkdir()
    try:
        (rules / "default.rules").write_text('prefix_rule(pattern=["touch"], decision="allow")\n')
        codex_stage.play(Script(otherwise(Run("touch made"), Say("done"))))
        assert not (codex_stage.tree / "made").exists()
    finally:
        (rules / "default.rules").unlink()
        rules.rmdir()


def test_nobody_approves_an_escape(codex_stage: CodexStage) -> None:
    """With a reviewer for approvals in the user's configuration codex would ask it instead of refusing."""
    escape = Call(
        "exec_command",
        {"cmd": "touch made", "login": False, "sandbox_permissions": "require_escalated", "justification": "please"},
    )
    played = codex_stage.play(
        Script(otherwise(escape, Say("done"))), settings='approvals_reviewer = "guardian_subagent"'
    )
    assert not (codex_stage.tree / "made").exists()
    assert "cannot ask for escalated permissions" in played.tool_output
    assert len(played.requests) == 2


@pytest.mark.parametrize("orchestrated", [True, False])
def test_the_users_notifier_is_not_run(codex_stage: CodexStage, tmp_path: Path, orchestrated: bool) -> None:
    """The program for "the turn is complete" would run once for each worker; codex by itself runs it."""
    trace = tmp_path / "notified"
    notify = f'notify = ["/bin/sh", "-c", "touch \'{trace}\'"]'
    overrides = {} if orchestrated else {"notify": notify.removeprefix("notify = ")}
    played = codex_stage.play(NOTHING, settings=notify, options={"overrides": overrides})
    assert played.result.answered
    if orchestrated:
        assert not trace.exists()
    else:
        assert appears(trace)
