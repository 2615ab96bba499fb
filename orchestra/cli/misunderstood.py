"""What was typed and is no command, no option or no value of one, in the words of all other errors."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import typer

from orchestra.errors import UsageError

_PARSER_SAYS: type[Exception] = typer.BadParameter.__bases__[0]
"""The parser's own usage error: click's in older typers, typer's own in younger ones."""

_NUMBERS = {
    "int": "a whole number",
    "integer": "a whole number",
    "integer range": "a whole number",
    "float": "a number",
    "float range": "a number",
}
"""The types of numbers, as younger and older parsers name them."""
_OF_THE_LINE = (
    (re.compile(r"Got unexpected extra argument\S* \((.+)\)"), r"Too much was said: \1"),
    (re.compile(r"Option '(.+)' requires an argument"), r"\1 lacks its value"),
    (re.compile(r"Option '(.+)' does not take a value"), r"\1 takes no value"),
)
"""What the parser says of the line as a whole, and what we say."""
_QUOTED = re.compile(r"'([^']+)'")


@contextlib.contextmanager
def in_our_words(ctx: Any) -> Iterator[None]:
    """Raise as our own what the parser could not read."""
    try:
        yield
    except _PARSER_SAYS as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help itself
            raise
        raise _read(error, getattr(error, "ctx", None) or ctx) from error


def no_command(said: str, where: str, known: Sequence[str]) -> UsageError:
    """A command there is none of."""
    return UsageError(
        f"There is no command {said!r}{'' if where == 'orchestra' else f' of `{where}`'}.{_guess(said, known)}",
        next_step=f"`{where} --help` lists them all.",
    )


def further(ctx: Any) -> str:
    """Where it stands what a command can be told."""
    return f"`{ctx.command_path} --help` shows what can be said."


def _read(error: Any, ctx: Any) -> UsageError:
    path = ctx.command_path
    if hasattr(error, "possibilities"):
        return _no_option(error.option_name, path, ctx)
    parameter = getattr(error, "param", None)
    if parameter is None:
        return UsageError(f"{_of_the_line(error.format_message().rstrip('.'))}.", next_step=further(ctx))
    name = parameter.opts[-1] if parameter.param_type_name == "option" else parameter.metavar or parameter.name
    if hasattr(error, "param_type"):
        return UsageError(f"{name} is missing: {_within(parameter.help or 'it is needed')}.", next_step=further(ctx))
    said = error.message.removeprefix("Value error, ")
    return UsageError(f"{name}{_wrong(parameter, said)}", next_step=further(ctx))


def _of_the_line(said: str) -> str:
    return next((found.expand(ours) for theirs, ours in _OF_THE_LINE if (found := theirs.fullmatch(said))), said)


def _no_option(said: str, path: str, ctx: Any) -> UsageError:
    known = [name for parameter in ctx.command.get_params(ctx) for name in parameter.opts if name.startswith("--")]
    told = f"`{path}` has no option {said}.{_guess(said, known)}"
    if hasattr(ctx.command, "commands"):
        return UsageError(told, next_step=f"What a command can be told stands behind it: `{path} COMMAND {said}`.")
    return UsageError(told, next_step=f"`{path} --help` lists them all.")


def _wrong(parameter: Any, said: str) -> str:
    """What is wrong with a value; parsers old and young speak of integers, inputs and ranges."""
    is_young = hasattr(parameter, "bare_type")
    limits = parameter if is_young else parameter.type
    number = _NUMBERS.get(parameter.bare_type() if is_young else limits.name)
    if number is None:
        tried, *choices = _QUOTED.findall(said) or [""]
        return f": {_within(said)}.{_guess(tried, choices)}"
    low, high = getattr(limits, "min", None), getattr(limits, "max", None)
    if high is not None:
        return f" should be {number} from {low or 0} to {high}."
    return f" should be {number}{f', {low} or more' if low is not None else ''}."


def _within(sentence: str) -> str:
    """A sentence as the second half of another."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _guess(said: str, known: Sequence[str]) -> str:
    begun = [name for name in known if len(said) > 3 and name.startswith(said)]
    near = begun[:1] or get_close_matches(said, known, n=1, cutoff=0.7)
    return f" Did you mean {near[0]}?" if near else ""
