"""`orchestra history`: every finding the kept reports know, and one of them run by run."""

from orchestra.cli.run_words import coloured, width
from orchestra.cli.saying import print_json, say
from orchestra.cli.which import here
from orchestra.crew.kept import kept_reports
from orchestra.errors import UnknownName, UsageError
from orchestra.reports.first_lines import counted_as, listed
from orchestra.reports.lives import ALONE, GONE, NOT_SEEN, Kept, Night, OneLife, every_life, life_of
from orchestra.reports.plain import one_line, plain
from orchestra.reports.renderers.terminal import COLOURS

STATES = {"new": "bold", "back": "bold", "reopened": "bold", NOT_SEEN: "yellow", GONE: "green", ALONE: "dim"}


def tell_every_life(job: str | None, as_json: bool) -> None:
    """A line or two for each."""
    kept = _kept(job)
    lives = every_life(kept)
    if as_json:
        told = [life.model_dump(mode="json") for life in lives]
        print_json({"job": job, "runs": [one.report.run for one in kept], "findings": told})
        return
    several = len({life.job for life in lives}) > 1
    for life in lives:
        _print_life(life, several)
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
    print(plain(f"{finding}  {one_line(nights[-1].title, width())}"))
    for night in nights:
        _print_night(night)


def _kept(job: str | None) -> list[Kept]:
    kept = list(kept_reports(here(), job))
    if not kept:
        of = f" of the job {job!r}" if job else ""
        raise UsageError(f"There is no report{of} here yet.", next_step="`orchestra runs` lists the runs there are.")
    return kept


def _print_life(life: OneLife, several: bool) -> None:
    decided = f" {life.standing}" if life.standing and life.standing.is_decided else ""
    state = coloured(f"{life.state + decided:<20}", STATES.get(life.state, ""))
    severity = coloured(f"{life.severity.upper():<8}", COLOURS[life.severity])
    room = max(width() - 40, 30)
    print(f"{plain(f'{life.id:<7}')}  {severity}  {state}  {plain(one_line(life.title, room))}")
    since = f"{life.first_seen_at:%Y-%m-%d}" if life.first_seen_at else life.first_seen
    facts = [life.place, f"since {since}", f"seen in {counted_as(life.runs_seen, 'run')}"]
    facts += [f"job {life.job}"] if several and life.job else []
    facts += [life.why] if life.why else []
    print(coloured(plain(f"{'':9}{'  '.join(filter(None, map(one_line, facts)))}"), "dim"))


def _print_night(night: Night) -> None:
    standing = f", {night.standing}" if night.standing and night.standing.value != "open" else ""
    state = coloured(f"{night.state}{standing}", STATES.get(night.state, ""))
    severity = coloured(night.severity.upper(), COLOURS[night.severity])
    print(f"\n{night.at:%Y-%m-%d %H:%M}  {plain(night.run)}  {severity}  {state}")
    told = [
        ("", night.why),
        ("at ", listed(night.places, 4)),
        ("said by ", listed(night.said_by)),
        ("", night.decision),
    ]
    for before, text in told:
        if text:
            print(plain(f"    {before}{one_line(text, 300)}"))
