"""Whether the success check was really run: what verifiers say of it, beside what they were seen to do."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from orchestra.brief.answers import Verdict
from orchestra.brief.answers.verifier import Ruling
from orchestra.crew.reply import Reply
from orchestra.workers.engines.files_read import shell_words
from orchestra.workers.task import CommandRun


def unproven(success_check: str, replies: Iterable[Reply[Any]]) -> Iterator[str]:
    """A sentence for each verifier whose word on the success check is not borne out by the commands it ran."""
    wanted = commands_in(success_check)
    for reply in replies:
        if not wanted or not isinstance(reply.value, Verdict) or reply.result is None:
            continue
        ran = [(_squeezed(shell_words(run.command)), run) for run in reply.result.commands]
        for command in wanted:
            ends = [(script == command, run) for script, run in ran if command in script]
            if not ends:
                yield (
                    f"{reply.label} was not seen to run the success check `{command}`; what it says of it rests on its "
                    "word alone."
                )
            elif reply.value.verdict is Ruling.PASS and (code := _failed([run for alone, run in ends if alone])):
                yield f"{reply.label} says pass, and was seen to end `{command}` with exit {code}."
            elif reply.value.verdict is Ruling.PASS and all(run.tested_nothing for _, run in ends):
                yield f"{reply.label} says pass, and `{command}` ran no tests: what it printed says so."


def commands_in(success_check: str) -> tuple[str, ...]:
    """What of a success check can be run: its lines, or what stands in backticks; of a condition in words, nothing."""
    if marked := re.findall(r"`([^`\n]+)`", success_check):
        return tuple(map(_squeezed, marked))
    lines = [
        _squeezed(line) for line in success_check.split("\n") if line.strip() and not line.lstrip().startswith("#")
    ]
    return () if any(_is_sentence(line) for line in lines) else tuple(lines)


def _failed(runs: list[CommandRun]) -> int | None:
    """How the last of them ended, if badly; a run that never completed shows nothing."""
    codes = [run.exit_code for run in runs if run.exit_code is not None]
    return codes[-1] if codes and codes[-1] else None


def _is_sentence(line: str) -> bool:
    """`All answers come within a second`: several words, the first with a capital and nothing a command has."""
    first, *more = line.split()
    return len(more) > 1 and bool(re.fullmatch(r"[A-Z][a-z']*", first))


def _squeezed(text: str) -> str:
    return " ".join(text.split())
