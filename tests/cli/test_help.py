"""The help reads like one text by one author, and what cannot be understood is told with the nearest that can."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from orchestra.brief.angles import ANGLES
from orchestra.brief.stances import CRITERIA
from orchestra.cli.app import command_line
from orchestra.cli.help_page import GROUPS, examples, in_pieces
from orchestra.cli.only_meant import COMMANDS
from orchestra.cli.saying import folded
from tests.cli.house import House, without_signs

ROOT: Any = typer.main.get_command(command_line())
LONGEST = 64  # what is left of 80 columns beside the names


@pytest.mark.parametrize("file", COMMANDS)
def test_a_file_holds_the_commands_that_are_looked_for_in_it(file: str) -> None:
    assert tuple(typer.main.get_command(command_line([file])).commands) == COMMANDS[file]  # type: ignore[attr-defined]  # a group


def walk(command: Any, name: str, parent: Any = None) -> Iterator[Any]:
    """The context of every command that is shown, with its group's above it."""
    ctx = command.context_class(command, info_name=name, parent=parent)
    yield ctx
    for inner, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from walk(below, inner, ctx)


EVERY = list(walk(ROOT, "orchestra"))
every_command = pytest.mark.parametrize("ctx", EVERY, ids=[ctx.command_path.replace(" ", "-") for ctx in EVERY])


