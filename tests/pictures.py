"""The pictures of the README, made anew from a real rehearsed run: `python -m tests.pictures`.

A small shop with planted defects is reviewed by the real codex and the understudy; what its folder keeps is drawn by
the real board and the real terminal report, and recorded as SVG. Nothing in a picture is loaded from anywhere.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from orchestra.cli.following import OWNER_HINT
from orchestra.cli.picture import Rows, picture
from orchestra.crew import journal
from orchestra.crew.events import Event
from orchestra.crew.run_folder import RunFolder
from orchestra.crew.runs import all_runs
from orchestra.crew.status import Fold, Status
from orchestra.reports.renderers.terminal import render
from orchestra.reports.saved import read_report

PICTURES = Path(__file__).parent.parent / ".github/pictures"
COMMAND = "orchestra review src/ --lenses correctness,risk,security,clarity --at-once 3 --rehearse"
COLUMNS = 100
REPORT_LINES = 44
"""Lines of the report that are shown: its first lines and the findings that come first."""
PLANTED = "Mutable default argument in add"
SHOP = {
    "src/cart.py": '''"""What a customer wants to buy."""


def add(item, cart=[]):
    """Put an item into a cart."""
    cart.append(item)
    return cart


def total(cart):
    """What it costs, in cents."""
    return sum(item["cents"] * item["count"] for item in cart)
''',
    "src/orders.py": '''"""Orders, and the labels that are printed for them."""

import subprocess


def load(file):
    """Orders from a file, a line each."""
    try:
        return [eval(line) for line in open(file)]
    except:
        return []


def label(order):
    """Print the label of an order."""
    subprocess.run(f"lp -t {order['name']} label.pdf", shell=True)
''',
}
# Rich's own frame without its fonts from the network: the same window, in whatever monospace the reader has.
FRAME = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"
 role="img" aria-label="A terminal that runs orchestra">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main(folder: Path = PICTURES) -> list[Path]:
    """Make both pictures; where they lie."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="pictures-") as scratch:
        run = _reviewed(Path(scratch) / "shop")
        report = render(read_report(run.report), width=COLUMNS, colour=True)
        told = Text.from_ansi(report).split("\n")
        shown = [*told[:REPORT_LINES], Text("…", style="dim")] if len(told) > REPORT_LINES else list(told)
        drawn = {"board": _board(run), "report": shown}
    for name, lines in drawn.items():
        (folder / f"{name}.svg").write_text(_svg(name, lines), encoding="utf-8")
    return [folder / f"{name}.svg" for name in drawn]


def _reviewed(shop: Path) -> RunFolder:
    """The folder of a whole review."""
    for name, text in SHOP.items():
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(text, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORCHESTRA")}
    words = [sys.executable, "-P", "-m", *COMMAND.split()]
    done = subprocess.run(
        words,
        cwd=shop,
        env={**kept, "HOME": str(shop.parent), "XDG_CONFIG_HOME": str(shop.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return all_runs(shop)[-1]


def _board(run: RunFolder) -> list[Text]:
    """What somebody at the terminal saw when most was going on."""
    folded = Fold(run.id)
    moments: list[tuple[Status, Event]] = []
    for event in journal.read(run.events):
        folded.take(event)
        moments.append((folded.status(), event))
    status, event = max(moments, key=lambda moment: _tells(moment[0]))
    return picture(
        status,
        asked=run.record().asked,
        now=event.at,
        width=COLUMNS,
        height=20,
        rows=Rows(),
        foot=OWNER_HINT,
    )


def _tells(status: Status) -> tuple[bool, int]:
    """Some have answered, some are at work, some wait."""
    states = {worker.state for worker in status.workers}
    busy = sum(worker.state == "running" and bool(worker.doing) for worker in status.workers)
    return {"answered", "running"} <= states, busy + 2 * ("queued" in states)


def _svg(name: str, lines: Iterable[Text]) -> str:
    console = Console(
        record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="standard", highlight=False
    )
    typed = {"board": COMMAND, "report": "orchestra report"}[name]
    console.print(Text.assemble(("$ ", "dim"), typed))
    for line in lines:
        console.print(line, soft_wrap=True)
    return console.export_svg(title="", code_format=FRAME, unique_id=f"orchestra-{name}")


if __name__ == "__main__":
    for file in main():
        print(file)
