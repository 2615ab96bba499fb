"""What a model says is data: nothing in it may steer a terminal, reorder a line, or be taken for a command."""

import re
import unicodedata

# Controls, bidirectional overrides and isolates, zero-width and private signs, line and paragraph separators: all that
# draws nothing and changes what is seen.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
"""Needed between signs of emoji and of some scripts; anywhere else they only hide something."""


def plain(text: str, *, lines: bool = False) -> str:
    """The text without control signs; `lines` keeps line breaks and tabs."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n")
    if lines:
        return "\n".join("\t".join(map(_seen, line.split("\t"))) for line in text.split("\n"))
    return _seen(re.sub(r"[\n\t\r]", " ", text))


def one_line(text: str, longest: int | None = None) -> str:
    """The text as one plain line, cut with an ellipsis."""
    line = " ".join(plain(text).split())
    return line if longest is None or len(line) <= longest else line[: longest - 1].rstrip() + "…"


# GitHub takes a line that begins with `::` for a command, and, like Azure and TeamCity, `##[` wherever it stands.
_COMMAND = re.compile(r"^((?:\s|\x1b\[[\d;]*m)*):(?=:)|#(?=#(?:\[|vso\[|teamcity\[))", re.MULTILINE)


def no_command(text: str) -> str:
    """The text with no line that a CI service would obey: a space goes between the signs that make it one."""
    return _COMMAND.sub(lambda found: f"{found[1]}: " if found[1] is not None else "# ", text)


def _seen(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(_sign(text, at) for at in range(len(text)))


def _sign(text: str, at: int) -> str:
    sign = text[at]
    if sign.isprintable() or not (unicodedata.category(sign) in _UNSEEN or _no_character(sign)):
        return sign
    if sign in _JOINERS and 0 < at < len(text) - 1 and text[at - 1] > "\x7f" and text[at + 1] > "\x7f":
        return sign
    return "\N{REPLACEMENT CHARACTER}"


def _no_character(sign: str) -> bool:
    """Code points that Unicode keeps free for ever, and XML refuses."""
    return ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF


def web_address(address: str) -> str | None:
    """The address if it is one of the web, with nothing in it that could end a tag, a quote or a line."""
    begins = address.lower().startswith(("https://", "http://"))
    return (
        address
        if begins and address.isascii() and address.isprintable() and not set(address) & set(" <>\"'`\\{}|^")
        else None
    )
