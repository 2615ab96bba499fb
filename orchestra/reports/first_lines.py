"""The first lines of a report: its state, what came out, the next step, and what a reader must be warned of.

Honest whatever happened: nothing here says `no findings` for workers that did not answer.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.outcome import Outcome
from orchestra.reports.history import Life
from orchestra.reports.report import Report, WorkerLine

NAMED = 6
"""Silent workers the first line names; the others are in the list of workers."""
TITLE = 140
"""Characters of a title the next step repeats."""
_GIVE = "Give answers in JSON, or lists and headings in Markdown; the notes say what else was found in the files."


def headline(report: Report) -> str:
    """The state of the report in one honest sentence: it never says `no findings` for workers that did not answer."""
    return " ".join(part for part in (_who_answered(report), _result(report)) if part)


def next_step(findings: Sequence[MergedFinding], workers: Sequence[WorkerLine], run: str) -> str:
    """The one recommended step: hear the silent first where nothing was heard, else mend the worst."""
    silent = [worker for worker in workers if worker.outcome is not Outcome.ANSWERED]
    counted = [finding for finding in findings if finding.standing is Standing.OPEN]
    if silent and len(silent) == len(workers) and (run or not findings):
        return _why_nobody(silent, run)
    if counted:
        worst = counted[0]
        place = f" ({worst.places[0].path}:{worst.places[0].start_line})" if worst.places else ""
        title = worst.title.strip().rstrip(".")
        title = title if len(title) <= TITLE else title[:TITLE].rstrip() + "…"
        return f"Look at {worst.id} first: {title}{place}."
    if silent and run:
        return f"Ask the {counted_as(len(silent), 'silent worker')} again: `orchestra resume {run}`."
    if findings:
        stands = "stands" if len(findings) == 1 else "stand"
        return f"Nothing open was found; read the {counted_as(len(findings), 'finding')} that {stands} apart."
    if silent and all(worker.given for worker in silent):
        return _GIVE
    if silent:
        return f"Ask the {counted_as(len(silent), 'silent worker')} again, and merge what they say."
    if workers and all(worker.read_nothing for worker in workers):
        return f"Nobody was seen to read a file: see what was tried with `orchestra show {run} {workers[0].label}`."
    return "Nothing to mend was found." if workers else "Nobody was asked; name a target and run it again."


def warnings(report: Report) -> tuple[str, ...]:
    """What a reader must know before anything else is believed."""
    told = []
    if report.rehearsed:
        told.append("Rehearsed: an understudy with simple static checks spoke, not a model.")
    if report.changed_meanwhile:
        told.append(f"Changed while the workers read: {listed(report.changed_meanwhile)}.")
    if blind := [worker.label for worker in report.workers if worker.read_nothing]:
        told.append(f"Not seen to read any of their files, so their silence says nothing: {listed(blind)}.")
    for worker in report.workers:
        if worker.scope == "read" and worker.files_changed:
            told.append(f"{worker.label} was to read only, and changed files: {listed(worker.files_changed)}.")
    return tuple(told)


def rendered_as(report: Report, form: str) -> str:
    """The command that renders it in another format; messages that were merged belong to no run."""
    again = f"orchestra report {report.run}" if report.run else "orchestra merge MESSAGE ..."
    return f"{again} --format {form} --out report.{form}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """The first few of many names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def counted_as(number: int, noun: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def apart_in_words(report: Report) -> str:
    """`2 unanchored, 1 withdrawn`, or nothing."""
    counts = Counter(finding.standing for finding in report.apart)
    return ", ".join(f"{counts[standing]:,} {standing}" for standing in Standing if counts[standing])


def why_apart(finding: MergedFinding) -> str:
    """`withdrawn: refuted by w9`; a reason that says the standing itself is not said twice."""
    reason = finding.standing_reason or ""
    return reason if reason.startswith(finding.standing) else f"{finding.standing}{f': {reason}' if reason else ''}"


def _since(report: Report) -> str:
    """`Since 20261119-…: 2 new, 1 back, 14 still there; 3 gone, 1 not seen this time.`"""
    history = report.history
    if history is None:
        return ""
    if history.since is None:
        return "There is no earlier run to compare it with." if report.findings else ""
    shown = {finding.id for finding in report.findings}
    counts = Counter(lived.life for name, lived in history.lived.items() if name in shown)
    there = ", ".join(f"{counts[life]:,} {life}" for life in Life if counts[life]) or "nothing new"
    away = ((len(history.gone_in(report.run)), "gone"), (len(history.not_seen), "not seen this time"))
    gone = ", ".join(f"{count:,} {what}" for count, what in away if count)
    return f"Since {history.since}: {there}{f'; {gone}' if gone else ''}."


def _who_answered(report: Report) -> str:
    asked = len(report.workers)
    share = report.share
    state = f"{report.state.capitalize()}, {share}" if share else report.state.capitalize()
    left = f" Left to the other shards: {counted_as(share.left, 'ask')}." if share else ""
    if not asked:
        return f"{state}: nobody was asked.{left}" if share else "Nobody was asked."
    if report.unanswered:
        return f"{state}: {'; '.join(_lacking(report))}.{left}"
    who = "the worker answered" if asked == 1 else f"all {asked:,} workers answered"
    return f"{state}: {who}{_in_earlier_runs(report)}.{left}"


def _lacking(report: Report) -> Iterator[str]:
    """Who did not answer; and the files in which there is no full answer, where nobody was asked."""
    if silent := [f"{worker.label} ({worker.ended})" for worker in report.unanswered if not worker.given]:
        asked = sum(not worker.given for worker in report.workers)
        yield f"{len(silent):,} of {counted_as(asked, 'worker')} did not answer: {listed(silent, NAMED)}"
    given = [(worker.given, worker.findings) for worker in report.unanswered if worker.given]
    if unread := [file for file, findings in given if not findings]:
        yield f"nothing that looks like a finding was read in {listed(unread, NAMED)}"
    if partly := [file for file, findings in given if findings]:
        yield f"no full answer stands in {listed(partly, NAMED)}, read as far as it goes"


def _in_earlier_runs(report: Report) -> str:
    """How many of the answers this run did not ask for itself."""
    reused = sum(worker.reused_from is not None for worker in report.workers)
    if reused and reused == len(report.workers):
        return " in an earlier run" if reused == 1 else ", all of them in earlier runs"
    return f", {reused:,} of them in earlier runs" if reused else ""


def _result(report: Report) -> str:
    """What came out, of every part the report has."""
    answered = len(report.workers) - len(report.unanswered)
    told = list(_parts(report))
    if report.findings or report.filtered or not (told or report.answer is not None):
        told += [_found(report, answered), _since(report)]
    return " ".join(filter(None, told))


def _parts(report: Report) -> Sequence[str]:
    told = []
    if report.changes:
        files = len({file.path for change in report.changes for file in change.files})
        unseen = "" if report.sections or report.verdicts else ", so nothing was verified"
        told.append(f"{counted_as(files, 'file')} changed." if files else f"Nothing was changed{unseen}.")
    if report.verdicts:
        last = report.verdicts[-1]
        told.append(f"Verdict{f' in round {last.round}' if last.round > 1 else ''}: {last.outcome}.")
    if report.sections:
        done = sum(section.outcome is Outcome.ANSWERED for section in report.sections)
        told.append(f"{done:,} of {counted_as(len(report.sections), 'section')} done.")
    if report.brief:
        claims, sources = counted_as(len(report.brief.claims), "point"), counted_as(len(report.brief.sources), "source")
        told.append(f"{claims} from {sources}.")
    if report.matrix:
        options = counted_as(len(report.matrix.options), "option")
        told.append(f"{report.matrix.chosen or 'None'} chosen out of {options}.")
    return told


def _found(report: Report, answered: int) -> str:
    parts = [f"{count:,} {severity}" for severity in Severity if (count := report.count(severity))]
    words = apart_in_words(report)
    apart = f"; not counted: {words}" if words else ""
    if parts:
        counted = counted_as(len(report.open), "finding").replace(" finding", " open finding")
        found = f"{counted} ({', '.join(parts)}){apart}."
    elif not answered:
        found = f"Nothing can be said about findings{apart}."
    else:
        found = f"No open findings{f' from the {answered:,} that answered' if report.unanswered else ''}{apart}."
    if report.filtered:
        found += f" Filtered by {report.filtered.in_words}: {report.filtered.left_out:,} more are not shown."
    return found


def _why_nobody(silent: Sequence[WorkerLine], run: str) -> str:
    if all(worker.given for worker in silent):
        return _GIVE
    if not run:
        return "Nothing could be read in what was given; see the notes, and ask the reviewers again."
    ends = {worker.outcome for worker in silent}
    again = f"`orchestra resume {run}`"
    if ends == {Outcome.UNAUTHORISED}:
        return f"Nobody answered for want of a login: `codex login`, then {again}."
    if ends == {Outcome.RATE_LIMITED}:
        return f"Nobody answered, the provider's limit was reached: wait for it to end, then {again}."
    if ends == {Outcome.STOPPED}:
        return f"It was stopped before anybody answered: go on with {again}."
    return f"Nobody answered: see why with `orchestra show {run} {silent[0].label}`, then {again}."
