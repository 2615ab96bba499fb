"""The formats there are. A further one is a file and a line here."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from orchestra.errors import UnknownName

if TYPE_CHECKING:  # the command line lists the formats before it needs a report, and pydantic takes its time
    from orchestra.reports.report import Report

FORMATS = {
    "terminal": "terminal",
    "markdown": "markdown",
    "json": "json",
    "html": "html",
    "sarif": "sarif",
    "github": "github",
    "rdjsonl": "rdjsonl",
    "junit": "junit",
    "gitlab": "gitlab",
    "csv": "csv",
}
"""Name -> module beside this file, with a pure function `render(report) -> str`."""


def renderer(name: str) -> "Callable[[Report], str]":
    """The function that makes this format out of any saved report."""
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    render: Callable[[Report], str] = import_module(f"orchestra.reports.renderers.{FORMATS[name]}").render
    return render
