"""Findings in a message that is Markdown instead of JSON: its list items and headings, read as far as they go.

Good enough that nothing a worker found is lost; never as good as an answer. Whoever calls marks the result as partial.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import dedent

from orchestra.findings.citation import cited
from orchestra.findings.finding import Finding, Location, Severity
from orchestra.findings.lenience import finding_meant
from orchestra.findings.severity_words import CALLED, severity_in
from orchestra.findings.table import rows_as_items
from orchestra.findings.title import bare, first_sentence, title_in
from orchestra.findings.values import UNSURE, Notes, short, text_of

# `**Severity:** high` and its like, in the languages reviewers answer in.
_FIELDS = {
    "severity": CALLED,
    "confidence": ("confidence", "certainty", "konfidenz", "sicherheit", "confiance", "confianza", "置信度", "信心"),
    "category": ("category", "type", "kind", "kategorie", "catégorie", "categoría", "categoria", "类别", "分類"),
    "where": (
        *("location", "locations", "where", "file", "files", "line", "lines", "place", "places", "path", "datei"),
        *("dateien", "stelle", "ort", "zeile", "zeilen", "fichier", "ligne", "lignes", "emplacement", "archivo"),
        *("ubicación", "línea", "líneas", "位置", "文件", "場所", "файл"),
    ),
    "recommendation": (
        *("fix", "fixes", "suggested fix", "how to fix", "recommendation", "recommendations", "suggestion"),
        *("suggestions", "remediation", "solution", "action", "empfehlung", "lösung", "vorschlag", "behebung"),
        *(
            "recommandation",
            "correction",
            "recomendación",
            "solución",
            "soluzione",
            "建议",
            "修复",
            "対策",
            "рекомендация",
        ),
    ),
    "problem": (
        *("problem", "issue", "description", "detail", "details", "why", "why it matters", "explanation", "impact"),
        *("consequence", "beschreibung", "auswirkung", "problème", "problema", "descripción", "impacto"),
        *("问题", "描述", "影响", "問題", "проблема"),
    ),
}
_NAMES = "|".join(f"(?P<{name}>{'|'.join(words)})" for name, words in _FIELDS.items())
_FIELD = re.compile(
    rf"^[\s>*+-]*[*_]*(?:{_NAMES})[*_]*\s*[:：]\s*[*_]*\s*(?P<text>.*)$",  # noqa: RUF001 - the colon of other scripts
    re.IGNORECASE,
)
_HEADING = re.compile(r"^\s{0,3}(?P<marks>#{1,6})\s+(?P<text>.+?)\s*#*$")
_BOLD_LINE = re.compile(
    r"^\s{0,3}(?P<text>(?P<marks>\*\*|__)[^*_].{0,200}?(?:\*\*|__)\s*:?\s*(?:[(\[`].{0,100}[)\]`])?)\s*$"
)
_ITEM = re.compile(r"^(?P<indent>\s*)(?:[-*+•]|\(?\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>\S.*)$")
# What compilers and linters write, one a line: `src/a.py:12:5: E501 line too long`.
_OF_A_TOOL = re.compile(r"^(?P<place>[^\s:]+:\d+)(?::\d+)?:\s+(?P<text>\S.*)$")
_FENCE = re.compile(r"^\s*(?P<marks>`{3,}|~{3,})")
_NO_FINDINGS = (
    *("summary", "overview", "conclusion", "verdict", "strength", "positive", "good", "well", "praise", "no issues"),
    *("nothing", "scope", "method", "next steps", "zusammenfassung", "fazit", "positiv", "stärken", "résumé"),
    *("points forts", "resumen", "conclusión", "总结", "结论", "优点", "まとめ", "итог"),
)


@dataclass
class _Block:
    """A heading or a list item, and the lines under it."""

    title: str
    depth: int
    """0 for a list item; of a heading the number of its marks, 7 for a line in bold."""
    lines: list[str] = field(default_factory=list)
    heading: str = ""
    """Of a list item: the heading it stands under."""
    above: str = ""
    """Of a heading: the one above it."""

    @property
    def fields(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self.lines:
            if field := _FIELD.match(line):
                name = next(name for name in _FIELDS if field[name])
                found[name] = f"{found[name]}\n{field['text']}" if name in found else field["text"]
        return found


def findings_in_prose(text: str, note: Notes) -> tuple[list[Finding], str]:
    """The findings of a Markdown text, and what stands around them."""
    outermost, around = _blocks(text_of(text))
    blocks = [part for block in outermost for part in _parts(block)]
    found = []
    plain = [_is_finding(block, blocks) for block in blocks]
    depths = {block.depth for block, is_one in zip(blocks, plain, strict=True) if is_one and block.depth}
    for block, is_one in zip(blocks, plain, strict=True):
        could_be = not is_one and _could_be_one(block, blocks)
        if is_one or (could_be and (block.depth in depths or _is_told_as_one(block))):
            found.append(_finding(block))
        else:
            around += [block.title, *block.lines]
            if block.depth == 0 or could_be:
                note(f"not read as a finding: {short(block.title)}")
    rest = "\n".join(line for line in around if line.strip())
    if found:
        note("the message is prose; its list items and headings are read as findings")
        if rest:
            note(f"around them it says: {short(rest, 300)}")
    elif rest:
        note(f"no finding could be made out in: {short(rest, 300)}")
    return found, rest


def _blocks(text: str) -> tuple[list[_Block], list[str]]:
    """Headings and items of the outermost list under each, with what belongs to them; and what comes before."""
    blocks: list[_Block] = []
    before: list[str] = []
    heading, fence, indent, of_a_tool = "", "", 0, True
    for line in rows_as_items(text.splitlines()):
        mark = _FENCE.match(line)
        if fence or mark:
            fence = (
                "" if fence and mark and mark["marks"].startswith(fence) else fence or (mark["marks"] if mark else "")
            )
            (blocks[-1].lines if blocks else before).append(line)
            continue
        told = _OF_A_TOOL.match(line) if of_a_tool else None
        if told and any(cited(told["place"])):
            blocks.append(_Block(told["text"], 0, [f"where: {told['place']}"]))
            continue
        item = _ITEM.match(line)
        of_a_tool = of_a_tool and not item and not _HEADING.match(line)
        title = _HEADING.match(line) or _BOLD_LINE.match(line)
        inside = blocks and blocks[-1].depth == 0 and len(line) - len(line.lstrip()) > indent
        if title and not inside and not _FIELD.match(line):
            heading, depth = title["text"], len(title["marks"]) if "#" in title["marks"] else 7
            above = next((block.title for block in reversed(blocks) if 0 < block.depth < depth), "")
            blocks.append(_Block(heading, depth, above=above))
        elif item and not _FIELD.match(line) and not (inside and len(item["indent"]) > indent):
            indent = len(item["indent"])
            blocks.append(_Block(item["text"], 0, heading=heading))
        else:
            (blocks[-1].lines if blocks else before).append(line)
    return blocks, before


def _parts(block: _Block) -> Iterator[_Block]:
    """An item that only says what those below it are about, `- Security`, is a heading to them."""
    inner, before = _blocks(dedent("\n".join(block.lines))) if block.depth == 0 else ([], [])
    only_names = len(block.title.split()) <= 4 and not block.fields and not "".join(before).strip()
    if only_names and any(part.depth == 0 and any(cited(part.title)) for part in inner) and not any(cited(block.title)):
        yield _Block(block.title, 7, above=block.heading)
        yield from (_Block(part.title, part.depth, part.lines, heading=block.title) for part in inner)
    else:
        yield block


def _is_finding(block: _Block, blocks: list[_Block]) -> bool:
    """An item is one unless it stands under a summary; a heading is one if it has fields or a place, and no items."""
    if block.depth == 0:
        return not bare(block.heading).casefold().startswith(_NO_FINDINGS) or bool(block.fields)
    if bare(block.title).casefold().startswith(_NO_FINDINGS) or any(other.heading == block.title for other in blocks):
        return False
    body = "\n".join(block.lines)
    return bool(block.fields) or next(cited(f"{block.title}\n{body}"), None) is not None


def _could_be_one(block: _Block, blocks: list[_Block]) -> bool:
    """A heading with words under it and neither items nor headings of its own: the form of a finding."""
    if block.depth == 0 or not "".join(block.lines).strip() or block.depth == 1:
        return False
    named = bare(block.title).casefold().startswith(_NO_FINDINGS)
    return not named and not any(block.title in (other.heading, other.above) for other in blocks)


def _is_told_as_one(block: _Block) -> bool:
    """`## 2. The divisor may be 0`, `### [High] ...`, or what stands under a heading that is a severity."""
    numbered = re.match(r"[*_\s]*(?:\w+\s*)?#?\d{1,4}\s*[.):]", block.title)
    return bool(numbered) or title_in(block.title)[1] is not None or _severity_of_heading(block.above) is not None


def _severity_of_heading(heading: str) -> str | None:
    return severity_in(heading) if 0 < len(heading.split()) <= 4 else None


def _finding(block: _Block) -> Finding:
    title, severity = title_in(block.title)
    fields = block.fields
    words = [line for line in block.lines if not _FIELD.match(line)]
    severity = (
        (severity_in(fields["severity"]) if "severity" in fields else None)
        or severity
        or _severity_of_heading(block.heading or block.above)
    )
    body = "\n".join(filter(None, [fields.get("problem", ""), _without_fences(words)])).strip()
    told = "\n\n".join([fields.get("problem", ""), "\n".join(_outside_fences(words))])
    said = {
        "title": title or first_sentence(told) or short(body or bare(block.title), 100) or "A finding without words",
        "severity": severity or Severity.MEDIUM,
        "confidence": fields.get("confidence", UNSURE),
        "category": fields.get("category", "other"),
        "locations": list(_locations(block, words)),
        "problem": body or title or bare(block.title),
        "recommendation": fields.get("recommendation", ""),
    }
    return Finding.model_validate(finding_meant(said, lambda _: None))


def _locations(block: _Block, words: list[str]) -> Iterator[Location]:
    """Every place that is named with a line; a fenced excerpt is the quote of the first."""
    quote = dedent("\n".join(_fenced(words)))
    text = "\n".join([block.title, *block.lines])
    seen = set()
    for place in cited(text):
        key = place.path, place.start, place.end
        if key not in seen:
            seen.add(key)
            start, end = max(1, min(place.start, place.end)), max(1, place.start, place.end)
            yield Location(path=place.path, start_line=start, end_line=end, quote=quote if len(seen) == 1 else "")


def _fenced(lines: list[str]) -> Iterator[str]:
    """The lines of the first fence that does not hold a suggestion."""
    marks = ""
    for line in lines:
        fence = _FENCE.match(line)
        if marks and fence and fence["marks"].startswith(marks):
            return
        if marks:
            yield line
        elif fence and not re.search(r"suggest|diff|patch", line):
            marks = fence["marks"]


def _outside_fences(lines: list[str]) -> Iterator[str]:
    """The lines of no fence: code says what is there, not what is wrong with it."""
    marks = ""
    for line in lines:
        fence = _FENCE.match(line)
        if fence and not marks:
            marks = fence["marks"]
        elif not marks:
            yield line.strip()
        elif fence and fence["marks"].startswith(marks):
            marks = ""


def _without_fences(lines: list[str]) -> str:
    return "\n".join(line.strip() for line in lines if not _FENCE.match(line)).strip()
