"""Find and fill prompt templates.

A template or lens of the project (`.orchestra/prompts/`) wins over the user's, and the user's over the built-in one.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from orchestra.brief.data import fenced
from orchestra.errors import TemplateBroken, UnknownName, UsageError
from orchestra.project import refuse_closed
from orchestra.settings import STATE_FOLDER, user_folder
from orchestra.value import Value

if TYPE_CHECKING:
    from jinja2 import Template as Compiled

KINDS = {"roles": "role", "lenses": "lens"}
"""The folders of templates, and what one of them is called."""


class Prompt(Value):
    """A role's template and what fills it; rendered by the crew, which knows whose templates win."""

    template: str
    variables: dict[str, Any]


class Template(Value):
    """A template that is there, and whose it is."""

    kind: Literal["roles", "lenses"]
    name: str
    origin: Literal["project", "user", "built in"]
    file: Path

    @property
    def text(self) -> str:
        """What stands in it, with line ends of one kind."""
        if self.origin == "project" and self.file.is_symlink():
            raise TemplateBroken("A template of the project is a file, not a link to somewhere else.", where=self.file)
        try:
            return self.file.read_text(encoding="utf-8").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise TemplateBroken(f"The template cannot be read: {why}.", where=self.file) from error


def render(prompt: Prompt | str, project: Path, context: str = "") -> str:
    """What a worker is told: the preamble, the Context Pack of the run, its own task. Same input, same bytes.

    What all workers of a run share stands first, so that providers can cache it.
    """
    preamble = (built_in() / "preamble.md").read_text(encoding="utf-8").strip()
    if isinstance(prompt, str):
        task = f"TASK: {prompt.strip()}"
    else:
        task = fill(find("roles", prompt.template, project), prompt.variables).strip()
    told = "\n\n".join(part for part in (preamble, context.strip(), task) if part) + "\n"
    return told.encode("utf-8", "replace").decode("utf-8")  # halves of surrogate pairs cannot be written to a file


# ── where they are ───────────────────────────────────────────────────────────────────────────────────────────────────


@cache
def built_in() -> Path:
    """The folder of the prompts that come with orchestra: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "prompts", package.parent / "prompts"):
        if (folder / "roles").is_dir():
            return folder
    raise TemplateBroken(
        "The prompts that belong to orchestra are not there; the installation is damaged.",
        next_step="Install orchestra anew.",
    )


def places(project: Path) -> dict[Literal["project", "user", "built in"], Path]:
    """Where prompts are looked for; the first that has one wins."""
    user, mine = user_folder(), project / STATE_FOLDER / "prompts"
    for folder in (mine.parent, mine):
        refuse_closed(folder)
    own: dict[Literal["project", "user", "built in"], Path] = {"project": mine}
    return {**own, **({"user": user / "prompts"} if user else {}), "built in": built_in()}


def everything(project: Path) -> tuple[Template, ...]:
    """The templates that win, and the ones they win over, by kind and name, the winner first."""
    found = [template for kind in ("roles", "lenses") for template in _all(kind, project)]
    return tuple(sorted(found, key=lambda template: (template.kind, template.name)))  # stable: places keep their order


def names(kind: Literal["roles", "lenses"], project: Path) -> list[str]:
    """All names of a kind in all places."""
    return sorted({template.name for template in _all(kind, project)})


def find(kind: Literal["roles", "lenses"], name: str, project: Path) -> Template:
    """The template that wins; an unknown name lists what exists and where to add one."""
    if name == Path(name).name:  # a name, not a way out of the folder
        for origin, place in places(project).items():
            if (file := place / kind / f"{name}.md").is_file():
                return Template(kind=kind, name=name, origin=origin, file=file)
    raise UnknownName(
        KINDS[kind],
        name,
        names(kind, project),
        next_step="Name one of these, or add one of your own as "
        f"{STATE_FOLDER}/prompts/{kind}/{name.strip('/') or 'NAME'}.md.",
    )


def named(said: str, project: Path, *, built_in_only: bool = False) -> Template:
    """The template a person means: `lenses/security`, or `security` where that is only one."""
    known = [template for template in everything(project) if not built_in_only or template.origin == "built in"]
    found = {f"{template.kind}/{template.name}": template for template in reversed(known)}
    meant = [template for name, template in sorted(found.items()) if said in (name, template.name)]
    if len(meant) > 1:
        raise UsageError(
            f"{said!r} is two templates: {' and '.join(f'{one.kind}/{one.name}' for one in meant)}.",
            next_step="Say one of these.",
        )
    if not meant:
        raise UnknownName(
            "template",
            said,
            found,
            next_step="`orchestra prompts list` says what each is for.",
            besides=[name for _, _, name in (one.rpartition("/") for one in found)],
        )
    return meant[0]


def _all(kind: Literal["roles", "lenses"], project: Path) -> Iterator[Template]:
    for origin, place in places(project).items():
        for file in sorted((place / kind).glob("*.md")):
            yield Template(kind=kind, name=file.stem, origin=origin, file=file)


# ── filling them ─────────────────────────────────────────────────────────────────────────────────────────────────────


def fill(template: Template | Path, variables: dict[str, Any]) -> str:
    """Render a template. A variable that is missing, or given and never used, is an error that names both."""
    file = template if isinstance(template, Path) else template.file
    source = file.read_text(encoding="utf-8") if isinstance(template, Path) else template.text
    try:
        compiled, wanted = _compiled(source)
        misfit = _misfit(wanted, variables)
        text = "" if misfit else compiled.render(variables)
    except Exception as error:  # an expression in a template can raise whatever Python can
        line = _line(error)
        raise TemplateBroken(
            f"The template {file.stem!r} cannot be rendered: {error}", where=f"{file}:{line}" if line else file
        ) from error
    if misfit:
        raise TemplateBroken(f"The template {file.stem!r} does not fit: {misfit}", where=file)
    return text


def _misfit(wanted: frozenset[str], given: dict[str, Any]) -> str:
    """What a template uses and is not given, and the other way round; empty if it fits."""
    missing = ", ".join(map(repr, sorted(wanted - set(given))))
    unused = ", ".join(map(repr, sorted(set(given) - wanted)))
    problems = [f"it uses {missing}, which is not given"] if missing else []
    problems += [f"it never uses {unused}, and all that is given has to be used"] if unused else []
    return f"{'; '.join(problems)}. Given are: {', '.join(sorted(given)) or 'none'}." if problems else ""


@lru_cache(maxsize=64)
def _compiled(source: str) -> "tuple[Compiled, frozenset[str]]":
    """A template, and the variables it uses. Templates come from checkouts: they get at nothing but what is given."""
    import jinja2
    from jinja2 import meta
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.DictLoader({}),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["fenced"] = fenced
    wanted = frozenset(meta.find_undeclared_variables(environment.parse(source)))
    return environment.from_string(source), wanted - frozenset(environment.globals)


def _line(error: Exception) -> int | None:
    """Where in the template it broke: jinja says so itself, or its traceback does."""
    line, trace = getattr(error, "lineno", None), error.__traceback__
    while trace and line is None:
        if re.fullmatch(r"<template>|<unknown>", trace.tb_frame.f_code.co_filename):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
