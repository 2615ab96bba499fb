"""`orchestra status`: how a run stands, once or for as long as it goes on."""

import json
import time

from orchestra.cli.following import LOOKED_AT_EVERY, attach
from orchestra.cli.run_words import print_status, status_in_json
from orchestra.cli.saying import SCHEMA_VERSION, print_json
from orchestra.crew.events import Status
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.view import Watch


def print_now(folder: RunFolder, as_json: bool) -> None:
    """The run at this moment."""
    watch = Watch(folder)
    status = watch.look()
    if as_json:
        print_json(status_in_json(folder, watch.record, status))
    else:
        print_status(folder, watch.record, status)


def watch_on(folder: RunFolder, as_json: bool) -> None:
    """The board until it is over, or a line of JSON for each change."""
    if not as_json:
        attach(folder, "^C leaves; the run goes on")
        return
    watch, before = Watch(folder), None
    while True:
        status = watch.look()
        if (status.last_event, status.state) != before:
            before = (status.last_event, status.state)
            print(_line(watch, status), flush=True)
        if status.over:
            return
        time.sleep(LOOKED_AT_EVERY)


def _line(watch: Watch, status: Status) -> str:
    told = {"schema_version": SCHEMA_VERSION, **status_in_json(watch.folder, watch.record, status)}
    return json.dumps(told, ensure_ascii=False)
