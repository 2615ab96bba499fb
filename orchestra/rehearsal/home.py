"""A private CODEX_HOME that sends the real codex to the stand-in, and nowhere else."""

import os
import tempfile
from pathlib import Path

KEY_VARIABLE = "ORCHESTRA_REHEARSAL_KEY"
KEY = "no-key-is-needed-in-a-rehearsal"
PROVIDER = "rehearsal"
MODEL = "rehearsal"

_CONFIG = """\
# Written by orchestra: this codex talks to a stand-in for a model on this machine. Rewritten at every start.
model = "{model}"
model_provider = "{provider}"
web_search = "disabled"
check_for_update_on_startup = false

[model_providers.{provider}]
name = "Rehearsal: a stand-in, not a model"
base_url = "{url}"
wire_api = "responses"
env_key = "{key}"

[features]
plugins = false
shell_snapshot = false

[analytics]
enabled = false

[history]
persistence = "none"
"""


def prepare_home(folder: Path, url: str) -> dict[str, str]:
    """Write the folder's config.toml; the environment that makes codex use it.

    A home belongs to one server at a time: the address stands in its config.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".config.toml.{os.getpid()}"
    fresh.write_text(_CONFIG.format(model=MODEL, provider=PROVIDER, url=url, key=KEY_VARIABLE), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(folder / "config.toml")
    # A proxy in the environment would otherwise be asked for 127.0.0.1 too.
    return {"CODEX_HOME": str(folder), KEY_VARIABLE: KEY, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def temporary_home() -> Path:
    """A new folder outside the folder for temporary files, where codex warns and does without its helper programs."""
    place = "/var/tmp"
    return Path(tempfile.mkdtemp(prefix="orchestra-rehearsal-", dir=place if os.access(place, os.W_OK) else None))
