"""How long merging takes, and how it grows: many files, one hot file, one hot line.

    python -m tests.bench.merge [--json] [--most 10000]

The findings are made up: each problem has words of its own, five workers tell it in two thirds of those words among
common ones, at the same lines. Times are of `merge` alone and of `curate` from JSON text to the ranked list.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from orchestra.findings.anchor import Anchors
from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import Finding, Location, ReviewMessage, Said, Severity
from orchestra.findings.merge import merge

WORKERS = 5
COMMON = [
    f"{first}{second}"
    for first in ("re", "un", "out", "over", "in")
    for second in ("turn", "lock", "put", "run", "set")
]


def problems(count: int, files: int, lines: int, seed: int = 7) -> list[tuple[str, int, list[str]]]:
    """Problems as path, line and the words that belong to them."""
    chance = random.Random(seed)
    vocabulary = [
        "".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randint(4, 9))) for _ in range(count * 3 + 200)
    ]
    return [
        (f"src/file{chance.randrange(files)}.py", chance.randint(1, lines), chance.sample(vocabulary, 24))
        for _ in range(count)
    ]


def told(count: int, files: int, lines: int) -> dict[str, list[Finding]]:
    """`count` findings of five workers, each problem told by all of them."""
    chance = random.Random(count)
    by_worker: dict[str, list[Finding]] = {f"w{number}": [] for number in range(1, WORKERS + 1)}
    for path, line, words in problems(count // WORKERS, files, lines):
        for findings in by_worker.values():
            findings.append(_telling(chance, path, line, words))
    return by_worker


def _telling(chance: random.Random, path: str, line: int, words: list[str]) -> Finding:
    def say(length: int) -> str:
        return " ".join(chance.choice(words) if chance.random() < 0.5 else chance.choice(COMMON) for _ in range(length))

    return Finding(
        title=say(8),
        severity=chance.choice(list(Severity)),
        confidence=0.9,
        category="made up",
        locations=(Location(path=path, start_line=line, end_line=line + 1, quote=""),),
        problem=f"{say(14)}. {say(16)}. {say(10)}.",
        recommendation=f"{say(12)}.",
    )


def said(by_worker: dict[str, list[Finding]]) -> list[Said]:
    """As `merge` takes them: places looked up."""
    anchors = Anchors(None)
    return [
        Said(worker=worker, index=index, finding=finding, places=tuple(map(anchors.place, finding.locations)))
        for worker, findings in by_worker.items()
        for index, finding in enumerate(findings, 1)
    ]


def seconds(work: Callable[[], object]) -> float:
    """The better of two runs."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def measured(most: int) -> Iterator[dict[str, object]]:
    """A row for each story and size."""
    stories = {"spread over files": (0, 2000), "one hot file": (1, 2000), "one hot line": (1, 1)}
    for story, (files, lines) in stories.items():
        for count in [size for size in (625, 1250, 2500, 5000, 10_000, 20_000) if size <= most]:
            by_worker = told(count, files or max(1, count // 20), lines)
            findings = said(by_worker)
            messages = [
                Message(worker=worker, message=ReviewMessage(summary="", findings=tuple(own)).model_dump_json())
                for worker, own in by_worker.items()
            ]
            yield {
                "story": story,
                "findings": len(findings),
                "files": files or max(1, count // 20),
                "merged": len(merge(findings)),
                "merge_seconds": round(seconds(partial(merge, findings)), 3),
                "curate_seconds": round(seconds(partial(curate, messages)), 3),
            }


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description="How long merging takes, and how it grows.")
    arguments.add_argument("--json", action="store_true", help="rows as JSON")
    arguments.add_argument("--most", type=int, default=10_000, help="findings of the largest case")
    asked = arguments.parse_args()
    rows = []
    for row in measured(asked.most):
        rows.append(row)
        if not asked.json:
            if len(rows) == 1:
                print("  ".join(f"{name:>17}" for name in row))
            print("  ".join(f"{value!s:>17}" for value in row.values()), flush=True)
    if asked.json:
        json.dump(rows, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
