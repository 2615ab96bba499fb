"""What a codex worker sees of the environment: an allow-list, and what of it is kept from the worker's own tools."""

import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

MARKER = "ORCHESTRA_WORKER"
"""Set in every worker: an orchestra that finds it refuses to run, and the sweep knows a worker's processes by it."""

KEYS = ("OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN")
"""The variables codex itself takes a key from."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALLOWED = _names(
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TEMP TMP "
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy "
    "SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS REQUESTS_CA_BUNDLE CURL_CA_BUNDLE GIT_SSL_CAINFO "
    "OPENAI_API_KEY OPENAI_BASE_URL OPENAI_ORGANIZATION OPENAI_PROJECT"
)
_ALLOWED_FAMILIES = ("LC_", "XDG_", "CODEX_")
# What codex sets for its own tools: inherited when orchestra was started by one, and wrong for a fresh worker.
_OF_ANOTHER_THREAD = _names(
    "CODEX_THREAD_ID CODEX_SESSION_ID CODEX_TOOL_CALL_ID CODEX_CI CODEX_SANDBOX CODEX_SANDBOX_NETWORK_DISABLED"
)
_SECRET_FAMILIES = ("CODEX_*KEY*", "CODEX_*TOKEN*", "CODEX_*SECRET*")


def worker_environment(
    environ: Mapping[str, str], added: Mapping[str, str], further: Iterable[str], label: str
) -> dict[str, str]:
    """The environment of one attempt: the allow-list, the `further` names, what the task adds, and its own marker."""
    wanted = {*further}
    kept = {
        name: value
        for name, value in environ.items()
        if name in wanted or name in _ALLOWED or (name.startswith(_ALLOWED_FAMILIES) and name not in _OF_ANOTHER_THREAD)
    }
    # Started by a machine there may be no PATH: programs are found even so, but codex's tools would find none, and
    # workers that cannot read a single file say that nothing is wrong with it.
    kept["PATH"] = kept.get("PATH") or os.defpath
    # codex's sandbox panics before every command where $TMPDIR is a folder of yesterday; without it, it takes /tmp.
    if "TMPDIR" in kept and not _usable(Path(kept["TMPDIR"])):
        del kept["TMPDIR"]
    # Without a shell level, bash in codex's sandbox takes itself for a remote login and reads the user's ~/.bashrc,
    # whose output would stand in front of every file a worker reads.
    return kept | {"TERM": "dumb", "SHLVL": "1"} | dict(added) | {MARKER: f"{label}-{uuid.uuid4().hex}"}


def _usable(folder: Path) -> bool:
    return folder.is_absolute() and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def hidden_from_tools(keys: Iterable[str]) -> list[str]:
    """Patterns of the variables that codex needs and the commands it runs must not see."""
    return list(dict.fromkeys((*KEYS, *_SECRET_FAMILIES, *keys)))
