"""What the board shows: a pure function from a status to lines that fit the terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from orchestra.cli.telling import UNDER_WAY, age, counts_in_words, state_words
from orchestra.crew.status import Status, Step, StepState, WorkerStatus
from orchestra.reports.plain import one_line

WIDEST = 130
"""Columns the board fills at most: what belongs together should stand together."""
COLOURS = {
    "answered": "green",
    "running": "cyan",
    "starting": "cyan",
    "queued": "dim",
    "stopped": "magenta",
    "interrupted": "magenta",
    "timed_out": "yellow",
    "rate_limited": "yellow",
    "empty": "yellow",
    "malformed": "yellow",
}
"""Every other end is red."""
_SIGNS = {StepState.DONE: ("✓", "x"), StepState.IN_PROGRESS: ("▸", ">"), StepState.TO_DO: ("·", "-")}
_STEP_STYLES = {StepState.DONE: "green", StepState.IN_PROGRESS: "bold", StepState.TO_DO: "dim"}


class Rows:
    """Which workers have a row. If all fit, all have, in the order they were asked; if not, those that run.

    A row keeps its place: a worker that starts takes the row of one that has ended.
    """

    def __init__(self) -> None:
        self._places: list[str] = []

    def of(self, workers: Sequence[WorkerStatus], room: int) -> list[WorkerStatus]:
        """The rows, at most `room`."""
        if len(workers) <= room and not self._places:
            return list(workers)
        by_label = {worker.label: worker for worker in workers}
        running = [worker.label for worker in workers if worker.state in UNDER_WAY]
        free = [place for place, label in enumerate(self._places) if label not in running]
        for label in running:
            if label in self._places:
                continue
            if free:
                self._places[free.pop(0)] = label
            elif len(self._places) < room:
                self._places.append(label)
        return [by_label[label] for label in self._places[:room] if label in by_label]


def picture(
    status: Status,
    *,
    asked: str,
    now: datetime,
    width: int,
    height: int,
    rows: Rows,
    foot: str,
    ascii_only: bool = False,
) -> list[Text]:
    """The lines of the board; never wider than `width`, never more than `height`."""
    columns = Columns(min(width, WIDEST) - 1)
    steps = _in_progress(status)
    low = height < len(steps) + 12
    plan = _plan_in_one(steps) if low else [Text(*line) for line in plan_lines(status, ascii_only)]
    head = [Text(one_line(asked), style="bold"), *plan, Text("")]
    end = [Text(""), _counts(status, now), Text(one_line(status.held or foot), style=_foot_style(status))]
    room = max(1, height - len(head) - len(end) - 1)
    body = [Text.assemble(*columns.pieces(worker, now)) for worker in rows.of(status.workers, room)]
    lines = [*head, *body, *end] if body else [*head[:-1], *end]
    for line in lines:
        line.rstrip()  # a terminal that becomes narrower breaks only lines that are longer
        line.no_wrap = True
        line.truncate(min(width, WIDEST) - 1, overflow="crop" if ascii_only else "ellipsis")
    return lines[:height]


class Columns:
    """Label, state, age, what it is at, tokens: at the same places from the first row to the last."""

    STATE, AGE, TOKENS = 12, 6, 11

    def __init__(self, width: int) -> None:
        self.label = 24 if width >= 95 else 18 if width >= 65 else 16
        tokens = self.TOKENS if width >= 75 else 0
        self.doing = width - self.label - self.STATE - self.AGE - tokens - 4
        self.tokens = tokens

    def pieces(self, worker: WorkerStatus, now: datetime) -> list[tuple[str, str]]:
        """One worker: texts of fixed widths, each with its style."""
        pieces = [
            (cell(worker.label, self.label) + " ", "dim" if worker.state == "queued" else ""),
            (cell(state_words(worker.state), self.STATE), COLOURS.get(worker.state, "red")),
            (f" {_age(worker, now):>{self.AGE}}  ", "dim"),
            (cell(_doing(worker), self.doing), "" if worker.state in UNDER_WAY else "dim"),
        ]
        if self.tokens and worker.usage:
            pieces.append((f"{worker.usage.total:>{self.tokens},}", "dim"))
        return pieces


def _counts(status: Status, now: datetime) -> Text:
    parts = [counts_in_words(status) or "nobody asked yet"]
    if status.usage.total:
        parts.append(f"{status.usage.total:,} tokens")
    if (seconds := status.seconds(now)) is not None:
        parts.append(age(seconds))
    return Text(" · ".join(parts))


def _in_progress(status: Status) -> list[Step]:
    """The plan; between two steps, for some microseconds, the next one counts as begun."""
    steps = list(status.steps)
    if not status.over and steps and all(step.state is not StepState.IN_PROGRESS for step in steps):
        ahead = next((place for place, step in enumerate(steps) if step.state is StepState.TO_DO), None)
        if ahead is not None:
            steps[ahead] = Step(name=steps[ahead].name, state=StepState.IN_PROGRESS)
    return steps


def plan_lines(status: Status, ascii_only: bool = False) -> list[tuple[str, str]]:
    """The steps with their signs, each with its style."""
    return [
        (f"{_SIGNS[step.state][ascii_only]} {one_line(step.name)}", _STEP_STYLES[step.state])
        for step in _in_progress(status)
    ]


def _plan_in_one(steps: Sequence[Step]) -> list[Text]:
    at = next((place for place, step in enumerate(steps) if step.state is StepState.IN_PROGRESS), None)
    if at is None:
        return []
    return [Text(f"Step {at + 1} of {len(steps)}: {one_line(steps[at].name)}", style="bold")]


def _foot_style(status: Status) -> str:
    return "yellow" if status.held else "dim"


def _age(worker: WorkerStatus, now: datetime) -> str:
    if worker.started is None or worker.reused or worker.state == "interrupted":
        return ""
    if worker.over:
        return age((worker.since - worker.started).total_seconds())
    return "" if worker.state == "queued" else age((now - worker.started).total_seconds())


def _doing(worker: WorkerStatus) -> str:
    said = one_line(worker.doing)
    return "" if said == worker.state else said


def cell(text: str, width: int) -> str:
    """The text in exactly so many columns, also where a sign fills two."""
    line = one_line(text)
    if (filled := cell_len(line)) <= width:
        return line + " " * (width - filled)
    return set_cell_size(line, width - 1) + "…" if width > 0 else ""
