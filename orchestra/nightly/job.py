"""Jobs: runs somebody described in the settings, to be repeated. `[jobs.NAME]`, read, checked, and made ready."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orchestra.brief.target import Target
from orchestra.errors import OrchestraError, SettingsInvalid, UnknownName, UsageError
from orchestra.nightly.amounts import bytes_of, seconds_of
from orchestra.patterns import catalogue, inputs
from orchestra.patterns.catalogue import Pattern
from orchestra.reports.gate import Gate, gate
from orchestra.reports.renderers.catalogue import FORMATS
from orchestra.settings import JOBS, Count, Seconds, Settings, SettingsFile, project_files, unknown, validated
from orchestra.value import Value

PLACES = ("job", "run", "date")
"""What may stand in braces in the path of an output."""
NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
Command = Annotated[tuple[str, ...], Field(min_length=1)]
Above = Annotated[Seconds, Field(gt=0)]


def _several(said: Any) -> Any:
    return (said,) if isinstance(said, str) else said


def _commands(said: Any) -> Any:
    """One command, or several."""
    return (said,) if isinstance(said, list | tuple) and said and all(isinstance(word, str) for word in said) else said


def _outputs(said: Any) -> Any:
    """`["html"]`: in the run's folder; `{html = "public/nightly.html"}`: there."""
    named = {said: None} if isinstance(said, str) else dict.fromkeys(said) if isinstance(said, list) else said
    for form, place in named.items() if isinstance(named, Mapping) else ():
        if form not in FORMATS:
            raise ValueError(UnknownName("format", str(form), FORMATS).what)
        for name in _IN_BRACES.findall(place) if isinstance(place, str) else ():
            if name not in PLACES:
                raise ValueError(f"{{{name}}} in {place!r} stands for nothing; there are {{job}}, {{run}} and {{date}}")
    return named


def _read_by(reader: Any) -> BeforeValidator:
    """A text in people's words, by the function that reads it everywhere else."""

    def read(said: Any) -> Any:
        try:
            return reader(said) if isinstance(said, str) else said
        except OrchestraError as error:
            raise ValueError(" ".join(filter(None, (error.what, error.next_step)))) from error

    return BeforeValidator(read)


def _gate_word(said: str) -> str:
    gate(said)
    return said


class Keep(Value):
    """How much of a job's past stays; the newest complete run and what a decision refers to always do."""

    nights: Count | None = None
    """So many of its newest runs."""
    bytes: Annotated[Count | None, _read_by(bytes_of)] = None
    """On disk, all of its runs together; the oldest go first."""


class Terms(Value):
    """What a job says of itself, besides the inputs of its pattern and the settings it changes."""

    pattern: str = "review"
    targets: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    context: str | dict[str, Any] | None = None
    """A Context Pack: its file, or what stands in it."""
    fail_on: Annotated[str, _read_by(_gate_word)] = "never"
    min_support: Count = 1
    """Independent workers a finding needs to fail the gate."""
    verify_gate: bool = False
    """What could fail the gate is first tried to be refuted."""
    formats: Annotated[dict[str, str | None], BeforeValidator(_outputs)] = Field(default_factory=dict)
    """Format -> where the report goes; without a place, into the run's folder."""
    site: bool = True
    """The project's page is made anew after the night."""
    on_end: Annotated[tuple[Command, ...], BeforeValidator(_commands)] = ()
    """Commands that are told how it ended; no shell is between."""
    on_end_within: Annotated[Above, _read_by(seconds_of)] = 120.0
    """Seconds each of them may take: a webhook answers in one, a chat that is down in a minute."""
    keep: Keep = Keep()
    fresh: bool = False
    """Take no answer of an earlier run."""
    max_reuse_age: Annotated[Above | None, _read_by(seconds_of)] = None
    """An older answer is asked for again."""
    since: str | None = None
    """The run every night is compared with; without it, the newest complete one of the job."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of the project, as far as it can be understood without looking at its target."""

    name: str
    where: str
    """`orchestra.toml:12`."""
    terms: Terms = field(default_factory=Terms)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """What its pattern is given."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Settings it has of its own; they win over those of the files and of the environment."""
    trouble: OrchestraError | None = None
    """Why it cannot be run, where it cannot."""

    def gate(self, said: str | None = None) -> Gate:
        """What its report must not have; `said` on the command line wins."""
        return gate(said or self.terms.fail_on).model_copy(update={"min_support": self.terms.min_support})

    def given(self, project: Path, fail_on: str | None = None) -> dict[str, Any]:
        """What `prepare` is called with: inputs, settings, Context Pack; targets begin at the project."""
        said = {**self.inputs, **self.settings, "start": project}
        context = self.terms.context
        said["context"] = project / context if isinstance(context, str) else context
        if self.terms.verify_gate and (worst := self.gate(fail_on).worst):
            said["verify"] = str(worst)
        return said


