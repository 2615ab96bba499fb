"""Whether a report passes: `high` (any open finding of high or worse), `new:high`, `any:critical`, `never`."""

from collections.abc import Iterable

from orchestra.errors import UsageError
from orchestra.findings.finding import MergedFinding, Severity, Standing
from orchestra.reports.first_lines import counted_as
from orchestra.reports.history import History, Lived
from orchestra.reports.report import Report, ReportState
from orchestra.value import Value

EXIT_OF_STATE = {ReportState.STOPPED: 130, ReportState.INCOMPLETE: 4, ReportState.BUDGET: 5, ReportState.COMPLETE: 0}
NAMED = 10
"""Findings the gate's sentence names; more are counted."""

_REPEATED = "Use a gate without `new:`, or let a job repeat the run: `orchestra nightly`."


class Gate(Value):
    """What must not be in a report."""

    worst: Severity | None = None
    """The mildest severity that fails it; None: nothing does."""
    only_new: bool = False
    """Only what the runs before did not have."""
    min_support: int = 1
    """Independent workers a finding needs to fail it."""

    @property
    def said(self) -> str:
        """The gate as it is said everywhere."""
        if self.worst is None:
            return "never"
        return f"new:{self.worst}" if self.only_new else str(self.worst)

    def names(self, report: Report) -> tuple[MergedFinding, ...]:
        """The findings it fails for."""
        return self.judge(report).failing

    def judge(self, report: Report) -> "Judgement":
        """Look at every finding that is severe enough, and say why each counts or does not."""
        if self.worst is None:
            return Judgement(gate=self)
        lived = _history(report).lived if self.only_new else {}
        severe = [finding for finding in report.findings if finding.severity.weight >= self.worst.weight]
        judged = [(finding, self._spared(finding, lived.get(finding.id))) for finding in severe]
        return Judgement(
            gate=self,
            failing=tuple(finding for finding, spared in judged if spared is None),
            spared=tuple((finding, spared) for finding, spared in judged if spared is not None),
            open=len(report.open),
            asked=len(report.workers),
            silent=len(report.unanswered),
            filter=report.filtered.in_words if report.filtered else "",
        )

    def _spared(self, finding: MergedFinding, lived: Lived | None) -> str | None:
        """Why a severe finding does not fail the gate."""
        if finding.standing is not Standing.OPEN:
            return finding.standing.value
        if finding.support < self.min_support:
            return f"said by fewer than {self.min_support}"
        if lived is None or lived.life.is_news or self._held_back_until_now(lived):
            return None
        return lived.life.value

    def _held_back_until_now(self, lived: Lived) -> bool:
        """Known, and never said by as many as are needed: no gate has counted it yet."""
        return lived.most_support < self.min_support and self.min_support > 1


class Judgement(Value):
    """What a gate says about a report."""

    gate: Gate
    failing: tuple[MergedFinding, ...] = ()
    spared: tuple[tuple[MergedFinding, str], ...] = ()
    """Severe enough, and not counted: with the reason."""
    open: int = 0
    asked: int = 0
    silent: int = 0
    filter: str = ""

    @property
    def passed(self) -> bool:
        return not self.failing

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which findings it counted, and what kept the others out. Nothing where there is no gate."""
        if self.gate.worst is None:
            return ()
        of = counted_as(self.open, "open finding") + (f" ({self.filter})" if self.filter else "")
        if self.failing:
            told = [f"Gate {self.gate.said}: failed by {len(self.failing):,} of {of}: {_ids(self.failing)}."]
        elif self.silent and self.silent == self.asked:
            told = [f"Gate {self.gate.said}: cannot be judged, nobody answered."]
        else:
            missing = f", as far as {self.asked - self.silent:,} of {self.asked:,} workers answered" * bool(self.silent)
            told = [f"Gate {self.gate.said}: passed{missing}; none of {of} counts."]
        for reason in dict.fromkeys(reason for _, reason in self.spared):
            kept_out = [finding for finding, why in self.spared if why == reason]
            told.append(f"Not counted, {reason}: {_ids(kept_out)}.")
        return tuple(told)


def gate(said: str, *, history: bool = True) -> Gate:
    """Read a gate as it is said everywhere: on the command line, in settings, in jobs.

    A run that stands alone, and messages in files, have no `history`: there `new:` is refused before anything is spent.
    """
    whose, colon, word = said.strip().lower().rpartition(":")
    if word == "never" and not colon:
        return Gate()
    if word not in set(Severity) or whose not in ("", "any", "new") or (colon and not whose):
        new = "; new:high counts only what is new" if history else ""
        raise UsageError(
            f"{said!r} is no gate.",
            next_step=f"Say never, or the mildest severity that fails: critical, high, medium, low{new}.",
        )
    if whose == "new" and not history:
        raise UsageError(f"{said!r} cannot be judged: nothing here tells what was there before.", next_step=_REPEATED)
    return Gate(worst=Severity(word), only_new=whose == "new")


def exit_code(report: Report, gate: Gate) -> int:
    """130 stopped, 4 somebody did not answer, 5 budget reached, 1 the gate names findings, 0: in this order."""
    return EXIT_OF_STATE[report.state] or (1 if gate.names(report) else 0)


def _history(report: Report) -> History:
    if report.history is None:
        raise UsageError(
            f"The report{f' of {report.run}' if report.run else ''} has no history, so it cannot tell which findings "
            "are new.",
            next_step=_REPEATED,
        )
    return report.history


def _ids(findings: Iterable[MergedFinding]) -> str:
    ids = [finding.id for finding in findings]
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(ids[:NAMED]) + more
