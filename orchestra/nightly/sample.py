"""A job to begin with: it runs as it is, and every other thing that can be said stands beside it as a comment."""

import contextlib
import json
import os
import re
import secrets
import tomllib
from pathlib import Path

from orchestra.errors import StateUnusable, UsageError
from orchestra.nightly.job import NAMED, jobs_of
from orchestra.project import PROJECT_FILE

_SETTINGS = """\
# How orchestra works in this project. Take the `# ` away and a line holds; it stands there as a default or an example.
# The command line wins over ORCHESTRA_* in the environment, that over this file, this over ~/.config/orchestra.

# model = "MODEL"             # the workers' model; without it, codex's own
# effort = "high"             # how hard it thinks
# at_once = 4                 # workers at one time
# max_tokens = 2_000_000      # of a run: no worker is started that would probably go over this
# deadlines = { wall = 1800 } # seconds a worker may take; without it, by its role
# environment = ["JAVA_HOME"] # further variables that workers may see
# codex = "/usr/bin/codex"    # without it, the one in PATH and then the one pip installed

"""
_SAMPLE = """\
# A job: a run that is repeated, perhaps every night. All jobs: orchestra nightly. This one: orchestra nightly NAME
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
fail_on = "new:high"          # new:high: only what the run before did not have; high: everything open; never
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


def begin(project: Path, target: str, fail_on: str, context: str) -> Path:
    """Write the project's first settings, with a job `nightly` if it has no job; never over a file that is there."""
    file = project / PROJECT_FILE
    text = _SETTINGS
    if not jobs_of(project):
        text += _text("nightly", target, fail_on, context)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(
            f"{file.name} is there already, and what stands in it is kept.", where=file, next_step="Mend that one."
        ) from error
    except OSError as error:
        raise StateUnusable(
            f"The settings cannot be written: {error.strerror}.",
            where=file,
            next_step="Make room, mend the permissions, or start orchestra where you may write.",
        ) from error
    return file


def usual_target(project: Path) -> str:
    """What a job of this project looks at if nobody says it."""
    return "src" if any((project / "src").glob("**/*.*")) else "."


def append(project: Path, name: str) -> Path:
    """Write it behind what stands in the project's settings; what is there stays as it is, byte by byte."""
    if not NAMED.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name for a job.", next_step="Give it one of letters, digits, dots and dashes, at most 64."
        )
    for job in jobs_of(project):
        if job.name == name:
            raise UsageError(
                f"There is a job {name!r} already.", where=job.where, next_step=f"Run it: `orchestra nightly {name}`."
            )
    file = project / PROJECT_FILE
    try:
        before = file.read_bytes().decode() if file.exists() else ""
        text = (
            before
            + ("" if not before else "\n" if before.endswith("\n") else "\n\n")
            + _text(name, usual_target(project))
        )
        tomllib.loads(text.removeprefix("\ufeff"))
        _replace(file, text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            "A job cannot be written behind what stands there: `jobs` is said in another way.",
            where=file,
            next_step="Write `jobs` as tables of their own: [jobs.NAME].",
        ) from error
    except OSError as error:
        raise StateUnusable(
            f"The job cannot be written: {error.strerror}.",
            where=file,
            next_step="Make room, mend the permissions, or start orchestra where you may write.",
        ) from error
    return file


def _text(name: str, target: str, fail_on: str = "new:high", context: str | None = None) -> str:
    text = _SAMPLE.replace("[jobs.NAME]", f"[jobs.{_key(name)}]").replace("NAME", name)
    text = _said(text, 'targets = ["TARGET"]', f"targets = [{_quoted(target)}]")
    text = _said(text, 'fail_on = "new:high"', f"fail_on = {_quoted(fail_on)}")
    if context is not None:
        text = _said(text, '# context = ".orchestra/context.toml"', f"context = {_quoted(context)}")
    return text


def _said(text: str, before: str, now: str) -> str:
    """Another value in a line, its comment where it was."""
    return re.sub(
        rf"^({re.escape(before)} *)(?=#)", lambda found: f"{now:<{len(found[1]) - 1}} ", text, flags=re.MULTILINE
    )


def _quoted(text: str) -> str:
    """The text as TOML has it; JSON's strings are such."""
    return json.dumps(text, ensure_ascii=False)


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
