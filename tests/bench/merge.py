"""How long merging takes, and how it grows: many files, one hot file, one hot line; beside what one would write.

    python -m tests.bench.merge [--json] [--most 10000]

The findings are made up: each problem has words of its own, five workers tell it in two thirds of those words among
common ones, at the same lines. Times are of `merge` alone, of `curate` from JSON text to the ranked list, and of the
twenty lines that somebody would write instead: whose lines overlap in a file and whose texts are alike to `difflib` is
one problem. Where that has too many pairs to be waited for, it is left out.
"""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import partial
from itertools import combinations

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


MOST_PAIRS = 120_000
"""Pairs of findings that `difflib` compares in some ten seconds."""
ALIKE = 0.3
"""What separates the made-up problems best."""


def overlapping(findings: Sequence[Said]) -> list[tuple[Said, Said]]:
    """Pairs in one file whose lines overlap; no more than can be compared, and one."""
    by_file: dict[str, list[Said]] = defaultdict(list)
    for one in findings:
        by_file[one.places[0].path].append(one)
    pairs: list[tuple[Said, Said]] = []
    for own in by_file.values():
        for one, other in combinations(own, 2):
            here, there = one.places[0], other.places[0]
            if here.start_line <= there.end_line and there.start_line <= here.end_line:
                pairs.append((one, other))
                if len(pairs) > MOST_PAIRS:
                    return pairs
    return pairs


def by_difflib(findings: Sequence[Said]) -> int:
    """How many problems it makes of them."""
    problem = {id(one): {id(one)} for one in findings}
    for one, other in overlapping(findings):
        here, there = sorted(one.finding.problem.split()), sorted(other.finding.problem.split())
        if SequenceMatcher(None, here, there).ratio() >= ALIKE:
            together = problem[id(one)] | problem[id(other)]
            problem.update(dict.fromkeys(together, together))
    return len({id(together) for together in problem.values()})


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
            bearable = len(overlapping(findings)) <= MOST_PAIRS
            row = {
                "story": story,
                "findings": len(findings),
                "files": files or max(1, count // 20),
                "merged": len(merge(findings)),
                "merge_seconds": round(seconds(partial(merge, findings)), 3),
                "curate_seconds": round(seconds(partial(curate, messages)), 3),
            }
            row["difflib_merged"] = by_difflib(findings) if bearable else "-"
            row["difflib_seconds"] = round(seconds(partial(by_difflib, findings)), 3) if bearable else "-"
            yield row


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
