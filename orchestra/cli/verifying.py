"""`--verify` may stand alone or with what it is about: `--verify`, `--verify all`, `--verify medium`."""

from typing import Any

from orchestra.cli.commands import Command
from orchestra.errors import UsageError

_GATE = "gate"
_SEVERITIES = ("critical", "high", "medium", "low")
_ABOUT = ("all", *_SEVERITIES)


class Verifying(Command):
    """A command whose `--verify` needs no value; typer's own options always want one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Say what a bare `--verify` means."""
        said = []
        for word, following in zip(args, [*args[1:], ""], strict=False):  # no words at all: nothing follows
            said.append(word)
            if word == "--verify" and following not in _ABOUT:
                said.append(_GATE)
        return super().parse_args(ctx, said)


def mildest(verify: str | None, fail_on: str) -> str | None:
    """The mildest severity that is looked into: what could fail the gate, high or worse where there is none."""
    if verify is None or verify in _ABOUT:
        return verify
    if verify != _GATE:
        raise UsageError(
            f"--verify is about what could fail the gate, all, or a severity and worse, not {verify!r}.",
            next_step=f"Say --verify, or one of {', '.join(_ABOUT)} after it.",
        )
    word = fail_on.rpartition(":")[2].strip().lower()
    return word if word in _SEVERITIES else "high"
