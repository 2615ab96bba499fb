"""The workers' benchmark: `python -m tests.bench.workers [--quick] [--json] [GROUP ...]`.

Everything runs side by side in one go and interleaved; ratios are what to trust, they hold on a busy machine too.
Groups: makespans, starts, exits, floods, startup, codex.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from importlib import import_module

from .of_workers.rows import Row

GROUPS = {
    "makespans": "makespans",
    "starts": "starts",
    "exits": "exits",
    "floods": "floods",
    "startup": "startup",
    "codex": "real_codex",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller floods: a minute, rougher figures")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    asked = parser.parse_args()
    if unknown := set(asked.groups) - set(GROUPS):
        parser.error(f"no such group: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    rows: list[Row] = []
    for group in asked.groups or GROUPS:
        measure: Callable[[bool, Callable[[str], None]], list[Row]]
        measure = import_module(f".of_workers.{GROUPS[group]}", __package__).measure
        rows += measure(asked.quick, say)
    say("")
    machine = f"{os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}, Linux"
    if asked.json:
        print(json.dumps({"schema_version": 1, "machine": machine, "rows": [row.as_json() for row in rows]}, indent=1))
    else:
        print(f"{machine} {platform.release().split('-')[0]}, load {os.getloadavg()[0]:.1f}\n")
        print("\n".join(table(rows)))
    return 1 if any(row.holds is False for row in rows) else 0


def say(what: str) -> None:
    """Where it is at, on one line of the person's terminal."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)


def table(rows: list[Row]) -> list[str]:
    """The rows as Markdown, a heading for each group."""
    lines = ["| | figure | ratio | promised | |", "|---|---|---|---|---|"]
    group = None
    for row in rows:
        if row.group != group:
            group = row.group
            lines.append(f"| **{group}** | | | | |")
        figure = "" if row.figure is None else f"{row.figure:.3g} {row.unit}".rstrip()
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        promised = "" if row.target is None else f"{'>=' if row.at_least else '<='} {row.target:g}"
        holds = {None: row.note, True: "holds", False: "DOES NOT HOLD"}[row.holds]
        lines.append(f"| {row.what} | {figure} | {ratio} | {promised} | {holds} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
