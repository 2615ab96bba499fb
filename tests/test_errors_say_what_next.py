"""Every error raised on purpose says what to do next, and a command it names can be copied."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from orchestra import errors
from tests.cli.test_help import EVERY

HOUSE = Path(errors.__file__).parent
TELLS_ITSELF = {"UnknownName", "EngineMissing", "EngineTooOld", "PromptTooLong", "NestedRun"}
"""Kinds that know their next step by what they are made from."""
OF_PROGRAMS = {"NoAnswer", "BudgetReached", "Interrupted"}
"""What ends a pattern from within; the run's report says how to go on."""
BY_THE_COMMAND = "UsageError"
"""Where it says neither where nor what next, the command line names its own help."""


def raised() -> Iterator[tuple[str, str, ast.Call]]:
    """Where, which kind, and the call."""
    for file in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                kind = getattr(errors, node.exc.func.id, None)
                if isinstance(kind, type) and issubclass(kind, errors.OrchestraError):
                    yield f"{file.relative_to(HOUSE)}:{node.lineno}", node.exc.func.id, node.exc


RAISED = list(raised())


def test_each_says_what_to_do_next() -> None:
    assert len(RAISED) > 200
    silent = []
    for where, kind, call in RAISED:
        said = {keyword.arg for keyword in call.keywords}
        falls_back = kind == BY_THE_COMMAND and "where" not in said
        if not ("next_step" in said or getattr(errors, kind).usual_next_step or falls_back):
            silent.append((where, kind))
    assert [one for one in silent if one[1] not in TELLS_ITSELF | OF_PROGRAMS] == []


def test_what_others_say_gets_its_full_stop_and_a_command_keeps_its_end() -> None:
    error = errors.UsageError("git says no", next_step="Say `git init`")
    assert (error.what, error.next_step) == ("git says no.", "Say `git init`.")
    assert errors.UnknownName("lens", "rsk", ["risk"]).next_step == "Name one of these."
    assert errors.UnknownName("lens", "rsk", []).next_step is None
    assert errors.UnknownName("lens", "x", [], within="in this report").what.startswith(
        "There is no lens 'x' in this report."
    )


def test_a_command_it_names_stands_in_backticks() -> None:
    """Then it is never broken at the edge of a terminal, and ends where it ends."""
    commands = "|".join(re.escape(ctx.info_name) for ctx in EVERY[1:])
    bare = re.compile(
        rf"\borchestra (?:{commands})\b|\bcodex login\b|\bgit (?:branch|commit|init|rm|stash|update-index)\b"
    )
    for where, _, call in RAISED:
        for keyword in call.keywords:
            if keyword.arg == "next_step":
                texts = [one.value for one in ast.walk(keyword.value) if isinstance(one, ast.Constant)]
                outside = "".join("".join(text for text in texts if isinstance(text, str)).split("`")[::2])
                assert not bare.search(outside), (where, outside)
