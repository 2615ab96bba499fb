"""Does merge's judgement hold for artefacts it was not tuned on?

    python -m tests.gold.cross_validate [--crews 3]

For each case the judgement is tuned anew on the others, over the whole grid below, and measured on the one left out.
Prints that table, the one of the judgement as shipped, and the one tuned on all. `--crews 3` tunes also on what every
three of the five reviewers said. What tuning looks for: F1 of pairs, less 0.02 for each issue lost and 0.01 for each
repeated; of equals, a setting whose neighbours are good as well.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from orchestra.findings.alike import Tellings, line_marks
from orchestra.findings.headline import merged
from orchestra.findings.merge import JUDGEMENT, Judgement, content, joined, own_disfavoured, reported_too
from orchestra.findings.rank import ranked
from orchestra.findings.usual import Usual
from tests.gold.cases import NAMES, Case, case
from tests.gold.score import line, score, total

GRID: dict[str, tuple[float, ...]] = {
    "lead": (2, 4, 8),
    "lines": (0.1, 0.15, 0.2, 0.3),
    "own": (0.2, 0.3, 0.4),
    "same": (0.48, 0.52, 0.56, 0.6, 0.64),
    "also": (0.55, 0.6, 0.65, 0.7, 0.75),
}
Setting = tuple[float, ...]
"""A value for each name of the grid."""
Row = dict[str, Any]


def judged(given: Case, settings: Sequence[Judgement]) -> Iterator[tuple[Judgement, Row]]:
    """The score of a case for each judgement; what several have in common is computed once."""
    said = sorted(given.said, key=content)
    refs = [{"worker": one.worker, "index": one.index} for one in said]
    tellings: dict[tuple[int, float], tuple[Tellings, Usual]] = {}
    grouped: dict[tuple[float, ...], tuple[Any, Any]] = {}
    for judgement in settings:
        base = judgement.lead, judgement.lines
        if base not in tellings:
            told = Tellings(said, judgement.lead, judgement.lines, line_marks)
            tellings[base] = told, Usual.of(told)
        told, usual = tellings[base]
        key = (*base, judgement.own, judgement.same)
        if key not in grouped:
            groups = joined(own_disfavoured(told, usual.shares, judgement.own), judgement.same)
            groups = _in_rank(groups, said)
            grouped[key] = groups, list(reported_too(told, usual, groups, judgement))
        groups, elsewhere = grouped[key]
        findings = [{"said_by": [refs[one] for one in group], "also_said_by": []} for group in groups]
        for one, group, share in elsewhere:
            if share >= judgement.also:
                findings[group]["also_said_by"].append(refs[one])
        yield judgement, score(given.labels, {"findings": findings})


def _in_rank(groups: list[list[int]], said: Sequence[Any]) -> list[list[int]]:
    findings = [merged([said[one] for one in group]) for group in groups]
    by_said = {finding.said_by: group for finding, group in zip(findings, groups, strict=True)}
    return [by_said[finding.said_by] for finding in ranked(findings)]


def worth(rows: Sequence[Row]) -> float:
    """What tuning looks for, per case."""
    row, cases = total(rows), len(rows)
    precision = row["hit"] / row["together"] if row["together"] else 1.0
    recall = row["hit"] / row["same"] if row["same"] else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return float(f1 - 0.02 * row["lost"] / cases - 0.01 * row["repeated"] / cases)


def tuned(scores: Mapping[Setting, Sequence[Row]]) -> Setting:
    """The best setting, half of it judged by its neighbours on the grid: a lone peak is luck."""
    worths = {setting: worth(rows) for setting, rows in scores.items()}

    def with_neighbours(setting: Setting) -> float:
        near = [worths[other] for other in _neighbours(setting)]
        return round((worths[setting] + sum(near) / len(near)) / 2, 9)

    return max(worths, key=lambda setting: (with_neighbours(setting), setting))


def _neighbours(setting: Setting) -> Iterator[Setting]:
    for place, values in enumerate(GRID.values()):
        at = values.index(setting[place])
        for other in values[max(0, at - 1) : at] + values[at + 1 : at + 2]:
            yield (*setting[:place], other, *setting[place + 1 :])


def main() -> int:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description="Tune on all cases but one, measure on that one.")
    arguments.add_argument("--crews", type=int, default=0, help="tune also on every choice of so many reviewers")
    asked = arguments.parse_args()
    settings = {setting: _judgement(setting) for setting in product(*GRID.values())}
    whole: dict[str, dict[Setting, Row]] = {}
    scores: dict[str, dict[Setting, list[Row]]] = {}
    for name in NAMES:
        given = case(name)
        corpora = [given, *(given.crews(asked.crews) if asked.crews else ())]
        columns = [[row for _, row in judged(corpus, list(settings.values()))] for corpus in corpora]
        whole[name] = dict(zip(settings, columns[0], strict=True))
        scores[name] = {setting: [column[at] for column in columns] for at, setting in enumerate(settings)}
    _print_table(
        "tuned on the other two",
        {name: (_best(scores, [o for o in NAMES if o != name]), name) for name in NAMES},
        whole,
    )
    best = _best(scores, NAMES)
    _print_table("tuned on all three", {name: (best, name) for name in NAMES}, whole)
    print(f"\nas shipped: {JUDGEMENT}")
    rows = [next(iter(judged(case(name), [JUDGEMENT])))[1] for name in NAMES]
    for name, row in zip((*NAMES, "all"), (*rows, total(rows)), strict=True):
        print(line(name, row))
    return 0


def _judgement(setting: Setting) -> Judgement:
    values: dict[str, Any] = dict(zip(GRID, setting, strict=True))
    return Judgement(**values)


def _best(scores: Mapping[str, Mapping[Setting, Sequence[Row]]], names: Sequence[str]) -> Setting:
    return tuned({setting: [row for name in names for row in scores[name][setting]] for setting in scores[names[0]]})


def _print_table(
    title: str, chosen: Mapping[str, tuple[Setting, str]], whole: Mapping[str, Mapping[Setting, Row]]
) -> None:
    print(f"\n{title}")
    rows = [whole[name][setting] for setting, name in chosen.values()]
    for (setting, name), row in zip(chosen.values(), rows, strict=True):
        print(line(name, row), " ", ", ".join(f"{key} {value:g}" for key, value in zip(GRID, setting, strict=True)))
    print(line("all", total(rows)))


if __name__ == "__main__":
    sys.exit(main())
