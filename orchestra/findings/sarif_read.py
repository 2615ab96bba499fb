"""What linters and scanners say in SARIF, as a review: their results are findings like anybody's."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "low"}
_NO_FINDING = {"pass": "passed", "notApplicable": "not applicable", "informational": "informational"}


def is_sarif(said: Any) -> bool:
    """A log of runs, of whatever version."""
    return isinstance(said, Mapping) and isinstance(said.get("runs"), list) and bool({"$schema", "version"} & {*said})


def review_in_sarif(said: Mapping[str, Any], unsure: float) -> tuple[dict[str, Any], list[str]]:
    """The results of all runs as a message in the contract's form, and what there is to note."""
    findings: list[dict[str, Any]] = []
    notes: dict[str, int] = {}
    tools = []
    for run in _maps(said["runs"]):
        driver = _map(_map(run.get("tool")).get("driver"))
        tools.append(str(driver.get("name") or "a tool"))
        rules = list(_maps(driver.get("rules")))
        by_id = {rule.get("id"): rule for rule in rules}
        for result in _maps(run.get("results")):
            if why := _not_counted(result):
                notes[why] = notes.get(why, 0) + 1
                continue
            index = result.get("ruleIndex")
            at = rules[index] if isinstance(index, int) and 0 <= index < len(rules) else {}
            findings.append(_finding(result, by_id.get(result.get("ruleId"), at), unsure))
        if any(one.get("executionSuccessful") is False for one in _maps(run.get("invocations"))):
            notes[f"{tools[-1]} says that it did not run to its end"] = 0
    told = [f"{count:,} of its results left out: {why}" if count else why for why, count in notes.items()]
    return {"summary": f"Results of {', '.join(tools) or 'no tool'}.", "findings": findings}, told


def _finding(result: Mapping[str, Any], rule: Mapping[str, Any], unsure: float) -> dict[str, Any]:
    named = str(result.get("ruleId") or rule.get("id") or "other")
    text = _message(result, rule) or _text(rule.get("shortDescription")) or named
    level = result.get("level") or _map(rule.get("defaultConfiguration")).get("level") or "warning"
    fix = next((_text(fix.get("description")) for fix in _maps(result.get("fixes"))), "")
    rank = result.get("rank")
    return {
        "title": text.split("\n")[0],
        "severity": _map(rule.get("properties")).get("security-severity") or LEVELS.get(str(level), str(level)),
        "confidence": rank / 100 if isinstance(rank, int | float) and 0 <= rank <= 100 else unsure,
        "category": named,
        "locations": list(_places(result)),
        "problem": text,
        "recommendation": fix or (f"See {rule['helpUri']}" if rule.get("helpUri") else ""),
        "rewrite": None,
    }


def _message(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """Its own text, or the one its rule has for it, with what belongs into the gaps."""
    message = _map(result.get("message"))
    text = _text(message) or _text(_map(rule.get("messageStrings")).get(str(message.get("id"))))
    arguments = message.get("arguments")
    for number, argument in enumerate(arguments if isinstance(arguments, list) else ()):
        text = text.replace(f"{{{number}}}", str(argument))
    return text


def _places(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for location in _maps(result.get("locations")):
        physical = _map(location.get("physicalLocation"))
        region = _map(physical.get("region"))
        uri = _map(physical.get("artifactLocation")).get("uri")
        if isinstance(uri, str) and uri:
            first = region.get("startLine") or 1
            yield {
                "path": unquote(uri.removeprefix("file://")),
                "start_line": first,
                "end_line": region.get("endLine") or first,
                "quote": _text(region.get("snippet")),
            }


def _not_counted(result: Mapping[str, Any]) -> str:
    """Why a result is no finding, if it is none."""
    if any(one.get("status") in (None, "accepted") for one in _maps(result.get("suppressions"))):
        return "suppressed there"
    if result.get("baselineState") == "absent":
        return "no longer there"
    return _NO_FINDING.get(str(result.get("kind")), "")


def _text(message: Any) -> str:
    text = _map(message).get("text") or _map(message).get("markdown")
    return text.strip() if isinstance(text, str) else ""


def _map(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, Mapping) else {}


def _maps(said: Any) -> Iterator[Mapping[str, Any]]:
    return (one for one in said if isinstance(one, Mapping)) if isinstance(said, list) else iter(())
