"""Whether codex could ask a model at all, and keep to its sandbox: said at once instead of by every worker."""

import re
import subprocess
from collections.abc import Mapping

from orchestra.errors import EnvironmentLacking, NotLoggedIn
from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.engines.codex_config import OWN_PROVIDER, CodexConfig
from orchestra.workers.engines.environment import KEYS, worker_environment
from orchestra.workers.engines.wording import one_line

_PLACE = re.compile(r"(?::(\d+)(?::\d+)?: )?(.*)", re.DOTALL)
"""The line codex names behind the name of its file, and what is wrong there."""
_REFUSED = re.compile(r"^Error loading (?:configuration|config\.toml):?\s*(.+)", re.MULTILINE | re.DOTALL)


def check_usable(
    codex: CodexBinary,
    config: CodexConfig,
    overrides: Mapping[str, str],
    environ: Mapping[str, str],
    sandboxed: bool,
) -> None:
    """Raise when codex would be refused for certain. A custom provider or any key is never refused on suspicion."""
    if sandboxed and config.has_rules and not codex.can("--ignore-rules"):
        raise EnvironmentLacking(
            f"codex {codex.version} would let workers out of their sandbox by the rules you have saved for yourself.",
            where=config.home / "rules",
            next_step="Update codex to 0.123 or newer, or move the rules away.",
        )
    logged_in = _ask(codex, overrides, environ)
    if (refused := _REFUSED.search(logged_in)) is not None:
        found = _PLACE.match(refused.group(1).removeprefix(str(config.path)))
        line, wrong = found.groups() if found else (None, refused.group(1))
        raise EnvironmentLacking(
            f"codex cannot start with its configuration: {one_line(wrong, length=300)}",
            where=f"{config.path}:{line}" if line else config.path,
            next_step="Mend it, or name another folder with CODEX_HOME.",
        )
    if config.problem:
        raise EnvironmentLacking(
            f"codex's configuration cannot be read: {config.problem}. codex may read it; orchestra has to, to switch "
            "off the MCP servers it names.",
            where=config.path,
            next_step="Write it in TOML 1.0: inline tables on one line, without a comma at their end.",
        )
    if _asks_elsewhere(config, overrides, environ):
        return
    if "not logged in" in logged_in.lower():
        raise NotLoggedIn(
            "codex is not logged in, and no API key is set.",
            where=config.home,
            next_step=f"Run `{codex.typed} login`, or set OPENAI_API_KEY, or try everything without an account: "
            "say --rehearse.",
        )


def _asks_elsewhere(config: CodexConfig, overrides: Mapping[str, str], environ: Mapping[str, str]) -> bool:
    """Whether the model is asked without a login: at a custom provider, or with a key."""
    named = overrides.get("model_provider", OWN_PROVIDER).strip("\"'")
    return (
        named != OWN_PROVIDER
        or "openai_base_url" in overrides
        or config.custom_provider
        or any(environ.get(name) for name in (*KEYS, "OPENAI_BASE_URL"))
    )


def _ask(codex: CodexBinary, overrides: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """What `codex login status` says, in 15 ms; nothing where it says nothing in time, which is no proof."""
    settings = [part for key, value in overrides.items() for part in ("-c", f"{key}={value}")]
    try:
        asked = subprocess.run(
            [codex.path, "login", *settings, "status"],
            env=worker_environment(environ, {}, (), "login"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=1.5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return f"{asked.stdout}\n{asked.stderr}" if asked.returncode != 0 else ""
