"""Checks for Markdown and plain text."""

import re
from collections.abc import Iterator

from orchestra.rehearsal.checks.pattern import Pattern, problems_by
from orchestra.rehearsal.checks.problem import Checks, Lines, Problem, Seen

_check: Checks[Lines] = Checks()

LONG_SENTENCE = 45
"""Words; a reader loses the beginning of a longer one."""
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_SPELLINGS = (
    ("colour", "color"),
    ("behaviour", "behavior"),
    ("organise", "organize"),
    ("initialise", "initialize"),
    ("authorise", "authorize"),
    ("unauthorised", "unauthorized"),
    ("optimise", "optimize"),
    ("centre", "center"),
    ("e-mail", "email"),
    ("file name", "filename"),
    ("command-line", "commandline"),
)

_PATTERNS = (
    Pattern(
        lenses="clarity correctness",
        severity="low",
        confidence=0.9,
        category="wording",
        find=r"\b([a-z]{2,})\s+\1\b(?![-'\u2019])",
        unless=r"\b(?:had had|that that|long long|very very|bla bla)\b",
        title="A word stands twice: {0}",
        problem="One of the two is left over, or another word was meant.",
        do="Delete one, or write what was meant.",
    ),
    Pattern(
        lenses="evidence",
        severity="medium",
        confidence=0.6,
        category="unsupported claim",
        find=r"\b(studies (?:show|have shown)|research shows|it is well known|as everybody knows|experts agree|proven"
        r" to|best practices?|industry standard|it is obvious that)\b",
        unless=r"\]\(|https?://|\[\^?\w+\]",
        title="{0}: says who?",
        problem="The sentence leans on an authority it does not name, so nobody can check it.",
        do="Name the source, or say that it is an opinion.",
    ),
    Pattern(
        lenses="evidence",
        severity="low",
        confidence=0.5,
        category="unsupported figure",
        find=r"\b(\d+(?:[.,]\d+)?\s?(?:%|percent|times (?:faster|slower|more|less)|x (?:faster|slower|more|less)))",
        unless=r"\]\(|https?://|\[\^?\w+\]|^\s*[|`]|\d\s?%[sdif]",
        title="{0} without a source",
        problem="A figure that nobody can trace can neither be checked nor brought up to date.",
        do="Say who measured it, when and how, or link to where that is said.",
    ),
    Pattern(
        lenses="practicality clarity",
        severity="low",
        confidence=0.5,
        category="vague wording",
        find=r"\b(etc\.|and so on|as appropriate|if necessary|as needed|where possible|in due course|as soon as"
        r" possible|ASAP|at some point|somehow)(?!\w)",
        title="{0} leaves open what is meant",
        problem="Two readers will do two different things, and both can say the text allowed it.",
        do="Name the cases, the amount or the date.",
    ),
    Pattern(
        lenses="practicality clarity",
        severity="low",
        confidence=0.5,
        category="wording",
        find=r"\b(simply|obviously|of course|trivially|just (?:run|add|use|do|set|call|install))\b",
        title="{0} does not help who is stuck",
        problem="The word says that it is easy, and not how it is done.",
        do="Leave it out, or say the step it skips.",
    ),
    Pattern(
        lenses="clarity practicality",
        severity="medium",
        confidence=0.8,
        category="unfinished work",
        find=r"\b(lorem ipsum|to be (?:decided|defined|determined|written|done)|coming soon|tbc)\b",
        title="Not written yet: {0}",
        problem="The reader finds a gap where an answer was promised.",
        do="Write it, or take the promise out.",
    ),
    Pattern(
        lenses="accessibility",
        severity="medium",
        confidence=0.8,
        category="alternative text",
        find=r"(!\[\s*\]\([^)]*\))",
        title="An image without alternative text",
        problem="Who cannot see the image is not told what it shows.",
        do="Say between the brackets what the image tells the reader.",
    ),
    Pattern(
        lenses="accessibility clarity",
        severity="low",
        confidence=0.8,
        category="link text",
        find=r"(\[(?:click )?(?:here|this|link|this link)\]\()",
        title="A link that does not say where it leads",
        problem="In a list of links, or read aloud, the words say nothing.",
        do="Make the name of what is linked the link's text.",
    ),
)


def problems(lines: Lines) -> Iterator[Problem]:
    """What these checks see in a text; code in fences is not looked at, but for fences themselves."""
    outside, _ = _outside_fences(lines)
    yield from problems_by(_PATTERNS, outside)
    yield from _check.problems(lines)


