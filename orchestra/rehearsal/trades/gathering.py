"""What the understudy does where others' results are put together: keeps all of them, in their order, as they are."""

from typing import Any

from orchestra.rehearsal.errand import Errand, Task

_AS_IT_IS = "kept as it is: nothing was grouped, ordered or reworded."


def curate(task: Task) -> Errand[dict[str, Any]]:
    """Every finding by itself, in the order given."""
    yield from ()
    groups = [
        {"numbers": [int(finding.name)], "title": "", "problem": "", "recommendation": "", "why": _AS_IT_IS}
        for finding in task.told.findings
        if finding.name.isdigit()
    ]
    return {"groups": groups}


def agree(task: Task) -> Errand[dict[str, Any]]:
    """The results of all sections one after the other, and those that are missing."""
    yield from ()
    results = task.told.data("RESULTS")
    given = [said for said in results if said.get("result")]
    texts = [f"{said.get('section')}: {said['result']}" for said in given]
    gone = [f"{said.get('section')}: {said.get('note') or 'no result'}" for said in results if not said.get("result")]
    undone = [f"{said.get('section')}: {text}" for said in given for text in said.get("unfinished") or ()]
    twice = _changed_twice(given)
    words = f"{len(given)} of {len(results)} sections have a result. They follow as they came; no model compared them."
    return {"result": "\n\n".join([words, *texts]), "conflicts": twice, "missing": gone + undone}


def _changed_twice(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Files that two sections say they changed."""
    who: dict[str, list[str]] = {}
    for said in results:
        for path in dict.fromkeys(str(change.get("path")) for change in said.get("changes") or ()):
            who.setdefault(path, []).append(str(said.get("section")))
    return [
        {"sections": names, "problem": f"{path} was changed by each of them.", "resolution": "Look at both changes."}
        for path, names in who.items()
        if len(names) > 1
    ]


def brief(task: Task) -> Errand[dict[str, Any]]:
    """The points of all notes that cite a source of the list, the same words once."""
    yield from ()
    known = {str(source.get("id")) for source in task.told.data("SOURCES")}
    claims: dict[str, list[str]] = {}
    open_: list[str] = []
    disputes = []
    for notes in task.told.data("NOTES"):
        for point in notes.get("points") or ():
            cited = [name for name in point.get("sources") or () if name in known]
            if cited:
                kept = claims.setdefault(str(point.get("text")), [])
                kept += [name for name in cited if name not in kept]
            else:
                open_.append(f"Without a source: {point.get('text')}")
        open_ += [str(text) for text in notes.get("uncertainty") or ()]
        disputes += [
            {
                "about": str(said.get("about")),
                "sides": [
                    {"text": str(side.get("text")), "sources": [n for n in side.get("sources") or () if n in known]}
                    for side in said.get("sides") or ()
                ],
            }
            for said in notes.get("disagreements") or ()
        ]
    return {
        "claims": [{"text": text, "sources": cited} for text, cited in claims.items()],
        "disagreements": disputes,
        "uncertainty": [*dict.fromkeys(open_), "The points stand as they came: no model weighed them."],
        "next_actions": [{"what": "Ask the question again with a model.", "why": "This was a rehearsal."}],
    }
