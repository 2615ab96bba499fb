"""Reports on the screen and in files."""

import os
import shutil
import sys
from pathlib import Path

from orchestra.reports.gate import Gate
from orchestra.reports.report import Report


def print_report(report: Report, form: str, out: Path | None, gate: Gate) -> None:
    """Render a report to stdout or into a file, and say which findings failed the gate."""
    from orchestra.reports.renderers.catalogue import renderer

    if form == "terminal":
        from orchestra.reports.renderers.terminal import render

        colour = out is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        text = render(report, width=shutil.get_terminal_size((100, 24)).columns, colour=colour)
    else:
        text = renderer(form)(report)
    if out is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        out.write_text(text, encoding="utf-8")
        print(f"written to {out}", file=sys.stderr)
    if named := gate.names(report):
        ids = ", ".join(finding.id for finding in named[:10])
        print(f"gate: {len(named)} of {len(report.open)} open findings fail it: {ids}", file=sys.stderr)
