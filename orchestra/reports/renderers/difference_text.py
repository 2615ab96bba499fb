"""Two reports compared: for a person at a prompt, and as JSON."""

from collections.abc import Sequence

from rich.text import Text

from orchestra.reports.difference import Difference, Entry, TargetState
from orchestra.reports.first_lines import counted_as, listed
from orchestra.reports.plain import no_command, one_line
from orchestra.reports.renderers.json_text import harmless
from orchestra.reports.renderers.terminal import COLOURS, TITLE, drawn
from orchestra.reports.renderers.terminal_blocks import Page


def terminal(difference: Difference, *, width: int = 100, colour: bool = False) -> str:
    """What is new, what is gone, what is still there; and whether it was the code that changed, or a model's mood."""
    page = Page(width)
    _head(page, difference)
    _entries(page, "New", difference.new, "though no file it is in changed")
    _entries(page, "Gone", difference.gone, "though no file it was in changed")
    _entries(page, "Still there", difference.still, "")
    return no_command(drawn(page.lines, width, colour))


def json(difference: Difference) -> str:
    """The comparison with its `schema_version`."""
    return harmless(difference.model_dump_json(indent=2)) + "\n"


def _head(page: Page, difference: Difference) -> None:
    counts = (len(difference.new), "new"), (len(difference.gone), "gone"), (len(difference.still), "still there")
    page.prose(Text(", ".join(f"{count:,} {what}" for count, what in counts) + ".", style="bold"))
    page.prose(Text(one_line(_of_the_target(difference), 4 * TITLE)))
    for run in difference.incomplete:
        page.prose(Text(f"{run[0].upper()}{run[1:]} is incomplete: what it lacks may only be unseen.", style="yellow"))
    if not difference.asked_alike:
        page.prose(Text("The two runs were not asked the same.", style="yellow"))
    for mark, run, said in (
        ("before  ", difference.before, difference.before_headline),
        ("after   ", difference.after, difference.after_headline),
    ):
        page.prose(Text(f"{run}{'  ' * bool(run)}{one_line(said, TITLE)}"), mark=Text(mark, style="dim"))


def _of_the_target(difference: Difference) -> str:
    target = difference.target
    if target.state is TargetState.UNKNOWN:
        return "Whether the target changed between them cannot be told: a report does not say what it looked at."
    if target.state is TargetState.SAME:
        differs = ": what differs is the reviewers' doing, not the code's" if difference.new or difference.gone else ""
        return f"The target is the same in both{differs}."
    kinds = (("changed", target.changed), ("added", target.added), ("removed", target.removed))
    told = "; ".join(f"{len(paths):,} {kind}: {listed(paths)}" for kind, paths in kinds if paths)
    return f"The target changed between them, {counted_as(len(target.touched), 'file')} of {target.files:,}. {told}."


def _entries(page: Page, title: str, entries: Sequence[Entry], untouched: str) -> None:
    if not entries:
        return
    page.title(f"{title} ({len(entries):,})")
    for entry in entries:
        mark = Text(f"{entry.severity.upper():<8}  ", style=COLOURS[entry.severity])
        page.prose(Text(one_line(entry.title, TITLE)), mark=mark, indent=2, hang=4)
        page.facts([entry.id, *entry.places[:1], *_since(entry)], indent=6)
        if untouched and entry.touched is False:
            page.prose(Text(untouched, style="dim"), indent=6)


def _since(entry: Entry) -> list[str]:
    """What is not as it was."""
    told = [f"was {entry.was_id}"] if entry.was_id and entry.was_id != entry.id else []
    told += [f"was {entry.was_severity}"] if entry.was_severity and entry.was_severity is not entry.severity else []
    if entry.was_standing and entry.was_standing is not entry.standing:
        return [*told, f"{entry.standing}, was {entry.was_standing}"]
    return told if entry.standing.value == "open" else [*told, entry.standing.value]
