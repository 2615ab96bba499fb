"""The chart of a job: open findings by severity, what came and what went, a column a night. Only numbers and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from orchestra.findings.finding import Severity
from orchestra.nightly.site.life import Line, day_of
from orchestra.nightly.site.night import Night, NoReport
from orchestra.reports.first_lines import counted_as

SHOWN = 60
"""Nights of a chart; older ones are in the table."""
PITCH = 26
"""Pixels from one night to the next where they are many: a bar a finger can hit."""
LEFT, RIGHT, TOP = 4, 44, 14
OPEN, BETWEEN, MOVED, BELOW = 150, 26, 76, 26
"""Heights: the open findings, the gap, what came and went, the dates."""
LEAST, MOST = 3, 14
"""Pixels of one finding that came or went: beside a first night it is seen, and alone it is no alarm."""
LINE = 12
"""Pixels a number needs."""
DATE = 46
"""Pixels a date needs."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a column."""

    sort: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """One night."""

    run: str
    linked: bool
    x: float
    width: float
    middle: float
    bars: tuple[Bar, ...]
    lacking: str
    """Why its bars may be too low."""
    said: str
    date: str
    """Where there is room for one."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, and its number."""

    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn."""

    width: int
    height: int
    left: int
    right: int
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    said: str
    left_out: int


def chart(line: Line) -> Chart | None:
    """The last nights of a job, the newest on the right. One night alone is no line in time."""
    shown = line[-SHOWN:]
    nights = [one for one in shown if isinstance(one, Night)]
    if len(shown) < 2 or not nights:
        return None
    pitch = max(PITCH, min(64, 760 // len(shown)))
    width = LEFT + pitch * len(shown) + RIGHT
    most = _round(max(len(night.open) for night in nights))
    zero, pixel = _moved_scale(nights)
    every = ceil(DATE / pitch)
    columns = tuple(
        _column(one, LEFT + pitch * number, pitch, most, zero, pixel, dated=(len(shown) - 1 - number) % every == 0)
        for number, one in enumerate(shown)
    )
    ticks = [Tick(TOP + OPEN * (1 - part / most), f"{part:,}") for part in _parts(most)]
    ticks += _moved_ticks(nights, zero, pixel)
    height = TOP + OPEN + BETWEEN + MOVED + BELOW
    return Chart(
        width, height, LEFT, width - RIGHT + 4, columns, tuple(ticks), _in_words(shown, nights), len(line) - len(shown)
    )


def _column(
    one: Night | NoReport, left: float, pitch: float, most: int, zero: float, pixel: float, *, dated: bool
) -> Column:
    width = round(pitch * 0.68, 1)
    x = round(left + (pitch - width) / 2, 1)
    bars = _bars(one, x, width, most, zero, pixel) if isinstance(one, Night) else ()
    return Column(
        run=one.run,
        linked=isinstance(one, Night),
        x=left,
        width=pitch,
        middle=round(left + pitch / 2, 1),
        bars=bars,
        lacking=one.lacks if isinstance(one, Night) else one.why,
        said=f"{day_of(one.run)}: {_figures(one) if isinstance(one, Night) else one.why}",
        date=day_of(one.run)[5:10] if dated else "",
    )


def _bars(night: Night, x: float, width: float, most: int, zero: float, pixel: float) -> tuple[Bar, ...]:
    bars = []
    y = float(TOP + OPEN)
    for severity in Severity:  # the worst at the bottom, where columns can be compared
        if count := night.count(severity):
            height = OPEN * count / most
            y -= height
            bars.append(Bar(severity.value, x, round(y, 2), width, round(height, 2)))
    came, went = _moved(night.came, pixel), _moved(len(night.gone), pixel)
    bars += [Bar("came", x, round(zero - came, 2), width, round(came, 2))] if came else []
    bars += [Bar("went", x, round(zero, 2), width, round(went, 2))] if went else []
    return tuple(bars)


def _moved(count: int, pixel: float) -> float:
    """The height of what came or went."""
    return max(count * pixel, LEAST) if count else 0.0


def _moved_ticks(nights: Sequence[Night], zero: float, pixel: float) -> list[Tick]:
    """Zero, the most that came and the most that went, where there is room for the numbers."""
    came, went = _most_moved(nights)
    up, down = _moved(came, pixel), _moved(went, pixel)
    ticks = [Tick(zero, "0")]
    ticks += [Tick(round(zero - up, 2), f"+{came:,}")] if up >= LINE else []
    ticks += [Tick(round(zero + down, 2), f"\N{MINUS SIGN}{went:,}")] if down >= LINE else []
    return ticks


def _most_moved(nights: Sequence[Night]) -> tuple[int, int]:
    return max(night.came for night in nights), max(len(night.gone) for night in nights)


def _moved_scale(nights: Sequence[Night]) -> tuple[float, float]:
    """Where zero is below, and the pixels of one finding."""
    came, went = _most_moved(nights)
    pixel = min(MOST, MOVED / max(came + went, 1))
    spare = (MOVED - (came + went) * pixel) / 2
    return round(TOP + OPEN + BETWEEN + spare + came * pixel, 2), pixel


def _figures(night: Night) -> str:
    parts = [f"{count:,} {severity}" for severity in Severity if (count := night.count(severity))]
    told = f"{len(night.open):,} open" + (f" ({', '.join(parts)})" if parts else "")
    told += f", {night.came:,} new or back, {len(night.gone):,} gone" if night.compared else ""
    return f"{told}; {night.lacks}" if night.lacks else told


def _in_words(shown: Line, nights: Sequence[Night]) -> str:
    first, last = nights[0], nights[-1]
    told = f"{counted_as(len(shown), 'night')} from {day_of(shown[0].run)[:10]} to {day_of(shown[-1].run)[:10]}: "
    told += f"open findings went from {len(first.open):,} to {len(last.open):,}."
    lacking = sum(not (isinstance(one, Night) and one.whole) for one in shown)
    return f"{told} {counted_as(lacking, 'night')} incomplete." if lacking else told


def _round(most: int) -> int:
    """The next number above that people count in."""
    for step in (4, 6, 10):
        if most <= step:
            return step
    size: int = 10 ** (len(str(most)) - 1)
    return next(size * part // 10 for part in (10, 12, 16, 20, 30, 40, 60, 80, 100) if most <= size * part // 10)


def _parts(most: int) -> tuple[int, ...]:
    return (0, most // 2, most)
