"""Checks for text of any kind: what is unfinished, and what should not be written down."""

import re
from collections.abc import Iterator

from orchestra.rehearsal.checks.problem import Checks, Lines, Problem, Seen

_check: Checks[Lines] = Checks()

_UNFINISHED = re.compile(r"(?<![|\w])(TODO|FIXME|XXX|HACK|TBD)(?![|\w])[:(]?\s*(.{0,60})")
_SECRET = re.compile(
    r"""(?ix)
        \b ([a-z_]* (?: password | passwd | secret | api_?key | auth_?token | access_?key | private_?key ) [a-z_]*)
        ["']? \s* (?: :=? | = | => ) \s*
        (?: (["']) (?P<quoted>[^"'\s]{6,}) \2 | (?P<bare>[A-Za-z0-9+/_\-]{12,}) \s*$ )"""
)
_NO_SECRET = re.compile(
    r"(?i)\$|\{|<|%|environ|getenv|example|change.?me|placeholder|dummy|xxx|\bNone\b|\.\w+\(|_(KEY|TOKEN|SECRET)$"
    r"|^(?-i:[A-Z]+_[A-Z_]*)$"  # a variable's name, or what several begin with
)
_COMMENTS = ("#", "//", "*", "/*", "--", ";", "[")
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def problems(lines: Lines) -> Iterator[Problem]:
    """What these checks see in the lines."""
    return _check.problems(lines)


@_check(
    "clarity",
    "maintainability",
    "risk",
    severity="low",
    confidence=0.9,
    category="unfinished work",
    do="Do it, or move it to where work is planned and link to it.",
)
def unfinished(lines: Lines) -> Iterator[Seen]:
    for number, line in lines.items():
        if found := _UNFINISHED.search(line):
            note = found[2].strip(" :.-*/#>")
            title = f"{found[1]} left in the text" + (f": {note}" if note else "")
            yield Seen(number, number, title, f"The line is marked {found[1]}: what it announces was not done.")


@_check(
    "security",
    "risk",
    severity="high",
    confidence=0.7,
    category="secrets",
    do="Read it from the environment or a secret store, and replace the one that stands here: it is in the history.",
)
def secret_in_text(lines: Lines) -> Iterator[Seen]:
    for number, line in lines.items():
        found = _SECRET.search(line)
        if found and not _NO_SECRET.search(found["quoted"] or found["bare"]):
            yield Seen(
                number,
                number,
                f"What looks like a secret is written down in {found[1]}",
                f"{found[1]} is given a literal value. Everybody who can read this file has it.",
            )
        elif _KEY_BLOCK.search(line):
            yield Seen(number, number, "A private key stands in the file", "Everybody who can read this file has it.")


@_check(
    "correctness",
    "risk",
    severity="critical",
    confidence=0.95,
    category="merge conflict",
    do="Decide between the two versions and take the marks out.",
)
def conflict_mark(lines: Lines) -> Iterator[Seen]:
    for number, line in lines.items():
        if re.match(r"(<{7}|>{7}) \S", line):
            yield Seen(number, number, "A merge conflict was left unresolved", "Both versions stand in the file.")


@_check(
    "security",
    severity="high",
    confidence=0.8,
    category="hidden text",
    do="Delete them; where the text itself runs right to left, keep them in data and not in code.",
)
def hidden_direction(lines: Lines) -> Iterator[Seen]:
    for number, line in lines.items():
        if re.search("[\u202a-\u202e\u2066-\u2069]", line):
            what = "They make the line look different from what is run or read."
            yield Seen(number, number, "Invisible characters turn the direction of the text", what)


@_check(
    "security",
    "risk",
    severity="low",
    confidence=0.6,
    category="transport",
    do="Use https.",
)
def plain_http(lines: Lines) -> Iterator[Seen]:
    for number, line in lines.items():
        found = None if line.lstrip().startswith(_COMMENTS) else re.search(r"\bhttp://([\w.\-]+\.[a-z]{2,})", line)
        if found and not re.search(r"localhost|example|w3\.org|schemas?\.|xmlns|\.local\b|\.test\b", line):
            what = "Whoever is on the way can read and change what is sent there and back."
            yield Seen(number, number, f"{found[1]} is named with http, not https", what)


@_check(
    "consistency",
    "clarity",
    severity="low",
    confidence=0.7,
    category="indentation",
    do="Choose one for the file.",
)
def mixed_indentation(lines: Lines) -> Iterator[Seen]:
    tabs = [number for number, line in lines.items() if line.startswith("\t")]
    spaces = [number for number, line in lines.items() if line.startswith("    ")]
    if tabs and spaces:
        rarer = min(tabs, spaces, key=len)
        what = f"{len(tabs)} lines begin with a tab and {len(spaces)} with spaces."
        yield Seen(rarer[0], rarer[0], "Tabs and spaces are mixed", what)
