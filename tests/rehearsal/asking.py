"""Real asks of the roles, put to the understudy through the real codex."""

import json
import subprocess
from pathlib import Path
from typing import Any, TypeVar

import jsonschema

from orchestra.answer import read, schema_of
from orchestra.brief.ask import Ask, Scope
from orchestra.brief.prompts import render
from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import Finding, MergedFinding, ReviewMessage
from orchestra.rehearsal.understudy import LABEL
from tests.rehearsal.driving import Codex, Heard

T = TypeVar("T")


class Asker:
    """Puts asks to one understudy, in a tree."""

    def __init__(self, codex: Codex, model: Any, tree: Path) -> None:
        self._codex, self._model, self._tree = codex, model, tree
        self.heard: Heard

    def __call__(self, ask: Ask[T]) -> T:
        prompt = ask.prompt if isinstance(ask.prompt, str) else render(ask.prompt, self._tree)
        model: Any = ask.answer
        schema = schema_of(model)
        sandbox = "read-only" if ask.scope is Scope.READ else "workspace-write"
        self.heard = self._codex(self._model, prompt, cwd=self._tree, schema=schema, sandbox=sandbox)
        assert self.heard.status == 0, self.heard.warnings
        message = self.heard.last_message or ""
        jsonschema.validate(json.loads(message), schema)
        assert LABEL in message
        answer: T = read(message, model).value
        return answer


def findings_of(review: ReviewMessage, root: Path, *titles: str) -> tuple[MergedFinding, ...]:
    """What a report would make of a review; only the findings whose titles begin so."""
    paths = {place.path for finding in review.findings for place in finding.locations}
    curated = curate(
        [Message(worker="w1", message=review)],
        {path: (root / path).read_text() for path in paths if (root / path).exists()},
    )
    return tuple(one for one in curated.findings if not titles or one.title.startswith(titles))


def reported(root: Path, *findings: dict[str, Any]) -> tuple[MergedFinding, ...]:
    """Merged findings of somebody else: title, path, line, quote, and what else is given."""
    said = [
        {
            "severity": "high",
            "confidence": 0.9,
            "category": "x",
            "problem": f"About {one['title']}.",
            "recommendation": "Mend it.",
            "rewrite": one.get("rewrite"),
            "title": one["title"],
            "locations": [
                {"path": one["path"], "start_line": one["line"], "end_line": one["line"], "quote": one["quote"]}
            ],
        }
        for one in findings
    ]
    return tuple(found for one in said for found in findings_of(_review(one), root))


def _review(finding: dict[str, Any]) -> ReviewMessage:
    return ReviewMessage(summary="", findings=(Finding.model_validate(finding),))


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    done = subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout
