"""What the understudy does with options: it has none of its own and says so; what it scores, it can count."""

import re
from itertools import combinations
from typing import Any

from orchestra.rehearsal.errand import Errand, Task
from orchestra.rehearsal.trades.tree import listed

ALIKE = 0.8
"""Of the words of two options together, the part that stands in both, from which they are nearly the same."""
_SHORT = 4


def propose(task: Task) -> Errand[dict[str, Any]]:
    """One option: of a proposer an empty one, of a refiner the one that was chosen, as it was."""
    chosen = task.told.block("CHOSEN")
    if chosen and isinstance(chosen.data, dict):
        idea = f"{chosen.data.get('idea', '')} (Unchanged: no model worked it out.)"
        return {**chosen.data, "idea": idea}
    stance = task.told.said("STANCE")
    _, count = yield from listed()
    name = re.search(r"this stance: (.+?)\.?$", task.told.said("TASK"), re.MULTILINE)
    idea = "it has no idea of its own for this question; it holds the place of the option that a model with this "
    idea += f"stance would propose. The stance: {stance} The tree has {count} files."
    return {
        "name": f"Placeholder: {name[1] if name else 'no stance'}"[:60],
        "idea": idea,
        "plan": ["Ask again with a model."],
        "trade_offs": [],
        "cost": "Unknown: nothing was estimated.",
        "risks": ["To be taken for a proposal."],
        "would_change_its_mind": "A model's answer.",
    }


def score(task: Task) -> Errand[dict[str, Any]]:
    """Points for how many of a criterion's words an option uses, the only thing about it that can be counted here."""
    yield from ()
    options = [said for said in task.told.data("OPTIONS") if isinstance(said.get("number"), int)]
    criteria = task.told.listed("CRITERIA:")
    words = {int(said["number"]): _words(" ".join(map(str, said.values()))) for said in options}
    scores = [_points(number, used, criterion) for criterion in criteria for number, used in words.items()]
    sums = {number: sum(said["points"] for said in scores if said["option"] == number) for number in words}
    chosen = max(sums, key=lambda number: (sums[number], -number), default=1)
    because = f"option {chosen} has the most points ({sums.get(chosen, 0):g}). They count words of the criteria in the "
    because += "text of the options, and say nothing about which is better."
    return {
        "scores": scores,
        "chosen": chosen,
        "because": because,
        "best_ideas": [
            {"option": int(said["number"]), "idea": str(said["plan"][0])}
            for said in options
            if said["number"] != chosen and said.get("plan")
        ],
        "alike": [
            {"options": [one, other], "why": f"{_shared(words[one], words[other]):.0%} of their words are the same."}
            for one, other in combinations(words, 2)
            if _shared(words[one], words[other]) >= ALIKE
        ],
    }


def _points(number: int, used: set[str], criterion: str) -> dict[str, Any]:
    wanted = _words(criterion)
    there = sorted(wanted & used)
    points = round(10 * len(there) / len(wanted), 1) if wanted else 0.0
    why = f"Of {len(wanted)} words of the criterion the option uses {len(there)}: {', '.join(there[:5]) or 'none'}."
    return {"option": number, "criterion": criterion.split(":")[0].strip(), "points": points, "why": why}


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) >= _SHORT}


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
