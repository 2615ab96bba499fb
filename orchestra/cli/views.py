"""What `status`, `logs` and `show` print of a run."""

import json
import time
from datetime import UTC
from typing import Any

from orchestra.cli.following import LOOKED_AT_EVERY, attach
from orchestra.cli.run_words import coloured, print_status, status_in_json
from orchestra.cli.saying import SCHEMA_VERSION, print_json
from orchestra.cli.telling import log_line
from orchestra.cli.which import found
from orchestra.cli.worker_words import Page, in_json, print_page, print_part
from orchestra.crew.events import Event, Kind
from orchestra.crew.run_folder import RunFolder, RunRecord
from orchestra.crew.status import Status
from orchestra.crew.view import Log, Watch, find_worker, report_of
from orchestra.errors import UsageError
from orchestra.reports.plain import plain

# ── status ────────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── logs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    elif line := log_line(event):
        print(f"{event.at.astimezone():%H:%M:%S}  {line}", flush=True)


# ── show ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def show_and_print(run: str, worker: str | None, parts: list[str], attempt: int | None, as_json: bool) -> None:
    """The page of a run, of a worker, or one of a worker's files."""
    if len(parts) > 1:
        raise UsageError(
            f"One thing at a time: {', '.join(f'--{part}' for part in parts)}.", next_step="Say one of them."
        )
    folder = found(run)
    watch = Watch(folder)
    status = watch.look()
    if worker is None:
        if parts or attempt:
            raise UsageError("That is a worker's: name one.", next_step=_workers(status))
        _show_run(folder, watch.record, status, as_json)
        return
    known = dict.fromkeys([*(one.label for one in status.workers), *folder.labels()])
    page = Page(folder, status, find_worker(known, worker))
    if parts:
        print_part(page, parts[0], attempt, as_json)
    elif as_json:
        print_json(in_json(page))
    else:
        print_page(page, attempt)


def _show_run(folder: RunFolder, record: RunRecord, status: Status, as_json: bool) -> None:
    report = report_of(folder)
    if as_json:
        told = status_in_json(folder, record, status)
        asked = record.model_dump(mode="json", include={"settings", "origins", "versions", "function", "context"})
        print_json({**told, **asked, "report": report is not None, "next_step": report and report.next_step})
        return
    print_status(folder, record, status)
    print()
    silent = [worker for worker in status.workers if worker.over and worker.state != "answered"]
    why = [("why", f"orchestra show {folder.id} {silent[0].label}")] if silent else []
    for name, value in [*_facts(folder, record), *why]:
        print(f"{coloured(f'{name:<9}', 'bold')} {plain(value)}")


def _facts(folder: RunFolder, record: RunRecord) -> list[tuple[str, str]]:
    given = [f"{name} {_said(record.settings.get(name))} ({origin})" for name, origin in sorted(record.origins.items())]
    facts = [
        ("settings", ", ".join(given) or "all built in"),
        ("made by", ", ".join(f"{name} {version}" for name, version in record.versions.items())),
        ("started", f"{record.started.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ("folder", str(folder.path)),
    ]
    return facts if not record.rehearse else [("rehearsed", "an understudy spoke, not a model"), *facts]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_said(one)}" for name, one in value.items() if one is not None)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _workers(status: Status) -> str:
    labels = ", ".join(worker.label for worker in status.workers[:12])
    return f"This run has: {labels}." if labels else "This run has none yet."
