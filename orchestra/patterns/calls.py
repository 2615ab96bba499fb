"""What the calls of the six patterns take besides their first words: for editors and type checkers, nothing runs here.

Each key is read where it belongs: an input by the pattern's function, a setting by `settings.py`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from orchestra.brief.context_pack import ContextPack
from orchestra.brief.lenses import Lens

Names = str | Path | Sequence[str | Path]
"""Files and folders."""
Lenses = str | Lens | Sequence[str | Lens]
"""`"risk"`, `"correctness+evidence,risk"`, or several of them."""


class Options(TypedDict, total=False):
    """Of every pattern: the Context Pack, whether it is a rehearsal, and settings by their names."""

    context: ContextPack | Mapping[str, Any] | str | Path
    rehearse: bool
    start: str | Path
    """The folder relative names begin at, and whose project it is; else the one the program stands in."""

    engine: str
    engines: Mapping[str, Sequence[str]]
    codex: str | Path
    model: str
    effort: str
    sandbox: Literal["danger-full-access"]
    at_once: int
    max_tokens: int
    longest_wait: float
    deadlines: Mapping[str, float]
    environment: Sequence[str]
    mcp_servers: Sequence[str]
    codex_config: Mapping[str, str]


class OfATarget(Options, total=False):
    """Of every pattern that looks at files: which of them."""

    uncommitted: bool
    base: str
    commit: str
    include: str | Sequence[str]
    exclude: str | Sequence[str]


class OfReview(OfATarget, total=False):
    """Of `review`."""

    verify: str
    """The mildest severity whose findings somebody tries to refute."""
    curate: bool


class OfFix(OfATarget, total=False):
    """Of `fix`."""

    lenses: Lenses
    top: int
    only: str | Sequence[str]
    rounds: int


class OfOptions(Options, total=False):
    """Of `options`."""

    criteria: str | Sequence[str]
