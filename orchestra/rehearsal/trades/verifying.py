"""What the understudy does as a verifier: runs the check, looks whether what was reported is still there."""

from typing import Any

from orchestra.rehearsal.errand import Errand, Task
from orchestra.rehearsal.reading import Text
from orchestra.rehearsal.told import Given, Told
from orchestra.rehearsal.trades.looking import lines_of, seen_at, stands, texts_of
from orchestra.rehearsal.trades.testing import Tested, checked, evidence_of, result_of

_UNTRIED = "Whether it went wrong without the change too was not tried."


def verify(task: Task) -> Errand[dict[str, Any]]:
    """The answer in a verifier's schema."""
    asked = _asked(task.told)
    tested = yield from checked(task)
    texts = yield from texts_of(asked)
    looks = [(finding, *_look(finding, texts)) for finding in asked]
    checks = [{"command": run.command, "result": result_of(run), "evidence": evidence_of(run)} for run in tested.runs]
    checks += [{"command": "success check or tests", "result": "not_run", "evidence": text} for text in tested.not_run]
    results = {"confirmed": "failed", "refuted": "passed", "unsure": "not_run"}
    checks += [
        {"command": f"looked for: {finding.title}", "result": results[stand], "evidence": f"{why} {evidence}".strip()}
        for finding, stand, evidence, why in looks
    ]
    verdict = _verdict([str(check["result"]) for check in checks], ran=bool(tested.runs))
    issues = [
        {"problem": f"{run.command!r} ended with exit {run.exit_code}. {_UNTRIED}", "repro_steps": [run.command]}
        for run in tested.runs
        if result_of(run) == "failed"
    ]
    issues += [
        {"problem": f"Still there: {finding.title}. {why}", "repro_steps": [evidence]}
        for finding, stand, evidence, why in looks
        if stand == "confirmed"
    ]
    return {
        "verdict": verdict,
        "summary": _summary(tested, looks, by_check_alone=not asked),
        "checks": checks,
        "issues": issues,
        "suggested_fixes": [],
    }


def _verdict(results: list[str], *, ran: bool) -> str:
    if "failed" in results:
        return "fail"
    return "pass" if ran and "not_run" not in results else "incomplete"


def _summary(tested: Tested, looks: list[tuple[Given, str, str, str]], *, by_check_alone: bool) -> str:
    if by_check_alone:
        return f"{tested.words} Whether the change is what was asked was judged by that alone: no model read it."
    gone = sum(stand == "refuted" for _, stand, _, _ in looks)
    return f"{tested.words} No longer seen: {gone} of {len(looks)} findings."


def refute(task: Task) -> Errand[dict[str, Any]]:
    """The answer in the schema of whoever tries to refute findings."""
    findings = task.told.findings
    texts = yield from texts_of(findings)
    looks = [(finding, *_look(finding, texts)) for finding in findings]
    return {
        "judgements": [
            {"number": int(finding.name or 0), "verdict": stand, "evidence": evidence, "reason": why}
            for finding, stand, evidence, why in looks
        ]
    }


def _asked(told: Told) -> tuple[Given, ...]:
    """The findings that were to be mended; a goal in words is none."""
    return told.given("ASKED")


def _look(finding: Given, texts: dict[str, Text]) -> tuple[str, str, str]:
    """Confirmed, refuted or unsure; the line that decides, and the reason."""
    unread = ""
    standing = ""
    for place in finding.places:
        text = texts.get(place.path)
        if text is None or not text.whole:
            unread = f"{place.path} could not be read whole: {text.missing if text else 'it has no name'}."
            continue
        lines = lines_of(text)
        line = stands(lines, place)
        if line is None:
            continue
        standing = f"{place.path}:{line}: {lines[line - 1].strip()}" if line <= len(lines) else ""
        if seen_at(place.path, lines, finding.title, line, max(1, len(place.quote))):
            return "confirmed", standing, "What is quoted stands there, and a check of its own sees the same in it."
    if unread and "No such file" in unread and not standing:
        return "refuted", unread, "The file it is about is not there."
    if unread and not standing:
        return "unsure", unread, "What is said to be there was not seen."
    if standing:
        return "unsure", standing, "What is quoted stands there; no check of its own can tell whether it is a problem."
    if not any(place.quote for place in finding.places):
        return "unsure", "", "It quotes nothing that could be looked up."
    return "refuted", "", "What it quotes stands nowhere in the files it names."
