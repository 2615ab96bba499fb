"""What a verifier answers: of a change, and of findings it tried to refute."""

from orchestra.brief.lenience import Answer, Choice


class Ruling(Choice):
    """What a verifier says of a change."""

    PASS = "pass"
    FAIL = "fail"
    INCOMPLETE = "incomplete"


class CheckResult(Choice):
    """How a check went."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"


class CheckRun(Answer):
    """One thing that was tried, and what was seen."""

    command: str
    result: CheckResult
    evidence: str = ""
    """The lines of its output that show it, copied."""


class Issue(Answer):
    """Something that is still wrong."""

    problem: str
    repro_steps: tuple[str, ...] = ()


class Verdict(Answer):
    """A verifier's judgement on a change."""

    verdict: Ruling
    summary: str = ""
    checks: tuple[CheckRun, ...] = ()
    issues: tuple[Issue, ...] = ()
    suggested_fixes: tuple[str, ...] = ()


class Stand(Choice):
    """What became of a finding somebody tried to refute."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNSURE = "unsure"


class Judgement(Answer):
    """What a verifier says of one finding."""

    number: int
    """The finding's number."""
    verdict: Stand
    evidence: str = ""
    """The line or the output that decides it, copied, and where it stands."""
    reason: str = ""


class Refutations(Answer):
    """What became of each finding."""

    judgements: tuple[Judgement, ...]
