"""Whether a report passes: `high` (any open finding of high or worse), `any:critical`, `never`."""

from orchestra.errors import UsageError
from orchestra.findings.finding import MergedFinding, Severity
from orchestra.reports.report import Report, ReportState
from orchestra.value import Value

EXIT_OF_STATE = {ReportState.STOPPED: 130, ReportState.INCOMPLETE: 4, ReportState.BUDGET: 5, ReportState.COMPLETE: 0}


class Gate(Value):
    """What must not be in a report."""

    worst: Severity | None = None
    """None: nothing fails it."""

    def names(self, report: Report) -> tuple[MergedFinding, ...]:
        """The findings it fails for."""
        if self.worst is None:
            return ()
        return tuple(finding for finding in report.open if finding.severity.weight >= self.worst.weight)


def gate(said: str) -> Gate:
    """Read a gate as it is said everywhere: on the command line, in settings, in jobs."""
    word = said.strip().lower().removeprefix("any:")
    if word == "never":
        return Gate()
    if word not in set(Severity):
        raise UsageError(
            f"{said!r} is no gate.",
            next_step="Say never, or the mildest severity that fails: critical, high, medium, low.",
        )
    return Gate(worst=Severity(word))


def exit_code(report: Report, gate: Gate) -> int:
    """130 stopped, 4 somebody did not answer, 5 budget reached, 1 the gate names findings, 0: in this order."""
    return EXIT_OF_STATE[report.state] or (1 if gate.names(report) else 0)
