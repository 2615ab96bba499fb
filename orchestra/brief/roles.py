"""What kinds of worker there are: each function returns the ask of one role.

What a worker may touch, how long it may take and what its answer is read as belong to the role; what it is told stands
in `prompts/roles/`. What other workers said goes into a prompt as fenced data, whatever it is.
"""

from collections.abc import Sequence
from typing import Any

from orchestra.brief.answers import (
    Consistency,
    Curation,
    Fixes,
    Implementation,
    Option,
    Refutations,
    ResearchBrief,
    ResearchNotes,
    Scores,
    ScoutMap,
    SectionWork,
    Verdict,
)
from orchestra.brief.ask import Ask, Scope
from orchestra.brief.lenses import Lens
from orchestra.brief.library import Library
from orchestra.brief.prompts import Prompt
from orchestra.brief.sections import Section
from orchestra.brief.showing import changes_shown, section_shown
from orchestra.brief.stances import Stance
from orchestra.findings.finding import MergedFinding, ReviewMessage

LONG_TOOL = 3600.0
"""Seconds without a byte for those who build and test: a tool prints nothing to us until it ends."""
LONG_WORK = 4 * 3600.0
"""Seconds all in all for those who change a tree or run its tests."""


def reviewer(section: Section, lens: Lens) -> Ask[ReviewMessage]:
    """Reads a section through a lens and reports findings."""
    told = {
        **section_shown(section),
        **changes_shown(section),
        "lens": lens.name.upper().replace("+", " AND "),
        "lens_body": lens.body,
    }
    return Ask(
        role="reviewer",
        prompt=Prompt(template="reviewer", variables=told),
        title=lens.name,
        lens=lens.name,
        section=section,
        answer=ReviewMessage,
    )


def scout(goal: str, *, new: str | None = None) -> Ask[ScoutMap]:
    """Looks around a tree for somebody who is to reach a goal in it."""
    return Ask(
        role="scout",
        prompt=Prompt(template="scout", variables={"goal": goal, "new": new}),
        title="scout",
        answer=ScoutMap,
    )


def implementer(
    goal: str,
    *,
    new: str | None = None,
    scouted: ScoutMap | None = None,
    decisions: Sequence[str] = (),
    success_check: str = "",
    rejected: Verdict | None = None,
) -> Ask[Implementation]:
    """Reaches a goal in a tree of its own, from a scout's map without its prose, or from a verifier's reasons."""
    told = {
        "goal": goal,
        "new": new,
        "scouted": condensed(scouted) if scouted else None,
        "decisions": list(decisions),
        "success_check": success_check,
        "rejected": _reasons(rejected),
    }
    return _writer("implementer", told, Implementation, "implement")


def fixer(findings: Sequence[MergedFinding], *, success_check: str = "", rejected: Verdict | None = None) -> Ask[Fixes]:
    """Mends findings in a tree of its own."""
    told = {
        "findings": [_finding(finding, "id", finding.id) for finding in findings],
        "success_check": success_check,
        "rejected": _reasons(rejected),
    }
    return _writer("fixer", told, Fixes, "fix")


def verifier(
    asked: str | Sequence[MergedFinding],
    *,
    claimed: Implementation | None = None,
    diff: str = "",
    success_check: str = "",
) -> Ask[Verdict]:
    """Tries out a change in a throw-away copy: a goal that was to be reached, or findings that were to be mended."""
    told = {
        "asked": asked if isinstance(asked, str) else [_finding(finding, "id", finding.id) for finding in asked],
        "claimed": claimed,
        "diff": diff,
        "success_check": success_check,
    }
    return _tester("verifier", told, Verdict, "verify")


def refuter(findings: Sequence[MergedFinding]) -> Ask[Refutations]:
    """Tries to refute findings, numbered from 1 in their order."""
    return _tester("refuter", {"findings": _numbered(findings)}, Refutations, "refute")


def curator(findings: Sequence[MergedFinding]) -> Ask[Curation]:
    """Groups, orders and rewords findings, numbered from 1 in their order."""
    return _reader("curator", "curator", {"findings": _numbered(findings)}, Curation, "curate")


def section_worker(section: Section, task: str, *, write: bool = False) -> Ask[SectionWork]:
    """Does a task for one section."""
    return Ask(
        role="implementer" if write else "worker",
        prompt=Prompt(template="section", variables={**section_shown(section), "task": task, "write": write}),
        scope=Scope.WRITE if write else Scope.READ,
        title="section",
        section=section,
        answer=SectionWork,
        idle=LONG_TOOL if write else None,
        wall=LONG_WORK if write else None,
    )