def _outside_fences(lines: Lines) -> tuple[dict[int, str], int | None]:
    """The lines outside fenced code, and the line of a fence that is never closed."""
    outside: dict[int, str] = {}
    fence, opened = "", None
    for number, line in sorted(lines.items()):
        mark = _FENCE.match(line)
        if not mark and not fence:
            outside[number] = line
        elif mark and not fence:
            fence, opened = mark[1], number
        elif mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence, opened = "", None
    return outside, opened


def _headings(lines: Lines) -> list[tuple[int, int, str]]:
    outside, _ = _outside_fences(lines)
    found = ((number, _HEADING.match(line)) for number, line in outside.items())
    return [(number, len(heading[1]), heading[2]) for number, heading in found if heading]


@_check(
    "correctness",
    "clarity",
    severity="medium",
    confidence=0.8,
    category="markup",
    do="Close the fence where the code ends.",
)
def open_fence(lines: Lines) -> Iterator[Seen]:
    _, opened = _outside_fences(lines)
    if opened is not None:
        yield Seen(opened, opened, "A code fence is never closed", "All that follows is shown as code.")


@_check(
    "accessibility",
    "consistency",
    severity="low",
    confidence=0.8,
    category="structure",
    do="Use the next level down.",
)
def skipped_level(lines: Lines) -> Iterator[Seen]:
    above = 0
    for number, level, title in _headings(lines):
        if above and level > above + 1:
            what = f"It follows a heading of level {above}: in an outline, or read aloud, a part seems to be missing."
            yield Seen(number, number, f"Heading of level {level} under level {above}: {title}", what)
        above = level


@_check("consistency", "clarity", severity="low", confidence=0.7, category="structure", do="Give each its own name.")
def heading_twice(lines: Lines) -> Iterator[Seen]:
    path: list[str] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, level, title in _headings(lines):
        path = [*path[: level - 1], title]
        place = tuple(path)
        if place in seen:
            what = f"It stands in line {seen[place]} already; a link to it leads to the first."
            yield Seen(number, number, f"Two headings are called {title}", what)
        seen.setdefault(place, number)


@_check("consistency", severity="low", confidence=0.7, category="spelling", do="Choose one and keep to it.")
def two_spellings(lines: Lines) -> Iterator[Seen]:
    outside, _ = _outside_fences(lines)
    for pair in _SPELLINGS:
        places = [
            [number for number, line in outside.items() if re.search(rf"\b{spelling}", line, re.IGNORECASE)]
            for spelling in pair
        ]
        if all(places):
            rarer = int(len(places[1]) <= len(places[0]))
            number, other = places[rarer][0], places[1 - rarer][0]
            what = f"Line {other} writes {pair[1 - rarer]}."
            yield Seen(number, number, f"{pair[rarer]} here, {pair[1 - rarer]} elsewhere", what)


@_check("clarity", severity="low", confidence=0.6, category="sentence length", do="Make two or three sentences of it.")
def long_sentence(lines: Lines) -> Iterator[Seen]:
    outside, _ = _outside_fences(lines)
    for number, line in outside.items():
        if line.lstrip().startswith(("|", "#", "<")):
            continue
        longest = max((len(sentence.split()) for sentence in re.split(r"(?<=[.!?:;])\s", line)), default=0)
        if longest > LONG_SENTENCE:
            what = "Its beginning is forgotten before its end is reached."
            yield Seen(number, number, f"A sentence of {longest} words", what)


@_check(
    "risk",
    "practicality",
    severity="medium",
    confidence=0.4,
    category="way back",
    do="Say how to go back, and how it is noticed that one must.",
)
def no_way_back(lines: Lines) -> Iterator[Seen]:
    text = "\n".join(lines.values())
    change = re.compile(r"\b(migrat\w+|roll ?out|deploy\w*|cut-?over|switch-?over|go-?live)\b", re.IGNORECASE)
    if len(change.findall(text)) < 3 or re.search(
        r"(?i)\broll(?:ing|ed)?[ -]?back|revert|undo|back ?out|way back", text
    ):
        return
    number, found = next((n, m) for n, line in sorted(lines.items()) if (m := change.search(line)))
    what = "The text describes a change of something that runs, and no word of how to take it back."
    yield Seen(number, number, f"No way back is described for the {found[0].lower()}", what)
