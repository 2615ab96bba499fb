"""What the understudy does as a researcher: it cannot search the web, so it quotes what the tree itself says."""

import re
from typing import Any

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.errand import Errand, Task, read
from orchestra.rehearsal.trades.tree import listed

MOST_FILES = 12
MOST_POINTS = 10
_PROSE = re.compile(r"(?i)(?:^|/)(?:readme(?:\.\w+)?|[^/]+\.(?:md|rst|txt))$")
_COMMON = {"what", "which", "when", "where", "does", "should", "would", "could", "with", "from", "that", "this", "have"}


def research(task: Task) -> Errand[dict[str, Any]]:
    """The answer in a researcher's schema: lines of the tree's documents that hold words of the question."""
    asked = {word for word in re.findall(r"\w+", task.told.said("QUESTION").lower()) if len(word) > 3} - _COMMON
    paths, _ = yield from listed()
    documents = [path for path in paths if _PROSE.search(path)][:MOST_FILES]
    texts = yield from read([Assigned(path, 1, 400) for path in documents])
    hits = [
        (len(asked & set(re.findall(r"\w+", line.lower()))), text.path, number, line.strip())
        for text in texts
        for number, line in text.lines.items()
    ]
    best = sorted((hit for hit in hits if hit[0]), key=lambda hit: (-hit[0], hit[1], hit[2]))[:MOST_POINTS]
    cited = list(dict.fromkeys(path for _, path, _, _ in best))
    points = [
        {"text": f"{path}, line {number}, says: {line[:300]}", "sources": [cited.index(path) + 1]}
        for _, path, number, line in best
    ]
    return {
        "synthesis": points,
        "sources": [
            {"number": number, "title": path, "link": path, "date": "", "why": "A file of this tree that was read."}
            for number, path in enumerate(cited, 1)
        ],
        "disagreements": [],
        "uncertainty": [
            f"the web was not searched; {len(documents)} documents of this tree were read for words of the question. "
            "Whether the lines answer it, only somebody who understands them can say."
        ],
    }
