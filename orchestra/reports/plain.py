"""What a model says is data: nothing in it may steer a terminal or reorder a line."""

import unicodedata

# Bidirectional overrides and isolates, zero-width and other signs that draw nothing and change what is seen.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def plain(text: str, *, lines: bool = False) -> str:
    """The text without control signs; `lines` keeps line breaks and tabs."""
    kept = "\n\t" if lines else ""
    return "".join(
        sign if sign in kept or unicodedata.category(sign) not in _UNSEEN else " " if sign in "\n\t\r" else "�"
        for sign in text.replace("\r\n", "\n")
    )
