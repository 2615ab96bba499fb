"""What every worker's codex is told beyond the user's configuration: no helpers, no word from the reviewed tree.

Each line was seen to matter with the real codex, 0.122 to 0.169. A feature that a version does not know is ignored.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.engines.codex_config import CodexConfig, toml
from orchestra.workers.engines.environment import MARKER, hidden_from_tools
from orchestra.workers.task import WorkerTask

ALWAYS = {
    "approval_policy": '"never"',  # an `approvals_reviewer` of the user's may otherwise let a worker out of its sandbox
    "project_doc_max_bytes": "0",  # AGENTS.md of the reviewed tree
    "skills.include_instructions": "false",  # the list of skills, those of the reviewed tree among them
    "notify": "[]",  # the user's program for "turn complete" would run for each worker
    "features.multi_agent": "false",
    "features.apps": "false",  # what the user's account is connected with: more MCP tools
    "features.plugins": "false",  # with shell_snapshot a third of the CPU at start, and a `git ls-remote`
    "features.shell_snapshot": "false",
    "features.unbounded_connection_retries": "false",  # else a refused connection is retried for ever (from 0.148 on)
}

_SKILL_FOLDERS = (".agents/skills", ".codex/skills")
_MOST_SKILLS = 500
_MOST_FOLDERS = 5000


def overrides(
    task: WorkerTask, codex: CodexBinary, config: CodexConfig, kept_servers: frozenset[str], marker: str
) -> dict[str, str]:
    """Every `-c KEY=VALUE` of one worker; `kept_servers` are the MCP servers that stay switched on."""
    told = dict(ALWAYS)
    if codex.can("agents.enabled"):
        told["agents.enabled"] = "false"  # models from gpt-5.6 on are offered sub-agents whatever the feature says
    told["web_search"] = '"live"' if task.web_search else '"disabled"'
    if task.effort is not None:
        told["model_reasoning_effort"] = toml(task.effort)
    if off := [name for name in config.mcp_servers if name not in kept_servers]:
        # One table for all: `-c` cuts a key at every dot, quotes or not, so a dotted name cannot stand in the key.
        told["mcp_servers"] = toml({name: {"enabled": False} for name in off})
    folders = project_folders(task.cwd, config.root_markers)
    # The user may trust the tree; its own .codex/config.toml would then start MCP servers and add instructions.
    told["projects"] = toml({str(folder): {"trust_level": "untrusted"} for folder in folders})
    if "$" in task.prompt and (skills := list(_skills(folders))):
        # `$name` in a prompt, quoted from the reviewed tree too, pulls in the whole skill of that name.
        listed = [*config.skills, *({"path": str(skill), "enabled": False} for skill in skills)]
        told["skills.config"] = toml(listed)
    return told | _tool_environment(config, marker)


def _tool_environment(config: CodexConfig, marker: str) -> dict[str, str]:
    """The worker's keys are kept from its tools; its marker reaches them whatever the user's policy says."""
    policy = "shell_environment_policy"
    told = {
        f"{policy}.exclude": toml((*config.policy_list("exclude"), *hidden_from_tools(config.keys))),
        f"{policy}.set": toml({MARKER: marker}),
    }
    if only := config.policy_list("include_only"):
        told[f"{policy}.include_only"] = toml((*only, MARKER))
    return told


def project_folders(cwd: Path, markers: Sequence[str] = (".git",)) -> list[Path]:
    """The folders codex may take for the project: from where the worker stands up to the outermost repository."""
    folders = [folder := cwd.resolve(), *folder.parents]
    roots = [number for number, folder in enumerate(folders) if any((folder / marker).exists() for marker in markers)]
    return folders[: roots[-1] + 1] if roots else folders[:1]


def _skills(folders: list[Path]) -> Iterator[Path]:
    """Every SKILL.md that codex would find in the project, without end neither in number nor by a circle of links."""
    found = looked = 0
    for start in (folder / name for folder in folders for name in _SKILL_FOLDERS):
        for path, inside, files in os.walk(start, followlinks=True):
            looked += 1
            if found >= _MOST_SKILLS or looked >= _MOST_FOLDERS:
                return
            if len(Path(path).relative_to(start).parts) >= 6:
                inside.clear()
            if "SKILL.md" in files:
                found += 1
                yield Path(path, "SKILL.md")
