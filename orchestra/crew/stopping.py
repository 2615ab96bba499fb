"""Ask the owner of a run, another process, to stop: a request file it notices."""

import os
from collections.abc import Iterator

from orchestra.crew.events import Kind
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.status import Status
from orchestra.crew.view import Watch
from orchestra.errors import StateUnusable


def request(folder: RunFolder) -> None:
    """Leave the request. It says nothing; that it is there is enough."""
    file = folder.stop_request
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    except OSError as error:
        raise StateUnusable(f"The request to stop cannot be left: {error.strerror}.", where=file) from error


def noticed(watch: Watch) -> Iterator[tuple[bool, Status]]:
    """Whether the owner has noticed, asked again and again by who waits for it; the request is left at the first."""
    status = watch.look()
    asked = status.over
    while True:
        if not asked and not watch.folder.stop_request.exists():
            # Not left yet, or cleared away by an owner that began just now and found it there.
            request(watch.folder)
        yield asked or status.over, status
        status = watch.look()
        asked = asked or any(event.kind is Kind.STOP_ASKED for event in watch.fresh)
