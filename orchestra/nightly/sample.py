"""A job to begin with: it runs as it is, and every other thing that can be said stands beside it as a comment."""

import contextlib
import os
import secrets
import tomllib
from pathlib import Path

from orchestra.errors import StateUnusable, UsageError
from orchestra.nightly.job import NAMED, jobs_of
from orchestra.project import PROJECT_FILE

_SAMPLE = """\
# A job: a run that is repeated, for example every night. All jobs: orchestra nightly. This one: orchestra nightly NAME
[jobs.NAME]
pattern = "review"            # `orchestra patterns` lists the others; whatever a pattern can be told can stand here
targets = ["TARGET"]          # files and folders, from the folder this file lies in
# include = ["*.py"]          # only files that match
# exclude = ["vendor/"]       # no files that match
# lenses = "correctness,risk" # without it they follow from the target; `orchestra lenses` lists them
# context = ".orchestra/context.toml"   # what workers cannot infer; `orchestra context init` writes one

# Settings of its own: they win over those above and in the environment, and the command line wins over them.
# model = "MODEL"
# effort = "high"
# at_once = 8
# max_tokens = 2_000_000      # of one night of this job; a `max_tokens` outside of the job is for all jobs of a night
# deadlines = { wall = 1800 }

# The gate: which findings make `orchestra nightly` end with 1.
fail_on = "new:high"          # only what the run before did not have; `high`: everything open; `never`
# min_support = 2             # so many workers must have said it
# verify_gate = true          # somebody first tries to refute what could fail the gate

# What comes out. A name alone: into the run's folder. With a path: there, and {job}, {run} and {date} stand for them.
formats = ["html"]
# formats = { html = "reports/{job}-{date}.html", sarif = "reports/{job}.sarif" }
# site = false                # do not make .orchestra/site/ anew
# on_end = ["notify", "{job} is over", "{report}"]   # no shell; the path of report.json also comes on its stdin
# on_end_within = "2m"        # so long each of them may take

# What is asked again, and what is kept.
# fresh = true                # take no answer of an earlier run
max_reuse_age = "30d"         # ask again for what is older, a part of it every night
keep = { nights = 30, bytes = "2GB" }   # the newest complete run, and what a decision refers to, always stay
"""


def append(project: Path, name: str) -> Path:
    """Write it behind what stands in the project's settings; what is there stays as it is, byte by byte."""
    if not NAMED.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a job.", next_step="Letters, digits, dashes: at most 64.")
    for job in jobs_of(project):
        if job.name == name:
            raise UsageError(
                f"There is a job {name!r} already.", where=job.where, next_step=f"Run it: orchestra nightly {name}"
            )
    file = project / PROJECT_FILE
    try:
        before = file.read_bytes().decode() if file.exists() else ""
        text = before + ("" if not before else "\n" if before.endswith("\n") else "\n\n") + _text(project, name)
        tomllib.loads(text)
        _replace(file, text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"A job cannot be written behind what stands there: {error}.",
            where=file,
            next_step="Write `jobs` as tables of their own: [jobs.NAME].",
        ) from error
    except OSError as error:
        raise StateUnusable(f"The job cannot be written: {error.strerror}.", where=file) from error
    return file


def _text(project: Path, name: str) -> str:
    target = "src" if any((project / "src").glob("**/*.*")) else "."
    return _SAMPLE.replace("[jobs.NAME]", f"[jobs.{_key(name)}]").replace("NAME", name).replace("TARGET", target)


def _key(name: str) -> str:
    """A dot in a bare key would make two of it."""
    return f'"{name}"' if "." in name else name


def _replace(file: Path, text: str) -> None:
    real = file.resolve()  # behind a link lies what is meant
    temporary = real.with_name(f".{real.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        temporary.write_bytes(text.encode())
        if real.exists():
            temporary.chmod(real.stat().st_mode & 0o7777)
        temporary.replace(real)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
