"""Saved reports: read again as they were written, also by a later orchestra."""

import json
from pathlib import Path

from pydantic import ValidationError

from orchestra.errors import StateUnusable, UsageError
from orchestra.misread import sentence
from orchestra.reports.report import SCHEMA_VERSION, Report

_OTHERWISE = "Name a run, or the report.json of one."


def read_report(file: Path) -> Report:
    """The report in a file that `--format json` or a run wrote."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StateUnusable(
            f"The report cannot be read: {error.strerror or error}.",
            where=file,
            next_step="Mend its permissions, or name another report.",
        ) from error
    except ValueError as error:
        raise UsageError("The file holds no report: it is not JSON.", where=file, next_step=_OTHERWISE) from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if not isinstance(version, int):
        raise UsageError("The file holds no report: it has no schema_version.", where=file, next_step=_OTHERWISE)
    if version > SCHEMA_VERSION:
        raise StateUnusable(
            f"The report was written by a newer orchestra (schema {version}, this one knows up to {SCHEMA_VERSION}).",
            where=file,
            next_step="Update orchestra to read it.",
        )
    try:
        return Report.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"The file holds no report: {sentence(place, first)}", where=file, next_step=_OTHERWISE
        ) from error
