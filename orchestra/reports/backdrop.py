"""What a finding is told against: the code around it, who could have said it too, its life in earlier runs."""

from collections import Counter

from orchestra.findings.finding import MergedFinding
from orchestra.outcome import Outcome
from orchestra.reports.excerpts import Excerpts
from orchestra.reports.history import Lived
from orchestra.reports.report import Report


class Backdrop:
    """A report looked through once, so that each of its findings can be told without looking through it again."""

    def __init__(self, report: Report) -> None:
        self.excerpts = Excerpts(report.excerpts)
        self._lived = report.history.lived if report.history else {}
        self._section = {worker.label: worker.section for worker in report.workers}
        self._reviewers = Counter(
            worker.section
            for worker in report.workers
            if worker.outcome is Outcome.ANSWERED and (worker.findings is not None or worker.role == "reviewer")
        )

    def lived(self, finding: MergedFinding) -> Lived | None:
        """What earlier runs know of it."""
        return self._lived.get(finding.id)

    @staticmethod
    def speakers(finding: MergedFinding) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who says it, and who else names it beside another problem; nobody is both."""
        say = tuple(dict.fromkeys(said.worker for said in finding.said_by))
        also = dict.fromkeys(said.worker for said in finding.also_said_by)
        return say, tuple(name for name in also if name not in say)

    def could_say(self, finding: MergedFinding) -> int:
        """Reviewers that answered and were given the same section as one of those who say it."""
        speakers = (said.worker for said in (*finding.said_by, *finding.also_said_by))
        sections = {self._section[speaker] for speaker in speakers if speaker in self._section}
        return sum(self._reviewers[section] for section in sections)

    def support(self, finding: MergedFinding) -> str:
        """`2 of 5 say so`; without the second number where it cannot be told."""
        could = self.could_say(finding)
        of = f"{finding.support:,} of {could:,}" if could >= finding.support > 0 else f"{finding.support:,}"
        return f"{of} {'says' if finding.support == 1 else 'say'} so"