@every_command
@pytest.mark.parametrize("columns", [60, 80])
def test_a_page_fits_the_terminal(ctx: Any, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    page = ctx.command.get_help(ctx)
    assert [line for line in page.split("\n") if len(line) > columns] == []
    assert "<" not in page, "a raw type"
    assert [line for line in page.split("\n") if line.count("`") % 2] == [], "a command that is broken at the edge"
    assert not re.search(r"--[\w-]+ \\\n", page), "an option without its value on its line"


@every_command
def test_the_first_line_is_one_line_of_the_overview(ctx: Any) -> None:
    first = ctx.command.help.strip().split("\n")[0]
    assert first.endswith(".")
    assert len(first) <= LONGEST or ctx.parent is None
    assert first in EVERY[0].command.get_help(EVERY[0]) or ctx.parent is not EVERY[0]


@every_command
def test_every_option_has_a_sentence_and_says_what_it_takes(ctx: Any) -> None:
    for parameter in ctx.command.params:
        assert parameter.help, parameter.name
        assert parameter.help.endswith("."), parameter.help
        assert parameter.help[0].isupper() or parameter.help[0] in "`-", parameter.help
        named = parameter.metavar or getattr(parameter, "is_flag", False)
        assert named, f"{parameter.name} does not say what it takes"


@every_command
def test_every_command_has_an_example_that_is_understood(ctx: Any) -> None:
    shown = examples(ctx.command.help)
    assert shown, ctx.command_path
    for example in shown:
        words = shlex.split(example)
        words = words[words.index("orchestra") + 1 :]
        command, above, name = ROOT, None, "orchestra"
        while hasattr(command, "commands"):
            above = command.make_context(name, words, parent=above)
            name, *words = [word for word in words if word != "--debug"]
            command = command.commands[name]
        command.make_context(name, words, parent=above)
        assert above is not None
        assert example.split("orchestra ", 1)[1].startswith(ctx.command_path.removeprefix("orchestra").strip())


def test_thirty_options_stand_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    [review] = [ctx for ctx in EVERY if ctx.command_path == "orchestra review"]
    page = review.command.get_help(review)
    assert [line[:-1] for line in page.split("\n") if line[:-1] in GROUPS] == list(GROUPS)
    assert page.index("What is looked at:") < page.index("--base COMMIT") < page.index("Who does it:")
    assert page.index("How it goes:") < page.index("Workers at one time. Default: 4.")


def test_what_holds_where_nothing_is_said_is_told_of_this_command(house: House) -> None:
    resumed = house.run("resume", "--help").stdout
    assert "Workers at one time. Default: as the run began." in " ".join(resumed.split())
    research, options = (" ".join(house.run(name, "--help").stdout.split()) for name in ("research", "options"))
    angles = research.split("From where to look; can be said again. Default: ")[1].split(".")[0].split("; ")
    assert len(angles) == len(ANGLES)
    assert all(told in angle for told, angle in zip(angles, ANGLES, strict=True))
    assert f"Default: {', '.join(one.split(':')[0] for one in CRITERIA)}." in options
    assert "; cost: effort to get there" in " ".join(house.run("run", "options", "--help").stdout.split())


@pytest.mark.parametrize("words", [("-h",), ("--help",), ("help",)])
def test_the_overview_has_a_line_for_each_command(house: House, words: tuple[str, ...]) -> None:
    house.environment["COLUMNS"] = "80"
    shown = house.run(*words).stdout.split("\n")
    for ctx in EVERY[1:]:
        if ctx.parent is EVERY[0]:
            assert [line for line in shown if line.split()[:1] == [ctx.info_name]], ctx.info_name


def test_help_for_a_command_in_three_ways(house: House) -> None:
    pages = {house.run(*words).stdout for words in [("wait", "-h"), ("wait", "--help"), ("help", "wait")]}
    assert len(pages) == 1
    assert "exit 124" in pages.pop()
    assert "What it is called" in house.run("help", "job", "init").stdout


@pytest.mark.parametrize(
    ("words", "what", "next_step"),
    [
        ("reviw src", "There is no command 'reviw'. Did you mean review?", "`orchestra --help` lists them all."),
        ("job shwo x", "There is no command 'shwo' of `orchestra job`. Did you mean show?", "`orchestra job --help`"),
        ("xyzzy", "There is no command 'xyzzy'.\n", "`orchestra --help`"),
        ("review --lense x", "`orchestra review` has no option --lense. Did you mean --lenses?", "`orchestra review "),
        ("review --at-onec 3 src", "Did you mean --at-once?", "`orchestra review --help`"),
        (
            "--lenses x review",
            "`orchestra` has no option --lenses.\n",
            "stands behind it: `orchestra COMMAND --lenses`",
        ),
        ("act", "GOAL is missing: what should be true in the end.", "`orchestra act --help`"),
        ("split src", "--task is missing: what is to be done for each section.", "`orchestra split --help`"),
        ("review --at-once 0 src", "--at-once should be a whole number, 1 or more.\n", "`orchestra review --help`"),
        ("review --at-once many src", "--at-once should be a whole number, 1 or more.\n", "`orchestra review --help`"),
        ("options x -n 9", "--count should be a whole number from 2 to 6.\n", "`orchestra options --help`"),
        ("report last --min-confidence x", "--min-confidence should be a number", "`orchestra report --help`"),
        ("review src --model", "--model lacks its value.\n", "`orchestra review --help`"),
        ("review src --rehearse=yes", "--rehearse takes no value.\n", "`orchestra review --help`"),
        ("schedule sytemd x", "'github', 'gitlab'. Did you mean systemd?\n", "`orchestra schedule --help`"),
        ("runs x", "Too much was said: x.\n", "`orchestra runs --help`"),
        ("review src --format jsn", "There is no format 'jsn'. Did you mean 'json'?", "Name one of these."),
        ("run reviw", "There is no pattern 'reviw'. Did you mean 'review'?", "`orchestra patterns`"),
        ("run reviw --help", "There is no pattern 'reviw'. Did you mean 'review'?", "`orchestra patterns`"),
        ("run review --targt src", "Did you mean '--target'?", "`orchestra run review --help`"),
        ("run review --lenses risk", "review needs 'target': no target was named.", "Name a file or a folder"),
        ("run split --target src", "split needs 'task'.", "`orchestra run split --help`"),
        (
            "run options --question x --count many",
            "'count' of options should be a whole number, not 'many'.",
            "--help`",
        ),
        ("ask x --scope all", "should be 'read', 'scratch' or 'write', not 'all'.", "`orchestra run ask --help`"),
        ("ask x --schema src/a.py", "The schema cannot be read: it is not JSON.", "Name a file with a JSON schema."),
        ("review src --include [z-a]", "'[z-a]' is no glob.", "Say for example '*.py' or 'tests/**'."),
        ("review srcc/a.py", "Did you mean 'src/a.py'?", "Name a file or a folder that is there"),
        ("review src --uncommitted --base HEAD", "only one can be said.", "Leave the others out."),
        ("prompts show secruity", "Did you mean 'security'?", "`orchestra prompts list`"),
        ("review src --model=", "model should say something; leave it out altogether for the default.\n", ""),
    ],
)
def test_what_is_not_understood_is_told_like_every_error(house: House, words: str, what: str, next_step: str) -> None:
    done = house.run(*words.split(), exit=2)
    assert done.stdout == ""
    assert done.stderr.startswith("orchestra: ")
    assert what in done.stderr
    assert next_step in done.stderr
    assert len(done.stderr.strip().split("\n")) <= 3
    assert not (house.project / ".orchestra").exists()


def test_an_error_is_folded_at_the_edge_of_a_terminal_and_nowhere_else(house: House, tmp_path: Path) -> None:
    words = ("review", "src", "--lenses", "rsk")
    whole = house.run(*words, exit=2).stderr
    assert max(map(len, whole.split("\n"))) > 60
    child = house.at_a_terminal(*words, columns=60)
    shown = without_signs(child.read()).strip().split("\n")
    assert max(map(len, shown)) <= 60
    assert " ".join(" ".join(shown).split()) == " ".join(whole.split())
    told = without_signs(house.at_a_terminal("runs", columns=40).read()).strip().split("\n")
    assert [line.strip() for line in told] == [
        "There are no runs here yet:",
        "`orchestra review . --rehearse` makes",
        "one.",
    ]


def test_a_command_to_copy_is_never_broken() -> None:
    line = "  next:  Say it again: `orchestra resume 20261120-101010-review-9f02 --max-tokens 2000000` and wait."
    pieces = list(folded(line, 40))
    assert "`orchestra resume 20261120-101010-review-9f02 --max-tokens 2000000`" in pieces, "from the left edge on"
    assert pieces[0] == "  next:  Say it again:"
    assert pieces[-1] == "         and wait."


def test_an_example_that_is_too_wide_is_one_command_for_a_shell() -> None:
    line = 'orchestra act "Add --json to the list command" --success-check "pytest -q" --at-once 3'
    pieces = list(in_pieces(line, 50))
    assert max(map(len, pieces)) <= 50
    script = "\n".join(pieces).replace("orchestra", "printf '%s\\n'", 1)
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert read.splitlines() == shlex.split(line)[1:]
