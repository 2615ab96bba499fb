"""What a job would do to a change, as words of the command line: a forge judges a pull request with them.

They are written down when the schedule is made, because a change must not say itself how it is judged.
"""

from collections.abc import Callable, Mapping
from typing import Any

from orchestra.errors import UsageError
from orchestra.nightly.job import Job
from orchestra.nightly.schedules.schedule import printable

Words = list[str]


def _each(option: str) -> Callable[[Any], Words]:
    return lambda said: [word for one in ([said] if isinstance(said, str) else said) for word in (option, str(one))]


def _flag(option: str) -> Callable[[Any], Words]:
    return lambda said: [option] if said else []


def _listed(option: str) -> Callable[[Any], Words]:
    return lambda said: [option, said if isinstance(said, str) else ",".join(map(str, said))]


_OPTIONS: Mapping[str, Callable[[Any], Words]] = {
    "lenses": _listed("--lenses"),
    "verify": lambda said: [f"--verify={said}"],
    "curate": _flag("--curate"),
    "include": _each("--include"),
    "exclude": _each("--exclude"),
    "engine": _each("--engine"),
    "model": _each("--model"),
    "effort": _each("--effort"),
    "at_once": lambda said: ["--at-once", str(said)],
    "max_tokens": lambda said: ["--max-tokens", str(said)],
}
"""What a job can say of a review, and how the command line says it."""
_OF_THE_CHANGE = ("base", "target", "targets")
"""Said otherwise: what is compared is the change itself."""


def review_words(job: Job) -> tuple[str, ...]:
    """`review src --lenses risk --fail-on high`, for the change at hand; what cannot be said so is refused."""
    if job.trouble is not None:
        raise job.trouble
    if job.terms.pattern != "review":
        raise UsageError(
            f"The job {job.name} is a {job.terms.pattern}, and a change is judged by a review.",
            where=job.where,
            next_step="Name a job whose pattern is review.",
        )
    said = {name: value for name, value in {**job.inputs, **job.settings}.items() if name not in _OF_THE_CHANGE}
    unsaid = [name for name in said if name not in _OPTIONS]
    unsaid += ["min_support"] if job.terms.min_support > 1 else []
    unsaid += ["context"] if isinstance(job.terms.context, Mapping) else []
    if unsaid:
        raise UsageError(
            f"The job {job.name} says {unsaid[0]!r}, which no option of `orchestra review` says.",
            where=job.where,
            next_step="Let it stand at the top of the settings, a Context Pack in a file; or describe another job.",
        )
    words = ["review", *(job.terms.targets or job.inputs.get("target") or (".",))]
    for name, value in said.items():
        words += _OPTIONS[name](value)
    if job.terms.verify_gate and (worst := job.gate().worst):
        words.append(f"--verify={worst}")
    if isinstance(job.terms.context, str):
        words += ["--context", job.terms.context]
    if job.terms.fail_on != "never":
        words += ["--fail-on", job.terms.fail_on.removeprefix("new:")]  # of a change everything is new
    return tuple(printable(word, f"The job {job.name}") for word in words)
