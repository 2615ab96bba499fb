"""Keys that were passed on to a worker stand in nothing that is kept of it.

codex keeps them from the commands it runs; a command without a sandbox can still read them in /proc, and what it
prints is in the event stream.
"""

import json
import mmap
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

HIDDEN = b"***"

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_NO_SECRET = "ORCHESTRA_"
"""Nothing of orchestra's own is one: the key of a rehearsal stands in its source."""
_SHORTEST, _SHORTEST_LINE = 8, 16
"""Characters: a shorter value may be any word, and to hide that would spoil an answer."""


def secrets_in(environment: Mapping[str, str], names: Iterable[str] = ()) -> tuple[str, ...]:
    """The values that must be read nowhere: those of `names`, and of every variable that is called a key or a token."""
    secret = {*names, *(name for name in environment if _SECRET_NAME.search(name))}
    told = {environment.get(name, "") for name in secret if not name.startswith(_NO_SECRET)}
    return tuple(value for value in told if len(value) >= _SHORTEST)


class Hider:
    """Puts `***` in the place of some values: as they are, as JSON writes them, and line by line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        told: set[str] = set()
        for secret in secrets:
            told |= {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
            told |= {line for line in secret.split("\n") if len(line) >= _SHORTEST_LINE}
        self._forms = [form.encode(errors="surrogateescape") for form in sorted(told, key=len, reverse=True)]

    def out_of(self, data: bytes) -> bytes:
        """The data without them."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, HIDDEN)
        return data

    def out_of_file(self, file: Path) -> None:
        """Rewrite a file in which one stands; a file in which none does is only looked through."""
        if not self._forms or not self._stands_in(file):
            return
        clean = file.with_name(f".{file.name}.clean")
        descriptor = os.open(clean, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with file.open("rb") as lines, os.fdopen(descriptor, "wb") as kept:
            kept.writelines(map(self.out_of, lines))
        clean.replace(file)

    def _stands_in(self, file: Path) -> bool:
        try:
            with file.open("rb") as told, mmap.mmap(told.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return any(data.find(form) >= 0 for form in self._forms)
        except (OSError, ValueError):  # not there, or empty
            return False
