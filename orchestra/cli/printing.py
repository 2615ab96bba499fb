"""Reports on the screen and in files."""

import contextlib
import os
import secrets
import sys
from pathlib import Path

from orchestra.cli.saying import say
from orchestra.errors import StateUnusable, UsageError
from orchestra.reports.first_lines import rendered_as
from orchestra.reports.gate import Gate
from orchestra.reports.plain import plain
from orchestra.reports.report import Report

READ_IN_A_BROWSER = {"html"}
USUAL_WIDTH = 100
"""Columns of a report that goes where no terminal is: into a file, through a pipe."""


def print_report(report: Report, form: str, out: Path | None, gate: Gate) -> None:
    """Render a report to stdout or into a file; on stderr, what the gate says about it."""
    from orchestra.reports.renderers.catalogue import renderer

    if form == "terminal":
        from orchestra.reports.renderers.terminal import render

        put(render(report, width=width(out), colour=colour(out)), out)
    else:
        put(renderer(form)(report), out, data=True)
        if form in READ_IN_A_BROWSER and out is None and sys.stdout.isatty():
            say(f"A browser wants it in a file: {rendered_as(report, form)}")
    for sentence in gate.judge(report).sentences:
        say(plain(sentence))


def put(text: str, out: Path | None, *, data: bool = False) -> None:
    """Text on stdout or whole into a file. `data` is UTF-8 everywhere, whatever the terminal speaks."""
    if out is not None:
        write(text, out)
        say(f"written to {plain(str(out))}")
        return
    sys.stdout.flush()
    encoding = "utf-8" if data else sys.stdout.encoding or "utf-8"
    sys.stdout.buffer.write(text.encode(encoding, errors="replace"))
    sys.stdout.buffer.flush()


def check_out(out: Path | None) -> None:
    """Refuse a file that could not be written, before anything is started or spent for it."""
    if out is None:
        return
    try:
        is_folder, is_device, real = out.is_dir(), out.exists() and not out.is_file(), out.resolve()
    except (OSError, RuntimeError) as error:  # a name that is too long, a link that leads to itself
        why = getattr(error, "strerror", None) or "it is a link that leads to itself"
        raise UsageError(f"--out names no file: {why}.", where=out, next_step="Name another.") from error
    if is_folder:
        raise UsageError("--out is a folder; a report is one file.", where=out, next_step="Name a file in it.")
    if not real.parent.is_dir():
        raise UsageError("The folder of --out is not there.", where=real.parent, next_step="Make it first.")
    if not is_device and not os.access(real.parent, os.W_OK):
        raise UsageError("The folder of --out cannot be written to.", where=real.parent, next_step="Name another.")


def write(text: str, out: Path) -> None:
    """The whole file or none of it; a pipe or a device is written as it is."""
    check_out(out)
    try:
        if out.exists() and not out.is_file():
            out.write_text(text, encoding="utf-8", errors="replace")
            return
        real = out.resolve()  # behind a link lies what is meant
        temporary = real.with_name(f".{real.name}.{os.getpid()}.{secrets.token_hex(3)}")
        try:
            temporary.write_text(text, encoding="utf-8", errors="replace")
            temporary.replace(real)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
    except OSError as error:
        raise StateUnusable(
            f"The report could not be written: {error.strerror or error}.",
            where=out,
            next_step="Write it elsewhere with --out; what a run found it keeps: `orchestra report last --out FILE`.",
        ) from error


def width(out: Path | None = None) -> int:
    """Columns of the terminal a person sits at, also when a pager stands between."""
    if out is not None:
        return USUAL_WIDTH
    if said := os.environ.get("COLUMNS", ""):
        with contextlib.suppress(ValueError):
            return max(int(said), 20)
    for stream in (1, 2, 0):
        with contextlib.suppress(OSError):
            if columns := os.get_terminal_size(stream).columns:
                return columns
    return USUAL_WIDTH


def colour(out: Path | None = None) -> bool:
    """A terminal that wants colour reads this, or somebody asks for it to go through a pager."""
    if out is not None or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
