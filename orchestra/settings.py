"""Settings, and where each value came from.

Later sources win: built in, the user's config file, the project's `orchestra.toml` (or `[tool.orchestra]` in its
`pyproject.toml`), `ORCHESTRA_*` in the environment, the command line.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError

from orchestra.errors import SettingsInvalid
from orchestra.misread import sentence
from orchestra.project import PROJECT_FILE as PROJECT_FILE
from orchestra.project import STATE_FOLDER as STATE_FOLDER
from orchestra.project import project_root as project_root
from orchestra.project import user_folder as user_folder
from orchestra.value import Value

M = TypeVar("M", bound=BaseModel)

BUILT_IN, GIVEN = "built in", "command line"
USER_FILE = "config.toml"
JOBS = "jobs"
"""The table of runs to be repeated: it stands among the settings of a project and is none of them."""
# What pydantic calls them means nothing to the reader of a TOML file.
_NAME = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_HEAD_OR_KEY = re.compile(
    rf"\s*(?P<head>\[\[?)?\s*(?P<names>(?:{_NAME.pattern})(?:\s*\.\s*(?:{_NAME.pattern}))*)\s*[\]=]"
)
_PREFIX = "ORCHESTRA_"
# Variables of orchestra's own that are not settings.
_NOT_SETTINGS = {"ORCHESTRA_WORKER", "ORCHESTRA_COMPLETE", "ORCHESTRA_DEBUG", "ORCHESTRA_REHEARSAL_KEY"}
_IN_FILES_ONLY = {"engines", "deadlines", "codex_config"}
"""Tables: a variable cannot say them."""


def _no_yes_or_no(value: object) -> object:
    """Python counts true as 1, and a TOML file that says so means something else."""
    if isinstance(value, bool):
        raise ValueError(f"Should be a number, not {str(value).lower()}")  # noqa: TRY004  # pydantic tells this one
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Not empty: `--model "$MODEL"` without a MODEL is a mistake, and must not quietly become another model."""
Count = Annotated[int, Field(ge=1), BeforeValidator(_no_yes_or_no)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False), BeforeValidator(_no_yes_or_no)]


class DeadlineSettings(Value):
    """Seconds; a value that is not set is left to the role."""

    start: Seconds | None = None
    idle: Seconds | None = None
    wall: Seconds | None = None
    linger: Seconds | None = None


class Settings(Value):
    """What can be set, in a file, in the environment or on the command line, under the same names."""

    engine: Text = "codex"
    """Who does the work: `codex`, `command:PROGRAM ARGS`, or a name of `[engines]`."""
    engines: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Programs by name: `ruff = ["ruff", "check", "."]`."""
    codex: Path | None = None
    """The codex binary; without it PATH and then the wheel are searched."""
    model: Text | None = None
    effort: Text | None = None
    """How hard the model thinks: low, medium, high, ..."""
    sandbox: Literal["danger-full-access"] | None = None
    """Run workers without codex's sandbox, on machines where it cannot work and that are sandboxes themselves."""
    at_once: Count = 4
    """Workers at one time."""
    max_tokens: Count | None = None
    """No worker is started that would probably go over this."""
    longest_wait: Seconds = 3600.0
    """Seconds for which a run waits where a rate limit says when it will be over; a longer one ends the worker."""
    deadlines: DeadlineSettings = DeadlineSettings()
    environment: tuple[str, ...] = ()
    """Names of further variables a worker may see."""
    mcp_servers: tuple[str, ...] = ()
    """MCP servers of the user's codex configuration that stay switched on for workers."""
    codex_config: dict[str, str] = Field(default_factory=dict)
    """Further `-c KEY=VALUE` for codex."""


class Sourced(Value):
    """Settings with the origin of every value that is not built in."""

    values: Settings
    origins: dict[str, str] = Field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Where a value came from: `at_once` -> `orchestra.toml`."""
        return self.origins.get(name, BUILT_IN)


def load(project: Path, given: Mapping[str, Any] | None = None, environment: Mapping[str, str] = os.environ) -> Sourced:
    """Put all sources together. `given` are the values of the command line or the call; None means not given."""
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in _layers(project, given or {}, environment):
        for name, value in layer.items():
            both_tables = isinstance(value, dict) and isinstance(merged.get(name), dict)
            merged[name] = {**merged[name], **value} if both_tables else value
            origins[name] = origin
    together = " and ".join(sorted(set(origins.values()) - {BUILT_IN}))
    return Sourced(values=validated(Settings, merged, lambda names: together), origins=origins)


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A file of settings as it was read, which knows the line of everything it says."""

    file: Path
    text: str
    table: tuple[str, ...]
    """Where in the file the settings stand."""
    said: Mapping[str, Any]

    def where(self, names: Sequence[str] = ()) -> str:
        """`orchestra.toml:12`: the line that comes nearest to what these names lead to."""
        return f"{self.file}:{line_of([*self.table, *names], self.text)}"


def project_files(project: Path) -> list[SettingsFile]:
    """The project's own settings files that are there; the later wins."""
    return _files([(project / "pyproject.toml", ("tool", "orchestra")), (project / PROJECT_FILE, ())])


