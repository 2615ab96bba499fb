"""A run in words and in JSON: the list of runs, and one of them as it stands."""

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.color import ColorSystem
from rich.style import Style

from orchestra.cli.picture import Columns, plan_lines
from orchestra.cli.telling import age, counts_in_words
from orchestra.crew.run_folder import RunFolder, RunRecord
from orchestra.crew.status import Status
from orchestra.crew.view import Seen
from orchestra.outcome import Outcome
from orchestra.reports.plain import one_line, plain

_RUN_COLOURS = {"complete": "green", "running": "cyan", "stopped": "magenta", "interrupted": "magenta"}
"""Every other state is yellow."""


def coloured(text: str, style: str) -> str:
    """The text in a colour, where stdout is a terminal that wants some."""
    if not style or not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def width() -> int:
    """Columns of the terminal, or those somebody asks for; what is shown on neither is never cut."""
    asked = sys.stdout.isatty() or os.environ.get("COLUMNS")
    return shutil.get_terminal_size((100, 24)).columns if asked else 200


# ── the list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def list_in_json(seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """Every run of the list."""
    return [_line_in_json(one) for one in seen]


def print_list(seen: Sequence[Seen]) -> None:
    """A line a run, under headings; on a narrow terminal the columns that say least are left out."""
    table = [("RUN", "AGE", "PATTERN", "STATE", "WORKERS", "FINDINGS", "TOKENS"), *(_line(one) for one in seen)]
    # One that cannot be read has two cells, and its second is a sentence.
    widths = [max(len(row[column]) for row in table if len(row) == 7 or column == 0) for column in range(7)]
    choices = ([0, 1, 2, 3, 4, 5, 6], [0, 1, 3, 4, 5, 6], [0, 1, 3, 4])
    shown = next((some for some in choices if sum(widths[one] + 2 for one in some) - 2 <= width()), choices[-1])
    for number, row in enumerate(table):
        if len(row) == 2:
            print(f"{row[0]:<{widths[0]}}  {coloured(row[1], 'red')}")
            continue
        cells = [_padded(row[column], widths[column], right=column in (1, 4, 5, 6)) for column in shown]
        state = shown.index(3)
        cells[state] = coloured(cells[state], _RUN_COLOURS.get(row[3].partition(",")[0], "yellow") if number else "")
        print(coloured("  ".join(cells).rstrip(), "" if number else "bold"))


def _padded(text: str, to: int, right: bool) -> str:
    return f"{text:>{to}}" if right else f"{text:<{to}}"


def _line(one: Seen) -> tuple[str, ...]:
    if one.status is None or one.record is None:
        return one.folder.id, one_line(one.problem)
    status = one.status
    return (
        one.folder.id,
        age((datetime.now(UTC) - one.record.started).total_seconds()),
        plain(one.record.pattern),
        f"{status.state}, rehearsed" if one.record.rehearse else str(status.state),
        f"{status.count(Outcome.ANSWERED):,}/{len(status.workers):,}",
        "-" if status.findings is None else f"{status.findings:,}",
        f"{status.usage.total:,}",
    )


def _line_in_json(one: Seen) -> dict[str, Any]:
    if one.status is None or one.record is None:
        return {"run": one.folder.id, "state": "unreadable", "problem": one.problem}
    status = one.status
    return {
        "run": one.folder.id,
        "state": status.state,
        "pattern": one.record.pattern,
        "asked": one.record.asked,
        "rehearsed": one.record.rehearse,
        "started": one.record.started.isoformat(),
        "ended": status.ended.isoformat() if status.ended else None,
        "age_seconds": round((datetime.now(UTC) - one.record.started).total_seconds(), 1),
        "workers": counts(status),
        "findings": status.findings,
        "tokens": status.usage.total,
    }


# ── one of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def status_in_json(folder: RunFolder, record: RunRecord, status: Status) -> dict[str, Any]:
    """Everything a program may want to know about a run at this moment."""
    told = status.model_dump(mode="json")
    return {
        "run": folder.id,
        "folder": str(folder.path),
        "asked": record.asked,
        "rehearsed": record.rehearse,
        **{name: value for name, value in told.items() if name != "workers"},
        "counts": counts(status),
        "tokens": status.usage.total,
        "usage": status.usage.model_dump(),
        "workers": told["workers"],
    }


def counts(status: Status) -> dict[str, int]:
    """How many workers there are in each state, and in all."""
    counted: dict[str, int] = {"asked": len(status.workers)}
    for worker in status.workers:
        counted[worker.state] = counted.get(worker.state, 0) + 1
    return counted


def print_status(folder: RunFolder, record: RunRecord, status: Status) -> None:
    """The plan and a row for each worker, for a person."""
    now = datetime.now(UTC)
    print(f"{coloured(folder.id, 'bold')}  {coloured(str(status.state), _RUN_COLOURS.get(status.state, 'yellow'))}")
    print(plain(record.asked))
    took = f", took {age(seconds)}" if status.over and (seconds := status.seconds(now)) is not None else ""
    print(f"started {age((now - record.started).total_seconds())} ago{took}")
    for text, style in plan_lines(status):
        print(coloured(text, style))
    print_rows(status, now)
    print(f"\n{counts_in_words(status) or 'nobody was asked yet'}, {status.usage.total:,} tokens{_found(status)}")
    for told in (status.held, _ended(status)):
        if told:
            print(plain(told))


def print_rows(status: Status, now: datetime) -> None:
    """A row for each worker, in the order they were asked."""
    columns = Columns(min(width(), 160))
    if status.workers:
        print()
    for worker in status.workers:
        print("".join(coloured(text, style) for text, style in columns.pieces(worker, now)).rstrip())


def _found(status: Status) -> str:
    return "" if status.findings is None else f", {status.findings} open finding{'' if status.findings == 1 else 's'}"


def _ended(status: Status) -> str:
    if status.state == "interrupted":
        return f"Its process is gone. Go on: orchestra resume {status.run}"
    return status.text or ""
