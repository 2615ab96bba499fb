"""`orchestra show`: what a run was asked and how each worker ended, or everything about one worker."""

from datetime import UTC
from typing import Any

from orchestra.cli.run_words import coloured, print_status, status_in_json
from orchestra.cli.saying import print_json
from orchestra.cli.which import found
from orchestra.cli.worker_words import Page, in_json, print_page, print_part
from orchestra.crew.events import Status
from orchestra.crew.run_folder import RunFolder, RunRecord
from orchestra.crew.view import Watch, find_worker, report_of
from orchestra.errors import UsageError
from orchestra.reports.plain import plain


def show_and_print(run: str, worker: str | None, parts: list[str], attempt: int | None, as_json: bool) -> None:
    """The page of a run, of a worker, or one of a worker's files."""
    if len(parts) > 1:
        raise UsageError(f"One thing at a time: {', '.join(f'--{part}' for part in parts)}.")
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
    for name, value in _facts(folder, record):
        print(f"{coloured(name, 'bold'):<9} {plain(value)}")
    silent = [worker for worker in status.workers if worker.over and worker.state != "answered"]
    if silent:
        print(f"{coloured('why', 'bold'):<9} orchestra show {folder.id} {silent[0].label}")


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
