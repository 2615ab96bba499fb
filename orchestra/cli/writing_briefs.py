"""Files for people to change: a template of their own, a Context Pack to fill in."""

import os
from pathlib import Path

from orchestra.brief import prompts
from orchestra.brief.context_file import blank
from orchestra.brief.repository import facts
from orchestra.cli.saying import say
from orchestra.crew.runs import state_folder
from orchestra.errors import StateUnusable, TargetInvalid, UsageError
from orchestra.settings import project_root, user_folder


def eject(said: str, for_user: bool) -> None:
    """Copy a built-in template to the project's or the user's own."""
    project = project_root(Path.cwd())
    template = prompts.named(said, project, built_in_only=True)
    if for_user:
        folder = user_folder()
        if folder is None:
            raise UsageError("There is no home to put it into: neither HOME nor XDG_CONFIG_HOME is set.")
    else:
        folder = state_folder(project)
    file = folder / "prompts" / template.kind / f"{template.name}.md"
    _write_new(file, template.text)
    say(f"written to {file}; from now on it is used instead of the built-in one")


def init(file: Path | None, targets: list[str]) -> None:
    """Write a Context Pack to fill in."""
    here = Path.cwd()
    project = project_root(here)
    if file is None:
        file = state_folder(project) / "context.toml"
    if file.suffix.lower() != ".toml":
        raise UsageError(f"The Context Pack that is written is TOML; {file.name!r} should end in .toml.")
    _write_new(file, blank(facts(project, [_inside(name, here, project) for name in targets]), _shown(file, here)))
    say(f"written to {_shown(file, here)}; fill it in, then: orchestra review TARGET --context {_shown(file, here)}")


def _write_new(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError("It is there already, and what stands in it is kept.", where=file) from error
    except OSError as error:
        raise StateUnusable(f"It cannot be written: {error.strerror}.", where=file) from error


def _inside(name: str, here: Path, project: Path) -> str:
    path = (here / name).resolve()
    if not path.is_relative_to(project.resolve()):
        raise TargetInvalid(f"The target {name!r} lies outside of {project.name}.", where=path)
    return path.relative_to(project.resolve()).as_posix()


def _shown(file: Path, here: Path) -> str:
    return os.path.relpath(file, here)
