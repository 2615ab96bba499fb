"""`orchestra logs`: everything that happened in a run, with its time."""

import json
import time

from orchestra.cli import event_words
from orchestra.cli.following import LOOKED_AT_EVERY
from orchestra.cli.saying import SCHEMA_VERSION
from orchestra.crew.events import Event, Kind
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.view import Log


def print_log(folder: RunFolder, worker: str | None, follow: bool, as_json: bool) -> None:
    """All events of a run, or of one worker; with `follow` until nobody owns the run any more."""
    log = Log(folder.events)
    while True:
        owned = folder.owned()  # asked first: what is written until then is printed
        for event in log.events():
            if worker is None or event.worker == worker or event.kind is Kind.RUN_ENDED:
                _print(event, as_json)
        if not follow or not owned:
            return
        time.sleep(LOOKED_AT_EVERY)


def _print(event: Event, as_json: bool) -> None:
    if as_json:
        told = {"schema_version": SCHEMA_VERSION, **event.model_dump(mode="json", exclude_none=True)}
        print(json.dumps(told, ensure_ascii=False), flush=True)
    elif line := event_words.doing(event):
        print(f"{event.at.astimezone():%H:%M:%S}  {line}", flush=True)
