"""Text of others inside Markdown: read as text, never as a link, an image, HTML, a table or a mention."""

import re
from html import escape

from orchestra.reports.plain import one_line, plain

# Every repetition has a bound and a beginning, so that no text of ten thousand equal signs takes for ever.
_SPANS = re.compile(
    r"(?<!`)(?P<ticks>`{1,3})(?!`)(?P<code>.{1,400}?)(?<!`)(?P=ticks)(?!`)"  # code they marked as such
    r"|(?P<bare>(?:\b[A-Za-z][A-Za-z0-9+.-]{0,20}://|\b(?:mailto|xmpp|javascript|data):|\bwww\.)"  # addresses
    r"[^\s<>`]{1,2000}"
    r"|(?<![\w.+-])[\w.+-]{0,80}@[\w.-]{1,200}(?:/[\w-]{1,80})?"  # mentions, mail addresses, decorators
    r"|(?<![\w./-])(?:[\w.-]{1,80}/[\w.-]{1,80})?\#\d+|\bGH-\d+)"  # references to issues
)
_MARKS = re.compile(r"[\\`*\[\]<>|~$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_BEGINS = re.compile(r"\A(?:([-+=#>])|(\d{1,9})([.)]))")


def inline(text: str, longest: int | None = None) -> str:
    """One line of text, in which what was marked as code stays code; it begins no list and no heading."""
    return _begun(_escaped(one_line(text, longest)))


def prose(text: str) -> str:
    """Paragraphs with their own line breaks; nothing in them begins a list, a heading, a quote or a code block."""
    paragraphs = re.split(r"\n[ \t]*\n", plain(text, lines=True).strip())
    return "\n\n".join(
        "  \n".join(_begun(_escaped(" ".join(line.split()))) for line in paragraph.split("\n") if line.strip())
        for paragraph in paragraphs
    )


def code(text: str, longest: int | None = None) -> str:
    """A code span of one line, also inside a table."""
    line = one_line(text, longest)
    if not line:
        return ""
    ticks = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    gap = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{gap}{line}{gap}{ticks}"


def cell(text: str) -> str:
    """What stands in a table must not end its cell, not even inside a code span."""
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def fence(text: str, language: str = "") -> str:
    """A code block no line of the text can end."""
    body = plain(text, lines=True).strip("\n")
    ticks = "`" * max(3, max((len(run) for run in re.findall("`+", body)), default=0) + 1)
    return f"{ticks}{language if re.fullmatch('[a-z0-9]{1,12}', language) else ''}\n{body}\n{ticks}"


def html(text: str, longest: int | None = None) -> str:
    """One line inside an HTML tag of ours; a mention or a reference in it calls nobody."""
    return re.sub(r"([@#])(?=\w)", "\\1&#8203;", escape(one_line(text, longest), quote=True).replace("&#x27;", "'"))


def _escaped(line: str) -> str:
    told, at = [], 0
    for found in _SPANS.finditer(line):
        told.append(_MARKS.sub(r"\\\g<0>", line[at : found.start()]))
        said = found["code"] if found["code"] is not None else found["bare"]
        end = "" if found["code"] is not None else said[len(said.rstrip(".,;:!?)]}'\"")) :]
        told.append(code(said[: len(said) - len(end)]) + _MARKS.sub(r"\\\g<0>", end))
        at = found.end()
    told.append(_MARKS.sub(r"\\\g<0>", line[at:]))
    return "".join(told)


def _begun(line: str) -> str:
    return _BEGINS.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", line)
