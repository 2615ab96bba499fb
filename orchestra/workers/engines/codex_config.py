"""The user's codex configuration, read as far as a worker's start depends on it."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OWN_PROVIDER = "openai"


@dataclass(frozen=True, slots=True)
class CodexConfig:
    """What `config.toml` in one CODEX_HOME says."""

    home: Path
    table: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None
    """Why it could not be read; codex then starts no worker either."""

    @property
    def path(self) -> Path:
        return self.home / "config.toml"

    @property
    def mcp_servers(self) -> tuple[str, ...]:
        """The names of the servers codex would start."""
        return tuple(_table(self.table, "mcp_servers"))

    @property
    def keys(self) -> tuple[str, ...]:
        """The environment variables the providers read their keys from."""
        names = []
        for provider in _tables(_table(self.table, "model_providers")):
            names.append(provider.get("env_key"))
            names += _table(provider, "env_http_headers").values()
        return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))

    @property
    def server_variables(self) -> tuple[str, ...]:
        """The environment variables MCP servers are given; they matter only where a server stays switched on."""
        names: list[Any] = []
        for server in _tables(_table(self.table, "mcp_servers")):
            names.append(server.get("bearer_token_env_var"))
            names += _table(server, "env_http_headers").values()
            listed = server.get("env_vars")
            names += listed if isinstance(listed, list) else []
        return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))

    @property
    def custom_provider(self) -> bool:
        """Whether the model is asked somewhere else than at codex's own provider; then no login is needed."""
        profile = _table(_table(self.table, "profiles"), str(self.table.get("profile", "")))
        named = profile.get("model_provider") or self.table.get("model_provider") or OWN_PROVIDER
        elsewhere = self.table.get("openai_base_url") or self.table.get("chatgpt_base_url")
        return named != OWN_PROVIDER or bool(elsewhere)

    @property
    def skills(self) -> tuple[Mapping[str, Any], ...]:
        """What the user says about single skills; `-c` replaces such a list, so it is repeated."""
        listed = _table(self.table, "skills").get("config")
        return tuple(item for item in listed if isinstance(item, dict)) if isinstance(listed, list) else ()

    def policy_list(self, name: str) -> tuple[str, ...]:
        """A list of the user's `shell_environment_policy`, to be repeated for the same reason."""
        listed = _table(self.table, "shell_environment_policy").get(name)
        return tuple(item for item in listed if isinstance(item, str)) if isinstance(listed, list) else ()

    @property
    def root_markers(self) -> tuple[str, ...]:
        """What makes a folder the root of a project; an empty list of the user's leaves only where codex stands."""
        listed = self.table.get("project_root_markers", [".git"])
        return tuple(item for item in listed if isinstance(item, str)) if isinstance(listed, list) else (".git",)

    @property
    def has_rules(self) -> bool:
        """Whether there are saved approvals, which let a command run outside the sandbox."""
        return any(self.home.glob("rules/*.rules"))


def home_of(environ: Mapping[str, str]) -> Path:
    """The CODEX_HOME codex would use."""
    named = environ.get("CODEX_HOME")
    return Path(named) if named else Path(environ.get("HOME") or Path.home()) / ".codex"


def read_config(home: Path) -> CodexConfig:
    """Read `config.toml`; one that is not there is an empty one, a broken one carries its problem."""
    path = home / "config.toml"
    try:
        if path.is_fifo():  # to read one would wait for its writer; codex takes regular files only, too
            return CodexConfig(home, problem=f"{path} cannot be read: it is no regular file")
        return CodexConfig(home, tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return CodexConfig(home)
    except (OSError, ValueError) as error:
        return CodexConfig(home, problem=str(getattr(error, "strerror", None) or error))


def toml(value: object) -> str:
    """A value in TOML's one-line form, for `-c KEY=VALUE`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_quoted(str(key))}={toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(toml(item) for item in value) + "]"
    return str(value)


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes, and the one control character TOML forbids and JSON lets through."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _table(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _tables(parent: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (item for item in parent.values() if isinstance(item, dict))
