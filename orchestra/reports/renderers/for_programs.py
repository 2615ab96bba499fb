"""What the formats for other programs share: a finding's rule, its message, its places inside the target."""

import re

from orchestra.findings.anchor import leads_out
from orchestra.findings.finding import Anchor, MergedFinding, Place
from orchestra.reports.first_lines import apart_in_words, headline, listed
from orchestra.reports.plain import one_line, plain
from orchestra.reports.report import Report

LAST_LINE = 2**31 - 1
"""Line numbers beyond it overflow in the programs that read them."""
LONGEST = 8000
"""Characters of a message. GitHub cuts an annotation at 64 kB and shows a fraction of that."""


def rule(finding: MergedFinding) -> str:
    """Its category as a name a program can count by: `race-condition`. One a category, never one a finding."""
    slug = re.sub(r"[\W_]+", "-", one_line(finding.category).lower()).strip("-")
    return slug[:60].rstrip("-") or "uncategorised"


def message(finding: MergedFinding) -> str:
    """Title, problem, what to do: plain paragraphs."""
    do = f"Do: {finding.recommendation.strip()}" if finding.recommendation.strip() else ""
    parts = [one_line(finding.title, 300), finding.problem.strip(), do]
    text = "\n\n".join(plain(part, lines=True) for part in parts if part)
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"


def places_inside(finding: MergedFinding) -> tuple[Place, ...]:
    """Its places whose path stays inside the target: the others are never handed to a program that opens files."""
    return tuple(place for place in finding.places if place.anchor is not Anchor.OUTSIDE and not leads_out(place.path))


def lines_of(place: Place) -> tuple[int, int]:
    """First and last line, in order and of a size every program can hold."""
    first = min(max(place.start_line, 1), LAST_LINE)
    return first, min(max(place.end_line, first), LAST_LINE)


def not_counted(report: Report) -> str | None:
    """A sentence for formats that tell open findings only: how many stand apart, and which."""
    if not report.apart:
        return None
    ids = listed([finding.id for finding in report.apart], 50)
    return one_line(f"Not counted: {apart_in_words(report)} ({ids})", 2000)


def incomplete(report: Report) -> str | None:
    """A sentence for formats that would otherwise look like a clean bill where somebody did not answer."""
    if not report.unanswered and report.workers:
        return None
    return one_line(headline(report), 2000)
