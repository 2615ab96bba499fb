"""Find and fill prompt templates.

A template or lens of the project (`.orchestra/prompts/`) wins over the user's, and the user's over the built-in one.
"""

from functools import cache
from pathlib import Path
from typing import Any

from orchestra.errors import TemplateBroken, UnknownName
from orchestra.settings import STATE_FOLDER, user_folder
from orchestra.value import Value


class Prompt(Value):
    """A role's template and what fills it; rendered by the crew, which knows whose templates win."""

    template: str
    variables: dict[str, Any]


def render(prompt: Prompt | str, project: Path, context: str = "") -> str:
    """What a worker is told: the preamble, the Context Pack of the run, its own task. Same input, same bytes.

    What all workers of a run share stands first, so that providers can cache it.
    """
    preamble = (built_in() / "preamble.md").read_text(encoding="utf-8").strip()
    if isinstance(prompt, str):
        task = f"TASK: {prompt.strip()}"
    else:
        task = fill(find("roles", prompt.template, project), prompt.variables).strip()
    return "\n\n".join(part for part in (preamble, context.strip(), task) if part) + "\n"


@cache
def built_in() -> Path:
    """The folder of the prompts that come with orchestra: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "prompts", package.parent / "prompts"):
        if (folder / "roles").is_dir():
            return folder
    raise TemplateBroken("The prompts that belong to orchestra are not there; the installation is damaged.")


def places(project: Path) -> list[Path]:
    """Where prompts are looked for, the first that has one wins."""
    user = user_folder()
    return [project / STATE_FOLDER / "prompts", *([user / "prompts"] if user else []), built_in()]


def names(kind: str, project: Path) -> list[str]:
    """All names of a kind (`lenses`, `roles`) in all places."""
    return sorted({file.stem for place in places(project) for file in (place / kind).glob("*.md")})


def find(kind: str, name: str, project: Path) -> Path:
    """The file of a prompt; an unknown name lists what exists and where to add one."""
    known = names(kind, project)
    if name in known:
        return next(file for place in places(project) if (file := place / kind / f"{name}.md").is_file())
    singular = {"lenses": "lens", "roles": "role"}[kind]
    raise UnknownName(
        singular, name, known, next_step=f"Add one of your own as {STATE_FOLDER}/prompts/{kind}/{name}.md."
    )


def fill(template: Path, variables: dict[str, Any]) -> str:
    """Render a template. A variable that is missing, or given and never used, is an error that names both."""
    import jinja2
    import jinja2.meta

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    source = template.read_text(encoding="utf-8")
    try:
        wanted = jinja2.meta.find_undeclared_variables(environment.parse(source))
        missing, unused = sorted(wanted - set(variables)), sorted(set(variables) - wanted)
        if missing or unused:
            problems = [f"it uses {name!r}, which is not given" for name in missing]
            problems += [f"{name!r} is given and it never uses it" for name in unused]
            raise TemplateBroken(f"The template does not fit: {'; '.join(problems)}.", where=template)
        return environment.from_string(source).render(variables)
    except jinja2.TemplateError as error:
        line = getattr(error, "lineno", None)
        raise TemplateBroken(
            f"The template cannot be rendered: {error}", where=f"{template}:{line}" if line else template
        ) from error
