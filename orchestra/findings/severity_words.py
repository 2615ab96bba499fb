"""Words for how bad it is, in the languages reviewers answer in."""

import re
import unicodedata
from typing import Any

from orchestra.findings.values import Notes

CALLED = (
    *("severity", "priority", "level", "schweregrad", "schwere", "priorität", "gravité", "sévérité", "severidad"),
    *("gravedad", "gravità", "severidade", "严重性", "严重程度", "重要度", "심각도", "серьезность", "серьёзность"),
)
"""What severity is called before it is said, `**Severity:** high`."""

# Beginnings of words, so that one stem serves the endings and the neighbouring languages: `krit` is kritisch, kritisk,
# kritik and kritieke. In the order of harm: of two words the worse one counts.
STEMS: dict[str, tuple[str, ...]] = {
    "critical": (
        *("crit", "krit", "kryt", "крит", "severe", "fatal", "catastroph", "showstopper", "urgent", "p0", "s0"),
        *("sev0", "sev1", "schwer", "bloq", "bloc", "blok", "grave"),
    ),
    "high": (
        *("high", "major", "important", "serious", "error", "p1", "s1", "sev2", "hoch", "hoog", "hog", "hoj", "hoy"),
        *(
            "erheblich",
            "elev",
            "haut",
            "majeur",
            "alto",
            "alta",
            "mayor",
            "maggior",
            "wysok",
            "vysok",
            "высок",
            "висок",
        ),
        "yuksek",
    ),
    "medium": (
        *("med", "moder", "warn", "normal", "p2", "s2", "sev3", "mittel", "moyen", "middel", "gemiddeld"),
        *("sredn", "stredn", "средн", "серед", "orta"),
    ),
    "low": (
        *("low", "minor", "info", "note", "nit", "hint", "trivial", "style", "suggest", "cosmetic", "p3", "p4", "p5"),
        *("s3", "s4", "sev4", "sev5", "niedrig", "gering", "leicht", "faibl", "bas", "mineur", "baj", "baix", "menor"),
        *("laag", "lav", "lag", "nis", "niz", "низ", "dusuk"),
    ),
}
# Scripts that put no space between words: anywhere in the text.
SIGNS: dict[str, tuple[str, ...]] = {
    "critical": ("致命", "严重", "嚴重", "危急", "紧急", "重大", "치명", "심각"),
    "high": ("高", "높"),
    "medium": ("中", "보통", "중간"),
    "low": ("低", "낮"),
}
# "Severity: high" in languages whose word for severity begins like one of its degrees.
_LABEL = re.compile(r"(严重性|严重程度|嚴重性|嚴重程度|重大度|심각도|schweregrad|gravedad|severity)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def severity_meant(said: Any, note: Notes) -> Any:
    """One of the four where a word plainly means one of them; otherwise what was said."""
    if not isinstance(said, str | int | float) or said in STEMS:
        return said
    level = severity_in(said) if isinstance(said, str) else _of_score(said)
    if level is None:
        return said
    note(f"the severity {str(said)[:80]!r} is read as {level}")
    return level


def severity_in(text: str) -> str | None:
    """The worst level a text names: SEVERE, [P0], hoch, élevée, 严重, 8.1 of CVSS."""
    said = _LABEL.sub(" ", text[:200])
    words = [_bare(word) for word in _WORD.findall(said)]
    for level, stems in STEMS.items():
        if any(word.startswith(stems) for word in words) or any(sign in said for sign in SIGNS[level]):
            return level
    score = re.search(r"\b(?:10|\d)\.\d\b", said)
    return _of_score(float(score.group())) if score else None


def _of_score(said: float) -> str | None:
    """CVSS has a decimal point. A whole number says nothing: on some scales 1 is the worst, on others the least."""
    if isinstance(said, int) or not 0 <= said <= 10:
        return None
    return "critical" if said >= 9 else "high" if said >= 7 else "medium" if said >= 4 else "low"


def _bare(word: str) -> str:
    """Without accents and case: élevé is eleve, HØJ is hoj."""
    apart = unicodedata.normalize("NFKD", word.casefold()).translate({0xF8: "o", 0x142: "l", 0x131: "i"})
    return unicodedata.normalize("NFC", "".join(letter for letter in apart if not unicodedata.combining(letter)))
