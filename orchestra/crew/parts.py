"""What the replies of writers, verifiers and section workers say, as parts of the report."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestra.brief.answers import Implementation, SectionWork, Verdict
from orchestra.brief.answers.verifier import CheckResult
from orchestra.brief.ask import Scope
from orchestra.crew.reply import Reply
from orchestra.crew.watched import some
from orchestra.findings.finding import ReviewMessage
from orchestra.reports import report_parts as told
from orchestra.reports.look import Look

_PASSED = {CheckResult.PASSED: True, CheckResult.FAILED: False, CheckResult.NOT_RUN: None}


def changes(
    replies: Iterable[Reply[Any]], run: str, conflicts: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[told.Change, ...]:
    """What each writer changed, in the order they were asked: the files as git saw them, the rest as it said it."""
    rounds: Counter[str] = Counter()
    found = []
    for reply in replies:
        said = isinstance(reply.value, Implementation | SectionWork)
        if reply.ask.scope is not Scope.WRITE or not (said or (reply.changes and reply.changes.commit)):
            continue
        # Sections are one round, however many writers they have.
        name = type(reply.value).__name__
        rounds[name] += 1
        number = 1 if isinstance(reply.value, SectionWork) else rounds[name]
        found.append(_change(reply, run, number, (conflicts or {}).get(reply.label, ())))
    return tuple(found)


def verdicts(replies: Iterable[Reply[Any]]) -> tuple[told.Verdict, ...]:
    """What verifiers said of changes, a round each."""
    judged = [(reply.label, reply.value) for reply in replies if isinstance(reply.value, Verdict)]
    return tuple(_verdict(label, number, verdict) for number, (label, verdict) in enumerate(judged, 1))


def sections(replies: Iterable[Reply[Any]]) -> tuple[told.SectionResult, ...]:
    """What became of each section of a task that was split."""
    return tuple(
        told.SectionResult(
            name=reply.ask.section.name,
            worker=reply.label,
            files=len(reply.ask.section.files),
            outcome=reply.outcome,
            text=reply.value.result if isinstance(reply.value, SectionWork) else reply.reason,
        )
        for reply in replies
        if reply.ask.section and reply.ask.answer is SectionWork
    )


def strayed(replies: Iterable[Reply[Any]]) -> Iterator[str]:
    """A sentence for each writer that changed what lies outside its section; what it made anew may lie anywhere."""
    for reply in replies:
        if reply.ask.section is None or reply.changes is None or not reply.changes.commit:
            continue
        own = {file.path for file in reply.ask.section.files}
        others = tuple(file.path for file in reply.changes.files if file.kind != "added" and file.path not in own)
        if others:
            yield f"{reply.label} changed files outside its section: {some(others)}."


def looks(replies: Iterable[Reply[Any]]) -> tuple[Look, ...]:
    """Which files reviewers were given, and through which lenses somebody answered."""
    by_section: dict[tuple[tuple[str, ...], bool], list[Reply[Any]]] = {}
    for reply in replies:
        if reply.ask.answer is ReviewMessage and (section := reply.ask.section):
            files = tuple(file.path for file in section.files)
            by_section.setdefault((files, section.compared is not None), []).append(reply)
    return tuple(
        Look(
            files=files,
            changes_only=changes_only,
            answered={one.label: one.ask.lens or "" for one in several if one.answered and not one.read_nothing},
            silent={one.label: one.ask.lens or "" for one in several if not one.answered or one.read_nothing},
        )
        for (files, changes_only), several in by_section.items()
    )


def _change(reply: Reply[Any], run: str, number: int, conflicts: tuple[str, ...]) -> told.Change:
    said, changes = reply.value, reply.changes
    told_of = {"worker": reply.label, "round": number, "conflicts": conflicts}
    if changes is not None and changes.commit:
        told_of |= {
            "files": changes.files,
            "diff": reply.diff,
            "branch": None if changes.private else changes.branch,
            "commit": None if changes.private else changes.commit,
            "integrate": f"orchestra integrate {run} {reply.label}",
        }
    if isinstance(said, Implementation):
        told_of |= {"summary": said.summary, "follow_ups": said.follow_ups}
        told_of |= {"reproduce": said.reproduce, "risks": said.risks}
    if isinstance(said, SectionWork):
        told_of |= {"summary": said.result, "follow_ups": said.unfinished}
    return told.Change.model_validate(told_of)


def _verdict(label: str, number: int, said: Verdict) -> told.Verdict:
    # A fix is an issue's only where there is one for each.
    paired = said.suggested_fixes if len(said.suggested_fixes) == len(said.issues) else [""] * len(said.issues)
    issues = [
        told.Issue(problem=issue.problem, reproduce="\n".join(issue.repro_steps), fix=fix)
        for issue, fix in zip(said.issues, paired, strict=True)
    ]
    if paired is not said.suggested_fixes:
        issues += [told.Issue(problem="Suggested by the verifier", fix=fix) for fix in said.suggested_fixes]
    return told.Verdict(
        worker=label,
        round=number,
        outcome=told.Passed(said.verdict.value),
        summary=said.summary,
        checks=tuple(
            told.Check(what=check.command, passed=_PASSED[check.result], evidence=check.evidence)
            for check in said.checks
        ),
        issues=tuple(issues),
    )
