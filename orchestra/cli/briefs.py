"""What workers are told, listed and shown, and copied to where people change it."""

import json
import os
from pathlib import Path

from orchestra.brief import prompts
from orchestra.brief.context_file import blank
from orchestra.brief.lenses import all_lenses
from orchestra.brief.repository import facts
from orchestra.cli.saying import say, tell
from orchestra.crew.runs import state_folder
from orchestra.errors import StateUnusable, TargetInvalid, UsageError
from orchestra.reports.plain import plain
from orchestra.settings import project_root, user_folder


def print_lenses(as_json: bool, with_text: bool) -> None:
    """Every lens with its meaning."""
    found = all_lenses(project_root(Path.cwd()))
    if as_json:
        told = {"schema_version": 1, "lenses": [lens.model_dump(mode="json") for lens in found]}
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    width = max(len(lens.name) for lens in found)
    for lens in found:
        tell(plain(f"{lens.name:<{width}}  {lens.meaning}"), width + 2)
        if with_text:
            print("\n".join(f"    {plain(line)}" for line in lens.body.split("\n")) + "\n")


def print_templates(as_json: bool) -> None:
    """Every template, and whose it is; one that another wins over says so."""
    found = prompts.everything(project_root(Path.cwd()))
    winners = {(template.kind, template.name): template for template in reversed(found)}
    if as_json:
        told = [{**template.model_dump(mode="json"), "used": template in winners.values()} for template in found]
        print(json.dumps({"schema_version": 1, "templates": told}, indent=2, ensure_ascii=False))
        return
    width = max(len(f"{template.kind}/{template.name}") for template in found)
    for template in found:
        won = "" if template in winners.values() else "  not used: another one wins"
        where = f"  {template.file}" if template.origin != "built in" else ""
        print(plain(f"{f'{template.kind}/{template.name}':<{width}}  {template.origin:<8}{where}{won}".rstrip()))


def print_template(said: str) -> None:
    """The text of the template that is used here."""
    template = prompts.named(said, project_root(Path.cwd()))
    say(f"{template.kind}/{template.name}, {template.origin}: {template.file}")
    print(plain(template.text, lines=True), end="")


def eject(said: str, for_user: bool) -> None:
    """Copy a built-in template to the project's or the user's own."""
    project = project_root(Path.cwd())
    template = prompts.named(said, project, built_in_only=True)
    if for_user:
        folder = user_folder()
        if folder is None:
            raise UsageError(
                "There is no home to put it into: neither HOME nor XDG_CONFIG_HOME is set.",
                next_step="Without --user it is for this project.",
            )
    else:
        folder = state_folder(project)
    file = folder / "prompts" / template.kind / f"{template.name}.md"
    write_new(file, template.text, otherwise="Change that one, or remove it first.")
    say(f"written to {file}; from now on it is used instead of the built-in one")


def init(file: Path | None, targets: list[str]) -> None:
    """Write a Context Pack to fill in."""
    here = Path.cwd()
    project = project_root(here)
    if file is None:
        file = state_folder(project) / "context.toml"
    if file.suffix.lower() != ".toml":
        raise UsageError(
            f"The Context Pack that is written is TOML; {file.name!r} should end in .toml.",
            next_step=f"Name it {Path(file.name).with_suffix('.toml')}.",
        )
    write_new(file, blank(facts(project, [_inside(name, here, project) for name in targets]), shown(file, here)))
    say(f"written to {shown(file, here)}; fill it in, then: `orchestra review TARGET --context {shown(file, here)}`")


def write_new(file: Path, text: str, otherwise: str = "Fill in that one, or name another file.") -> None:
    """Write a file that is not there yet; one that is stays as it is, and `otherwise` says what to do with it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        if not file.parent.is_dir():
            raise UsageError(
                f"{file.parent.name} should be a folder, and is a file.",
                where=file.parent,
                next_step="Move it away, or name another place.",
            ) from error
        raise UsageError(
            f"{file.name} is there already, and what stands in it is kept.", where=file, next_step=otherwise
        ) from error
    except OSError as error:
        raise StateUnusable(
            f"{file.name} cannot be written: {error.strerror}.",
            where=file,
            next_step="Make room, mend the permissions, or start orchestra where you may write.",
        ) from error


def _inside(name: str, here: Path, project: Path) -> str:
    path = (here / name).resolve()
    if not path.exists():
        raise TargetInvalid(f"The target {name!r} does not exist.", where=path, next_step="Name one that is there.")
    if not path.is_relative_to(project.resolve()):
        raise TargetInvalid(
            f"The target {name!r} lies outside of {project.name}.", where=path, next_step="Name one in it."
        )
    return path.relative_to(project.resolve()).as_posix()


def shown(file: Path, here: Path) -> str:
    """The file as it is named from where somebody stands."""
    return os.path.relpath(file, here)
