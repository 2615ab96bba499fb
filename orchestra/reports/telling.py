"""The parts of a report besides its findings, told in blocks: changes, verdicts, sections, brief, options."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from orchestra.outcome import Outcome
from orchestra.reports.blocks import Block, Bullets, Code, Heading, Item, Part, Prose, Table
from orchestra.reports.first_lines import counted_as, listed
from orchestra.reports.history import Departed
from orchestra.reports.report import Report
from orchestra.reports.report_parts import Change, Claim, Option, Verdict


def parts(report: Report) -> tuple[Part, ...]:
    """Every part the report has, in reading order; what is not there is not told."""
    tellers: dict[str, Callable[[Report], Iterator[Block]]] = {
        "Answer": _answer,
        "Decided on the way": _decisions,
        "Verdict": _verdicts,
        "Changes": _changes,
        "Findings not taken": _not_taken,
        "Brief": _brief,
        "Options": _matrix,
        "Next actions": _actions,
        "Sections": _sections,
    }
    told = ((title, tuple(tell(report))) for title, tell in tellers.items())
    return tuple(Part(title, blocks) for title, blocks in told if blocks)


def departed(report: Report) -> tuple[Part, ...]:
    """The findings of earlier runs that this one has not; those that are gone for longer are only counted."""
    history = report.history
    if history is None:
        return ()
    gone, before, not_seen = history.gone_in(report.run), history.gone_before(report.run), history.not_seen
    told = [Part(f"Gone ({len(gone):,})", (_departed(gone),))] if gone else []
    if not_seen:
        told.append(Part(f"Not seen this time, and not looked at again ({len(not_seen):,})", (_departed(not_seen),)))
    if before:
        known = Prose(f"They are known, should one come back: {_ids(before)}.")
        told.append(Part(f"Gone before ({len(before):,})", (known,)))
    return tuple(told)


def _departed(several: Sequence[Departed]) -> Bullets:
    return Bullets(
        tuple(
            Item(
                one.title,
                mark=one.id,
                aside=", ".join(filter(None, (one.severity, one.path, _stood(one), one.in_words))),
            )
            for one in several
        )
    )


def _stood(one: Departed) -> str:
    """What somebody had decided about it."""
    return one.finding.standing.value if one.finding and one.finding.standing.is_decided else ""


def _ids(several: Sequence[Departed]) -> str:
    return listed([one.id for one in several])


def _answer(report: Report) -> Iterator[Block]:
    if report.answer:
        yield Prose(report.answer)


def _decisions(report: Report) -> Iterator[Block]:
    items = (
        Item(f"{one.question} {one.answer}", mark="assumed" if one.assumed else "decided", aside=one.why)
        for one in report.decisions
    )
    yield from _bullets(items)


# ── a change and its verdict ─────────────────────────────────────────────────────────────────────────────────────────


def _verdicts(report: Report) -> Iterator[Block]:
    for verdict in reversed(report.verdicts):
        yield from _verdict(verdict, several=len(report.verdicts) > 1)


def _verdict(verdict: Verdict, several: bool) -> Iterator[Block]:
    where = f"Round {verdict.round}: " if several else ""
    yield Heading(f"{where}{verdict.outcome}, says {verdict.worker}")
    if verdict.summary:
        yield Prose(verdict.summary)
    marks = {True: "passed", False: "failed", None: "unclear"}
    short = [check for check in verdict.checks if "\n" not in check.evidence.strip()]
    yield from _bullets((Item(check.what, marks[check.passed], aside=check.evidence) for check in short), "Checks")
    for check in verdict.checks:
        if check not in short:
            yield Code(check.evidence, title=f"{marks[check.passed]}: {check.what}")
    for issue in verdict.issues:
        told = (("to see it", issue.reproduce), ("to mend it", issue.fix))
        yield from _bullets((Item(text, mark) for mark, text in told if text), f"Still wrong: {issue.problem}")


def _changes(report: Report) -> Iterator[Block]:
    for change in reversed(report.changes):
        yield from _change(change, several=len(report.changes) > 1, told=_in_answer(report, change.summary))


def _change(change: Change, several: bool, told: bool) -> Iterator[Block]:
    added, removed = sum(file.added for file in change.files), sum(file.removed for file in change.files)
    size = f"{counted_as(len(change.files), 'file')}, +{added} -{removed}"
    yield Heading(f"{change.worker}{f', round {change.round}' if several else ''}: {size}")
    if change.summary and not told:
        yield Prose(change.summary)
    yield from _bullets(
        Item(file.path, file.kind, aside=f"+{file.added} -{file.removed}", literal=True) for file in change.files
    )
    kept = (("branch", change.branch), ("commit", change.commit), ("take it over", change.integrate))
    yield from _bullets(Item(text, mark, literal=True) for mark, text in kept if text)
    yield from _bullets(map(Item, change.conflicts), "In conflict with what is there")
    yield from _bullets(map(Item, change.reproduce), "To see it work")
    yield from _bullets(map(Item, change.risks), "Risks")
    yield from _bullets(map(Item, change.follow_ups), "To follow up")
    if change.diff.strip():
        yield Code(change.diff, "diff", title=f"Diff of {change.worker}")


def _not_taken(report: Report) -> Iterator[Block]:
    titles = {finding.id: finding.title for finding in report.findings}
    yield from _bullets(Item(titles.get(one.finding, ""), one.finding, aside=one.reason) for one in report.not_taken)


def _sections(report: Report) -> Iterator[Block]:
    if not report.sections:
        return
    rows = tuple((one.name, one.worker, one.outcome.value, str(one.files)) for one in report.sections)
    yield Table(("section", "worker", "outcome", "files"), rows, numbers=(3,))
    told = {(change.worker, change.summary) for change in report.changes}
    for one in report.sections:
        if (one.worker, one.text) in told:  # a writer's words stand with its changes
            continue
        if one.text and not _in_answer(report, one.text):
            yield Heading(one.name if one.outcome is Outcome.ANSWERED else f"{one.name}: {one.outcome}")
            yield Prose(one.text)


def _in_answer(report: Report, text: str) -> bool:
    """A section that is alone has nothing to be joined with: the answer holds its text."""
    return len(report.sections) == 1 and text.strip() in (report.answer or "")


# ── research and options ─────────────────────────────────────────────────────────────────────────────────────────────


def _brief(report: Report) -> Iterator[Block]:
    brief = report.brief
    if brief is None:
        return
    yield Prose(brief.question)
    yield from _bullets(_claim(claim) for claim in brief.claims)
    for disagreement in brief.disagreements:
        yield from _bullets((_claim(side) for side in disagreement.sides), f"Disagreement: {disagreement.about}")
    yield from _bullets(map(Item, brief.uncertain), "Uncertain")
    sources = (
        Item(
            source.title,
            source.id,
            source.link,
            "; ".join(filter(None, (source.date, source.why, _by(source.said_by)))),
        )
        for source in brief.sources
    )
    yield from _bullets(sources, "Sources")
    removed = (Item(one.claim, one.cited) for one in brief.removed)
    yield from _bullets(removed, "Citations of nothing, removed")


def _claim(claim: Claim) -> Item:
    return Item(claim.text, aside=f"[{', '.join(claim.sources)}]" if claim.sources else "no source")


def _by(workers: Sequence[str]) -> str:
    return f"found by {', '.join(workers)}" if workers else ""


def _matrix(report: Report) -> Iterator[Block]:
    matrix = report.matrix
    if matrix is None:
        return
    yield Prose(matrix.question)
    ranked = sorted(matrix.options, key=lambda option: -option.total(matrix.criteria))
    names = [criterion.name for criterion in matrix.criteria]
    rows = []
    for option in ranked:
        points = {score.criterion: f"{score.points:g}" for score in option.scores}
        chosen = "✓ " if option.name == matrix.chosen else ""
        total = f"{option.total(matrix.criteria):.2f}".rstrip("0").rstrip(".")
        rows.append((f"{chosen}{option.name}", *(points.get(name, "-") for name in names), total))
    heads = (f"{one.name} x{one.weight:g}" if one.weight != 1 else one.name for one in matrix.criteria)
    yield Table(("option", *heads, "total"), tuple(rows), numbers=tuple(range(1, len(names) + 2)))
    if matrix.chosen:
        yield Heading(f"Chosen: {matrix.chosen}")
        yield from (Prose(text) for text in (matrix.because, matrix.refined) if text)
    yield from _bullets((Item(f"{one} and {other}") for one, other in matrix.alike), "Nearly the same")
    yield from _bullets((Item(one.meaning, one.name) for one in matrix.criteria if one.meaning), "Criteria")
    for option in ranked:
        yield from _option(option)


def _option(option: Option) -> Iterator[Block]:
    stance = f", {option.stance}" if option.stance else ""
    yield Heading(f"{option.name} ({option.worker}{stance})")
    yield Prose(option.idea)
    told = (("cost", option.cost), ("would change its mind", option.would_change_its_mind))
    yield from _bullets(Item(text, mark) for mark, text in told if text)
    yield from _bullets((Item(step, f"{number}.") for number, step in enumerate(option.plan, 1)), "Plan")
    yield from _bullets(map(Item, option.trade_offs), "Trade-offs")
    yield from _bullets(map(Item, option.risks), "Risks")
    yield from _bullets(map(Item, option.keep), "Worth keeping")
    scored = (Item(score.why, f"{score.criterion} {score.points:g}") for score in option.scores if score.why)
    yield from _bullets(scored, "Why these points")


def _actions(report: Report) -> Iterator[Block]:
    steps = enumerate(report.actions, 1)
    yield from _bullets(
        Item(one.what, f"{number}.", aside="; ".join(filter(None, (one.why, one.command)))) for number, one in steps
    )


def _bullets(items: Iterable[Item], title: str = "") -> Iterator[Block]:
    """A list where there is something to list."""
    if listed := tuple(items):
        yield Bullets(listed, title)
