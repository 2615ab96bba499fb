"""The lives of findings and what was decided about them, for a person at a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from orchestra.reports.decisions import FindingDecision
from orchestra.reports.first_lines import counted_as, listed
from orchestra.reports.lives import ALONE, GONE, NOT_SEEN, Night, OneLife
from orchestra.reports.plain import no_command, one_line
from orchestra.reports.renderers.terminal import COLOURS, TITLE, drawn
from orchestra.reports.renderers.terminal_blocks import Page

STATES = {"new": "bold", "back": "bold", "reopened": "bold", NOT_SEEN: "yellow", GONE: "green", ALONE: "dim"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A decision, and why it holds no longer where it does not."""

    finding: str
    decision: FindingDecision
    lapsed: str = ""


def every_life(lives: Sequence[OneLife], *, width: int = 100, colour: bool = False) -> str:
    """Some lines for each: what it is and where, how it stands, since when it is known."""
    page = Page(width)
    jobs = len({life.job for life in lives}) > 1
    for life in lives:
        decided = f", {life.standing}" if life.standing and life.standing.is_decided else ""
        mark = Text.assemble((f"{life.id:<7} "), (f"{life.severity.upper():<8}  ", COLOURS[life.severity]))
        page.prose(Text(one_line(life.title, TITLE)), mark=mark, hang=8)
        since = f"since {life.first_seen_at:%Y-%m-%d}" if life.first_seen_at else f"since {life.first_seen}"
        state = Text(f"{life.state}{decided}", style=STATES.get(life.state, ""))
        state.append(f"  {since}, seen in {counted_as(life.runs_seen, 'run')}", style="dim")
        if life.why:
            state.append(f"; {one_line(life.why, TITLE)}", style="dim")
        page.prose(state, indent=8)
        page.facts(
            [
                one_line(fact, TITLE)
                for fact in (
                    life.place,
                    f"job {life.job}" if jobs and life.job else "",
                    "rehearsed" if life.rehearsed else "",
                )
                if fact
            ],
            indent=8,
        )
    return no_command(drawn(page.lines, width, colour)) if lives else ""


def one_life(finding: str, nights: Sequence[Night], *, width: int = 100, colour: bool = False) -> str:
    """A finding run by run, the oldest first."""
    page = Page(width)
    page.prose(Text(one_line(nights[-1].title, TITLE), style="bold"), mark=Text(f"{finding}  "))
    for night in nights:
        page.gap()
        standing = f", {night.standing}" if night.standing and night.standing.value != "open" else ""
        mark = Text.assemble(
            (f"{night.at:%Y-%m-%d %H:%M}  "), (f"{night.severity.upper():<8}  ", COLOURS[night.severity])
        )
        said = Text(f"{night.state}{standing}", style=STATES.get(night.state, ""))
        if night.why:
            said.append(f": {one_line(night.why, TITLE)}", style="")
        page.prose(said, mark=mark, hang=4)
        run = f"{night.run}, rehearsed" if night.rehearsed else night.run
        page.facts([run, *(one_line(place, TITLE) for place in night.places[:4])], indent=4)
        for before, text in (("said by ", listed(night.said_by)), ("", night.decision)):
            if text:
                page.prose(Text(f"{before}{one_line(text, TITLE)}", style="dim"), indent=4)
    return no_command(drawn(page.lines, width, colour))


def every_decision(decisions: Sequence[Listed], *, width: int = 100, colour: bool = False) -> str:
    """What each is about, in whose words, and whether it still holds."""
    page = Page(width)
    for one in decisions:
        decision = one.decision
        mark = Text.assemble((f"{one.finding:<7} "), (f"{decision.severity.upper():<8}  ", COLOURS[decision.severity]))
        page.prose(Text(one_line(decision.title, TITLE)), mark=mark, hang=8)
        page.prose(Text(one_line(decision.in_words, 2 * TITLE)), indent=8)
        if one.lapsed:
            page.prose(Text(f"holds no longer: {one_line(one.lapsed, TITLE)}", style="yellow"), indent=8)
        page.facts([one_line(f"{place.path}:{place.line}", TITLE) for place in decision.places[:4]], indent=8)
    return no_command(drawn(page.lines, width, colour)) if decisions else ""
