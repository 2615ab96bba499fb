"""The labelled cases: what five reviewers said of three artefacts, and what each finding is about."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from orchestra.findings.anchor import Anchors
from orchestra.findings.finding import ReviewMessage, Said

GOLD = Path(__file__).parent
NAMES = ("ratelimit", "kvcache", "deploy")


@dataclass(frozen=True)
class Case:
    """One artefact, its reviewers' messages and the labels."""

    name: str
    labels: dict[str, Any]
    messages: dict[str, str]
    """By reviewer, as they came."""
    texts: dict[str, str]

    @cached_property
    def said(self) -> list[Said]:
        """Every finding as `merge` takes it."""
        anchors = Anchors(self.texts)
        return [
            Said(worker=worker, index=index, finding=finding, places=tuple(map(anchors.place, finding.locations)))
            for worker, message in self.messages.items()
            for index, finding in enumerate(ReviewMessage.model_validate_json(message).findings, 1)
        ]

    def crews(self, size: int) -> Iterator["Case"]:
        """The case as it had been with only so many of its reviewers, for each choice of them."""
        for workers in combinations(self.messages, size):
            labels = {
                **self.labels,
                "labels": _of(workers, self.labels["labels"]),
                "second": _of(workers, self.labels["second"]),
            }
            messages = {worker: self.messages[worker] for worker in workers}
            yield replace(self, name=f"{self.name} by {', '.join(workers)}", labels=labels, messages=messages)


def case(name: str, root: Path = GOLD) -> Case:
    """A case by the name of its folder."""
    folder = root / name
    reviewed = folder / "reviewed"
    return Case(
        name=name,
        labels=json.loads((folder / "labels.json").read_text(encoding="utf-8")),
        messages={path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "messages").glob("*.json"))},
        texts={
            str(path.relative_to(reviewed)): path.read_text(encoding="utf-8")
            for path in sorted(reviewed.rglob("*"))
            if path.is_file()
        },
    )


def _of(workers: Collection[str], labels: dict[str, Any]) -> dict[str, Any]:
    return {key: issues for key, issues in labels.items() if key.rpartition("#")[0] in workers}
