"""The one recommended next step of a report, whatever its pattern."""

from orchestra.outcome import Outcome
from orchestra.reports.first_lines import listed, next_step
from orchestra.reports.report import Report
from orchestra.reports.report_parts import Passed


def advice(report: Report) -> str:
    """What to do first. A pattern that brought nothing but findings, or nothing at all, is told by those."""
    nobody = bool(report.workers) and len(report.unanswered) == len(report.workers)
    if not nobody:
        for told in (
            _of_conflicts,
            _of_missing_sections,
            _of_changes,
            _of_sections,
            _of_research,
            _of_options,
            _of_an_answer,
        ):
            if said := told(report):
                return said
    if report.share and report.share.of > 1 and not report.unanswered:
        return f"Make one report of all {report.share.of} shards: `orchestra merge-runs {report.run} OTHER ...`."
    return next_step(report.findings, report.workers, report.run)


def _of_conflicts(report: Report) -> str | None:
    conflicts = [path for change in report.changes for path in change.conflicts]
    if not conflicts:
        return None
    how = f" `orchestra integrate {report.run}` takes over what fits, and says how to go on."
    return f"Settle by hand what could not be put together: {listed(conflicts)}.{how}"


def _of_missing_sections(report: Report) -> str | None:
    silent = [section.name for section in report.sections if section.outcome is not Outcome.ANSWERED]
    if not silent:
        return None
    return f"Ask again for what is missing ({listed(silent, 3)}): `orchestra resume {report.run}`."


def _of_changes(report: Report) -> str | None:
    if not any(change.files for change in report.changes):
        return _of_no_change(report)
    last = report.verdicts[-1] if report.verdicts else None
    how = f": `orchestra integrate {report.run}`" if any(change.integrate for change in report.changes) else ""
    if last is None:
        return f"Nobody verified the changes; read the diff before you take it over{how}."
    if last.outcome is Passed.PASS:
        return f"Read the diff and take it over{how}."
    if last.outcome is Passed.FAIL:
        first = f": {last.issues[0].problem.rstrip('.')}" if last.issues else ""
        return f"The verifier did not accept the changes{first}. Read its reasons before you take anything over."
    return (
        f"The verifier could not find out whether the changes work; check them yourself before you take them over{how}."
    )


def _of_no_change(report: Report) -> str | None:
    """Writers that changed nothing leave no diff to be read; what they say of it stands in their summaries."""
    if not report.changes or report.sections:
        return None
    last = report.changes[-1]
    if report.findings:
        return f"Nothing was changed; read why in {last.worker}'s summary, and mend what it left by hand."
    why = f" It leaves: {last.follow_ups[0].rstrip('.')}." if last.follow_ups else ""
    return f"Nothing was changed; read why in {last.worker}'s summary, and say the goal more closely.{why}"


def _of_sections(report: Report) -> str | None:
    return "Read the result." if report.sections else None


def _of_research(report: Report) -> str | None:
    if not report.brief:
        return None
    if report.actions:
        return report.actions[0].what
    return "Read the brief." if report.brief.claims else "Nothing with a source was found; ask more narrowly."


def _of_options(report: Report) -> str | None:
    matrix = report.matrix
    if matrix is None:
        return None
    chosen = next((option for option in matrix.options if option.name == matrix.chosen), None)
    if chosen is None:
        return "Choose yourself: the options stand side by side, and no choice could be made for you."
    return f"Begin with {chosen.name}: {chosen.plan[0]}" if chosen.plan else f"Go on with {chosen.name}."


def _of_an_answer(report: Report) -> str | None:
    return "Read the answer." if report.answer is not None and not report.findings else None
