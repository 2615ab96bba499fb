"""`json`: the report itself, as programs read it."""

from orchestra.reports.renderers.json_text import harmless
from orchestra.reports.report import Report


def render(report: Report) -> str:
    """The report with its `schema_version`."""
    return harmless(report.model_dump_json(indent=2)) + "\n"
