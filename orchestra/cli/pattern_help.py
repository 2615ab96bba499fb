"""`orchestra run PATTERN --help`: what that pattern does, everything it can be told, and an example."""

from typing import TYPE_CHECKING, Any

from orchestra.cli.commands import Command
from orchestra.cli.help_page import write_rows, write_told

if TYPE_CHECKING:  # loading the patterns takes longer than any other help
    from orchestra.patterns.catalogue import Pattern

_WORDS = "orchestra.words"


class RunsAnyPattern(Command):
    """A command whose help is that of the pattern that is named: its inputs are no options a parser knows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep what was said: `--help` is answered before the pattern's name is read."""
        ctx.meta[_WORDS] = list(args)
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """`orchestra run premortem [OPTIONS] --plan TARGET`."""
        pattern = _named(ctx)
        if pattern is None:
            super().format_usage(ctx, formatter)
            return
        from orchestra.cli.pattern_inputs import usage

        formatter.write_usage(ctx.command_path, usage(pattern))

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """The pattern's own docstring."""
        pattern = _named(ctx)
        if pattern is None:
            super().format_help_text(ctx, formatter)
            return
        from orchestra.cli.pattern_inputs import told

        write_told(told(pattern), formatter)

    def format_arguments(self, ctx: Any, formatter: Any) -> None:
        """A line for each input."""
        pattern = _named(ctx)
        if pattern is None:
            super().format_arguments(ctx, formatter)
            return
        from orchestra.cli.pattern_inputs import rows

        write_rows(formatter, "Inputs", rows(pattern, _of_its_own_command(ctx, pattern.name)))


def _named(ctx: Any) -> "Pattern | None":
    """The pattern that is meant; a first word that names none is told with the nearest."""
    words = [word for word in ctx.meta.get(_WORDS, []) if not word.startswith("-")]
    if not words:
        return None
    from orchestra.patterns import catalogue

    return catalogue.find(words[0])


def _of_its_own_command(ctx: Any, name: str) -> dict[str, str]:
    """What the options of the command say that has the pattern's name; only built-in ones have one."""
    from orchestra.patterns import catalogue

    command = ctx.parent.command.commands.get(name) if name in catalogue.OWN else None
    return {one.name: one.help for one in (command.params if command else []) if getattr(one, "help", None)}
