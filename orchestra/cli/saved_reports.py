"""Reports that are there already: rendered again, and compared."""

from pathlib import Path

from orchestra.cli.printing import check_out, colour, print_report, put, width
from orchestra.cli.which import here
from orchestra.crew import view
from orchestra.errors import UsageError
from orchestra.reports.difference import difference
from orchestra.reports.gate import exit_code, gate
from orchestra.reports.of_messages import report_of_messages
from orchestra.reports.renderers import difference_text
from orchestra.reports.renderers.catalogue import renderer
from orchestra.reports.report import Report
from orchestra.reports.selection import selected


def report_again(
    run: str, form: str, out: Path | None, fail_on: str | None, min_confidence: float | None, lens: str | None
) -> int:
    """Render a saved report, or a part of it; the exit status is the gate's where one was asked for."""
    failing = gate(fail_on or "never")
    renderer(form)
    check_out(out)
    lenses = [name.strip() for name in (lens or "").split(",") if name.strip()]
    report = selected(read(run), min_confidence=min_confidence, lenses=lenses)
    failing.judge(report)  # refuses before anything is printed
    print_report(report, form, out, failing)
    return 0 if fail_on is None else exit_code(report, failing)


def compare(run_a: str, run_b: str, as_json: bool, out: Path | None) -> None:
    """Print what changed from the first to the second."""
    check_out(out)
    told = difference(read(run_a), read(run_b))
    if as_json:
        put(difference_text.json(told), out, data=True)
    else:
        put(difference_text.terminal(told, width=width(out), colour=colour(out)), out)


def merge_messages(files: list[Path], root: Path, form: str, out: Path | None, fail_on: str | None) -> int:
    """Print one curated report of messages that lie in files; the exit status is the gate's where one was asked for."""
    failing = gate(fail_on or "never", history=False)
    renderer(form)
    check_out(out)
    if root.is_file():
        raise UsageError(
            "--root is a file; it is the folder the messages' paths are relative to.",
            where=root,
            next_step="Name that folder, or leave --root out: then it is the one you are in.",
        )
    messages: dict[Path, str] = {}
    for file in files:
        if any(file.stem == other.stem for other in messages):
            raise UsageError(
                f"Two messages are called {file.stem!r}; a file's name is its worker.",
                where=file,
                next_step="Give one of them another name.",
            )
        try:
            messages[file] = file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise UsageError(
                f"The message cannot be read: {error.strerror}.",
                next_step="Name files with reviewers' messages.",
                where=file,
            ) from error
    report = report_of_messages(messages, root.resolve())
    failing.judge(report)
    print_report(report, form, out, failing)
    return 0 if fail_on is None else exit_code(report, failing)


def read(said: str) -> Report:
    """The report of a run of this project, or the one in a file somebody names."""
    return view.saved_report(here(), said)
