"""Commands that set up: whether a run could work here, and what workers are told."""

from pathlib import Path
from typing import Annotated

import typer

from orchestra.cli import completing, options

GROUP = "Set up"

prompts = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="List, show and copy what workers are told.\n\nExample: orchestra prompts list",
)
context = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Write a Context Pack: what workers cannot infer.\n\nExample: orchestra context init",
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A template: reviewer, security, or with its kind, lenses/security.",
        autocompletion=completing.templates,
        show_default=False,
    ),
]


def add_to(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command(rich_help_panel=GROUP)(init)
    app.command(rich_help_panel=GROUP)(doctor)
    app.command(rich_help_panel=GROUP)(lenses)
    app.add_typer(prompts, name="prompts", rich_help_panel=GROUP)
    app.add_typer(context, name="context", rich_help_panel=GROUP)


def init(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take what the project seems to want.")] = False,
) -> None:
    """Write settings, a nightly job and a Context Pack to begin with.

    Into orchestra.toml and .orchestra/context.toml, from what stands in the project and three questions; without a
    terminal none is asked. A file that is there stays as it is.

    Example: orchestra init
    """
    from orchestra.cli.first_files import write_first_files

    write_first_files(yes)


def doctor(codex: options.Codex = None, json: options.Json = False) -> None:
    """Say whether a run could work here, and what to do if not.

    Exit 3 if a run could not work.

    Example: orchestra doctor
    """
    from orchestra.cli.checkup import checkup_and_print

    raise typer.Exit(checkup_and_print(codex, json))


def lenses(
    json: options.Json = False,
    text: Annotated[bool, typer.Option("--text", help="Show what each reviewer is told, too.")] = False,
) -> None:
    """List the lenses a reviewer can look through.

    Your own go into .orchestra/prompts/lenses/NAME.md.

    Example: orchestra lenses
    """
    from orchestra.cli.briefs import print_lenses

    print_lenses(json, text)


@prompts.command("list")
def list_prompts(json: options.Json = False) -> None:
    """List the templates, and whose each is.

    The project's win over yours, yours over the built-in ones.

    Example: orchestra prompts list
    """
    from orchestra.cli.briefs import print_templates

    print_templates(json)


@prompts.command("show")
def show_prompt(name: Name) -> None:
    """Print the template that is used here.

    Example: orchestra prompts show reviewer
    """
    from orchestra.cli.briefs import print_template

    print_template(name)


@prompts.command("eject")
def eject_prompt(
    name: Name,
    user: Annotated[bool, typer.Option("--user", help="For all your projects, not for this one.")] = False,
) -> None:
    """Copy a built-in template to where you can change it.

    That is .orchestra/prompts/; from then on it is used instead of the built-in one.

    Example: orchestra prompts eject lenses/security
    """
    from orchestra.cli.briefs import eject

    eject(name, user)


@context.command("init")
def init_context(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to.", show_default=".orchestra/context.toml")
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="Whose history to repeat; can be said again.")
    ] = None,
) -> None:
    """Write a Context Pack to fill in.

    With what the repository says of itself as comments. A run is told of it: --context .orchestra/context.toml

    Example: orchestra context init
    """
    from orchestra.cli.briefs import init

    init(file, target or [])