def consistency(
    task: str, results: Sequence[tuple[str, str, SectionWork | None]], *, tree: str = ""
) -> Ask[Consistency]:
    """Finds out whether the results of sections go together, and makes one of them.

    A result is a section, who worked on it, and what they said; None: there is no result. `tree` says what became of
    the changes of writers.
    """
    silent = {"result": None, "note": "it did not answer"}
    told = [
        {"section": name, "worker": who, **(work.model_dump(mode="json") if work else silent)}
        for name, who, work in results
    ]
    variables = {"task": task, "results": told, "tree": tree}
    return _reader("curator", "consistency", variables, Consistency, "consistency")


def researcher(question: str, *, angle: str | None = None) -> Ask[ResearchNotes]:
    """Searches the web, reads what it finds, and cites it."""
    return Ask(
        role="researcher",
        prompt=Prompt(template="researcher", variables={"question": question, "angle": angle}),
        title=_first_words(angle) if angle else "research",
        answer=ResearchNotes,
        web_search=True,
    )


def synthesis(question: str, library: Library) -> Ask[ResearchBrief]:
    """Makes one brief of what several researchers found."""
    told = {"question": question, "sources": library.sources, "notes": library.notes}
    return _reader("curator", "synthesis", told, ResearchBrief, "synthesis")


def proposer(question: str, stance: Stance, criteria: Sequence[str]) -> Ask[Option]:
    """Proposes one way, with one stance."""
    told = {"question": question, "stance": stance.name, "stance_body": stance.body, "criteria": list(criteria)}
    return _reader("proposer", "proposer", told, Option, stance.name)


def scorer(question: str, options: Sequence[Option], criteria: Sequence[str]) -> Ask[Scores]:
    """Scores options, numbered from 1 in their order, and chooses one."""
    numbered = [{"number": number, **option.model_dump(mode="json")} for number, option in enumerate(options, 1)]
    told = {"question": question, "options": numbered, "criteria": list(criteria)}
    return _reader("curator", "scorer", told, Scores, "score")


def refiner(question: str, chosen: Option, because: str, ideas: Sequence[str]) -> Ask[Option]:
    """Works out the option that was chosen, with the best ideas of the others."""
    told = {
        "question": question,
        "chosen": {**chosen.model_dump(mode="json"), "because": because},
        "ideas": list(ideas),
    }
    return _reader("proposer", "refiner", told, Option, "refine")


def condensed(scouted: ScoutMap) -> dict[str, Any]:
    """What of a scout's answer an implementer gets: files, facts with their places, what is not known; no prose."""
    said = scouted.model_dump(mode="json")
    return {name: said[name] for name in ("key_files", "facts", "unknowns")}


# ── what they have in common ─────────────────────────────────────────────────────────────────────────────────────────


def _reader(role: str, template: str, told: dict[str, Any], answer: type[Any], title: str) -> Ask[Any]:
    return Ask(role=role, prompt=Prompt(template=template, variables=told), title=title, answer=answer)


def _writer(template: str, told: dict[str, Any], answer: type[Any], title: str) -> Ask[Any]:
    return Ask(
        role="implementer",
        prompt=Prompt(template=template, variables=told),
        scope=Scope.WRITE,
        title=title,
        answer=answer,
        idle=LONG_TOOL,
        wall=LONG_WORK,
    )


def _tester(template: str, told: dict[str, Any], answer: type[Any], title: str) -> Ask[Any]:
    return Ask(
        role="verifier",
        prompt=Prompt(template=template, variables=told),
        scope=Scope.SCRATCH,
        title=title,
        answer=answer,
        idle=LONG_TOOL,
        wall=LONG_WORK,
    )


def _numbered(findings: Sequence[MergedFinding]) -> list[dict[str, Any]]:
    return [_finding(finding, "number", number) for number, finding in enumerate(findings, 1)]


def _finding(finding: MergedFinding, called: str, name: str | int) -> dict[str, Any]:
    """What a worker is told of a finding: not who said it, how often or how sure, which would be taken for proof."""
    return {
        called: name,
        "title": finding.title,
        "severity": finding.severity.value,
        "locations": [
            {"path": place.path, "lines": f"{place.start_line}-{place.end_line}", "quote": place.quote}
            for place in finding.places
        ],
        "problem": finding.problem,
        "recommendation": finding.recommendation,
        **({"rewrite": finding.rewrite} if finding.rewrite else {}),
    }


def _reasons(rejected: Verdict | None) -> Verdict | None:
    """Why a change was not accepted, without the checks that passed."""
    if rejected is None:
        return None
    return rejected.model_copy(update={"checks": tuple(check for check in rejected.checks if check.result != "passed")})


def _first_words(text: str) -> str:
    return " ".join(text.split()[:3])
