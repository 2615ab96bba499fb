"""All commands as one list in groups, in the order in which somebody comes to need them."""

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from orchestra.cli import misunderstood, streams
from orchestra.cli.help_page import HelpPage, write_rows
from orchestra.errors import UsageError


class Command(HelpPage, TyperCommand):
    """One command, whose help reads like that of all others."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words behind the command."""
        with misunderstood.in_our_words(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run it; what cannot be done as it was said leads at least to how it is said."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            if error.next_step is None and error.where is None:
                error.next_step = misunderstood.further(ctx)
            raise


class Commands(HelpPage, TyperGroup):
    """Commands whose help is grouped; a pipe that nobody reads any more is told apart from findings."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words up to the command."""
        with misunderstood.in_our_words(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            with misunderstood.in_our_words(ctx):
                return super().invoke(ctx)
        except BrokenPipeError as error:
            raise streams.ReaderGone from error

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is meant; one there is none of is told with the nearest."""
        if args[0] not in self.commands and not args[0].startswith("-") and not ctx.resilient_parsing:
            known = [name for name, command in self.commands.items() if not command.hidden]
            raise misunderstood.no_command(args[0], ctx.command_path, known)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands first: whoever reads this looks for one."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(f"`{ctx.command_path} COMMAND --help` tells all about one, with an example.")

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A section for each group, a line for each command: the first of its help."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            if command.hidden:
                continue
            group = getattr(command, "rich_help_panel", None)
            told = (command.help or "").strip().split("\n")[0]
            groups.setdefault(group if isinstance(group, str) else "Commands", []).append((name, told))
        widest = max(len(name) for rows in groups.values() for name, _ in rows)
        for group, rows in groups.items():
            write_rows(formatter, group, [(name.ljust(widest), told) for name, told in rows])


def read_alike(app: typer.Typer) -> None:
    """Give every command and every group below the look of these two classes."""
    for command in app.registered_commands:
        if not issubclass(command.cls or TyperCommand, Command):
            command.cls = Command
    for group in app.registered_groups:
        group.cls = Commands
        if group.typer_instance is not None:
            read_alike(group.typer_instance)
