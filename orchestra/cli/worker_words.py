"""One worker of a run: why it did or did not answer, what it did, and how to go on with it."""

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestra.cli.run_words import coloured
from orchestra.cli.saying import print_json, say
from orchestra.cli.telling import age, state_words
from orchestra.crew.run_folder import RunFolder, Seal
from orchestra.crew.status import Status, WorkerStatus
from orchestra.errors import StateUnusable, UsageError
from orchestra.outcome import Deadline
from orchestra.reports.plain import one_line, plain
from orchestra.reports.team import age_in_words
from orchestra.workers.task import AttemptFolder, WorkerResult

PARTS = ("prompt", "message", "events", "stderr")
LISTED = 12
"""Commands and files a page names; the rest is counted and stands in the JSON."""
LAST_WORDS = 6
"""Lines of its warnings, and of what it said last, that a page shows of a worker that did not answer."""


class Page:
    """Everything one worker left in the run folder."""

    def __init__(self, folder: RunFolder, status: Status, label: str) -> None:
        self.folder, self.run, self.label = folder, status, label
        self.worker: WorkerStatus | None = next((one for one in status.workers if one.label == label), None)
        self.attempts = folder.attempts(label)
        self.seals: dict[int, Seal | None] = {number: folder.seal(label, number) for number in self.attempts}

    def attempt(self, wanted: int | None) -> int | None:
        """The attempt that is looked at: the last, or the one that was asked for."""
        if wanted is None or wanted in self.attempts:
            return wanted or (self.attempts[-1] if self.attempts else None)
        there = ", ".join(map(str, self.attempts)) or "none"
        raise UsageError(f"{self.label} has no attempt {wanted}; there are: {there}.", next_step="Name one of these.")

    def files(self, attempt: int) -> AttemptFolder:
        """The files of an attempt."""
        return self.folder.attempt(self.label, attempt)

    @property
    def state(self) -> str:
        return self.worker.state if self.worker else "queued"


def in_json(page: Page) -> dict[str, Any]:
    """The worker with all its attempts."""
    attempts = []
    for number, seal in page.seals.items():
        told: dict[str, Any] = {"attempt": number, "folder": str(page.files(number).path), "sealed": seal is not None}
        if seal:
            told |= {"exit_seen": seal.exit_seen, "origin": seal.origin and seal.origin.model_dump(mode="json")}
            told |= seal.result.model_dump(mode="json", exclude={"label"})
        attempts.append(told)
    status = page.worker.model_dump(mode="json") if page.worker else {"label": page.label, "state": page.state}
    return {"run": page.folder.id, "worker": {**status, "attempts": attempts}}


def print_page(page: Page, wanted: int | None) -> None:
    """What a person wants to know about a worker."""
    attempt = page.attempt(wanted)
    seal = page.seals.get(attempt) if attempt else None
    result = seal.result if seal else None
    print(f"{coloured(page.label, 'bold')}  {_headline(page, result)}")
    for name, told in (*_origin(seal), *_facts(page, attempt, result)):
        first, *more = told if isinstance(told, list) else [told]
        print(f"  {name:<9} {plain(first)}")
        for line in more:
            print(f"  {'':<9} {plain(line)}")


def print_part(page: Page, part: str, wanted: int | None, as_json: bool) -> None:
    """The prompt, the message, the events or the warnings of one attempt, as they are."""
    attempt = page.attempt(wanted)
    text = _part(page, part, attempt) if attempt else ""
    if as_json:
        print_json({"run": page.folder.id, "worker": page.label, "attempt": attempt, "part": part, "text": text})
        return
    if not text.strip():
        say(f"{page.label} left no {part} ({state_words(page.state)}).")
        return
    shown = plain(text, lines=True) if sys.stdout.isatty() else text
    sys.stdout.write(shown if shown.endswith("\n") else f"{shown}\n")


def _part(page: Page, part: str, attempt: int) -> str:
    files = page.files(attempt)
    seal = page.seals.get(attempt)
    if part == "message":
        return (seal.result.message or "") if seal else _read(files.last_message)
    return _read({"prompt": files.prompt, "events": files.events, "stderr": files.stderr}[part])


def _headline(page: Page, result: WorkerResult | None) -> str:
    worker = page.worker
    if result is None:
        since = ""
        if worker and worker.started and not worker.over and worker.state in ("starting", "running"):
            since = f" for {age((datetime.now(UTC) - worker.started).total_seconds())}"
        return f"{state_words(page.state)}{since}"
    tokens = f", {result.usage.total:,} tokens" if result.usage else ""
    return f"{state_words(result.outcome)} after {age(result.seconds)}{tokens}"


