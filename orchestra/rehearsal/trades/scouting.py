"""What the understudy does as a scout: lists the tree, reads what it says of itself, looks up the names in the goal."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from orchestra.rehearsal.assignment import Assigned
from orchestra.rehearsal.errand import Errand, Task, read
from orchestra.rehearsal.reading import Text
from orchestra.rehearsal.trades.testing import own_test_command
from orchestra.rehearsal.trades.tree import found, listed

_ABOUT = re.compile(
    r"(?i)^(?:readme(?:\.\w+)?|contributing\.\w+|pyproject\.toml|package\.json|go\.mod|cargo\.toml|makefile)$"
)
_ENTRY = re.compile(r"(?:^|/)(?:__main__|main|app|cli|index|server)\.(?:py|js|ts|go|rs)$")
_TEST = re.compile(r"(?:^|/)(?:test_[^/]+|[^/]+(?:_test|\.test|\.spec))\.\w+$")
_PATH = re.compile(r"(?<![\w/:])((?:[\w.-]+/)*[\w-]+\.[A-Za-z]\w{0,5})(?![\w/(])")
_NAME = re.compile(r"`([^`\s]{2,60})`|\b([a-zA-Z]\w*_\w+|[a-z]+[A-Z]\w+|\w+(?=\(\)))")
_QUOTED = re.compile(r"`([^`\n]+)`|'([^'\n]+)'|\"([^\"\n]+)\"")
MOST_TERMS = 6


def scout(task: Task) -> Errand[dict[str, Any]]:
    """The answer in a scout's schema."""
    goal = task.told.said("GOAL")
    paths, count = yield from listed()
    about = [path for path in paths if _ABOUT.match(path)][:6]
    texts = yield from read([Assigned(path, 1, 200) for path in about])
    named = _named(goal, paths)
    terms = [term for term in _terms(goal) if term not in named][:MOST_TERMS]
    places: dict[str, tuple[str, ...]] = {}
    for term in terms:
        places[term] = yield from found(term)
    command, why = yield from own_test_command(paths)
    forks = [fork for path in named if path != task.told.new and (fork := _fork(path, paths, goal))]
    facts = [fact for text in texts for fact in _said_by(text)]
    facts += [
        {"fact": f"{term} stands here: {_after_place(hit)}", "seen_in": _place(hit)}
        for term in terms
        for hit in places[term][:3]
    ]
    facts += [{"fact": f"The tests are run with `{command}`: {why}", "seen_in": "the list of files"}] if command else []
    return {
        "map": _map(paths, count),
        "key_files": _key_files(paths, named, places, about),
        "facts": facts,
        "unknowns": _unknowns(terms, places, command, why, paths, count),
        "ambiguities": forks,
    }


def _named(goal: str, paths: Sequence[str]) -> list[str]:
    """The files a goal speaks of. In quotes a name may hold what no bare name does, if there is such a file."""
    quoted = [next(filter(None, parts)) for parts in _QUOTED.findall(goal)]
    whole = [name for name in quoted if any(path == name or path.endswith(f"/{name}") for path in paths)]
    for name in whole:
        goal = goal.replace(name, " ")
    return list(dict.fromkeys([*whole, *_PATH.findall(goal)]))[:MOST_TERMS]


def _terms(goal: str) -> list[str]:
    return list(dict.fromkeys((quoted or bare).removesuffix("()") for quoted, bare in _NAME.findall(goal)))


def _map(paths: Sequence[str], count: int) -> str:
    folders: dict[str, int] = {}
    for path in paths:
        top = f"{PurePath(path).parts[0]}/" if "/" in path else "the top"
        folders[top] = folders.get(top, 0) + 1
    parts = [f"{number} in {name}" for name, number in sorted(folders.items(), key=lambda one: (-one[1], one[0]))[:10]]
    cut = f" The first {len(paths)} of them were looked at." if count > len(paths) else ""
    return (
        f"{count} files: {', '.join(parts) or 'none'}.{cut} How they work together takes somebody who understands them."
    )


def _key_files(
    paths: Sequence[str], named: Sequence[str], places: dict[str, tuple[str, ...]], about: Sequence[str]
) -> list[dict[str, str]]:
    why: dict[str, str] = {}
    for path in paths:
        if any(path == name or path.endswith(f"/{name}") for name in named):
            why[path] = "The goal names it."
    for term, hits in places.items():
        for hit in hits:
            why.setdefault(hit.split(":")[0], f"{term}, which the goal names, stands in it.")
    for path in about:
        why.setdefault(path, "What the project says about itself.")
    for path in [path for path in paths if _ENTRY.search(path)][:3]:
        why.setdefault(path, "By its name, where a program begins.")
    for path in [path for path in paths if _TEST.search(path)][:5]:
        why.setdefault(path, "By its name, tests.")
    return [{"path": path, "why": reason} for path, reason in list(why.items())[:20]]


def _said_by(text: Text) -> list[dict[str, str]]:
    """The first heading and sentence of a README; of a manifest, its name, version and scripts."""
    if text.path.lower().startswith(("readme", "contributing")):
        wanted = [
            n for n in sorted(text.lines) if text.lines[n].strip() and not text.lines[n].startswith(("[", "!", "<"))
        ][:2]
    else:
        key = re.compile(r'\s*"?(?:name|version|requires-python|test|scripts|module|edition)"?\s*[:=]|module |\w+:')
        wanted = [n for n in sorted(text.lines) if key.match(text.lines[n])][:4]
    return [{"fact": f"{text.path} says: {text.lines[n].strip()[:200]}", "seen_in": f"{text.path}:{n}"} for n in wanted]


def _unknowns(
    terms: Sequence[str],
    places: dict[str, tuple[str, ...]],
    command: str,
    why: str,
    paths: Sequence[str],
    count: int,
) -> list[str]:
    said = [f"{term} stands nowhere in the tree." for term in terms if not places[term]]
    said += [] if command else [f"How this is tested: {why}"]
    said += [f"{count - len(paths)} files were not looked at."] if count > len(paths) else []
    return said


def _fork(path: str, paths: Sequence[str], goal: str) -> dict[str, Any] | None:
    """Where a file named in the goal can be two, or is not there and is not said to be new."""
    same = [known for known in paths if known == path or known.endswith(f"/{path}")]
    if path in same or len(same) == 1:
        return None
    if same:
        return {
            "term": path,
            "readings": same,
            "question": f"Which {path} is meant: {', '.join(same[:4])}?",
            "assumption": same[0],
        }
    made = rf"(?i)\b(?:create|write|generate|make an?|new)\b[^.\n]{{0,60}}{re.escape(path)}"
    if re.search(made, goal):
        return None
    near = get_close_matches(path, paths, n=2, cutoff=0.6)
    near += [known for known in paths if PurePath(known).stem == PurePath(path).stem and known not in near]
    readings = [f"{path} is to be made", *(f"{known} is meant" for known in near[:2])]
    return {
        "term": path,
        "readings": readings,
        "question": f"{path} is not in the tree: is it to be made{', or is ' + near[0] + ' meant' if near else ''}?",
        "assumption": readings[1] if near else readings[0],
    }


def _place(hit: str) -> str:
    return ":".join(hit.split(":")[:2])


def _after_place(hit: str) -> str:
    return hit.split(":", 2)[2].strip()
