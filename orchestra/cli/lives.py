"""`orchestra history`: every finding the kept reports know, and one of them run by run."""

from orchestra.cli.printing import colour, put, width
from orchestra.cli.saying import print_json, say
from orchestra.cli.which import here
from orchestra.crew.kept import kept_reports
from orchestra.errors import UnknownName, UsageError
from orchestra.reports.first_lines import counted_as
from orchestra.reports.lives import Kept, every_life, life_of
from orchestra.reports.renderers import lives_text


def tell_every_life(job: str | None, as_json: bool) -> None:
    """Some lines for each."""
    kept = _kept(job)
    lives = every_life(kept)
    if as_json:
        told = [life.model_dump(mode="json") for life in lives]
        print_json({"job": job, "runs": [one.report.run for one in kept], "findings": told})
        return
    put(lives_text.every_life(lives, width=width(), colour=colour()), None)
    say(f"{counted_as(len(lives), 'finding')} in {counted_as(len(kept), 'kept report')}")


def tell_one_life(finding: str, job: str | None, as_json: bool) -> None:
    """Each run that knows it, oldest first."""
    kept = _kept(job)
    nights = life_of(finding, kept)
    if not nights:
        known = [life.id for life in every_life(kept)]
        raise UnknownName("finding", finding, known, next_step="`orchestra history` lists them.")
    if as_json:
        print_json({"finding": finding, "nights": [night.model_dump(mode="json") for night in nights]})
        return
    put(lives_text.one_life(finding, nights, width=width(), colour=colour()), None)


def _kept(job: str | None) -> list[Kept]:
    kept = list(kept_reports(here(), job))
    if not kept:
        of = f" of the job {job!r}" if job else ""
        raise UsageError(f"There is no report{of} here yet.", next_step="`orchestra runs` lists the runs there are.")
    return kept
