"""`orchestra ask`: one worker, its final message on stdout, an exit status by its outcome."""

import json
import sys
from pathlib import Path
from typing import Any

from orchestra import api
from orchestra.answer import checker_of
from orchestra.cli.detaching import start_detached
from orchestra.cli.printing import put
from orchestra.cli.saying import say
from orchestra.crew.watched import some
from orchestra.errors import UsageError
from orchestra.outcome import Outcome
from orchestra.reports.plain import plain

EXIT = {Outcome.ANSWERED: 0, Outcome.UNAUTHORISED: 3, Outcome.STOPPED: 130}


def ask_and_print(
    prompt: str,
    cwd: Path | None,
    scope: str,
    schema: Path | None,
    said: dict[str, Any],
    as_json: bool,
    detach: bool = False,
) -> int:
    """Ask, print the final message, and return the exit status."""
    _check(prompt, cwd)
    given = {"prompt": prompt, "scope": scope, "schema": _schema(schema), "cwd": cwd or Path.cwd(), **said}
    if detach:
        start_detached("ask", given, as_json)
        return 0
    # The board loads rich, and whoever leaves at once has no use for it.
    from orchestra.cli.following import follow, say_how_to_go_on

    report = follow(api.start("ask", **given))
    worker = report.workers[0]
    if as_json:
        told = {
            "schema_version": 1,
            "run": report.run,
            "answer": report.answer,
            "worker": worker.model_dump(mode="json"),
            "changes": [change.model_dump(mode="json") for change in report.changes],
        }
        put(json.dumps(told, indent=2, ensure_ascii=False) + "\n", None, data=True)
    elif report.answer is not None:
        text = report.answer if not sys.stdout.isatty() else plain(report.answer, lines=True)
        put(text + "\n", None)
    if worker.outcome is not Outcome.ANSWERED:
        say(plain(f"{worker.label} {worker.outcome}: {worker.reason}"))
    for change in report.changes:
        files = some(tuple(file.path for file in change.files))
        say(plain(f"It changed {files} in a tree of its own. Take that over: {change.integrate}"))
    say_how_to_go_on(report.run, report.state)
    return EXIT.get(worker.outcome, 4)


def _check(prompt: str, cwd: Path | None) -> None:
    """Refuse what no worker could be asked, before there is a run."""
    if not prompt.strip():
        raise UsageError("The prompt is empty.", next_step="Say in words what is wanted.")
    try:
        prompt.encode()
    except UnicodeEncodeError as error:
        where = f"from character {error.start + 1:,} on"
        raise UsageError(
            f"The prompt is not UTF-8 text {where}.", next_step="Ask about the file by its path."
        ) from error
    if cwd is not None and not cwd.is_dir():
        raise UsageError(
            "The folder of --cwd is not there." if not cwd.exists() else "--cwd is no folder.",
            where=cwd,
            next_step="Name a folder that is there, or leave it out: then it is the one you are in.",
        )


def _schema(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not JSON"
        raise UsageError(
            f"The schema cannot be read: {why}.", where=file, next_step="Name a file with a JSON schema."
        ) from error
    if not isinstance(schema, dict):
        raise UsageError(
            "The schema is no JSON schema: it should be an object.",
            where=file,
            next_step='Begin with `{"type": "object", "properties": {}}`.',
        )
    try:
        checker_of(schema)
    except UsageError as error:
        error.where = file
        raise
    return schema
