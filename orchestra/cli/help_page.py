"""How a page of help reads: the usage, what the command does, an example, and its options in groups.

Plain text: rich would cost as much time as all the rest. Younger typers bring a click of their own, so only what both
kinds of parameters have is read here.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

LOOKED_AT, WHO, TOLD = "What is looked at", "Who does it", "What they are told"
GOES, COMES_OUT = "How it goes", "What comes out"
GROUPS = (LOOKED_AT, WHO, TOLD, GOES, COMES_OUT)
GROUPED_FROM = 12
"""Options; fewer are seen at one glance, and headings would only be in the way."""
EXAMPLE = "Example: "
_WORD = r"""(?:"[^"]*"|'[^']*'|\S)+"""
_WORDS = re.compile(rf"--[\w-]+ (?!-){_WORD}|{_WORD}")
"""Of a command; an option and its value are one: they stand on one line."""
_COMMAND = re.compile(r"`[^`]+`")
_UNBROKEN = "\u00a0"
_OWN_WORDS = {
    "help": "Show this help.",
    "install_completion": "Teach the shell you are in to complete commands, runs, lenses, jobs.",
    "show_completion": "Print what --install-completion would install.",
}
"""Options that come with typer, in words that fit the others."""


class HelpPage:
    """What the help of a single command and of a group of them have in common."""

    help: str | None
    hidden: bool

    def get_help(self, ctx: Any) -> str:
        """The page; a command in backticks stays on one line."""
        page: str = super().get_help(ctx)  # type: ignore[misc]  # a command's, which this is mixed into
        return page.replace(_UNBROKEN, " ")

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """`orchestra split --task TEXT [OPTIONS] [TARGET]...`."""
        parameters = ctx.command.get_params(ctx)
        pieces = [_names(one) for one in parameters if one.required and not _is_argument(one)]
        pieces += ["[OPTIONS]", *(_in_usage(one) for one in parameters if _is_argument(one))]
        pieces += ["COMMAND [ARGS]..."] if hasattr(ctx.command, "commands") else []
        formatter.write_usage(ctx.command_path, " ".join(pieces))

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """What it does; the examples as lines that can be copied."""
        write_told(self.help or "", formatter)

    def format_arguments(self, ctx: Any, formatter: Any) -> None:
        """What stands behind the command by itself."""
        arguments = [one for one in _shown(ctx) if _is_argument(one)]
        write_rows(formatter, "Arguments", [(_name(one), _about(one)) for one in arguments])

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then the options, in groups where there are many."""
        self.format_arguments(ctx, formatter)
        options = [one for one in _shown(ctx) if not _is_argument(one)]
        if len(options) < GROUPED_FROM:
            write_rows(formatter, "Options", [(_names(one), _about(one)) for one in options])
            return
        grouped: dict[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
        for one in options:
            panel = getattr(one, "rich_help_panel", None)
            grouped[panel if panel in grouped else COMES_OUT].append((_names(one), _about(one)))
        for group, rows in grouped.items():
            write_rows(formatter, group, rows)


def write_told(text: str, formatter: Any) -> None:
    """What a docstring tells, and its examples as lines that can be copied."""
    told = [one for one in inspect.cleandoc(text).split("\n\n") if not one.startswith(EXAMPLE)]
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_unbroken("\n\n".join(told)))
    if shown := examples(text):
        with formatter.section("Examples" if len(shown) > 1 else "Example"):
            for line in shown:
                for piece in in_pieces(line, formatter.width - 2):
                    formatter.write(f"  {piece}\n")


def examples(text: str | None) -> list[str]:
    """The commands of a docstring's paragraphs that begin with `Example: `, each a line."""
    found = []
    for paragraph in inspect.cleandoc(text or "").split("\n\n"):
        if paragraph.startswith(EXAMPLE):
            found += [line.strip() for line in paragraph.removeprefix(EXAMPLE).split("\n")]
    return found


def in_pieces(line: str, width: int) -> Iterator[str]:
    r"""A command that is too wide, in lines which a shell reads as one: ` \` at the end of each but the last."""
    piece = ""
    for word in _WORDS.findall(line):
        if piece and len(piece) + len(word) + 3 > width:
            yield f"{piece} \\"
            piece = f"  {word}"
        else:
            piece = f"{piece} {word}" if piece else word
    yield piece


def write_rows(formatter: Any, heading: str, rows: Iterable[tuple[str, str]]) -> None:
    """A section of two columns; the first takes no more than a third of a narrow terminal."""
    if rows := list(rows):
        with formatter.section(heading):
            formatter.write_dl([(name, _unbroken(told)) for name, told in rows], col_max=min(30, formatter.width // 3))


def _unbroken(text: str) -> str:
    """The text, whose commands no wrapping breaks."""
    return _COMMAND.sub(lambda found: found[0].replace(" ", _UNBROKEN), text)


def _shown(ctx: Any) -> list[Any]:
    return [one for one in ctx.command.get_params(ctx) if not getattr(one, "hidden", False)]


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper().replace("_", "-"))


def _in_usage(argument: Any) -> str:
    name = _name(argument) if argument.required else f"[{_name(argument)}]"
    return name if argument.nargs == 1 else f"{name}..."


def _names(option: Any) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    return names if option.is_flag else f"{names} {option.metavar or option.name.upper()}"


def _about(parameter: Any) -> str:
    """Its sentence, and what holds where it is not said."""
    said = _OWN_WORDS.get(parameter.name) or parameter.help or ""
    if parameter.required and not _is_argument(parameter):
        return f"{said} Needed."
    default = _default(parameter)
    return f"{said} Default: {default}." if default else said


def _default(parameter: Any) -> str | None:
    shown, value = parameter.show_default, parameter.default
    if isinstance(shown, str):
        return shown
    if not shown or isinstance(value, bool) or not isinstance(value, str | int | float | Path | Enum):
        return None
    return str(value.value if isinstance(value, Enum) else value)
