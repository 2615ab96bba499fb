"""Whether codex could ask a model at all; said at once instead of after every worker's retries."""

import subprocess
from collections.abc import Mapping

from orchestra.errors import EnvironmentLacking, NotLoggedIn
from orchestra.workers.engines.codex_binary import CodexBinary
from orchestra.workers.engines.codex_config import OWN_PROVIDER, CodexConfig
from orchestra.workers.engines.environment import KEYS, worker_environment


def check_login(
    codex: CodexBinary, config: CodexConfig, overrides: Mapping[str, str], environ: Mapping[str, str]
) -> None:
    """Raise when codex would be refused for certain. A custom provider or any key is never refused on suspicion."""
    if config.problem:
        raise EnvironmentLacking(
            config.problem, where=config.path, next_step="Mend the file; codex starts no worker with it."
        )
    elsewhere = overrides.get("model_provider", OWN_PROVIDER).strip("\"'") != OWN_PROVIDER
    if elsewhere or config.custom_provider or any(environ.get(name) for name in (*KEYS, "OPENAI_BASE_URL")):
        return
    try:
        asked = subprocess.run(
            [codex.path, "login", "status"],
            env=worker_environment(environ, {}, (), "login"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=1.5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return  # no answer is no proof
    said = f"{asked.stdout}\n{asked.stderr}"
    if asked.returncode != 0 and "not logged in" in said.lower():
        raise NotLoggedIn(
            "codex is not logged in, and no API key is set.",
            where=config.home,
            next_step="Run `codex login`, or set OPENAI_API_KEY, or try everything without an account: --rehearse.",
        )
