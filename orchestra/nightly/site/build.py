"""Which pages there are: made from the reports of the kept runs, and only where what they tell has changed."""

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from orchestra.crew.run_folder import RunFolder
from orchestra.crew.runs import state_folder
from orchestra.crew.view import runs_of, survey
from orchestra.errors import OrchestraError, StateUnusable
from orchestra.nightly.job import jobs_of
from orchestra.nightly.site import pages
from orchestra.nightly.site.life import Line, Strand, lives
from orchestra.nightly.site.night import Belonging, Night, NoReport, belonging, night
from orchestra.nightly.site.shelf import Shelf, has_page, read
from orchestra.reports.gate import Gate
from orchestra.reports.saved import read_report
from orchestra.value import Value


class Short(Value):
    """What is kept of a night beside its page, and what both were made from."""

    made_from: str
    night: Night


def build(project: Path, out: Path | None = None, gates: Mapping[str, Gate] | None = None) -> Path:
    """Bring the project's pages up to date, and say where the first is. The same runs give the same bytes.

    `gates` are those of the jobs by name, the project's own without it: every night is judged by what its job asks now.
    """
    shelf = _shelf(project, out)
    shelf.open()
    site = _Site(project, shelf, _gates(project) if gates is None else gates)
    lines = site.lines()
    told = {id: strands for id, strands in lives(lines).items() if has_page(id)}
    kept = {shelf.index}
    for line in lines.values():
        for one in line:
            if isinstance(one, Night):
                kept |= {shelf.night(one.run), shelf.short(one.run)}
    site.tell_findings(told)
    kept |= {shelf.finding(id) for id in told}
    shelf.put(shelf.index, pages.index(project.resolve().name, lines, frozenset(told)))
    shelf.keep_only(kept)
    return shelf.index


class _Site:
    """One making of the site: what was read once is not read again."""

    def __init__(self, project: Path, shelf: Shelf, gates: Mapping[str, Gate]) -> None:
        self._name = project.resolve().name
        self._runs = {folder.id: folder for folder in runs_of(project)}
        self._shelf, self._gates = shelf, gates
        self._marks: dict[str, str] = {}
        self._known = lru_cache(maxsize=4)(lambda file: pages.Known(read_report(file)))  # one may be many megabytes

    def lines(self) -> dict[str | None, Line]:
        """The nights of every job by its name, then the runs that stand alone; oldest first."""
        found: dict[str | None, list[Night | NoReport]] = {}
        for folder in self._runs.values():
            one = self._night(folder)
            found.setdefault(one.line, []).append(one)
        return {name: found[name] for name in sorted(found, key=lambda name: (name is None, name))}

    def tell_findings(self, told: Mapping[str, tuple[Strand, ...]]) -> None:
        """A page for each, run by run, so that each report is read once or nearly so."""
        for id in sorted(told, key=lambda id: (told[id][0].source.run, id)):
            runs = [strand.source.run for strand in told[id]]
            words = (strand.model_dump_json() for strand in told[id])
            mark = _mark(pages.EDITION, self._name, *(self._marks[run] for run in runs), *words)
            file = self._shelf.finding(id)
            if pages.made_from(read(file)) != mark:
                known = [self._known(self._runs[run].report) for run in runs]
                self._shelf.put(file, pages.finding(self._name, id, told[id], known, mark))

    def _night(self, folder: RunFolder) -> Night | NoReport:
        place = belonging(folder)
        try:
            return self._read(folder, place, self._gates.get(place.job or ""))
        except FileNotFoundError:
            return NoReport(run=folder.id, line=place.line, why=_why_none(folder))
        except (OrchestraError, OSError, RecursionError) as error:
            why = error.what if isinstance(error, OrchestraError) else f"The report cannot be read: {error}"
            return NoReport(run=folder.id, line=place.line, why=why)

    def _read(self, folder: RunFolder, place: Belonging, gate: Gate | None) -> Night:
        """The short of a run, and its page beside it: as they lie there, or made anew."""
        asked = gate.model_dump_json() if gate else ""
        mark = _mark(
            pages.EDITION, self._name, place.model_dump_json(), asked, sha256(folder.report.read_bytes()).hexdigest()
        )
        self._marks[folder.id] = mark
        page, short = self._shelf.night(folder.id), self._shelf.short(folder.id)
        if (there := _short(read(short))) and there.made_from == mark and page.is_file():
            return there.night
        report = self._known(folder.report).report
        told = night(report, place, folder.id, gate)
        self._shelf.put(page, pages.report(self._name, report))
        made = Short(made_from=mark, night=told).model_dump(mode="json")
        self._shelf.put(short, json.dumps(made, indent=1) + "\n")  # last: what it says is there, is there
        return told


def _shelf(project: Path, out: Path | None) -> Shelf:
    """In the project's state folder only its owner reads; elsewhere it is for those who may read the folder."""
    if out is not None:
        return Shelf(out, mode=0o666)
    site = state_folder(project) / "site"
    if site.is_symlink():
        raise StateUnusable(
            "A symbolic link lies where the site belongs.",
            where=site,
            next_step="Move it away, or name another folder with --out.",
        )
    return Shelf(site)


def _gates(project: Path) -> Mapping[str, Gate]:
    """What the jobs ask now. Settings that cannot be read are told by whoever runs a job, not by a page."""
    try:
        return {job.name: job.gate() for job in jobs_of(project) if job.trouble is None}
    except OrchestraError:
        return {}


def _short(text: str) -> Short | None:
    try:
        return Short.model_validate_json(text) if text else None
    except ValidationError:
        return None


def _why_none(folder: RunFolder) -> str:
    seen = survey([folder])[0]
    return f"No report: {seen.status.state if seen.status else seen.problem}"


def _mark(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
