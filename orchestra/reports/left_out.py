"""What nobody looked at, by its reason: a thousand ignored files are one line, not a thousand."""

from collections.abc import Iterable

from orchestra.brief.target import LeftOut
from orchestra.reports.first_lines import listed
from orchestra.value import Value


class PassedOver(Value):
    """What was left out for one reason."""

    reason: str
    paths: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """`ignored by git (12): build/, dist/ and 10 more`; `empty: a/__init__.py`."""
        count = f" ({len(self.paths):,})" if len(self.paths) > 1 else ""
        return f"{self.reason}{count}: {listed(self.paths)}"


def by_reason(left_out: Iterable[LeftOut]) -> tuple[PassedOver, ...]:
    """The reason that most have in common first, then in their order."""
    reasons: dict[str, list[str]] = {}
    for one in left_out:
        reasons.setdefault(one.reason, []).append(one.path)
    groups = [PassedOver(reason=reason, paths=tuple(paths)) for reason, paths in reasons.items()]
    return tuple(sorted(groups, key=lambda group: -len(group.paths)))
