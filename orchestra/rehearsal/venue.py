"""Where a rehearsal takes place: a port of 127.0.0.1, and a private CODEX_HOME that sends the real codex there.

Nothing heavy is imported here: a venue is open, and connections wait at its door, before the server is loaded.
"""

import fcntl
import os
import socket
import time
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


_NAME = "orchestra-rehearsal-"
FRESH = 60.0
"""Seconds for which a home without a lock is let be: somebody may be about to lock it."""
AT_MOST = 20
"""Abandoned homes that are removed at one time: whoever closes a venue waits for it."""


class Venue:
    """A listening port and a home. A home given by the caller is kept; one made here is removed by `close`."""

    def __init__(self, home: str | os.PathLike[str] | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"
        self.home = Path(home).absolute() if home is not None else _temporary_home()
        self._lock = _locked(self.home) if home is None else None
        self._furnish()

    def __repr__(self) -> str:
        return f"<Venue {self.url}, home {self.home}>"

    @property
    def environment(self) -> dict[str, str]:
        """What makes a codex come here."""
        # A proxy in the environment would otherwise be asked for 127.0.0.1 too.
        return {"CODEX_HOME": str(self.home), KEY_VARIABLE: KEY, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}

    def close(self) -> None:
        """Free the port, and remove the home if it was made here."""
        self.listener.close()
        if self._lock is not None:
            _remove(self.home)
            os.close(self._lock)
            self._lock = None
            _remove_abandoned(self.home.parent)

    def _furnish(self) -> None:
        """Write the home's config.toml. A home serves one venue at a time: the address stands in it."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.home / f".config.toml.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(
            _CONFIG.format(model=MODEL, provider=PROVIDER, url=self.url, key=KEY_VARIABLE), encoding="utf-8"
        )
        fresh.replace(self.home / "config.toml")


def goes_with_its_venue(home: str) -> bool:
    """A home that was made here: it is removed at the end, and nobody can go on with a thread that lies in it."""
    return Path(home).name.startswith(_NAME)


def _temporary_home() -> Path:
    """A new folder; not under /tmp, where codex warns at every start and does without its helper programs."""
    place = Path("/var/tmp") if os.access("/var/tmp", os.W_OK) else Path(os.environ.get("TMPDIR", "/tmp"))
    home = place / f"{_NAME}{os.getpid()}-{os.urandom(8).hex()}"  # tempfile would cost 15 ms to import
    home.mkdir(mode=0o700)
    return home


def _remove(home: Path) -> None:
    """Remove the folder; a codex that is just dying may write into it once more, so look again for a second."""
    import shutil

    for _ in range(20):
        shutil.rmtree(home, ignore_errors=True)
        if not home.exists():
            return
        time.sleep(0.05)


def _locked(home: Path) -> int | None:
    """A descriptor that holds the home for as long as this process lives; None: somebody else has it."""
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_abandoned(place: Path) -> None:
    """Remove what venues left that were killed: nobody holds the lock, which a process in another container would."""
    import shutil

    removed = 0
    for home in place.glob(f"{_NAME}*-*"):
        pid = home.name.removeprefix(_NAME).partition("-")[0]
        try:
            facts = home.lstat()
            if facts.st_uid != os.geteuid() or time.time() - facts.st_mtime < FRESH or Path("/proc", pid).exists():
                continue
            lock = _locked(home)
        except OSError:
            continue
        if lock is not None:
            shutil.rmtree(home, ignore_errors=True)
            os.close(lock)
            removed += 1
        if removed == AT_MOST:
            return
