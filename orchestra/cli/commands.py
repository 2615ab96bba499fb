"""All commands as one list in groups, in the order in which somebody comes to need them."""

from typing import Any

from typer.core import TyperGroup

from orchestra.cli import streams


class Commands(TyperGroup):
    """Commands whose help is grouped; a pipe that nobody reads any more is told apart from findings."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise streams.ReaderGone from error

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
            with formatter.section(group):
                formatter.write_dl([(name.ljust(widest), told) for name, told in rows])
