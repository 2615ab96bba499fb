"""Reports to render: one from real reviewers, one of every awkward kind, one with every part."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from orchestra.brief.target import LeftOut
from orchestra.findings.curate import Message, curate
from orchestra.findings.finding import Anchor, Finding, Location, MergedFinding, Place, Said, Severity, Standing
from orchestra.outcome import Outcome
from orchestra.reports.excerpts import excerpts
from orchestra.reports.first_lines import next_step
from orchestra.reports.history import Departed, History, Life, Lived
from orchestra.reports.report import Report, ReportState, WorkerLine
from orchestra.reports.report_parts import (
    Action,
    Brief,
    Change,
    ChangedFile,
    Check,
    Claim,
    Criterion,
    Decision,
    Disagreement,
    Issue,
    Matrix,
    NotTaken,
    Option,
    Passed,
    RemovedCitation,
    Score,
    SectionResult,
    Source,
    Verdict,
)
from orchestra.usage import Usage

GOLD = Path(__file__).parent.parent / "gold"
RUN = "20261120-031500-review-4f2a"
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> </details></article>--><!-- "
    "[click](javascript:alert(3)) ![pic](http://evil.example/p.png) <http://evil.example> http://evil.example/x "
    "www.evil.example @octocat evil@evil.example `code ``` ~~~ | cell | $x$ *b* _i_ # h \\ ]]> ]]&gt; &amp; &#x3c; "
    "{{ 7*7 }} {% raw %} \x1b[31mred\x1b]0;title\x07 \u202egnp.exe\u2066 \x00 \x85 \u2028 😀 👩\u200d💻 \U000e0041 "
    "\"quoted\" 'single' ::error file=x::pwned ##vso[task.setvariable variable=x]y ##[add-path]/evil\n"
    "::error::a line of its own\n  ::add-mask::x\n##[group]g\n::set-output name=x::y\n=cmd|'/c calc'!A1\n# heading\n"
    "- item\n1. item\n| a | b |\n|---|---|\n"
    "> quote\n    indented\n---\n```\nfence\n```\n<details open>\n\n&#10;::error::z"
)
"""Everything a format could be broken with; what is wrong in it must be read, and must do nothing."""


def merged(number: int = 1, **said: Any) -> MergedFinding:
    """A finding of a report; what is not said is ordinary."""
    quote = said.pop("quote", "elapsed = now - self._last")
    path, line = said.pop("path", f"src/part_{number % 7}.py"), said.pop("line", number * 3)
    place = Place(path=path, start_line=line, end_line=line + 1, quote=quote, anchor=said.pop("anchor", Anchor.EXACT))
    workers = said.pop("workers", ("w1-correctness", "w2-risk"))
    facts: dict[str, Any] = {
        "id": f"f-{number:04x}",
        "title": f"Problem number {number} is a problem",
        "severity": list(Severity)[number % 4],
        "confidence": 0.8,
        "category": "race",
        "places": (place,),
        "problem": "Two callers meet here and one of them waits for ever.",
        "recommendation": "Take the lock before the look.",
        "support": len(workers),
        "standing": Standing.OPEN,
        **said,
    }
    finding = Finding(
        title=facts["title"],
        severity=facts["severity"],
        confidence=facts["confidence"],
        category=facts["category"],
        locations=(Location(path=path, start_line=line, end_line=line + 1, quote=quote),),
        problem=facts["problem"],
        recommendation=facts["recommendation"],
    )
    facts.setdefault(
        "said_by",
        tuple(
            Said(worker=worker, index=number, lens=worker.split("-")[-1], finding=finding, places=facts["places"])
            for worker in workers
        ),
    )
    return MergedFinding(**facts)


def worker(label: str, outcome: Outcome = Outcome.ANSWERED, **said: Any) -> WorkerLine:
    """A line of the list of workers."""
    answered = outcome is Outcome.ANSWERED
    lens = label.partition("-")[2] or None
    return WorkerLine(
        **{
            "label": label,
            "role": "reviewer",
            "lens": lens,
            "outcome": outcome,
            "reason": "answered" if answered else "no sign of life for 300 s",
            "seconds": 93.4,
            "usage": Usage(input_tokens=41_200, cached_input_tokens=20_000, output_tokens=3_100) if answered else None,
            "findings": 14 if answered else None,
            "thread_id": "0199c3a1-7f2e-7d31-9c55-0c8a35a2f6b1",
            "continue_command": "codex exec resume 0199c3a1-7f2e-7d31-9c55-0c8a35a2f6b1",
            **said,
        }
    )


def report(findings: Iterable[MergedFinding] = (), workers: Iterable[WorkerLine] | None = None, **said: Any) -> Report:
    """A report; what is not said is ordinary."""
    found = tuple(findings)
    asked = (worker("w1-correctness"), worker("w2-risk"), worker("w3-security")) if workers is None else tuple(workers)
    silent = any(one.outcome is not Outcome.ANSWERED for one in asked)
    return Report(
        **{
            "run": RUN,
            "pattern": "review",
            "asked": "review of src through correctness, risk, security",
            "state": ReportState.INCOMPLETE if silent else ReportState.COMPLETE,
            "started": datetime(2026, 11, 20, 3, 15, tzinfo=UTC),
            "seconds": 412.7,
            "next_step": next_step(found, asked, RUN),
            "findings": found,
            "workers": asked,
            "looked_at": 7,
            "usage": sum((one.usage for one in asked if one.usage), Usage()),
            **said,
        }
    )


@cache
def real(case: str = "ratelimit") -> Report:
    """What five reviewers really said, merged."""
    root = GOLD / case / "reviewed"
    texts = {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*") if path.is_file()}
    messages = [
        Message(worker=f"w{number}-{file.stem}", message=file.read_text("utf-8"), lens=file.stem.split("-")[0])
        for number, file in enumerate(sorted((GOLD / case / "messages").glob("*.json")), 1)
    ]
    found = curate(messages, texts).findings
    workers = [
        worker(one.worker, lens=one.lens, findings=sum(said.worker == one.worker for f in found for said in f.said_by))
        for one in messages
    ]
    return report(
        found,
        workers,
        asked=f"review of {case} through clarity, correctness, risk, security",
        excerpts=excerpts(found, texts),
        looked_at=len(texts),
        target_digests=dict.fromkeys(texts, "0" * 64),
    )


def _standings() -> Report:
    reasons = {
        Standing.WITHDRAWN: "w9-verifier: the lock is taken one frame above, in `pool.acquire`",
        Standing.ACCEPTED: "accepted by Ada until 2027-01-01: behind the VPN only",
        Standing.UNANCHORED: "its quote is nowhere in the target",
        Standing.PARTIAL: "w3-security did not answer in full",
    }
    found = [
        merged(number, standing=standing, standing_reason=reasons.get(standing), support=number % 3)
        for number, standing in enumerate([*Standing, *Standing], 1)
    ]
    return report(found, [worker("w1-correctness"), worker("w2-risk"), worker("w3-security", Outcome.MALFORMED)])


def _hostile() -> Report:
    lines = dict.fromkeys(("title", "problem", "recommendation", "category", "quote"), HOSTILE)
    found = [
        merged(1, path="src/a.py", rewrite=HOSTILE, **lines),
        merged(
            2, path="../../etc/passwd", anchor=Anchor.OUTSIDE, standing=Standing.UNANCHORED, standing_reason=HOSTILE
        ),
        merged(3, path=HOSTILE, anchor=Anchor.ABSENT, **lines),
        merged(4, path="/abs/olute.py", anchor=Anchor.OUTSIDE, why_here=(HOSTILE,)),
        merged(5, places=()),
        merged(
            6,
            path="a b/ü#?%.py",
            line=10**12,
            title='=HYPERLINK("http://evil.example")',
            problem="+1",
            recommendation="@x",
        ),
    ]
    lost = worker("w3-security", Outcome.FAILED, reason=HOSTILE, notes=(HOSTILE,), files_changed=(HOSTILE,))
    return report(
        found,
        [worker("w1-correctness"), worker("w2-risk", files_read=(HOSTILE,)), lost],
        asked=HOSTILE,
        answer=HOSTILE,
        next_step=HOSTILE,
        notes=(HOSTILE,),
        not_looked_at=(LeftOut(path=HOSTILE, reason=HOSTILE),),
        changed_meanwhile=(HOSTILE,),
    )


def every_part(text: Callable[[str], str] = lambda plain: plain) -> Report:
    """A report with everything any pattern can put into it."""
    t = text
    found = (merged(1), merged(2), merged(3, standing=Standing.ACCEPTED, standing_reason=t("known")))
    diff = (
        "diff --git a/src/part_1.py b/src/part_1.py\n--- a/src/part_1.py\n+++ b/src/part_1.py\n@@ -1,3 +1,3 @@\n"
        " def take():\n-    look()\n+    with lock: look()\n"
    )
    return report(
        found,
        pattern="fix",
        answer=t("The lock is taken now."),
        decisions=(
            Decision(question=t("Which Python?"), answer=t("3.11"), assumed=True, why=t("the lowest it names")),
            Decision(question=t("Keep the old name?"), answer=t("No"), why=t("nobody uses it")),
        ),
        changes=(
            Change(
                worker="w5-implementer",
                round=1,
                summary=t("The lock is taken before the look."),
                files=(ChangedFile(path=t("src/part_1.py"), added=1, removed=1),),
                diff=t(diff),
                branch="orchestra/r/w5",
                commit="3f2a91c",
                reproduce=(t("pytest tests/test_part.py"),),
                risks=(t("slower under load"),),
                follow_ups=(t("the same in part_2"),),
                integrate=f"orchestra integrate {RUN} w5-implementer",
                conflicts=(t("src/part_2.py"),),
            ),
        ),
        verdicts=(
            Verdict(
                worker="w6-verifier",
                outcome=Passed.FAIL,
                summary=t("One test fails."),
                checks=(Check(what=t("pytest"), passed=False, evidence=t("1 failed,\n2 passed")),),
                issues=(Issue(problem=t("It waits for ever"), reproduce=t("pytest -k wait"), fix=t("release it")),),
            ),
            Verdict(
                worker="w8-verifier",
                round=2,
                outcome=Passed.PASS,
                summary=t("All is well."),
                checks=(Check(what=t("pytest"), passed=True, evidence=t("3 passed")), Check(what=t("by hand"))),
            ),
        ),
        not_taken=(NotTaken(finding="f-0002", reason=t("beyond --top 1")),),
        sections=(
            SectionResult(name=t("src"), worker="w2-section", files=12, outcome=Outcome.ANSWERED, text=t("Renamed.")),
            SectionResult(name=t("docs"), worker="w3-section", files=3, outcome=Outcome.TIMED_OUT, text=t("no answer")),
        ),
        brief=Brief(
            question=t("Which queue?"),
            claims=(Claim(text=t("A is faster."), sources=("s1", "s2")), Claim(text=t("B is older."))),
            sources=(
                Source(
                    id="s1",
                    title=t("Queues measured"),
                    link=t("https://example.org/q?a=1&b=2"),
                    date=t("2026-03"),
                    why=t("first-hand figures"),
                    said_by=("w1-researcher", "w2-researcher"),
                ),
                Source(id="s2", title=t("A page"), link="javascript:alert(1)"),
            ),
            disagreements=(
                Disagreement(
                    about=t("latency"),
                    sides=(Claim(text=t("2 ms"), sources=("s1",)), Claim(text=t("9 ms"), sources=("s2",))),
                ),
            ),
            uncertain=(t("nobody measured restarts"),),
            removed=(RemovedCitation(cited=t("s9"), claim=t("C is dead.")),),
        ),
        matrix=Matrix(
            question=t("Which way?"),
            criteria=(Criterion(name=t("speed"), weight=2, meaning=t("requests a second")), Criterion(name=t("cost"))),
            options=(
                Option(
                    name=t("Rewrite"),
                    worker="w1-proposer",
                    stance=t("bold"),
                    idea=t("Write it anew."),
                    plan=(t("stop"), t("think")),
                    trade_offs=(t("slow to ship"),),
                    cost=t("a month"),
                    risks=(t("never done"),),
                    would_change_its_mind=t("a deadline"),
                    scores=(
                        Score(criterion=t("speed"), points=4, why=t("no locks")),
                        Score(criterion=t("cost"), points=1),
                    ),
                    keep=(t("the tests first"),),
                ),
                Option(name=t("Patch"), worker="w2-proposer", idea=t("Mend it."), scores=()),
            ),
            chosen=t("Rewrite"),
            because=t("It scores most."),
            refined=t("Write it anew, tests first."),
            alike=((t("Rewrite"), t("Patch")),),
        ),
        actions=(Action(what=t("Measure restarts"), why=t("nobody did"), command=t("orchestra research restarts")),),
        history=History(
            since="20261119-031500-review-9c11",
            lived={
                "f-0001": Lived(life=Life.NEW, first_seen=RUN),
                "f-0002": Lived(life=Life.STILL_THERE, first_seen="20261101-031500-review-0a0a", runs_seen=19),
            },
            departed=(
                Departed(id="f-00aa", title=t("It leaked"), severity="high", path=t("src/x.py"), looked_again=True),
                Departed(id="f-00bb", title=t("It hung"), severity="low", looked_again=False),
            ),
        ),
    )


def many(count: int = 2000) -> Report:
    """A report nobody wants, and somebody gets."""
    long = "It is reached from both sides, and whoever comes second finds the state half written. " * 4
    found = [
        merged(number, line=number, problem=long, path=f"src/part_{number % 40}.py") for number in range(1, count + 1)
    ]
    lines = tuple(f"    line {number} of the file, as it is" for number in range(1, count + 10))
    texts = {f"src/part_{part}.py": "\n".join(lines) for part in range(40)}
    crowd = [worker(f"w{number}-{lens}") for number, lens in enumerate(["correctness", "risk", "security"] * 40, 1)]
    return report(found, crowd, excerpts=excerpts(found, texts))


STORIES: dict[str, Callable[[], Report]] = {
    "real": real,
    "empty": lambda: report(),
    "nobody asked": lambda: report(workers=()),
    "everybody silent": lambda: report(
        workers=[worker("w1-risk", Outcome.TIMED_OUT), worker("w2-security", Outcome.UNAUTHORISED)]
    ),
    "one silent": lambda: report([merged(1)], [worker("w1-risk"), worker("w2-security", Outcome.RATE_LIMITED)]),
    "2000 findings": cache(many),
    "hostile": _hostile,
    "hostile parts": lambda: every_part(lambda plain: f"{plain} {HOSTILE}"),
    "a title of 10,000 characters": lambda: report(
        [
            merged(1, title="word " * 2000),
            merged(2, title="x" * 10_000),
            merged(3, problem="x" * 10_000, quote="y" * 2000),
        ]
    ),
    "all standings": _standings,
    "rehearsed": lambda: report([merged(1)], rehearsed=True),
    "every part": every_part,
    "one answer": lambda: report(
        workers=[worker("w1", role="worker", findings=None)],
        pattern="ask",
        answer="It is a token bucket.\n\n* one\n* two",
    ),
}
"""What every renderer must take."""
