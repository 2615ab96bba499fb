"""Where a night's report goes: the formats a job asks for, the project's page, and the commands that are told."""

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from orchestra.crew import runs
from orchestra.crew.run_folder import RunFolder
from orchestra.nightly.job import Job
from orchestra.nightly.tale import JobEnd
from orchestra.reports.renderers.catalogue import renderer
from orchestra.reports.report import Report

LOOKED_AT_EVERY = 0.1
ENDINGS = {"markdown": "md", "junit": "xml", "terminal": "txt", "github": "github.txt", "gitlab": "gitlab.json"}
"""What the file of a format is called in the run's folder, where that is not its own name."""
LAST_WORDS = 200
"""Characters of a failing command's last line that are repeated."""
REMEMBERED = 1_000_000
"""Bytes of what a command says that are held in memory: one that never stops talking must not fill it."""


class Teller(Protocol):
    """Whoever started the night."""

    @property
    def stops(self) -> int:
        """How often somebody asked for the end."""


def after(project: Path, job: Job, end: JobEnd, report: Report | None, teller: Teller) -> JobEnd:
    """Hand the report out, and tell what could not be done; what the run found stays as it is.

    An output that was asked for and is not there is an exit code of 3, as for a report that could not be printed.
    """
    problems: list[str] = []
    written: dict[str, Path] = {}
    folder = RunFolder(runs.runs_folder(project) / end.run) if end.run else None
    if report is not None and folder is not None:
        for form, place in job.terms.formats.items():
            file = _place(project, folder, job, form, place)
            try:
                _put(report, form, file, private=place is None)  # as all of a run's own files
                written[form] = file
            except Exception as error:  # whatever a format stumbles over: the others, and the run, are kept
                problems.append(f"{form} could not be written to {_shown(file, project)}: {_words(error)}")
    best = written.get("html") or next(iter(written.values()), None) or (folder.report if report and folder else None)
    end = end.model_copy(update={"report": _shown(best, project) if best else ""})
    if job.terms.site and end.run:
        problems += _rebuilt(project)
    end = _with(end, problems)
    for command in job.terms.on_end:
        problem = _told(
            command, job.terms.on_end_within, project, end, folder.report if report and folder else None, teller
        )
        end = _with(end, [problem] if problem else [])
    if report is not None and folder is not None:
        with contextlib.suppress(OSError):
            folder.untold.unlink(missing_ok=True)
    return end


def _with(end: JobEnd, problems: list[str]) -> JobEnd:
    code = 3 if problems and end.exit_code not in (130, 2) else end.exit_code
    return end.model_copy(update={"problems": (*end.problems, *problems), "exit_code": code})


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _place(project: Path, folder: RunFolder, job: Job, form: str, place: str | None) -> Path:
    if place is None:
        return folder.path / f"report.{ENDINGS.get(form, form)}"
    for name, value in (("job", job.name), ("run", folder.id), ("date", f"{datetime.now(UTC):%Y-%m-%d}")):
        place = place.replace(f"{{{name}}}", value)
    return project / place


def _put(report: Report, form: str, file: Path, *, private: bool) -> None:
    """The whole file or the one that was there before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.name == "report.json" and file.exists() and form == "json":
        return  # the run's own
    real = file.resolve()  # behind a link lies what is meant
    temporary = real.with_name(f".{real.name}.{os.getpid()}.{secrets.token_hex(3)}")
    try:
        temporary.write_text(renderer(form)(report), encoding="utf-8", errors="replace")
        if private:
            temporary.chmod(0o600)
        temporary.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _shown(file: Path, project: Path) -> str:
    return str(file.relative_to(project)) if file.is_relative_to(project) else str(file)


def _rebuilt(project: Path) -> Iterator[str]:
    """The project's page; a page that cannot be made is no reason to lose a night."""
    from orchestra.nightly.site import build  # it loads what makes pages, and not every job wants one

    try:
        build(project)
    except Exception as error:
        yield f"the site could not be made: {_words(error)}"


def _words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or getattr(error, "what", None) or f"{type(error).__name__}: {error}")


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(
    command: tuple[str, ...], within: float, project: Path, end: JobEnd, report: Path | None, teller: Teller
) -> str:
    """Start one, give it the path of the report on its stdin, wait; what went wrong, if anything did.

    It sees the whole environment: it is the team's own, and a webhook needs its token. `{report}` among its words is
    the path, too. A second request to end the night ends it.
    """
    path = str(report) if report else ""
    words = [word.replace("{report}", path) for word in command]
    facts = {"JOB": end.job, "RUN": end.run or "", "STATE": end.state, "EXIT": str(end.exit_code), "REPORT": path}
    facts |= {"NEW": str(end.changes.new) if end.changes else "", "OPEN": str(end.open), "WHY": end.why}
    environment = {**os.environ, **{f"ORCHESTRA_{name}": value for name, value in facts.items()}}
    name = f"on_end {words[0]}"
    try:
        with _open_output() as output:
            child = subprocess.Popen(
                words,
                cwd=project,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # ^C at the terminal ends the workers, not who is told of it
            )
            assert child.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(f"{path}\n".encode() if path else b"")
                child.stdin.close()
            cut = _waited(child, within, teller, output)
            said = _last_line(output)[:LAST_WORDS]
    except OSError as error:
        return f"{name}: {error.strerror or error}"
    if cut:
        return f"{name}: {cut}"
    return f"{name} ended with {child.returncode}{f': {said}' if said else ''}" if child.returncode else ""


def _open_output() -> IO[bytes]:
    """In memory: a full disk must not keep the team from hearing of it."""
    return os.fdopen(os.memfd_create("on_end"), "w+b")


def _last_line(output: IO[bytes]) -> str:
    output.seek(-min(REMEMBERED, output.seek(0, os.SEEK_END)), os.SEEK_END)
    said = output.read().decode("utf-8", "replace").replace("\0", "")  # where something was forgotten
    return said.strip().rpartition("\n")[2]


def _waited(child: "subprocess.Popen[bytes]", within: float, teller: Teller, output: IO[bytes]) -> str:
    """Wait for its end; why it was ended, where it was."""
    forgotten = 0
    until = time.monotonic() + within
    while child.poll() is None:
        if time.monotonic() > until or teller.stops > 1:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return "ended with the night" if teller.stops > 1 else f"took longer than {within:g} s and was ended"
        size = os.fstat(output.fileno()).st_size
        if size > forgotten + REMEMBERED:
            output.truncate(0)  # it goes on writing behind the hole
            forgotten = size
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(LOOKED_AT_EVERY)
    return ""
