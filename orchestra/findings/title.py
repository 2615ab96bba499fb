"""What a heading or a list item says as a title: without its place, its severity and its marks."""

import re

from orchestra.findings.citation import cited
from orchestra.findings.severity_words import CALLED, severity_in
from orchestra.findings.values import short

_BEHIND_A_PLACE = re.compile(r"^(?::\d+)?[`*_)\]]*\s*[:—–-]\s+(?P<text>\S.*)$")  # noqa: RUF001 - dashes people type
_TAG = re.compile(r"[\[(【*_`]*(?P<word>[^\s\[\]()【】*_`:：]+)[\])】*_`]*\s*[:：—–-]?\s*")  # noqa: RUF001 - dashes and brackets people type
_BOLD = re.compile(r"\*\*(\S[^*]*)\*\*")
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s+[^\sa-z]|\s*$)|[。！？])", re.DOTALL)  # noqa: RUF001 - full stops of other scripts


def title_in(said: str) -> tuple[str, str | None]:
    """`**[P1] Close the file** — src/a.py:12` and `P1 a.py:12: Close the file` are "Close the file", high.

    `src/a.py:12 (high)` has no title, and is high.
    """
    words = _beside_its_places(said)
    if words is not None and (not words or (len(words) == 1 and len(words[0]) <= 14 and severity_in(words[0]))):
        return "", severity_in(" ".join(words))
    text, severity = _behind_its_place(re.sub(r"^\s*\(?\d{1,4}[.)]\s+", "", said)), None
    tag = _TAG.match(text)
    if tag and len(tag["word"]) <= 14 and (tag.group()[0] in "[(【*_`" or tag.group().rstrip()[-1:] in ":：—–-"):  # noqa: RUF001 - as above
        severity = severity_in(tag["word"])
        text = text[tag.end() :] if severity else text
    place = next(cited(text), None)
    before, _, behind = text.partition(place.written) if place else ("", "", "")
    if severity is None and len(before.split()) == 1 and (meant := severity_in(before)) and behind.strip(" :"):
        severity, text = meant, behind.lstrip(" :")
    text = _behind_its_place(text)
    last = re.search(r"[(\[](?P<word>[^\W\d_]{3,14})[)\]]\W*$", text)
    severity = severity or (severity_in(last["word"]) if last else None)
    bold = re.match(r"^\s*(?:\*\*|__)(.+?)(?:\*\*|__)", text)
    text = bold.group(1) if bold else text
    for place in cited(text):
        text = re.sub(r"\s*[(\[—–,@-]+[\s`]*" + re.escape(place.written) + r"[\s)\]`]*$", "", text)  # noqa: RUF001 - as above
    return bare(text).rstrip(" :：—–-"), severity  # noqa: RUF001 - as above


def _beside_its_places(text: str) -> list[str] | None:
    """The words of a text that names a place, without the place, numbers and the word `severity`; None without one."""
    places = list(cited(text))
    for place in places:
        text = text.replace(place.written, " ", 1)
    words = re.findall(r"\w+", text)
    return [one for one in words if not one.isdigit() and one.casefold() not in CALLED] if places else None


def _behind_its_place(text: str) -> str:
    """What a text says that begins with its place, and with nothing but signs before it."""
    place = next(cited(text), None)
    before, _, behind = text.partition(place.written) if place else (text, "", "")
    told = None if before.strip("`*_([ ") else _BEHIND_A_PLACE.match(behind)
    return told["text"] if told else text


def first_sentence(text: str) -> str:
    """Of the first paragraph: what stands under a title that says nothing."""
    paragraph = _BOLD.sub(r"\1", re.split(r"\n{2,}", text.strip())[0][:1000])
    sentence = _SENTENCE.match(paragraph)
    return short(bare(sentence.group() if sentence else paragraph).rstrip(".。"), 100)


def bare(text: str) -> str:
    """Without the marks of Markdown around it."""
    return re.sub(r"^[\s*_#>]+|[\s*_]+$", "", text)