def validated(model: type[M], said: Mapping[str, Any], where: Callable[[Sequence[str]], str], path: str = "") -> M:
    """The values as the model reads them; a mistake is told with the place `where` knows and the nearest name.

    `path` is said before the name of what is wrong: `jobs.nightly.`.
    """
    try:
        return model.model_validate(dict(said))
    except ValidationError as error:
        # A name that is not known comes first: it may be the reason of all others.
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        problem = problems[0]
        names = [str(part) for part in problem["loc"]]
        if problem["type"] == "extra_forbidden":
            raise unknown(f"{path}{'.'.join(names)}", _names_of(model), where(names)) from error
        raise SettingsInvalid(sentence(f"{path}{'.'.join(names)}", problem), where=where(names)) from error


def unknown(name: str, known: Iterable[str], where: str) -> SettingsInvalid:
    """A name nothing in a settings file has, and the nearest that something has."""
    there = sorted({*known})
    near = get_close_matches(name.split(".")[-1], there, n=1)
    more = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(there)}."
    return SettingsInvalid(f"There is no setting {name!r}. {more}", where=where)


def ignored_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each `ORCHESTRA_*` that nothing reads: misspelt, perhaps. No error: it may be somebody else's."""
    known = [_PREFIX + name.upper() for name in Settings.model_fields if name not in _IN_FILES_ONLY]
    told = []
    for variable in sorted(environment):
        if not variable.startswith(_PREFIX) or variable in known or variable in _NOT_SETTINGS:
            continue
        name = variable.removeprefix(_PREFIX).lower()
        if name in _IN_FILES_ONLY:
            told.append(f"{variable} is not read: a table is set in {PROJECT_FILE}, under [{name}].")
        else:
            near = get_close_matches(variable, known, n=1)
            told.append(f"{variable} is no setting and is not read." + (f" Did you mean {near[0]}?" if near else ""))
    return told


def _layers(
    project: Path, given: Mapping[str, Any], environment: Mapping[str, str]
) -> list[tuple[str, dict[str, Any]]]:
    user = user_folder(environment)
    files = [*(_files([(user / USER_FILE, ())]) if user else ()), *project_files(project)]
    layers = []
    for source in files:
        own = {name: value for name, value in source.said.items() if name != JOBS or source.file.parent == user}
        validated(Settings, own, source.where)
        layers.append((str(source.file), own))
    layers += _from_environment(environment)
    said = {name: value for name, value in given.items() if value is not None}
    validated(Settings, said, lambda names: GIVEN)
    layers.append((GIVEN, said))
    return layers


def _files(places: Sequence[tuple[Path, tuple[str, ...]]]) -> list[SettingsFile]:
    return [found for file, table in places if (found := _read(file, table))]


def _read(file: Path, table: tuple[str, ...]) -> SettingsFile | None:
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors begin with a mark
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "they are not UTF-8 text"
        step = None
        if isinstance(error, PermissionError):
            step = "Make it readable."
            if file.name == USER_FILE:  # sudo keeps a HOME
                step = "Make it readable, or set HOME or XDG_CONFIG_HOME to a folder of your own."
        raise SettingsInvalid(f"The settings cannot be read: {why}.", where=file, next_step=step) from error
    try:
        data: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = re.search(r"at line (\d+)", str(error))
        where = f"{file}:{said[1]}" if said else file
        raise SettingsInvalid(f"The settings are not TOML: {error}.", where=where) from error
    for depth, name in enumerate(table, 1):
        data = data.get(name, {})
        if not isinstance(data, dict):
            where = f"{file}:{line_of(table[:depth], text)}"
            raise SettingsInvalid(f"{'.'.join(table[:depth])} should be a table, not {data!r}.", where=where)
    return SettingsFile(file, text, table, data)


def _from_environment(environment: Mapping[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """Each variable is an origin of its own."""
    found: list[tuple[str, dict[str, Any]]] = []
    for variable, value in environment.items():
        name = variable.removeprefix(_PREFIX).lower()
        ours = variable.startswith(_PREFIX) and variable not in _NOT_SETTINGS
        if not ours or name not in Settings.model_fields or name in _IN_FILES_ONLY or not value:
            continue
        said = {name: value.split(",") if name in ("environment", "mcp_servers") else value}
        validated(Settings, said, lambda names: variable)  # noqa: B023  # called at once, if at all
        found.append((variable, said))
    return found


def _names_of(model: type[BaseModel]) -> list[str]:
    """The names of its fields, and of theirs where they are tables."""
    inner = [field.annotation for field in model.model_fields.values()]
    tables = [part for part in inner if isinstance(part, type) and issubclass(part, BaseModel)]
    return [*model.model_fields, *(name for part in tables for name in part.model_fields)]


def line_of(path: Sequence[str], text: str) -> int:
    """The line that comes nearest to a setting: its own, that of the list it is in, the head of its table."""
    table: list[str] = []
    nearest, depth = 1, 0
    for number, line in enumerate(text.split("\n"), 1):
        said = _HEAD_OR_KEY.match(line)
        if said is None:
            continue
        names = [name.strip("\"'") for name in _NAME.findall(said["names"])]
        table = names if said["head"] else table
        here = names if said["head"] else [*table, *names]
        if len(here) > depth and here == list(path[: len(here)]):
            nearest, depth = number, len(here)
    return nearest