def _facts(page: Page, attempt: int | None, result: WorkerResult | None) -> Iterator[tuple[str, str | list[str]]]:
    worker = page.worker
    if result and not result.answered:
        yield "why", result.reason
    elif worker and worker.doing and not (result and result.answered):
        yield ("why" if worker.over else "doing"), worker.doing
    if worker:
        facts = [worker.role, worker.lens, f"section {worker.section}" if worker.section else None]
        yield "asked as", ", ".join(fact for fact in facts if fact)
    if len(page.attempts) > 1:
        yield "attempts", [_attempt_in_words(number, page.seals[number]) for number in page.attempts]
    if result:
        yield from _observed(result)
    if attempt:
        yield from _own_tree(page, attempt)
        yield from _last_words(page, attempt, result)
        yield "files", str(page.files(attempt).path)
    yield from _ways_on(page, result)


def _origin(seal: Seal | None) -> Iterator[tuple[str, str | list[str]]]:
    """Of an answer taken from an earlier run: the run that paid for it, where its events are, and how old it is."""
    if seal and seal.origin:
        old = age_in_words((datetime.now(UTC) - seal.origin.answered).total_seconds())
        yield "answer of", f"{seal.origin.run}, {old}"


def _observed(result: WorkerResult) -> Iterator[tuple[str, str | list[str]]]:
    if result.commands:
        ran = [f"{run.command}{'' if run.exit_code == 0 else f'  [{_exit(run.exit_code)}]'}" for run in result.commands]
        yield "ran", _some([one_line(line, 150) for line in ran])
    if result.files_read:
        yield "read", _some(list(result.files_read))
    if result.files_changed:
        yield "changed", _some([f"{change.path} ({change.kind})" for change in result.files_changed])
    if result.swept:
        yield "swept", _some(list(result.swept))
    if result.notes:
        yield "notes", _some([one_line(note, 200) for note in result.notes])


def _own_tree(page: Page, attempt: int) -> Iterator[tuple[str, str | list[str]]]:
    """Of a writer: where its changes are, and how to have them."""
    seal = page.seals[attempt]
    if seal and seal.changes and seal.changes.commit:
        yield "kept", f"{seal.changes.in_words}: {seal.changes.where}"
        yield "take over", f"orchestra integrate {page.folder.id} {page.label}"


def _last_words(page: Page, attempt: int, result: WorkerResult | None) -> Iterator[tuple[str, str | list[str]]]:
    """What it said: of an answer the command that prints it, else the last of it, and what it warned of."""
    if result is None:
        return
    if result.answered:
        which = "" if attempt == page.attempts[-1] else f" --attempt {attempt}"
        yield "it said", f"orchestra show {page.folder.id} {page.label} --message{which}"
        return
    for name, text in (("it said", result.message or ""), ("stderr", _read(page.files(attempt).stderr))):
        lines = [one_line(line, 200) for line in text.strip().splitlines() if line.strip()]
        if lines:
            yield name, lines[-LAST_WORDS:]


def _ways_on(page: Page, result: WorkerResult | None) -> Iterator[tuple[str, str | list[str]]]:
    if result and result.continue_command:
        yield "go on", result.continue_command
    if page.run.over and page.attempts:
        again = "retry" if page.state == "answered" or page.run.state == "complete" else "resume"
        one = f" {page.label} --note TEXT" if again == "retry" else ""
        if again == "resume" and result and result.deadline is Deadline.WALL:
            one = " --timeout SECONDS"  # the same time would come to the same end, and be paid again
        yield "ask again", f"orchestra {again} {page.folder.id}{one}"


def _attempt_in_words(number: int, seal: Seal | None) -> str:
    if seal is None:
        return f"{number}  no end was seen"
    why = "" if seal.result.answered else f": {one_line(seal.result.reason, 120)}"
    return f"{number}  {state_words(seal.result.outcome)} after {age(seal.result.seconds)}{why}"


def _exit(code: int | None) -> str:
    return "never completed" if code is None else f"exit {code}"


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - LISTED
    return [*lines[:LISTED], *([f"and {more} more"] if more > 0 else [])]


def _read(file: Path) -> str:
    with contextlib.suppress(FileNotFoundError):
        try:
            return file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise StateUnusable(f"{file.name} cannot be read: {error.strerror}.", where=file) from error
    return ""