def jobs_of(project: Path) -> list[Job]:
    """All jobs of the project, as they stand in the files; one that is wrong says so and hides no other."""
    found: dict[str, Job] = {}
    for source in project_files(project):
        table = source.said.get(JOBS, {})
        if not isinstance(table, dict):
            raise SettingsInvalid(f"jobs should be a table of jobs, not {table!r}", where=source.where([JOBS]))
        for name, said in table.items():
            found[name] = _job(name, said, source, project)
    return list(found.values())


def chosen(jobs: Sequence[Job], names: Sequence[str]) -> list[Job]:
    """The jobs that are named, each once, in the order they are named; all where none is."""
    known = {job.name: job for job in jobs}
    for name in names:
        if name not in known:
            raise UnknownName("job", name, known, next_step="`orchestra jobs` lists them.")
    if not jobs:
        raise UsageError("This project has no jobs.", next_step="`orchestra job init` writes one that runs as it is.")
    return [known[name] for name in dict.fromkeys(names)] if names else list(jobs)


def _job(name: str, said: Any, source: SettingsFile, project: Path) -> Job:
    where = source.where([JOBS, name])
    try:
        if not NAMED.fullmatch(name):
            raise SettingsInvalid(
                f"{name!r} is no name for a job.",
                where=where,
                next_step="Give it one of letters, digits, dots and dashes, at most 64.",
            )
        if not isinstance(said, dict):
            raise SettingsInvalid(f"{JOBS}.{name} should be a table, not {said!r}", where=where)
        return _understood(name, said, source, project)
    except OrchestraError as error:
        return Job(name, where, trouble=error)


def _understood(name: str, said: Mapping[str, Any], source: SettingsFile, project: Path) -> Job:
    def where(names: Sequence[str]) -> str:
        return source.where([JOBS, name, *names])

    path = f"{JOBS}.{name}."
    own = {key: value for key, value in said.items() if key in Terms.model_fields}
    terms = validated(Terms, own, where, path)
    pattern = _pattern(terms.pattern, where)
    named = [*inputs.types_of(pattern), *inputs.options_of(pattern)]
    # A pattern's own input wins over a setting of the same name, as on the command line.
    settings = {key: said[key] for key in Settings.model_fields if key in said and key not in named and key not in own}
    validated(Settings, settings, where, path)
    given = {key: value for key, value in said.items() if key not in own and key not in settings}
    for key in given:
        if key not in named:
            raise unknown(path + key, [*Terms.model_fields, *named, *Settings.model_fields], where([key]))
    _check(pattern, terms, given, where, path)
    _check_inputs(pattern, given, project, where, path)
    if terms.targets:
        given[_target_of(pattern) or ""] = list(terms.targets)
    return Job(name, source.where([JOBS, name]), terms, given, settings)


def _pattern(name: str, where: Any) -> Pattern:
    try:
        return catalogue.find(name)
    except OrchestraError as error:
        raise SettingsInvalid(error.what, where=where(["pattern"]), next_step=error.next_step) from error


def _check(pattern: Pattern, terms: Terms, given: Mapping[str, Any], where: Any, path: str) -> None:
    """What the pattern can be told without a look at the target."""
    target = _target_of(pattern)
    if terms.targets and (target is None or target in given):
        why = f"says {target!r} already" if target else f"runs {pattern.name!r}, which has no target"
        raise SettingsInvalid(f"{path}targets: the job {why}", where=where(["targets"]))
    if terms.verify_gate and "verify" not in inputs.types_of(pattern):
        raise SettingsInvalid(f"{path}verify_gate: {pattern.name!r} has no verifiers", where=where(["verify_gate"]))
    if terms.verify_gate and "verify" in given:
        raise SettingsInvalid(f"{path}verify_gate: the job says 'verify' already", where=where(["verify_gate"]))
    if terms.verify_gate and terms.fail_on == "never":
        raise SettingsInvalid(f"{path}verify_gate: there is no gate; say fail_on", where=where(["verify_gate"]))


def _check_inputs(pattern: Pattern, given: Mapping[str, Any], project: Path, where: Any, path: str) -> None:
    for name, value in given.items():
        try:
            inputs.check(pattern, name, value, project)
        except OrchestraError as error:
            raise SettingsInvalid(f"{path}{name}: {error.what}", where=where([name])) from error


def _target_of(pattern: Pattern) -> str | None:
    types = inputs.types_of(pattern)
    return next((name for name, wanted in types.items() if inputs.bare(wanted) is Target), None)
