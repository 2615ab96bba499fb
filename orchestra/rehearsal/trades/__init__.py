"""What the understudy can do, a file a trade: by the title of the answer's schema, the errand that gives the answer."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from orchestra.rehearsal.errand import Errand, Task

LABEL = "Rehearsal (understudy, not a model): "
"""How everything it says begins."""

_TRADES = {
    "ReviewMessage": "reviewing:review",
    "ScoutMap": "scouting:scout",
    "Implementation": "writing:implement",
    "Fixes": "mending:fix",
    "Verdict": "verifying:verify",
    "Refutations": "verifying:refute",
    "Curation": "gathering:curate",
    "Consistency": "gathering:agree",
    "SectionWork": "sections:work",
    "ResearchNotes": "researching:research",
    "ResearchBrief": "gathering:brief",
    "Option": "weighing:propose",
    "Scores": "weighing:score",
}

_SPEAKS = ("summary", "map", "result", "idea", "because")
"""Where an answer speaks for itself as a whole."""
_SPEAKS_EACH = {"groups": "why", "judgements": "reason", "synthesis": "text", "claims": "text", "uncertainty": ""}
"""Where it does not: the items that each speak for themselves."""


def trade_for(title: str) -> Callable[[Task], Errand[dict[str, Any]]] | None:
    """The errand of a role; its file is loaded when it is first wanted, as the first answer is not to wait for all."""
    if title not in _TRADES:
        return None
    module, _, name = _TRADES[title].partition(":")
    errand: Callable[[Task], Errand[dict[str, Any]]] = getattr(import_module(f"{__name__}.{module}"), name)
    return errand


def labelled(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, saying wherever it speaks who is speaking."""
    said = dict(answer)
    for name in _SPEAKS:
        if isinstance(said.get(name), str):
            said[name] = _with_label(said[name])
    for name, key in _SPEAKS_EACH.items():
        if name in said:
            said[name] = [{**item, key: _with_label(item[key])} if key else _with_label(item) for item in said[name]]
    return said


def _with_label(text: str) -> str:
    """What another understudy said, and this one hands on, has it already."""
    return text if text.startswith(LABEL) else LABEL + text
